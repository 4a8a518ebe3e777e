"""What differs between two versions, or two tables: field by field, each effect beside the one of the same code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.format import number
from app.pricing.models import Effect, PriceTable
from app.pricing.shown import EFFECT_FIELDS, TABLE_FIELDS, Field, Setting, setting_of

TERMS = ("cap_per_person_minor", "cap_contract_minor", "period_caps", "reduce", "overshoot", "step_minor", "vat_bp")
LONG = 80  # characters: longer texts are not repeated in a summary


@dataclass(frozen=True, slots=True)
class Change:
    """`what` differs, `before` and `after` as people read them, "" where nothing is said."""

    what: Any
    before: str
    after: str

    @property
    def is_short(self) -> bool:
        return len(self.before) <= LONG and len(self.after) <= LONG

    @property
    def mark(self) -> str:
        if self.before == self.after:
            return "same"
        return "changed" if self.before and self.after else "removed" if self.before else "added"


@dataclass(frozen=True, slots=True)
class Changes:
    """Per code of the later table: None for a new effect, else what changed; and what is gone."""

    earlier: PriceTable
    by_code: dict[str, list[Change] | None]
    gone: Sequence[Effect]


def changes_since(earlier: PriceTable, later: PriceTable) -> Changes:
    before = {effect.code: effect for effect in earlier.effects}
    settings = setting_of(earlier), setting_of(later)
    by_code = {
        effect.code: [c for c in _fields(EFFECT_FIELDS, before[effect.code], effect, settings) if c.mark != "same"]
        if effect.code in before
        else None
        for effect in later.effects
    }
    return Changes(earlier, by_code, [effect for code, effect in before.items() if code not in by_code])


@dataclass(frozen=True, slots=True)
class Pair:
    """One effect in two tables; `mark` is same, changed, added or removed."""

    name: str
    mark: str
    fields: Sequence[Change]


def compared(one: PriceTable, other: PriceTable) -> tuple[list[Change], list[Pair]]:
    """Everything that two tables say, side by side: the tables themselves, then each effect of either."""
    settings = setting_of(one), setting_of(other)
    left, right = ({effect.code: effect for effect in table.effects} for table in (one, other))
    pairs = [_pair(left.get(code), right.get(code), settings) for code in {**right, **left}]
    return _said(TABLE_FIELDS, one, other, settings), pairs


def _pair(old: Effect | None, new: Effect | None, settings: tuple[Setting, Setting]) -> Pair:
    fields = _said(EFFECT_FIELDS, old, new, settings)
    if old is None or new is None:
        return Pair((new or old).name, "added" if old is None else "removed", fields)  # type: ignore[union-attr]
    return Pair(new.name, "changed" if any(c.mark != "same" for c in fields) else "same", fields)


def _said(fields: Sequence[Field], old: Any, new: Any, settings: tuple[Setting, Setting]) -> list[Change]:
    return [change for change in _fields(fields, old, new, settings) if change.before or change.after]


def _fields(fields: Sequence[Field], old: Any, new: Any, settings: tuple[Setting, Setting]) -> Iterator[Change]:
    for shown in fields:
        before, after = (
            shown.of(row, setting) if row is not None else "" for row, setting in zip((old, new), settings, strict=True)
        )
        yield Change(shown.label, before, after)


def stored_meanwhile(stored: Any, typed: Any, setting: Setting, fields: Sequence[Field]) -> list[tuple[Any, str]]:
    """What somebody else saved, where it differs from what was typed: (label, stored value)."""
    found = _fields(fields, stored, typed, (setting, setting))
    return [(change.what, change.before or "–") for change in found if change.mark != "same"]


def lost_since(start: PriceTable, table: PriceTable) -> list[str]:
    """What the table that a draft started from says of the whole or expects of an effect, and the draft does not."""
    setting, there = setting_of(table), setting_of(start)
    told = []
    for field in TABLE_FIELDS:
        before, after = field.of(start, there), field.of(table, setting)
        if field.name in TERMS and before and before != after:
            words = {"what": field.label, "before": before, "after": after or _("none")}
            told.append(_("%(what)s: was %(before)s in the table it started from, now %(after)s.", **words))
    numbers = {effect.code: effect.expected_count for effect in start.effects}
    for effect in table.effects:
        if effect.expected_count is None and numbers.get(effect.code) is not None:
            words = {"effect": effect.name, "count": number(numbers[effect.code])}
            told.append(_("%(effect)s: the expected number, %(count)s in the table it started from.", **words))
    return told

"""What is new in a version: each effect beside the one of the same code in the version before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.format import money, percent
from app.pricing.models import Effect, PriceTable


@dataclass(frozen=True, slots=True)
class Change:
    """`what` changed, `before` and `after` as people read them; both empty where the text is too long to repeat."""

    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """Per code of the later table: None for a new effect, else what changed; and what is gone."""

    earlier: PriceTable
    by_code: dict[str, list[Change] | None]
    gone: Sequence[Effect]


def changes_since(earlier: PriceTable, later: PriceTable) -> Changes:
    before = {effect.code: effect for effect in earlier.effects}
    by_code = {
        effect.code: list(_between(before[effect.code], effect)) if effect.code in before else None
        for effect in later.effects
    }
    return Changes(earlier, by_code, [effect for code, effect in before.items() if code not in by_code])


def _between(old: Effect, new: Effect) -> Iterator[Change]:
    currency = new.table.programme.currency
    shown: list[tuple[str, Any, Any]] = [
        (_("price"), money(old.price_minor, currency), money(new.price_minor, currency)),
        (_("would have happened anyway"), share_shown(old), share_shown(new)),
        (_("at most per participant"), _limit(old), _limit(new)),
        (_("only after"), ", ".join(old.requires) or "–", ", ".join(new.requires) or "–"),
        (_("evidence"), str(old.evidence_type.label), str(new.evidence_type.label)),
    ]
    for what, before, after in shown:
        if before != after:
            yield Change(what, before, after)
    for what, names in (
        (_("name"), ("name",)),
        (_("definition"), ("who", "definition", "sustained", "unit", "kind", "evidence_days")),
        (_("saving"), ("saving_minor", "saving_class", "saving_source")),
    ):
        if any(getattr(old, name) != getattr(new, name) for name in names):
            yield Change(what)


def share_shown(effect: Effect) -> str:
    return percent(effect.deadweight, 2 if effect.deadweight_bp % 100 else 0)


def _limit(effect: Effect) -> str:
    return _("no maximum") if effect.max_per_person is None else str(effect.max_per_person)

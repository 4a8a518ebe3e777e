"""What a price table expects of its effects, as the figures from which a what-if starts. A start, no forecast.

The official who makes the table says of each effect how many will be proven over the whole bond and how many months
after intake (gate C5); the cases low and high stand at a distance that is ours and that the page names.
"""

from collections.abc import Collection

from app.pricing.models import Effect as Row
from app.pricing.models import EffectKind
from app.scenarios.assumptions import CASES, in_order
from app.scenarios.queries import Setting

RATES = (30, 50, 70)  # per cent; a start to change where the table says nothing, no claim about any effect
LOW, HIGH = 60, 140  # per cent of the expected rate
MONTHS = 6  # after intake, or after the effects that are required
ONE_EACH = (EffectKind.PER_PERSON, EffectKind.FEE)  # of which the expected number counts people


def expected_rates(setting: Setting) -> dict[str, dict[str, int]]:
    """Whole per cents of those who can reach each effect, by its code and the case.

    The expected number as a part of the cohort; of a follow-on effect, of the least number expected of what it
    requires. Units, and what is measured for a cohort, are no people: their number says nothing about a rate.
    """
    return {effect: dict(zip(CASES, _cases(said), strict=True)) for effect, said in _said(setting).items()}


def unsaid(setting: Setting) -> list[str]:
    """The effects of which the table says no rate, in the order of the table; a what-if starts them at RATES."""
    return [setting.effect_name(effect) for effect, said in _said(setting).items() if said is None]


def _said(setting: Setting) -> dict[str, int | None]:
    """By the code of each effect the expected rate that the table says, in whole per cents."""
    counts = {row.code: row.expected_count for row in _rows(setting) if row.kind in ONE_EACH}
    cohort = sum(share.cohort_size for share in setting.shares)
    said = {}
    for effect in setting.terms.effects if setting.terms else ():
        able = [counts.get(needed) for needed in effect.requires] or [cohort]
        said[effect.id] = _rate(counts.get(effect.id), able)
    return said


def _rows(setting: Setting) -> Collection[Row]:
    return setting.table.effects if setting.table else ()


def _rate(count: int | None, able: Collection[int | None]) -> int | None:
    known = [number for number in able if number]
    if not count or len(known) < len(able):
        return None
    return min(100, max(1, (200 * count + min(known)) // (2 * min(known))))  # half up


def _cases(expected: int | None) -> tuple[int, int, int]:
    if expected is None:
        return RATES
    return expected * LOW // 100, expected, min(100, -(-expected * HIGH // 100))


def expected_months(setting: Setting, most: int) -> dict[str, int]:
    """Months after intake by the code of an effect, at most `most` and never before an effect that it requires."""
    said = {row.code: row.months_after for row in _rows(setting)}
    months: dict[str, int] = {}
    for effect in in_order(setting.terms) if setting.terms else ():
        before = max((months[needed] for needed in effect.requires), default=0)
        months[effect.id] = min(most, max(before, said.get(effect.id) or before + MONTHS))
    return months

"""What a measured fact is worth: steps, bands, a difference from a control group, a share of avoided cost."""

from collections.abc import Sequence
from fractions import Fraction

from app.pricing.rounding import Number, plain
from app.pricing.terms import Effect, Fact


def stepped(effect: Effect, value: Number) -> Number:
    """Minor units for `value`: nothing below the first step, the last above the last, between them as agreed."""
    amount: Number = 0
    for step, following in zip(effect.steps, (*effect.steps[1:], None), strict=True):
        if value < step.at:
            break
        amount = step.amount
        if effect.between == "linear" and following is not None and value < following.at:
            part = Fraction(value - step.at) / (following.at - step.at)
            amount = plain(step.amount + part * (following.amount - step.amount))
    return amount


def banded(effect: Effect, value: Number) -> tuple[Number, Number]:
    """Points inside the bands and their worth; nothing below the threshold, all points from the first band on it."""
    points: Number = 0
    worth: Number = 0
    if effect.threshold is not None and value < effect.threshold:
        return points, worth
    for band in effect.bands:
        inside = max(0, min(value, band.end) - band.start)
        points += inside
        worth += inside * band.per_point
    return plain(points), plain(worth)


def shared(effect: Effect, avoided: int, so_far: Number) -> Number:
    """The share of `avoided` (minor units); past a gross of `until` the other share; what crosses it is split."""
    if effect.until is None or effect.share_after is None:
        return plain(effect.share * avoided)
    room = max(0, effect.until - so_far)
    if effect.share * avoided <= room and room:
        return plain(effect.share * avoided)
    first = Fraction(room) / effect.share if room else Fraction(0)
    return plain(effect.share * first + effect.share_after * (avoided - first))


def difference(effect: Effect, fact: Fact) -> Number | None:
    """Events avoided in one cohort, or None when its relative reduction misses the threshold."""
    control, treatment = fact.control or 0, fact.treatment or 0
    avoided = control - treatment
    return plain(avoided) if avoided >= (effect.threshold or 0) * control else None


def pooled(effect: Effect, cohorts: Sequence[Fact]) -> bool:
    """Whether all cohorts together, the unsuccessful too, reach the pooled threshold: 1 - sum/sum."""
    if effect.pooled_threshold is None or not cohorts:
        return False
    control = sum(fact.control or 0 for fact in cohorts)
    treatment = sum(fact.treatment or 0 for fact in cohorts)
    return control - treatment >= effect.pooled_threshold * control

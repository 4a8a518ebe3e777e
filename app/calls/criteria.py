"""By what plans are judged, and by whom: what may stand in a call, and how it is written there."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from app.calls.independence import why_not_independent
from app.calls.legal import Key, equal_weights
from app.calls.models import WEIGHTS_SUM, Call, CommitteeMember, Criterion, CriterionKind, Duty, TieRule
from app.core.errors import Refused
from app.extensions import db
from app.programmes.models import Part, Programme

HIGHEST = 100  # points that a scale may reach


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """`weight` in whole points of 100; `minimum` in points of the scale; `id`: the criterion that this one replaces."""

    name: str
    weight: int
    description: str = ""
    kind: CriterionKind = CriterionKind.QUALITY
    minimum: int | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ScoringFacts:
    """`scale`: the whole points that may be given; `minimum_total` in hundredths of a point."""

    criteria: tuple[CriterionFacts, ...]
    scale: tuple[int, ...] = tuple(range(11))
    minimum_total: int | None = None
    tie_rule: TieRule = TieRule.HEAVIEST
    allows_two_consortia: bool = False


def shown_scale(points: list[int]) -> str:
    """ "0-10" where no point is left out, else each of them."""
    if len(points) > 2 and points == list(range(points[0], points[-1] + 1)):
        return f"{points[0]}-{points[-1]}"
    return ", ".join(map(str, points))


def scoring_of(call: Call) -> ScoringFacts:
    """How the plans of this call are judged now."""
    names = ("name", "weight", "description", "kind", "minimum", "id")
    return ScoringFacts(
        criteria=tuple(CriterionFacts(**{name: getattr(one, name) for name in names}) for one in call.criteria),
        scale=tuple(call.scale),
        minimum_total=call.minimum_total,
        tie_rule=call.tie_rule,
        allows_two_consortia=call.allows_two_consortia,
    )


def weighed(call: Call, criteria: tuple[CriterionFacts, ...]) -> tuple[CriterionFacts, ...]:
    """Where the law says so, criteria without any weight weigh equally (art. 81 of the Belgian Act of 17 June 2016)."""
    if not criteria or all(one.weight for one in criteria):
        return criteria
    if any(one.weight for one in criteria) or call.rule(Key.WEIGHTS).says != "equal":
        raise Refused(_("Give each criterion a weight."), "criteria")
    weight = equal_weights(len(criteria))
    if weight is None:
        message = _(
            "Without weights the %(number)d criteria would weigh equally, and 100 cannot be divided so. Give the "
            "weights yourself.",
            number=len(criteria),
        )
        raise Refused(message, "criteria")
    return tuple(replace(one, weight=weight) for one in criteria)


def check_criteria(criteria: tuple[CriterionFacts, ...]) -> None:
    """Raises `Refused` for what cannot be judged by: names that are alike, weights that are not 100 together."""
    if len({" ".join(one.name.split()).casefold() for one in criteria}) < len(criteria):
        raise Refused(_("Give each criterion a name of its own."), "criteria")
    weights = sum(criterion.weight for criterion in criteria)
    if criteria and weights != WEIGHTS_SUM:
        raise Refused(_("The weights add up to %(sum)d; they must add up to 100.", sum=weights), "criteria")
    discounts = [one for one in criteria if one.kind == CriterionKind.DISCOUNT]
    if len(discounts) > 1:
        raise Refused(_("At most one criterion is about a discount."), "criteria")
    if any(one.minimum is not None for one in discounts):
        raise Refused(_("A discount has no minimum score: nobody has to offer one."), "criteria")


def check_scale(scoring: ScoringFacts) -> None:
    """Points rise, from nought upwards; a minimum can be reached and is no formality."""
    scale = scoring.scale
    if len(scale) < 2 or list(scale) != sorted(set(scale)) or scale[0] < 0 or scale[-1] > HIGHEST:
        message = _("Give at least two different whole points from 0 to %(most)d.", most=HIGHEST)
        raise Refused(message, "scale")
    check_minimums(scoring.criteria, scale)
    if scoring.minimum_total is not None and not 0 < scoring.minimum_total <= scale[-1] * 100:
        message = _("No plan can reach this: the highest total is %(most)d points.", most=scale[-1])
        raise Refused(message, "minimum_total")


def check_minimums(criteria: tuple[CriterionFacts, ...], scale: Sequence[int]) -> None:
    """A minimum is a point that can be given."""
    for criterion in criteria:
        if criterion.minimum is not None and criterion.minimum not in scale:
            message = _("The minimum of “%(name)s” is no point of the scale.", name=criterion.name)
            raise Refused(message, "criteria")


def write_criteria(call: Call, criteria: tuple[CriterionFacts, ...]) -> None:
    """A criterion that stays keeps its id, and with it what was said to count for it."""
    stored = {criterion.id: criterion for criterion in call.criteria}
    rows = [stored.pop(one.id) if one.id in stored else Criterion() for one in criteria]
    for item in call.items:
        if item.criterion_id in stored:  # what is left there goes
            item.criterion_id = None
    for criterion in call.criteria:
        criterion.kind = CriterionKind.QUALITY  # so that two never compete for the one discount
    call.criteria = [criterion for criterion in rows if criterion.id is not None]
    db.session.flush()
    for position, (row, facts) in enumerate(zip(rows, criteria, strict=True), start=1):
        row.position, row.name, row.weight = position, facts.name, facts.weight
        row.description, row.kind, row.minimum = facts.description, facts.kind, facts.minimum
    call.criteria = rows


def check_committee(programme: Programme, openers: tuple[uuid.UUID, ...], scorers: tuple[uuid.UUID, ...]) -> None:
    """Nobody twice, no stranger who opens, nobody who gains by the choice or checks it afterwards."""
    for field, people in (("openers", openers), ("scorers", scorers)):
        if len(set(people)) != len(people):
            raise Refused(_("The same person is named twice."), field)
    if not set(openers) <= {user.id for user in programme.people(Part.GOVERNMENT)}:
        raise Refused(_("Only officials of the governments of this bond open the plans."), "openers")
    for field, people in (("openers", openers), ("scorers", scorers)):
        if (reason := why_not_independent(programme, people)) is not None:
            raise Refused(reason, field)


def write_committee(call: Call, openers: tuple[uuid.UUID, ...], scorers: tuple[uuid.UUID, ...]) -> None:
    """Who stays in a seat keeps it."""
    wanted = [(Duty.OPENER, user) for user in openers] + [(Duty.SCORER, user) for user in scorers]
    seated = {(member.duty, member.user_id): member for member in call.committee}
    call.committee = [seated.get(seat) or CommitteeMember(duty=seat[0], user_id=seat[1]) for seat in wanted]

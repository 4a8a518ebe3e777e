"""What the letters still lack before anybody can review them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.calls.legal import Key
from app.calls.models import Criterion, CriterionKind
from app.consortia.models import Consortium
from app.evaluation.models import Evaluation, OpenedProposal
from app.extensions import db

AT_MOST = 20  # bidders named one by one; a reader who sees twenty knows enough

Points = dict[uuid.UUID, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What of a plan is asked here; `points` by criterion, empty for one that was excluded."""

    id: uuid.UUID
    name: str
    lot_id: uuid.UUID | None
    rank: int | None
    reasons: str
    advantages: dict[str, str]
    points: Points


def lacks_of(evaluation: Evaluation) -> list[str]:
    """A sentence for each thing that is missing; empty when the letters can be reviewed."""
    lacks = list(_of_heading(evaluation))
    of_bidders = list(_of_bidders(evaluation))
    more = len(of_bidders) - AT_MOST
    if more > 0:
        rest = ngettext("%(num)d more letter is not complete.", "%(num)d more letters are not complete.", more)
        return [*lacks, *of_bidders[:AT_MOST], rest]
    return lacks + of_bidders


def _of_heading(evaluation: Evaluation) -> Iterator[str]:
    lead = evaluation.call.programme.lead
    if not lead.postal_address:
        yield _("The postal address of %(name)s is not complete.", name=lead.name)
    if not evaluation.reference:
        yield _("The decision has no reference.")
    if names_its_court(evaluation) and not evaluation.court:
        yield _("The court with its seat is not named.")


def names_its_court(evaluation: Evaluation) -> bool:
    """Is it a court of the authority's own seat, which no rule can name for every authority?"""
    return evaluation.call.rule(Key.REVIEW).says == "civil_judge"


def _of_bidders(evaluation: Evaluation) -> Iterator[str]:
    plans = _plans(evaluation)
    winners = {plan.lot_id: plan for plan in plans if plan.rank == 1}
    for plan in plans:
        if not plan.reasons:
            yield _("%(bidder)s: the reasons of the decision.", bidder=plan.name)
        winner = winners.get(plan.lot_id)
        better = [] if winner is None else where_better(evaluation.call.criteria, plan.points, winner.points)
        without = [one.name for one in better if not plan.advantages.get(str(one.id))]
        if without:
            yield _(
                "%(bidder)s: what the winner does better on %(criteria)s.",
                bidder=plan.name,
                criteria=", ".join(without),
            )


def where_better(criteria: list[Criterion], own: Points, winners: Points) -> list[Criterion]:
    """The criteria on which the winner has more points: there its advantages are told (art. 2.130 Aw)."""
    return [one for one in criteria if one.id in own and winners.get(one.id, 0) > own[one.id]]


def _plans(evaluation: Evaluation) -> list[Plan]:
    """All plans by name, in two statements however many there are."""
    agreed, of = evaluation.points(), OpenedProposal
    money = [one.id for one in evaluation.call.criteria if one.kind == CriterionKind.DISCOUNT]
    columns = (of.id, Consortium.name, Consortium.lot_id, of.rank, of.reasons, of.advantages, of.discount_points)
    found: Any = select(*columns).join(Consortium, Consortium.id == of.consortium_id)
    plans = []
    for row in db.session.execute(found.where(of.evaluation_id == evaluation.id)):
        points = dict(agreed.get(row.id, {}))  # of admitted plans alone
        if row.discount_points is not None and points:
            points |= dict.fromkeys(money, row.discount_points)
        plans.append(Plan(row.id, row.name, row.lot_id, row.rank, row.reasons, row.advantages, points))
    return sorted(plans, key=lambda plan: (plan.name, plan.id))

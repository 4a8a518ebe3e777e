"""What the pages of an evaluation read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased, defer, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.calls.asked import Lot
from app.calls.key_models import Purpose
from app.calls.legal import Key, is_subsidy, moves_by
from app.calls.models import Call, Criterion, CriterionKind, Duty
from app.consortia.models import Consortium
from app.core.paging import Paged
from app.evaluation.conflict_models import ConflictDeclaration
from app.evaluation.models import Consensus, Evaluation, OpenedProposal, Score
from app.evaluation.places import all_places
from app.evaluation.ranking import Place
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.proposals.models import Proposal
from app.proposals.states import ProposalState


@dataclass(frozen=True, slots=True)
class Scorer:
    user: User
    declaration: ConflictDeclaration | None
    has_locked: bool


def with_committee(call: Call) -> Evaluation:
    """The evaluation with all that its page says of the committee: few rows, so one statement."""
    return Evaluation.of(call, joinedload(Evaluation.consents), *Evaluation.at_hand())


def openers(evaluation: Evaluation) -> list[tuple[User, Any]]:
    """(official, moment of consent or None), by name."""
    consented = {consent.user_id: consent.created_at for consent in evaluation.consents_to(Purpose.PLAN)}
    named = [member.user for member in evaluation.call.committee if member.duty == Duty.OPENER]
    return [(user, consented.get(user.id)) for user in sorted(named, key=lambda user: user.name)]


def scorers(evaluation: Evaluation) -> list[Scorer]:
    """Until all have locked, who has is asked; afterwards everybody without a conflict of interest has."""
    everybody = {user.id for user in evaluation.active_scorers()}
    locked = evaluation.who_locked() if evaluation.state == EvaluationState.SCORING else everybody
    return [Scorer(user, evaluation.declaration_of(user), user.id in locked) for user in evaluation.scorers()]


def not_locked(evaluation: Evaluation) -> list[User]:
    """Scorers on whom the others wait, with or without a declaration."""
    locked = evaluation.who_locked()
    return [user for user in evaluation.active_scorers() if user.id not in locked]


def without_reasons(evaluation: Evaluation) -> int:
    """How many bidders still have no reasons."""
    found = select(func.count()).where(OpenedProposal.evaluation_id == evaluation.id, OpenedProposal.reasons == "")
    return db.session.scalar(found) or 0


_BY_RANK = (OpenedProposal.rank.is_(None), OpenedProposal.rank, OpenedProposal.created_at, OpenedProposal.id)
_AGREED = (
    select(func.count())
    .where(Consensus.opened_id == OpenedProposal.id)
    .correlate(OpenedProposal)
    .scalar_subquery()
    .label("agreed")
)
_CRITERIA = (
    select(func.count())
    .where(Criterion.call_id == Proposal.call_id, Criterion.kind == CriterionKind.QUALITY)
    .correlate(Proposal)
    .scalar_subquery()
    .label("criteria")
)
_OTHER, _OTHERS = aliased(OpenedProposal), aliased(Consortium)
_TIED = (
    exists()
    .where(_OTHER.evaluation_id == OpenedProposal.evaluation_id)
    .where(_OTHER.total_hundredths == OpenedProposal.total_hundredths, _OTHER.id != OpenedProposal.id)
    .where(_OTHERS.id == _OTHER.consortium_id, _OTHERS.lot_id.is_not_distinct_from(Consortium.lot_id))
    .label("is_tied")
)


_COLUMNS: Any = (
    select(
        OpenedProposal.id,
        Consortium.name,
        Organisation.name.label("lead"),
        Lot.name.label("lot"),
        Proposal.submitted_at,
        OpenedProposal.digest,
        OpenedProposal.total_hundredths,
        OpenedProposal.rank,
        OpenedProposal.reasons,
        OpenedProposal.admission,
        OpenedProposal.shortfall,
        _AGREED,
        _CRITERIA,
        _TIED,
    )
    .select_from(OpenedProposal)
    .join(Proposal, Proposal.id == OpenedProposal.proposal_id)
    .join(Consortium, Consortium.id == OpenedProposal.consortium_id)
    .join(Organisation, Organisation.id == Consortium.lead_id)
    .outerjoin(Lot, Lot.id == Consortium.lot_id)
)


def listed(evaluation: Evaluation) -> Select[Any]:
    """Columns of the list of opened plans, by rank: `agreed` of `criteria`, `is_tied`: on the total, within
    the lot."""
    return _COLUMNS.where(OpenedProposal.evaluation_id == evaluation.id).order_by(*_BY_RANK)


_RECEIVED: Any = (
    select(Consortium.name, Organisation.name.label("lead"), Proposal.submitted_at, OpenedProposal.digest)
    .select_from(Proposal)
    .join(OpenedProposal, OpenedProposal.proposal_id == Proposal.id)
    .join(Consortium, Consortium.id == OpenedProposal.consortium_id)
    .join(Organisation, Organisation.id == Consortium.lead_id)
    .order_by(Proposal.submitted_at, Proposal.id)
)


def in_order_of_receipt(evaluation: Evaluation) -> Select[Any]:
    """Columns of the opening record. All plans of a call are opened together, so its index on receipt serves."""
    return _RECEIVED.where(Proposal.call_id == evaluation.call_id)


def one_of(found: Paged, evaluation: Evaluation) -> OpenedProposal | None:
    """Any plan of a page, to ask rights of: a reader has the same towards all plans of one call. Not to be kept."""
    if not found.rows:
        return None
    plan = OpenedProposal(id=found.rows[0].id)
    set_committed_value(plan, "evaluation", evaluation)  # without the plan among its own, which would keep it
    return plan


def opened(evaluation: Evaluation) -> Select[Any]:
    """The plans themselves, by rank, without their texts."""
    found = select(OpenedProposal).where(OpenedProposal.evaluation_id == evaluation.id)
    return found.options(defer(OpenedProposal.content)).order_by(*_BY_RANK)


WITH_CONSENSUS = selectinload(OpenedProposal.consensus)
WITH_PARTNERS = selectinload(OpenedProposal.consortium).selectinload(Consortium.partners)


_UNOPENED = (
    select(Consortium.name, Organisation.name.label("lead"), Proposal.submitted_at, Proposal.digest)
    .select_from(Proposal)
    .join(Consortium, Consortium.id == Proposal.consortium_id)
    .join(Organisation, Organisation.id == Consortium.lead_id)
    .where(Proposal.call_id == bindparam("call"), Proposal.state == ProposalState.SUBMITTED)
)


def unopened(evaluation: Evaluation) -> Sequence[Any]:
    """Handed in, but what was stored no longer matched the digest at the opening."""
    if evaluation.state == EvaluationState.SEALED:
        return []
    return db.session.execute(_UNOPENED, {"call": evaluation.call_id}).all()


def given_by(evaluation: Evaluation, scorer: Any) -> dict[uuid.UUID, int]:
    """How many criteria of each plan this scorer has given points and a motivation."""
    found = (
        select(Score.opened_id, func.count().label("given"))
        .join(OpenedProposal)
        .where(OpenedProposal.evaluation_id == evaluation.id, Score.scorer_id == scorer.id)
        .where(Score.points.is_not(None), Score.motivation != "")
        .group_by(Score.opened_id)
    )
    return {row.opened_id: row.given for row in db.session.execute(found)}


def all_scores(evaluation: Evaluation, plans: Iterable[OpenedProposal]) -> dict[tuple[Any, Any, Any], Any]:
    """Points and motivation by (plan, criterion, scorer). Only for a page that has checked that every scorer has
    locked."""
    found = select(Score.opened_id, Score.criterion_id, Score.scorer_id, Score.points, Score.motivation)
    found = found.where(Score.opened_id.in_([plan.id for plan in plans]))
    active = {scorer.id for scorer in evaluation.active_scorers()}
    rows = db.session.execute(found)
    return {(s.opened_id, s.criterion_id, s.scorer_id): s for s in rows if s.scorer_id in active}


def places(evaluation: Evaluation) -> dict[uuid.UUID, Place]:
    """The ranking with its ties, per lot; empty until the plans were ranked."""
    if evaluation.ranked_at is None:
        return {}
    return all_places(evaluation)


@dataclass(frozen=True, slots=True)
class Standstill:
    """`sent_on`: the sending from which the days count; `counted_to` the last of them; `until` the last day after
    moving that off a weekend or holiday."""

    sent_on: date
    days: int
    counted_to: date
    until: date
    basis: str


def standstill(evaluation: Evaluation, sent_on: date) -> Standstill | None:
    if evaluation.standstill_until is None:
        return None
    days = evaluation.call.standstill_days
    return Standstill(
        sent_on, days, sent_on + timedelta(days), evaluation.standstill_until, standstill_basis(evaluation)
    )


def standstill_basis(evaluation: Evaluation) -> str:
    """The rule behind the number of days, and the one that moves the last day off a weekend or holiday."""
    call = evaluation.call
    moves = moves_by(call.programme.jurisdiction)
    return _("%(days)s; end of the term: %(rule)s", days=call.standstill_basis, rule=moves)


def opening_rule(evaluation: Evaluation) -> str:
    if evaluation.call.programme.jurisdiction == "BE":
        return _("No plan is read before the deadline")
    return _("No plan is read before the deadline (art. 2.108 of the Dutch Public Procurement Act 2012)")


def reasons_rule(evaluation: Evaluation) -> str:
    """Why every bidder hears the reasons; of a subsidy by the rules on decisions, not by those on tenders."""
    if is_subsidy(evaluation.call):
        return str(evaluation.call.rule(Key.REASONS).basis)
    if evaluation.call.programme.jurisdiction == "BE":
        return _("arts. 4 and 5 of the Belgian Act of 17 June 2013")
    return _("art. 2.130 of the Dutch Public Procurement Act 2012")


def plan_volumes(opened: OpenedProposal, effects: list[Effect]) -> list[tuple[Effect, int]]:
    """Effects of the call's table with the number promised."""
    volumes = opened.content["volumes"]
    return [(effect, volumes[str(effect.id)]) for effect in effects if volumes.get(str(effect.id))]


def names_of_plans(evaluation: Evaluation) -> Select[Any]:
    """(id of the plan, name of its consortium)."""
    found: Any = select(OpenedProposal.id, Consortium.name)
    found = found.join(Consortium, Consortium.id == OpenedProposal.consortium_id)
    return found.where(OpenedProposal.evaluation_id == evaluation.id)

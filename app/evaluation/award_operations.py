"""From the ranking to the final award: decide, object, finalise."""

import uuid
from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls.states import CallState
from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evaluation import notices
from app.evaluation.award_models import Objection
from app.evaluation.consensus_operations import unfreeze
from app.evaluation.models import Evaluation
from app.evaluation.proof_operations import ask_proofs, proofs_lacking
from app.evaluation.screening_queries import open_prices
from app.evaluation.states import FLOW, OBJECTION_FLOW
from app.extensions import db
from app.people.models import User
from app.programmes.operations import reach_phase
from app.programmes.states import Phase


@operation
def write_reasons(
    evaluation: Evaluation, reasons: Mapping[uuid.UUID, str], *, actor: User, version: int | None = None
) -> None:
    """Keep the reasons of some bidders until the decision is taken: with many plans nobody writes all in one go."""
    evaluation.expect_version(version)
    FLOW.advance(evaluation, Action.AWARD_REASON)
    for opened in evaluation.opened:
        opened.reasons = reasons.get(opened.id, opened.reasons)
    flag_modified(evaluation, "state")  # two people who write at once hear of each other
    record(Action.AWARD_REASON, evaluation, actor, plans=sorted(str(key) for key in reasons))


@operation
def decide_award(
    evaluation: Evaluation, reasons: Mapping[uuid.UUID, str], *, actor: User, version: int | None = None
) -> None:
    """Decide for the first of the ranking and send every bidder its letter. `reasons` by opened plan; a plan that is
    not among them keeps what was written before.

    Refused while a bidder has no reasons (art. 2.130 Aw: features and relative advantages of the winner). The
    standstill counts from the day after sending (art. 2.127 Aw; BE: art. 11 Law of 17 June 2013).
    """
    evaluation.expect_version(version)
    FLOW.advance(evaluation, Action.AWARD_DECIDE)
    if open_prices(evaluation):
        raise NotNow(_("A price that looks abnormally low was not asked about and judged."))
    for opened in evaluation.opened:
        opened.reasons = reasons.get(opened.id, opened.reasons)
        if not opened.reasons:
            raise Refused(_("Every bidder must hear the reasons."), f"reasons_{opened.id.hex}")
    call = evaluation.call
    evaluation.decided_at, evaluation.withdrawn_at = clock.now(), None
    evaluation.standstill_until = clock.term_end(clock.today(), call.standstill_days, call.programme.jurisdiction)
    record(
        Action.AWARD_DECIDE,
        evaluation,
        actor,
        ranking={str(one.consortium_id): [one.rank, one.total_hundredths] for one in evaluation.opened},
        standstill_until=evaluation.standstill_until,
    )
    notices.tell_decided(evaluation)
    ask_proofs(evaluation)


@operation
def file_objection(evaluation: Evaluation, grounds: str, *, actor: User) -> Objection:
    """The lead partner of a bidder objects within the standstill. `NotNow` while an earlier one is undecided."""
    FLOW.advance(evaluation, Action.OBJECTION_FILE)
    lead_of = [o.consortium for o in evaluation.opened_by(actor) if o.consortium.lead_id in actor.organisation_ids]
    undecided = {objection.consortium_id for objection in evaluation.objections if objection.decided_at is None}
    free = [consortium for consortium in lead_of if consortium.id not in undecided]
    if lead_of and not free:
        raise NotNow(_("Your objection has been filed and is not decided yet."))
    objection = Objection(consortium=free[0] if free else None, filed_by=actor, grounds=grounds)
    record(Action.OBJECTION_FILE, evaluation, actor)
    evaluation.objections.append(objection)
    db.session.flush()
    notices.tell_objection(objection)
    return objection


@operation
def decide_objection(objection: Objection, upheld: bool, decision: str, *, actor: User) -> None:
    """Upheld: the award decision is withdrawn, the evaluation is back at consensus, other open objections lapse.
    Rejected: the decision stands. Both with words."""
    OBJECTION_FLOW.advance(objection, Action.OBJECTION_DECIDE)
    evaluation, now = objection.evaluation, clock.now()
    record(Action.OBJECTION_DECIDE, objection, actor, upheld=upheld)
    objection.upheld, objection.decision, objection.decided_at = upheld, decision, now
    if upheld:
        for other in evaluation.objections:
            other.decided_at = other.decided_at or now
        unfreeze(evaluation)
        evaluation.decided_at, evaluation.standstill_until, evaluation.withdrawn_at = None, None, now
    notices.tell_objection_decided(objection)


@operation
def finalise_award(evaluation: Evaluation, *, actor: User) -> None:
    """The standstill has passed and no objection is open: the award is final, the bond goes on to its agreement."""
    FLOW.advance(evaluation, Action.AWARD_FINALISE)
    if proofs_lacking(evaluation):
        raise NotNow(_("The proof of the winner is not complete."))
    winner, call = evaluation.awarded(), evaluation.call
    handed_in = select(Consortium).filter_by(call_id=call.id, state=ConsortiumState.SUBMITTED)
    for consortium in db.session.scalars(handed_in):
        consortium.state = ConsortiumState.NOT_AWARDED
    winner.consortium.state = ConsortiumState.AWARDED
    evaluation.finalised_at = clock.now()
    call.state = CallState.AWARDED
    reach_phase(call.programme, Phase.AGREEMENT)
    record(Action.AWARD_FINALISE, evaluation, actor, winner=str(winner.consortium_id))
    notices.tell_final(evaluation)

"""Objections and suspension: filed, examined, heard, decided; and whatever else keeps an award from becoming final."""

import uuid
from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.audit.trail import has_done
from app.awards import notices, queries
from app.awards.models import Suspension
from app.awards.states import SUSPENSION_FLOW, Suspends
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.evaluation.award_models import Objection
from app.evaluation.consensus_operations import unfreeze
from app.evaluation.models import Evaluation
from app.evaluation.states import FLOW, OBJECTION_FLOW
from app.extensions import db
from app.people.models import User


@operation
def file_objection(
    evaluation: Evaluation, grounds: str, *, actor: User, consortium_id: uuid.UUID | None = None
) -> Objection:
    """The lead partner of a bidder that does not win objects within the standstill. `NotNow` for a winner, and while
    an earlier objection is undecided. `consortium_id`: in whose name, for who leads more than one (lots)."""
    FLOW.advance(evaluation, Action.OBJECTION_FILE)
    free = [one for one in queries.objecting(evaluation, actor) if consortium_id in (None, one.id)]
    if not free and (reason := why_not_object(evaluation, actor)):
        raise NotNow(reason)
    objection = Objection(consortium=free[0] if free else None, filed_by=actor, grounds=grounds)
    record(Action.OBJECTION_FILE, evaluation, actor)
    evaluation.objections.append(objection)
    db.session.flush()
    notices.tell_objection(objection)
    return objection


def why_not_object(evaluation: Evaluation, user: User) -> str | None:
    """What a lead reads who has no consortium left to object for; None for somebody who leads none, or can."""
    led = [one for one in evaluation.opened_by(user) if one.consortium.lead_id in user.organisation_ids]
    if not led or queries.objecting(evaluation, user):
        return None
    if any(queries.loses(one) for one in led):
        return _("Your objection has been filed and is not decided yet.")
    return _("The call is to be awarded to you, so there is nothing for you to object to.")


@operation
def examine_objection(objection: Objection, *, actor: User) -> None:
    """An official takes the objection up; the bidder hears that it is looked into."""
    OBJECTION_FLOW.advance(objection, Action.OBJECTION_EXAMINE)
    objection.examined_at, objection.examined_by_id = clock.now(), actor.id
    record(Action.OBJECTION_EXAMINE, objection, actor)
    notices.tell_examined(objection)


@operation
def hear_objection(objection: Objection, held_on: date, summary: str, *, actor: User) -> None:
    """Keep what the bidder said when it was heard. Refused for a day before the objection or one still to come."""
    OBJECTION_FLOW.advance(objection, Action.OBJECTION_HEAR)
    if not clock.day_of(objection.created_at) <= held_on <= clock.today():
        raise Refused(_("Give a day between the objection and today."), "held_on")
    objection.heard_on, objection.hearing = held_on, summary
    record(Action.OBJECTION_HEAR, objection, actor, held_on=held_on)
    notices.tell_heard(objection)


@operation
def decide_objection(objection: Objection, upheld: bool, decision: str, *, actor: User) -> None:
    """Upheld: the award decision is withdrawn, the evaluation is back at consensus, other open objections lapse.
    Rejected: the decision stands. Both with words. `NotYours` for whoever sent the decision itself."""
    OBJECTION_FLOW.advance(objection, Action.OBJECTION_DECIDE)
    evaluation, now = objection.evaluation, clock.now()
    if has_done(actor, frozenset({Action.AWARD_DECIDE}), evaluation):
        raise NotYours(_("You sent the decision, so another official decides on the objection."))
    record(Action.OBJECTION_DECIDE, objection, actor, upheld=upheld)
    objection.upheld, objection.decision, objection.decided_at = upheld, decision, now
    if upheld:
        for other in evaluation.objections:
            other.decided_at = other.decided_at or now
        unfreeze(evaluation)
        evaluation.decided_at, evaluation.standstill_until, evaluation.withdrawn_at = None, None, now
        evaluation.reference = ""  # a new decision has one of its own
    notices.tell_objection_decided(objection)


@operation
def suspend_award(
    evaluation: Evaluation, cause: Suspends, explanation: str, *, actor: User, once: uuid.UUID
) -> Suspension:
    """The award waits, for instance for a judgment in summary proceedings begun within the standstill (art. 2.131 Aw).
    Every bidder is told."""
    existing = db.session.get(Suspension, once)
    if existing is not None:
        return existing
    FLOW.advance(evaluation, Action.AWARD_SUSPEND)
    suspension = Suspension(id=once, evaluation=evaluation, cause=cause, explanation=explanation)
    db.session.add(suspension)
    record(Action.AWARD_SUSPEND, evaluation, actor, cause=cause)
    notices.tell_suspended(suspension)
    return suspension


@operation
def resume_award(suspension: Suspension, outcome: str, *, actor: User) -> None:
    """What the award waited for is over; `outcome` says how. Every bidder is told."""
    SUSPENSION_FLOW.advance(suspension, Action.AWARD_RESUME)
    suspension.lifted_at, suspension.outcome = clock.now(), outcome
    record(Action.AWARD_RESUME, suspension, actor)
    notices.tell_resumed(suspension)

"""After the signature: appeal, decide it, take it back. What was signed never changes: an effect that an appeal proves
stands anew beside the first one. What is found not to count is reopened, see `reopening`.
"""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.agreements.verification_models import appeal_days
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, NotYours
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.outcomes import measurement_rules, rules
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import Batch, Claim, Measurement, claims_of
from app.outcomes.states import COUNTING, ClaimState
from app.people.models import Organisation, User
from app.programmes.models import Programme
from app.verification import appeal_notices as notices
from app.verification.appeal_models import Appeal, Proof, Reopening, about, sides_of
from app.verification.appeal_states import APPEAL_FLOW, AppealState, ReopenReason
from app.verification.deciders import OF_PAYER, OF_PROVIDER, deciders_of, why_not_decider
from app.verification.reopening import reopen_proof, reopening_of

APPEAL = {Claim: Action.CLAIM_APPEAL, Measurement: Action.MEASUREMENT_APPEAL}
DECIDE_DAYS = 30  # calendar days; a target since November 2026, as long as the term to appeal: no agreement names one
DECIDED = (AppealState.UPHELD, AppealState.DISMISSED)
DECISION = {
    *("id", "created_at", "version", "state", "batch_id", "accepted_unseen", "submitted_at"),
    *("decided_by_id", "decided_at", "decision_reason", "decision_words"),
}


@operation
def file_appeal(proof: Proof, reason: str, *, actor: User, once: uuid.UUID) -> Appeal:
    """Appeal for `reason` against the signed decision on a claim or measurement. `NotNow` outside the term of the
    agreement, before the decision is signed, or when an appeal about it is under way or decided."""
    existing = db.session.get(Appeal, once)
    if existing is not None:
        return existing
    late = why_no_appeal(proof, actor)
    if late is not None:
        raise NotNow(late)
    refuse_who(reason=reason)
    appeal = Appeal(
        id=once,
        programme_id=proof.programme_id,
        organisation=_side_of(proof, actor),
        filed_by_id=actor.id,
        by_provider=proof.state in OF_PROVIDER,
        reason=reason,
        **about(proof),
    )
    db.session.add(appeal)
    record(APPEAL[type(proof)], proof, actor)
    db.session.flush()
    notices.tell_filed(appeal, decide_until(clock.now(), appeal.programme), alone=not deciders_of(appeal))
    return appeal


def why_no_appeal(proof: Proof, user: Any) -> str | None:
    """Why `user` cannot appeal against what was decided about it now; None when it can."""
    if _side_of(proof, user) is None:
        return _("Only the party that the decision goes against can appeal.")
    begins = begins_on(proof)
    if begins is None:
        return _("The decision is not signed yet.")
    last = last_day(proof)
    if last is not None and clock.today() > last:
        return _("The term for an appeal ended on %(day)s.", day=day(last))
    known = select(Appeal.state).filter_by(by_provider=proof.state in OF_PROVIDER, **about(proof))
    states = set(db.session.scalars(known))
    if AppealState.FILED in states:
        return _("An appeal about this is under way.")
    return _("An appeal about this was decided already.") if states & set(DECIDED) else None


def _side_of(proof: Proof, user: Any) -> Organisation | None:
    """The organisation for which `user` can appeal against what stands: the provider of what was rejected or reopened,
    the municipality that pays what was signed off."""
    provider, payer = sides_of(proof)
    side = provider if proof.state in OF_PROVIDER else payer if proof.state in OF_PAYER else None
    ours = user.resident_ids if side is payer and isinstance(proof, Claim) else user.organisation_ids
    return side if side is not None and side.id in ours else None


def begins_on(proof: Proof) -> Any:
    """The day of the decision that stands: of the sign-off, or of the reopening; None: it is not signed."""
    if proof.state == ClaimState.REOPENED:
        return clock.day_of(reopening_of(proof).created_at)  # type: ignore[union-attr]
    return clock.day_of(proof.batch.created_at) if proof.batch is not None else None


def appealable_until(appeal: Appeal) -> Any:
    """The last day on which this appeal could be filed: of the decision that it goes against, whatever came after."""
    reopened = reopening_of(appeal.proof) if appeal.by_provider else None
    begins = clock.day_of(reopened.created_at if reopened is not None else appeal.proof.batch.created_at)  # type: ignore[union-attr]
    return clock.term_end(begins, appeal_days(appeal.programme_id), appeal.programme.jurisdiction)


def decide_until(filed_at: Any, programme: Programme) -> Any:
    """The day by which an appeal that was filed then should be decided."""
    return clock.term_end(clock.day_of(filed_at), DECIDE_DAYS, programme.jurisdiction)


def last_day(proof: Proof) -> Any:
    """The last day for an appeal, by the agreement; a term that ends on a weekend or holiday runs on."""
    begins, jurisdiction = begins_on(proof), proof.programme.jurisdiction
    return begins and clock.term_end(begins, appeal_days(proof.programme_id), jurisdiction)


def appeals_until(programme: Programme) -> Any:
    """The last day on which anybody may appeal in this bond: against its newest sign-off or reopening; None: there is
    none of these."""
    newest = [
        select(func.max(kind.created_at)).where(kind.programme_id == programme.id).scalar_subquery()
        for kind in (Batch, Reopening)
    ]
    days = [clock.day_of(moment) for moment in db.session.execute(select(*newest)).one() if moment is not None]
    return clock.term_end(max(days), appeal_days(programme.id), programme.jurisdiction) if days else None


@operation
def withdraw_appeal(appeal: Appeal, *, actor: User) -> None:
    """Whoever filed it takes it back before it is decided."""
    APPEAL_FLOW.advance(appeal, Action.APPEAL_WITHDRAW)
    expect_own(appeal, actor)
    record(Action.APPEAL_WITHDRAW, appeal, actor)
    notices.tell_withdrawn(appeal)


def expect_own(appeal: Appeal, user: Any) -> None:
    if appeal.organisation_id not in user.organisation_ids:
        raise NotYours(_("Only the party that filed the appeal can take it back."))


@operation
def decide_appeal(appeal: Appeal, upheld: bool, explanation: str, *, actor: User, version: int | None = None) -> None:
    """Another person of the assessor than who decided first says, with reasons, whether the appeal is right.

    Upheld for the provider, the effect stands anew, verified, and the next sign-off takes it; upheld for the payer, it
    is reopened. Refused when the same effect was claimed anew meanwhile.
    """
    appeal.expect_version(version)
    APPEAL_FLOW.advance(appeal, Action.APPEAL_DECIDE)
    reason = why_not_decider(appeal.proof, actor)
    if reason is not None:
        raise NotYours(reason)
    refuse_who(explanation=explanation)
    appeal.state = AppealState.UPHELD if upheld else AppealState.DISMISSED
    appeal.decided_by_id, appeal.decided_at, appeal.decision_words = actor.id, clock.now(), explanation
    record(Action.APPEAL_DECIDE, appeal, actor, outcome=appeal.state)
    if upheld and appeal.by_provider:
        _stand_anew(appeal, actor)
    elif upheld and appeal.proof.state != ClaimState.REOPENED:
        reopen_proof(appeal.proof, ReopenReason.APPEAL, explanation, actor=actor, appeal=appeal)
    notices.tell_decided(appeal)


def _stand_anew(appeal: Appeal, actor: User) -> None:
    proof = appeal.proof
    _check_once(proof)
    kept = {one.key for one in type(proof).__mapper__.column_attrs} - DECISION
    anew = type(proof)(**{name: getattr(proof, name) for name in kept})
    anew.id, anew.state, anew.submitted_at = uuid.uuid4(), ClaimState.VERIFIED, clock.now()
    anew.decided_by_id, anew.decided_at = actor.id, clock.now()
    db.session.add(anew)
    db.session.flush()
    setattr(appeal, f"anew_{next(iter(about(proof)))}", anew.id)
    _lay_milestones(proof)


def _check_once(proof: Proof) -> None:
    if isinstance(proof, Claim):
        rules.check_once(proof, [one for one in claims_of(proof.participant) if one.state in COUNTING])
        return
    found = select(Measurement).where(Measurement.programme_id == proof.programme_id, Measurement.state.in_(COUNTING))
    measurement_rules.check_once(proof, list(db.session.scalars(found)))


def _lay_milestones(proof: Proof) -> None:
    if isinstance(proof, Claim):
        lay_milestones(proof.participant)

"""A doubt about what was signed off, at any time while the bond runs: a term of appeal does not end fraud.

Who reads the claim outside the assessor tells it; the assessor reopens the effect (see `reopening`) or answers why it
stands. In a closed bond there is nothing left to take back, so nothing is told there (access.closed).
"""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, NotYours
from app.core.operation import operation
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import CLAIM_FLOW
from app.people.models import Organisation, User
from app.verification import doubt_notices as notices
from app.verification.appeal_models import assessors_of, sides_of
from app.verification.appeal_states import DOUBT_FLOW, DoubtState, ProposalState
from app.verification.deciders import signers_of
from app.verification.doubt_models import Doubt
from app.verification.reopening import waiting_proposal
from app.verification.reopening_models import ReopeningProposal


@operation
def doubt_claim(claim: Claim, words: str, *, actor: User, once: uuid.UUID) -> Doubt:
    """Tell the assessor in `words` why an effect that was signed off may be false or a mistake. `NotNow` before the
    sign-off, after the effect was reopened, and while an earlier doubt of the same party waits."""
    existing = db.session.get(Doubt, once)
    if existing is not None:
        return existing
    CLAIM_FLOW.advance(claim, Action.CLAIM_DOUBT)
    record(Action.CLAIM_DOUBT, claim, actor)
    refuse_who(words=words)
    side = side_of(claim, actor)
    late = why_no_doubt(claim, side)
    if late is not None:
        raise NotNow(late)
    made = Doubt(
        id=once,
        programme_id=claim.programme_id,
        claim=claim,
        organisation=side,
        told_by_id=actor.id,
        said=words,
    )
    db.session.add(made)
    db.session.flush()
    notices.tell_doubt(made)
    return made


def side_of(claim: Claim, user: User) -> Organisation:
    """For which of the two sides of the effect `user` speaks: the municipality that pays, or the provider."""
    provider, payer = sides_of(claim)
    return payer if payer.id in user.resident_ids else provider


def why_no_doubt(claim: Claim, side: Organisation) -> str | None:
    found = select(Doubt.id).filter_by(claim_id=claim.id, organisation_id=side.id, state=DoubtState.WAITING)
    return _("You told the assessor already: its answer is waited for.") if db.session.scalar(found) else None


@operation
def answer_doubt(doubt: Doubt, answer: str, *, actor: User, version: int | None = None) -> None:
    """The effect stands, for this reason; who told the doubt reads it. Not yours for who signed for the effect (four
    eyes). `NotNow` while a colleague's proposal to reopen the effect waits: that is confirmed or taken back first."""
    doubt.expect_version(version)
    DOUBT_FLOW.advance(doubt, Action.DOUBT_ANSWER)
    reason = why_not_answerer(doubt, actor)
    if reason is not None:
        raise NotYours(reason)
    refuse_who(answer=answer)
    doubt.answer, doubt.answered_by_id, doubt.answered_at = answer, actor.id, clock.now()
    record(Action.DOUBT_ANSWER, doubt, actor)
    notices.tell_answered(doubt)


def answerers_of(doubt: Doubt) -> list[User]:
    """Who of the assessor may say that it stands; nobody where each of them signed or left the case."""
    return [one for one in assessors_of(doubt.claim) if why_not_answerer(doubt, one) is None]


def why_not_answerer(doubt: Doubt, user: Any) -> str | None:
    """Nobody confirms their own signature: reopening what they signed they may still propose."""
    if user.id not in signers_of(doubt.claim):
        return None
    return _("You signed for this effect: another person of the assessor answers that it stands.")


def _why_held(doubt: Doubt) -> str | None:
    if waiting_proposal(doubt.claim) is None:
        return None
    return _("A proposal to reopen this effect waits: confirm it or take it back first.")


DOUBT_FLOW.hold(Action.DOUBT_ANSWER, while_=_why_held)


def doubts_of(claim: Claim, user: User) -> list[Doubt]:
    """Those that `user` may read, the newest first."""
    found = Doubt.visible_to(user).where(Doubt.claim_id == claim.id).order_by(Doubt.created_at.desc(), Doubt.id)
    return list(db.session.scalars(found).unique())


def waiting_doubts(programme_id: uuid.UUID, user: User) -> list[Doubt]:
    """What the assessor can answer now, the oldest first, without the cases that `user` left to colleagues."""
    found = Doubt.visible_to(user).where(Doubt.programme_id == programme_id, Doubt.state == DoubtState.WAITING)
    proposed = select(ReopeningProposal.claim_id).filter_by(programme_id=programme_id, state=ProposalState.WAITING)
    found = found.where(Doubt.claim_id.not_in(proposed.where(ReopeningProposal.claim_id.is_not(None))))
    return list(db.session.scalars(found.order_by(Doubt.created_at, Doubt.id)).unique())

"""What was signed off and does not count is reopened: one person of the assessor proposes it, another one confirms.

It takes money back from whoever was paid, so no one person can do it (four eyes, as for each step that moves money).
The batch that held it never changes; what it does to money is in `settlement.claw_back`.
"""

import uuid

from flask_babel import gettext as _
from sqlalchemy import Uuid, column, select, table

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.independence import former_tie_of
from app.programmes.models import Programme
from app.verification import reopening_notices as notices
from app.verification.appeal_models import Appeal, Proof, Reopening, about, assessors_of
from app.verification.appeal_states import DOUBT_FLOW, PROPOSAL_FLOW, DoubtState, ProposalState, ReopenReason
from app.verification.doubt_models import Doubt
from app.verification.listing import put_first
from app.verification.reopening_models import ReopeningProposal

REOPEN = {Claim: Action.CLAIM_REOPEN, Measurement: Action.MEASUREMENT_REOPEN}

# Settlement stands above verification and is not imported; its table is read by name.
_settlement = table("settlement", column("id", Uuid), column("programme_id", Uuid), column("is_final"), column("state"))


@operation
def propose_reopening(
    proof: Proof, reason: ReopenReason, explanation: str, *, actor: User, once: uuid.UUID
) -> ReopeningProposal:
    """`actor` found that the effect does not count; a colleague is asked to confirm, and nothing changes before that.

    `NotNow` while the last settlement of the bond is with the parties, and while a proposal waits.
    Refused for who is not independent.
    """
    existing = db.session.get(ReopeningProposal, once)
    if existing is not None:
        return existing
    late = why_no_proposal(proof)
    if late is not None:
        raise NotNow(late)
    _expect_independent(proof.programme, actor)
    _expect_words(explanation)
    made = ReopeningProposal(
        id=once,
        programme_id=proof.programme_id,
        reason=reason,
        explanation=explanation,
        proposed_by=actor,
        **about(proof),
    )
    db.session.add(made)
    record(Action.REOPENING_PROPOSE, made, actor, on_behalf_of=proof, reason=reason)
    notices.tell_proposed(made)
    return made


def why_no_proposal(proof: Proof) -> str | None:
    """Why nobody proposes to reopen this now; None when somebody can."""
    waiting = waiting_proposal(proof)
    if waiting is not None:
        return _("%(name)s proposed this already: a colleague confirms it.", name=waiting.proposed_by.name)
    return why_no_reopening(proof)


def why_no_reopening(proof: Proof) -> str | None:
    """Why this is not reopened now; None when it can be."""
    if proof.state not in (ClaimState.SIGNED_OFF, ClaimState.SETTLED):
        return _("This is not possible now: the status is “%(state)s”.", state=proof.state.label)
    last = select(_settlement.c.state).where(
        _settlement.c.programme_id == proof.programme_id, _settlement.c.is_final, _settlement.c.state != "discarded"
    )
    if db.session.scalar(last.limit(1)) not in ("prepared", "checked"):
        return None
    return _(
        "The last settlement of the bond is made and not approved yet. Let the intermediary discard it, reopen the "
        "effect, and let it be prepared anew: it then leaves the effect out."
    )


def waiting_proposal(proof: Proof) -> ReopeningProposal | None:
    """The one that nobody confirmed or took back yet: at most one of a proof."""
    found = select(ReopeningProposal).filter_by(state=ProposalState.WAITING, **about(proof))
    return db.session.scalars(found).unique().one_or_none()


def has_colleague(proof: Proof, user: User) -> bool:
    """Is there anybody who could confirm what `user` proposes?"""
    return any(one.id != user.id for one in assessors_of(proof))


def _expect_independent(programme: Programme, actor: User) -> None:
    tie = former_tie_of(programme, actor)
    if tie is not None:
        raise NotYours(_("You work or worked for %(name)s, which is judged in this bond.", name=tie.name))


def _expect_words(explanation: str) -> None:
    refuse_who(explanation=explanation)
    if not explanation:
        raise Refused(_("Fill this in."), "explanation")


@operation
def confirm_reopening(proposal: ReopeningProposal, *, actor: User, version: int | None = None) -> None:
    """Another person of the assessor agrees: the effect counts no more. Not yours for whoever proposed it."""
    proposal.expect_version(version)
    PROPOSAL_FLOW.advance(proposal, Action.REOPENING_CONFIRM)
    record(Action.REOPENING_CONFIRM, proposal, actor)
    proposal.decided_by_id, proposal.decided_at = actor.id, clock.now()
    db.session.flush()
    reopen_proof(proposal.proof, proposal.reason, proposal.explanation, actor=actor)


@operation
def withdraw_reopening(proposal: ReopeningProposal, *, actor: User) -> None:
    """It was not so after all: the effect counts as before. Whoever proposed it, or a colleague who does not agree."""
    _withdraw(proposal, actor)
    notices.tell_withdrawn(proposal, actor)


def _withdraw(proposal: ReopeningProposal, actor: User) -> None:
    PROPOSAL_FLOW.advance(proposal, Action.REOPENING_WITHDRAW)
    proposal.decided_by_id, proposal.decided_at = actor.id, clock.now()
    record(Action.REOPENING_WITHDRAW, proposal, actor)


@operation
def reopen_proof(
    proof: Proof, reason: ReopenReason, explanation: str, *, actor: User, appeal: Appeal | None = None
) -> None:
    """From now on the effect does not count; what was paid for it the next settlement takes back.

    The end of `confirm_reopening`, and of an appeal of the municipality that another person upheld (`appeal`), after
    which no proposal is left to confirm.
    """
    late = why_no_reopening(proof)
    if late is not None:
        raise NotNow(late)
    proof.FLOW.advance(proof, REOPEN[type(proof)])
    _expect_independent(proof.programme, actor)
    _expect_words(explanation)
    made = Reopening(
        programme_id=proof.programme_id,
        reason=reason,
        explanation=explanation,
        by_id=actor.id,
        appeal_id=appeal.id if appeal is not None else None,
        **about(proof),
    )
    db.session.add(made)
    waiting = waiting_proposal(proof)
    if waiting is not None:
        _withdraw(waiting, actor)
    record(REOPEN[type(proof)], proof, actor, reason=reason)
    if isinstance(proof, Claim):
        _settle_doubts(proof)
        lay_milestones(proof.participant)
        if reason == ReopenReason.FALSIFIED:
            put_first(proof.participant)
    notices.tell_reopened(proof)


def _settle_doubts(claim: Claim) -> None:
    """Who doubted it hears of the reopening with both sides."""
    for doubt in db.session.scalars(select(Doubt).filter_by(claim_id=claim.id, state=DoubtState.WAITING)).unique():
        DOUBT_FLOW.advance(doubt, Action.CLAIM_REOPEN)
        doubt.answered_at = clock.now()


def reopening_of(proof: Proof) -> Reopening | None:
    return db.session.scalar(select(Reopening).filter_by(**about(proof)))


def reopened_by(proof: Proof) -> set[uuid.UUID]:
    """Who reopened it: who proposed and who confirmed, or who upheld the appeal."""
    proposed = select(ReopeningProposal.proposed_by_id).filter_by(state=ProposalState.CONFIRMED, **about(proof))
    return set(db.session.scalars(proposed)) | set(
        db.session.scalars(select(Reopening.by_id).filter_by(**about(proof)))
    )

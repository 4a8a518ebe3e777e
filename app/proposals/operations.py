"""The only code that changes proposals. Contents are stored sealed and never told: only their digest is."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.consortia import vault
from app.consortia.models import Partner
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.proposals import notices
from app.proposals.budget import budget_of
from app.proposals.checks import lacking, lacking_second
from app.proposals.content import gather_plan, plan_in, second_in
from app.proposals.models import Confirmation, Proposal
from app.proposals.pieces import cohort_of
from app.proposals.sealing import seal_into
from app.proposals.states import FLOW, ProposalState


@operation
def confirm_proposal(proposal: Proposal, *, actor: User, read: str | None = None) -> None:
    """The actor's organisation stands behind the plan as it reads now, and behind who does which part of it.

    `read` is what the plan stood on when the person read it (none: not checked). `NotNow` when somebody wrote since,
    and while the plan is unfinished: nobody stands behind an empty answer.
    """
    FLOW.advance(proposal, Action.PROPOSAL_CONFIRM)
    if read is not None and read != proposal.stands_on:
        raise NotNow(_("The plan changed since you opened this page. Read it again, then confirm."))
    for reason in unfinished(proposal):
        raise NotNow(reason)
    for partner in _own(proposal, actor):
        if partner.organisation_id in proposal.confirmed_by():
            continue  # the second half of a double click
        proposal.confirmations = [c for c in proposal.confirmations if c.organisation_id != partner.organisation_id]
        db.session.flush()
        proposal.confirmations.append(
            Confirmation(organisation_id=partner.organisation_id, user_id=actor.id, digest=proposal.stands_on)
        )
        digest = proposal.stands_on
        record(Action.PROPOSAL_CONFIRM, proposal, actor, organisation=partner.organisation_id, digest=digest)
        db.session.flush()
    if len(proposal.confirmed_by()) == len(proposal.consortium.taking_part):
        notices.tell_confirmed(proposal)


def _own(proposal: Proposal, actor: User) -> list[Partner]:
    own = [p for p in proposal.consortium.taking_part if p.organisation_id in actor.organisation_ids]
    if not own:
        raise NotYours(_("Your part in this bond does not allow this."))
    return own


@operation
def submit_proposal(proposal: Proposal, *, actor: User, version: int | None = None) -> None:
    """The lead hands the plan in, before the deadline to the second; everybody in the consortium gets the receipt.

    Refused while something is not answered, nothing is promised, a cap is passed, a partner has not confirmed this very
    text, or an organisation is not vetted.
    """
    if proposal.state == ProposalState.SUBMITTED and proposal.submitted_by_id == actor.id:
        return  # the second half of a double click
    proposal.expect_version(version)
    FLOW.advance(proposal, Action.PROPOSAL_SUBMIT)
    for reason in not_ready(proposal):
        raise Refused(reason)
    seal_into(proposal, gather_plan(proposal.consortium))
    proposal.submitted_at, proposal.submitted_by_id = clock.now(), actor.id
    proposal.consortium.state = ConsortiumState.SUBMITTED
    record(Action.PROPOSAL_SUBMIT, proposal, actor, digest=proposal.digest, at=proposal.submitted_at)
    notices.tell_submitted(proposal)


def unfinished(proposal: Proposal) -> list[str]:
    """What the plan itself still lacks; until then there is nothing to confirm."""
    consortium = proposal.consortium
    written = vault.read_all(consortium, files=False)
    plan, second = plan_in(written, consortium), second_in(written, consortium)
    budget = budget_of(plan["volumes"], proposal.call, cohort_of(consortium))
    return lacking(plan, proposal.call, budget) + lacking_second(second, proposal.call)


def not_ready(proposal: Proposal) -> list[str]:
    """What stands between this plan and its handing in; empty when nothing does."""
    return unfinished(proposal) + unconfirmed(proposal)


def unconfirmed(proposal: Proposal) -> list[str]:
    """The partners that do not stand behind this text, or that nobody has vetted."""
    lacks, confirmed = [], proposal.confirmed_by()
    for partner in proposal.consortium.taking_part:
        if partner.organisation_id not in confirmed:
            lacks.append(_("%(name)s has not confirmed this text.", name=partner.organisation.name))
        if partner.organisation.vetted_at is None:
            lacks.append(_("%(name)s is not vetted by a municipality yet.", name=partner.organisation.name))
    return lacks


@operation
def withdraw_proposal(proposal: Proposal, *, actor: User, version: int | None = None) -> None:
    """Back to a draft, before the deadline only; what the partners confirmed still holds until somebody changes it."""
    proposal.expect_version(version)
    FLOW.advance(proposal, Action.PROPOSAL_WITHDRAW)
    proposal.submitted_at = proposal.submitted_by_id = None
    proposal.consortium.state = ConsortiumState.FORMING
    record(Action.PROPOSAL_WITHDRAW, proposal, actor, digest=proposal.digest)
    notices.tell_withdrawn(proposal)

"""The only code that changes proposals. Contents are stored sealed and never told: only their digest is."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from sqlalchemy.orm import lazyload

from app.access.actions import Action
from app.access.record import record
from app.consortia.models import Consortium, Partner
from app.consortia.states import FLOW as CONSORTIUM_FLOW
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.models import COUNTED, Effect
from app.proposals import notices
from app.proposals.budget import Budget, budget_of
from app.proposals.content import Content, Section, same
from app.proposals.models import Confirmation, Proposal
from app.proposals.sealing import read_own, seal_into
from app.proposals.states import FLOW, ProposalState

NOT_YET = 0  # the version of a plan that nobody has saved


@operation
def save_draft(consortium: Consortium, content: Content, *, actor: User, version: int | None = None) -> Proposal:
    """Seal what the consortium has written so far. Any change makes the partners confirm anew.

    `version` is the one the person was reading, `NOT_YET` before the first save; an older one is `Changed`.
    Refused for volumes that are negative or of another price table. Above a cap it is kept, but not handed in.
    """
    CONSORTIUM_FLOW.advance(consortium, Action.PROPOSAL_DRAFT)
    proposal = plan_of(consortium)
    if proposal is not None:
        proposal.expect_version(version)
        FLOW.advance(proposal, Action.PROPOSAL_DRAFT)
        if same(read_own(proposal), content):
            return proposal  # nothing changed: what was confirmed stays confirmed
    elif version is not None and version != NOT_YET:
        raise Changed(NOT_YET)
    _check(consortium, content)
    if proposal is None:
        proposal = Proposal(id=uuid.uuid4(), call_id=consortium.call_id, consortium=consortium)
        db.session.add(proposal)
    seal_into(proposal, content)
    proposal.confirmations.clear()
    record(Action.PROPOSAL_DRAFT, proposal, actor, on_behalf_of=consortium, digest=proposal.digest)
    return proposal


_PLAN_OF = (
    select(Proposal)
    .where(Proposal.consortium_id == bindparam("consortium"))
    .options(lazyload(Proposal.consortium))  # it is at hand
)


def plan_of(consortium: Consortium) -> Proposal | None:
    """The one plan of a consortium, if it has been saved."""
    return db.session.scalars(_PLAN_OF, {"consortium": consortium.id}).one_or_none()


_KNOWN = select(Effect.id).where(Effect.table_id == bindparam("table"), Effect.kind.in_(COUNTED))


def _check(consortium: Consortium, content: Content) -> None:
    known = {str(key) for key in db.session.scalars(_KNOWN, {"table": consortium.call.table_id})}
    if not set(content["volumes"]) <= known:
        raise Refused(_("A volume is given for an effect that is not in the price table of this call."))
    if any(volume < 0 for volume in content["volumes"].values()):
        raise Refused(_("A volume cannot be negative."))


@operation
def confirm_proposal(proposal: Proposal, *, actor: User, version: int | None = None) -> None:
    """The actor's organisation stands behind the plan as it reads now, and behind who does which part of it.

    `NotNow` while the plan is unfinished: nobody stands behind an empty section.
    """
    proposal.expect_version(version)
    FLOW.advance(proposal, Action.PROPOSAL_CONFIRM)
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
        record(Action.PROPOSAL_CONFIRM, proposal, actor, organisation=partner.organisation_id, digest=proposal.digest)
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

    Refused while a section is empty, nothing is promised, a cap is passed, a partner has not confirmed this very
    text, or an organisation is not vetted.
    """
    if proposal.state == ProposalState.SUBMITTED and proposal.submitted_by_id == actor.id:
        return  # the second half of a double click
    proposal.expect_version(version)
    FLOW.advance(proposal, Action.PROPOSAL_SUBMIT)
    for reason in not_ready(proposal):
        raise Refused(reason)
    proposal.submitted_at, proposal.submitted_by_id = clock.now(), actor.id
    proposal.consortium.state = ConsortiumState.SUBMITTED
    record(Action.PROPOSAL_SUBMIT, proposal, actor, digest=proposal.digest, at=proposal.submitted_at)
    notices.tell_submitted(proposal)


def unfinished(proposal: Proposal) -> list[str]:
    """What the plan itself still lacks; until then there is nothing to confirm."""
    content = read_own(proposal)
    return lacking(content, budget_of(content["volumes"], proposal.call))


def lacking(content: Content, budget: Budget) -> list[str]:
    """The same of a plan that was opened already."""
    lacks = [
        _("The section “%(section)s” is empty.", section=section.label)
        for section in Section
        if not content["sections"][section]
    ]
    if not budget.effects:
        lacks.append(_("The plan promises no effect yet."))
    return lacks + budget.problems()


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

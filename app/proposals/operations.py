"""The only code that changes proposals. Contents are stored sealed and never told: only their digest is."""

import uuid
from collections.abc import Collection

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.consortia import vault
from app.consortia.lacks import Lack, Place
from app.consortia.models import Partner
from app.consortia.queries import out_of_place
from app.core.errors import NotNow, NotYours
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.proposals import notices
from app.proposals.budget import budget_of
from app.proposals.checks import lacking, lacking_parts, lacking_second
from app.proposals.content import plan_in, second_in
from app.proposals.models import Confirmation, Proposal
from app.proposals.pieces import cohort_of
from app.proposals.states import FLOW


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


def unfinished(proposal: Proposal) -> list[Lack]:
    """What the plan itself still lacks; until then there is nothing to confirm."""
    consortium = proposal.consortium
    written = vault.read_all(consortium, files=False)
    plan, second = plan_in(written, consortium), second_in(written, consortium)
    budget = budget_of(plan["volumes"], proposal.call, cohort_of(consortium))
    own = out_of_place(consortium) + lacking(plan, proposal.call, budget) + lacking_second(second, consortium)
    return own + lacking_parts(plan, consortium, budget)


def not_ready(proposal: Proposal) -> list[Lack]:
    """What stands between this plan and its handing in; empty when nothing does."""
    return unfinished(proposal) + unconfirmed(proposal, proposal.confirmed_by())


def unconfirmed(proposal: Proposal, confirmed: Collection[uuid.UUID]) -> list[Lack]:
    """The partners that do not stand behind this text, or that nobody has vetted."""
    lacks = []
    for partner in proposal.consortium.taking_part:
        name, key = partner.organisation.name, partner.organisation_id
        if partner.organisation_id not in confirmed:
            lacks.append(Lack(_("%(name)s has not confirmed this text.", name=name), Place.CONFIRMATION, key))
        if partner.organisation.vetted_at is None:
            told = _("%(name)s is not vetted by a municipality yet.", name=name)
            lacks.append(Lack(told, Place.VETTING, key))
    return lacks

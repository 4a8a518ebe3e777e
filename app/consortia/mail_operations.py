"""Invitations of organisations that are not on the portal yet: by mail, with a link that works once."""

import hashlib
import secrets

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.accounts.operations import find_user
from app.consortia import notices
from app.consortia.models import Consortium, MailedInvitation, Partner
from app.consortia.operations import ask
from app.consortia.states import FLOW, InvitationState, PartnerState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User

MOST_MAILED = 20  # per consortium, withdrawn ones included: the portal is no mailing machine


@operation
def invite_by_mail(consortium: Consortium, name: str, address: str, *, actor: User) -> MailedInvitation:
    """Mail the link to `address` of the organisation that the lead calls `name`. It works until the deadline.

    The lead does not learn whether the address has an account. A second mail to the same address replaces the first.
    """
    FLOW.advance(consortium, Action.CONSORTIUM_INVITE_BY_MAIL)
    address = address.lower()
    if len(consortium.mailed) >= MOST_MAILED:
        raise Refused(_("This consortium has mailed %(count)d invitations; no more can be sent.", count=MOST_MAILED))
    for earlier in consortium.mailed:
        if earlier.address == address and earlier.state == InvitationState.SENT:
            _answer(earlier, InvitationState.WITHDRAWN)
    token = secrets.token_urlsafe(32)
    invitation = MailedInvitation(name=name, address=address, token_digest=digest(token), invited_by_id=actor.id)
    consortium.mailed.append(invitation)
    record(Action.CONSORTIUM_INVITE_BY_MAIL, consortium, actor)
    known = find_user(address)
    notices.mail_invitation(invitation, token, known.locale if known is not None else actor.locale)
    return invitation


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_mailed(token: str) -> MailedInvitation | None:
    """The unanswered invitation of this token; wrong, withdrawn and answered ones are all nothing."""
    found = select(MailedInvitation).where(MailedInvitation.token_digest == digest(token))
    return db.session.scalar(found.where(MailedInvitation.state == InvitationState.SENT))


@operation
def claim_invitation(invitation: MailedInvitation, organisation: Organisation, *, actor: User) -> Partner:
    """An organisation on the portal says that the mail was meant for it; from now on it is invited as any other, and
    accepts or declines. Refused when the actor does not work for it, and when it takes part already."""
    consortium = invitation.consortium
    FLOW.advance(consortium, Action.CONSORTIUM_CLAIM)
    if organisation.kind != OrganisationKind.PROVIDER or organisation.id not in actor.organisation_ids:
        raise Refused(_("Choose a service provider that you work for."), "organisation")
    if invitation.state != InvitationState.SENT:
        raise NotNow(_("This invitation was answered already."))
    partner = consortium.partner_of(organisation.id)
    if partner is not None and partner.state == PartnerState.ACCEPTED:
        raise Refused(_("%(name)s already takes part.", name=organisation.name), "organisation")
    if partner is None or partner.state != PartnerState.INVITED:
        partner = ask(consortium, organisation)
    invitation.organisation_id = organisation.id
    _answer(invitation, InvitationState.CLAIMED)
    record(Action.CONSORTIUM_CLAIM, consortium, actor, organisation=organisation.id)
    return partner


@operation
def refuse_invitation(invitation: MailedInvitation, *, actor: User | None) -> None:
    """Whoever holds the link says no, with or without an account; the lead hears it."""
    FLOW.advance(invitation.consortium, Action.CONSORTIUM_REFUSE)
    if invitation.state != InvitationState.SENT:
        raise NotNow(_("This invitation was answered already."))
    _answer(invitation, InvitationState.REFUSED)
    record(Action.CONSORTIUM_REFUSE, invitation.consortium, actor)
    notices.tell_refused(invitation)


@operation
def withdraw_mailed(invitation: MailedInvitation, *, actor: User) -> None:
    """The lead takes it back: the link no longer works, and the address is told."""
    consortium = invitation.consortium
    FLOW.advance(consortium, Action.CONSORTIUM_WITHDRAW_INVITATION)
    if invitation.state == InvitationState.WITHDRAWN:
        return  # the second half of a double click
    if invitation.state != InvitationState.SENT:
        raise NotNow(_("This invitation was answered already."))
    record(Action.CONSORTIUM_WITHDRAW_INVITATION, consortium, actor)
    _answer(invitation, InvitationState.WITHDRAWN)
    notices.mail_withdrawal(invitation, actor.locale)


def _answer(invitation: MailedInvitation, state: InvitationState) -> None:
    invitation.state, invitation.answered_at = state, clock.now()

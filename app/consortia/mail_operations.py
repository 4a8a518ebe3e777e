"""Invitations of organisations that are not on the portal yet: by mail, with a link that works once."""

import hashlib
import secrets
import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.accounts.operations import find_user
from app.calls.models import Call
from app.consortia import notices
from app.consortia.models import Consortium, MailedInvitation, Partner
from app.consortia.operations import ask
from app.consortia.states import FLOW, InvitationState, PartnerState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes.models import Part

MOST_MAILED = 20  # per consortium, withdrawn ones included: the portal is no mailing machine


@operation
def invite_by_mail(consortium: Consortium, name: str, address: str, *, actor: User) -> MailedInvitation:
    """Mail the link to `address` of the organisation that the lead calls `name`. It works until the deadline.

    The lead does not learn whether the address has an account. A second mail to the same address replaces the first.
    Refused for an address of somebody who may not bid.
    """
    FLOW.advance(consortium, Action.CONSORTIUM_INVITE_BY_MAIL)
    address = address.lower()
    known = find_user(address)
    if known is not None and may_not_bid(consortium.call, known):
        raise Refused(
            _("No invitation can be mailed to this address: it belongs to somebody who takes part in no consortium."),
            "address",
        )
    if len(consortium.mailed) >= MOST_MAILED:
        raise Refused(_("This consortium has mailed %(count)d invitations; no more can be sent.", count=MOST_MAILED))
    for earlier in consortium.mailed:
        if earlier.address == address and earlier.state == InvitationState.SENT:
            _answer(earlier, InvitationState.WITHDRAWN)
    token = secrets.token_urlsafe(32)
    invitation = MailedInvitation(name=name, address=address, token_digest=digest(token), invited_by_id=actor.id)
    consortium.mailed.append(invitation)
    record(Action.CONSORTIUM_INVITE_BY_MAIL, consortium, actor)
    notices.mail_invitation(invitation, token, known.locale if known is not None else actor.locale)
    return invitation


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def may_not_bid(call: Call, person: User) -> bool:
    """Officials, judges, investors and whoever else has another side in the bond (domain, section 2).

    Everybody who works for such organisations and for no provider is meant, in this bond or not: who exactly scores
    the plans must not be found out by trying addresses.
    """
    kinds = person.kinds()
    if person.is_admin or (kinds and OrganisationKind.PROVIDER not in kinds):
        return True
    others = [part for part in Part if part != Part.PROVIDER]
    on_committee = any(member.user_id == person.id for member in call.committee)
    return on_committee or any(user.id == person.id for user in call.programme.people(*others))


def find_mailed(token: str, reader: Any = None) -> MailedInvitation | None:
    """The invitation of this token, answered or not; nothing for a wrong one.

    For a signed-in `reader` who verified the address that was invited, the id of the invitation does as well: that is
    how it waits at home, where the token is not known.
    """
    found = db.session.scalar(select(MailedInvitation).where(MailedInvitation.token_digest == digest(token)))
    if found is not None or reader is None or not reader.is_authenticated or reader.confirmed_at is None:
        return found
    try:
        named = db.session.get(MailedInvitation, uuid.UUID(token))
    except ValueError:
        return None
    return named if named is not None and named.address == reader.email.lower() else None


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

"""The only code that changes accounts and organisations; signing in and passwords are the library's."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security.confirmable import generate_confirmation_token
from sqlalchemy import delete, exists, func, select

from app.access.actions import Action
from app.access.record import record
from app.accounts import notices
from app.accounts.models import Invitation
from app.accounts.registration import checked_number, checked_vat_number
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.people.password import hashed


@dataclass(frozen=True, slots=True)
class Registration:
    """What a service provider says about itself and about the person who speaks for it."""

    organisation: str
    country: str
    registration_number: str
    locality: str
    name: str
    email: str
    password: str


def register_organisation(facts: Registration, *, once: uuid.UUID, then: str = "") -> None:
    """A service provider registers itself; its address is verified by a mailed link before anybody can sign in. That
    link leads on to `then`, a path of ours: the call or the invitation that the person came from.

    Nobody learns whether an address has an account: it gets a mail either way, and the page says the same.
    """
    number = checked_number(facts.registration_number, facts.country)
    around = (facts.organisation, facts.locality)
    password = hashed(facts.password, facts.name, facts.email, around)  # slow, so before anything waits for it
    if _is_known(facts, once, then):
        return
    _register(facts, number, password, once, then)


@housekeeping
def _is_known(facts: Registration, once: uuid.UUID, then: str) -> bool:
    known = find_user(facts.email)
    if known is not None and db.session.get(Organisation, once) is None:
        notices.tell_known(known, facts.organisation, then)
    return known is not None


@operation
def _register(facts: Registration, number: str, password: str, once: uuid.UUID, then: str) -> None:
    if db.session.scalar(select(_vetted_with(number, facts.country))):
        raise Refused(
            _("This organisation is on the portal already. Ask its manager for an invitation."), "registration_number"
        )
    if db.session.scalar(select(_waiting_with(number, facts.country))):
        raise Refused(
            _("This organisation has registered already and waits to be vetted. Ask its manager for an invitation."),
            "registration_number",
        )
    organisation = Organisation(
        id=once,
        name=facts.organisation,
        kind=OrganisationKind.PROVIDER,
        country=facts.country,
        locality=facts.locality,
        registration_number=number,
    )
    user = _new_user(facts.name, facts.email, password)
    db.session.add_all([organisation, user, Membership(user=user, organisation=organisation, is_manager=True)])
    record(Action.ORGANISATION_REGISTER, organisation, user, name=organisation.name, number=number)
    notices.ask_to_verify(user, organisation, generate_confirmation_token(user), then)


def _vetted_with(number: str, country: str) -> Any:
    return exists().where(
        Organisation.registration_number == number,
        Organisation.country == country,
        Organisation.vetted_at.is_not(None),
    )


def _waiting_with(number: str, country: str) -> Any:
    """Registered by somebody whose address was verified; who was not cannot keep the real one out."""
    return exists().where(
        Organisation.registration_number == number,
        Organisation.country == country,
        Organisation.vetted_at.is_(None),
        Membership.organisation_id == Organisation.id,
        User.id == Membership.user_id,
        User.confirmed_at.is_not(None),
    )


def find_user(email: str) -> User | None:
    return db.session.scalars(select(User).where(func.lower(User.email) == email.lower())).unique().one_or_none()


def _new_user(name: str, email: str, password: str | None, **more: object) -> User:
    return User(
        id=uuid.uuid4(), fs_uniquifier=uuid.uuid4().hex, name=name, email=email, password=password,
        active=True, locale=str(get_locale() or "nl"), **more,
    )  # fmt: skip


@operation
def vet_organisation(organisation: Organisation, *, actor: User) -> None:
    """An official has checked who this is; from now on it can act. Not before somebody verified an address."""
    if organisation.vetted_at is not None:
        raise NotNow(_("This organisation is vetted already."))
    if not any(person.confirmed_at for person in organisation.people()):
        raise NotNow(_("Nobody of this organisation has verified an e-mail address yet."))
    organisation.vetted_at = clock.now()
    organisation.vetted_by_id = actor.id
    record(Action.ORGANISATION_VET, organisation, actor, name=organisation.name)
    notices.tell_vetted(organisation)


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    name: str
    kind: OrganisationKind
    country: str
    locality: str
    registration_number: str


@operation
def create_organisation(facts: OrganisationFacts, manager: str, *, actor: User, once: uuid.UUID) -> Organisation:
    """An official or the administrator brings in a party and invites its first `manager` (an e-mail address).

    Whoever brings it in has checked who it is, so it is vetted from the start.
    """
    existing = db.session.get(Organisation, once)
    if existing is not None:
        return existing
    if facts.kind == OrganisationKind.PORTAL and not actor.is_admin:
        raise Refused(_("Only the administrator keeps the portal."), "kind")
    number = checked_number(facts.registration_number, facts.country) if facts.registration_number else ""
    if number and db.session.scalar(select(_vetted_with(number, facts.country))):
        raise Refused(_("An organisation with this number is on the portal already."), "registration_number")
    same = select(Organisation.id).where(
        func.lower(Organisation.name) == facts.name.lower(),
        Organisation.kind == facts.kind,
        Organisation.country == facts.country,
        Organisation.vetted_at.is_not(None),
    )
    if db.session.scalar(same.limit(1)):
        raise Refused(_("An organisation with this name is on the portal already."), "name")
    organisation = Organisation(
        id=once,
        name=facts.name,
        kind=facts.kind,
        country=facts.country,
        locality=facts.locality,
        registration_number=number,
        vetted_at=clock.now(),
        vetted_by_id=actor.id,
    )
    db.session.add(organisation)
    record(Action.ORGANISATION_CREATE, organisation, actor, name=facts.name, kind=facts.kind)
    _invite(organisation, manager, True, actor)
    return organisation


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The address for letters on paper, and the numbers on invoices. `registration_number` counts only where none is
    known: whoever vetted the organisation looked at the one that is."""

    street: str
    postal_code: str
    locality: str
    vat_number: str = ""
    registration_number: str = ""


@operation
def edit_organisation(
    organisation: Organisation, facts: Whereabouts, *, actor: User, version: int | None = None
) -> None:
    """Where letters on paper reach the organisation, and its numbers; award letters, award records and invoices name
    them. What was made before stays as it was. Refused for a number that cannot be one."""
    organisation.expect_version(version)
    organisation.street, organisation.postal_code = facts.street, facts.postal_code
    organisation.locality = facts.locality
    organisation.vat_number = checked_vat_number(facts.vat_number, organisation.country)
    if facts.registration_number and not organisation.registration_number:
        number = checked_number(facts.registration_number, organisation.country)
        with db.session.no_autoflush:
            if db.session.scalar(select(_vetted_with(number, organisation.country))):
                raise Refused(_("An organisation with this number is on the portal already."), "registration_number")
        organisation.registration_number = number
    record(
        Action.ORGANISATION_EDIT,
        organisation,
        actor,
        address=organisation.postal_address,
        number=organisation.registration_number,
        vat_number=organisation.vat_number,
    )


@operation
def invite_member(organisation: Organisation, address: str, as_manager: bool, *, actor: User) -> Invitation:
    """Mail a way in. An earlier invitation of the same address no longer works. Refused for who is in already."""
    if any(person.email.lower() == address.lower() for person in organisation.people()):
        raise Refused(_("This person belongs to the organisation already."), "address")
    invitation = _invite(organisation, address, as_manager, actor)
    record(Action.MEMBER_INVITE, organisation, actor, as_manager=as_manager)
    return invitation


def _invite(organisation: Organisation, address: str, as_manager: bool, actor: User) -> Invitation:
    address = address.lower()
    db.session.execute(
        delete(Invitation).where(
            Invitation.organisation_id == organisation.id,
            Invitation.address == address,
            Invitation.accepted_at.is_(None),
        )
    )
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        organisation=organisation, address=address, as_manager=as_manager, invited_by=actor, token_digest=digest(token)
    )
    db.session.add(invitation)
    known = find_user(address)
    notices.invite(invitation, token, known.locale if known is not None else actor.locale)
    return invitation


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """The open invitation of this token; wrong, expired and used ones are all nothing."""
    found = db.session.scalar(select(Invitation).where(Invitation.token_digest == digest(token)))
    return found if found is not None and found.is_open else None


@operation
def join_organisation(invitation: Invitation, *, actor: User, once: uuid.UUID) -> None:
    """Somebody who has an account and is signed in with the invited address."""
    if actor.email.lower() != invitation.address:
        raise NotNow(_("This invitation is for another address. Sign out and open the link again."))
    _join(invitation, actor, once)


def accept_invitation(invitation: Invitation, name: str, password: str, *, once: uuid.UUID) -> None:
    """Somebody who is not signed in. The link itself proves the address.

    With an account: it joins, and name and password typed here are not used. Without: it is made. Nobody who looks
    at the page can tell which it was.
    """
    around = (invitation.organisation.name, invitation.organisation.locality)
    _accept(invitation, name, hashed(password, name, invitation.address, around), once)


@operation
def _accept(invitation: Invitation, name: str, secret: str, once: uuid.UUID) -> None:
    user = find_user(invitation.address)
    if user is None:
        user = _new_user(name, invitation.address, secret, confirmed_at=clock.now())
        db.session.add(user)
    _join(invitation, user, once)


def _join(invitation: Invitation, user: User, once: uuid.UUID) -> None:
    if was_accepted(once):
        return  # the second half of a double click
    if not invitation.is_open:
        raise NotNow(_("This invitation was used, or its term has passed."))
    organisation = invitation.organisation
    known = select(Membership).filter_by(user_id=user.id, organisation_id=organisation.id)
    if db.session.scalar(known) is None:
        manager = invitation.as_manager
        db.session.add(Membership(id=once, user=user, organisation=organisation, is_manager=manager))
    invitation.accepted_at = clock.now()
    invitation.accepted_by_id = user.id
    record(Action.INVITATION_ACCEPT, organisation, user, as_manager=invitation.as_manager)
    notices.tell_joined(organisation, user)


def was_accepted(once: uuid.UUID) -> bool:
    return db.session.get(Membership, once) is not None


@operation
def remove_member(organisation: Organisation, member: User, *, actor: User) -> None:
    """End a membership. Refused for the last manager: somebody must be able to invite the next."""
    memberships = db.session.scalars(select(Membership).filter_by(organisation_id=organisation.id)).all()
    found = next((m for m in memberships if m.user_id == member.id), None)
    if found is None:
        raise NotNow(_("This person does not belong to the organisation."))
    if found.is_manager and sum(m.is_manager for m in memberships) == 1:
        raise Refused(_("This is the last manager. Make somebody else manager first."))
    db.session.delete(found)
    record(Action.MEMBER_REMOVE, organisation, actor, member=str(member.id))
    notices.tell_removed(organisation, member)


@operation
def edit_profile(user: User, name: str, locale: str, *, actor: User) -> None:
    user.name = name
    user.locale = locale
    record(Action.ACCOUNT_EDIT, user, actor)


@operation
def block_account(user: User, is_blocked: bool, *, actor: User) -> None:
    """Nobody can sign in to a blocked account, and its sessions end at once. Refused for your own."""
    if user.id == actor.id:
        raise Refused(_("You cannot block your own account."))
    user.active = not is_blocked
    user.fs_uniquifier = uuid.uuid4().hex
    record(Action.ACCOUNT_BLOCK, user, actor, is_blocked=is_blocked)


@operation
def create_administrator(name: str, email: str, password: str) -> User:
    """The first account of a portal, made by who keeps the machine it runs on."""
    if find_user(email) is not None:
        raise Refused(_("This address has an account."), "email")
    user = _new_user(name, email, hashed(password, name, email), confirmed_at=clock.now(), is_admin=True)
    db.session.add(user)
    record(Action.ACCOUNT_EDIT, user, user, is_admin=True)
    return user

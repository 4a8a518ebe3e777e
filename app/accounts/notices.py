from collections.abc import Callable

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.accounts.models import Invitation
from app.extensions import db
from app.notifications.notify import Notice, notify, path_for, write_to
from app.people.models import Membership, Organisation, OrganisationKind, User


def ask_to_verify(user: User, organisation: Organisation, token: str, then: str) -> None:
    """To the address with which an organisation was registered; the link proves that it is theirs."""

    def words() -> Notice:
        return Notice(
            _("Verify your e-mail address"),
            [
                _("%(organisation)s was registered on Bewezen with this address.", organisation=organisation.name),
                _("Follow the link within two days to verify it. Then you can sign in."),
                _("If it was not you, do nothing."),
            ],
        )

    path = path_for("security.confirm_email", token=token, **_next(then))
    write_to(user.email, user.locale, Action.ORGANISATION_REGISTER, organisation, words, path)


def _next(then: str) -> dict[str, str]:
    return {"next": then} if then else {}


def tell_known(user: User, name: str, then: str) -> None:
    """Somebody registered an organisation with the address of a person who is here already."""

    def words() -> Notice:
        return Notice(
            _("You already have an account"),
            [
                _("Somebody, probably you, registered %(organisation)s with this address.", organisation=name),
                _("You have an account already, so nothing was registered. Sign in with the password you have."),
                _("To act for another organisation, ask its manager for an invitation."),
            ],
        )

    path = path_for("security.login", **_next(then))
    write_to(user.email, user.locale, Action.ORGANISATION_REGISTER, user, words, path)


def tell_registered(organisation: Organisation) -> None:
    """To the officials of every vetted municipality: somebody has to see who this is."""

    def words() -> Notice:
        return Notice(
            _("%(organisation)s: organisation to vet", organisation=organisation.name),
            [
                _("This service provider registered itself from the public call and verified its address."),
                _("It can prepare a plan. Before it hands one in, an official checks who it is."),
            ],
        )

    officials = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation)
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY, Organisation.vetted_at.is_not(None), User.active)
    )
    readers = db.session.scalars(officials.distinct()).unique()
    notify(readers, Action.ORGANISATION_REGISTER, organisation, words, "accounts.organisation", id=organisation.id)


def tell_vetted(organisation: Organisation) -> None:
    def words() -> Notice:
        return Notice(
            _("%(organisation)s: vetted", organisation=organisation.name),
            [_("An official has checked who you are. From now on your organisation can hand in a plan.")],
        )

    notify(
        organisation.people(),
        Action.ORGANISATION_VET,
        organisation,
        words,
        "accounts.organisation",
        id=organisation.id,
    )


def invite(invitation: Invitation, token: str, locale: str) -> None:
    """The only place where the token itself is written; the row in the database holds its digest."""

    def words() -> Notice:
        return Notice(
            _("%(organisation)s: invitation", organisation=invitation.organisation.name),
            [
                _(
                    "%(name)s invites you to act for %(organisation)s on Bewezen.",
                    name=invitation.invited_by.name,
                    organisation=invitation.organisation.name,
                ),
                _("The link works once, for seven days."),
            ],
        )

    path = path_for("accounts.accept", token=token)
    write_to(invitation.address, locale, Action.MEMBER_INVITE, invitation.organisation, words, path)


def tell_joined(organisation: Organisation, member: User) -> None:
    """To everybody of the organisation, the new member included."""

    def words() -> Notice:
        return Notice(
            _("%(organisation)s: %(name)s joined", organisation=organisation.name, name=member.name),
            [_("From now on %(name)s acts for %(organisation)s.", name=member.name, organisation=organisation.name)],
        )

    notify(
        organisation.people(),
        Action.INVITATION_ACCEPT,
        organisation,
        words,
        "accounts.organisation",
        id=organisation.id,
    )


def tell_removed(organisation: Organisation, member: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(organisation)s: you no longer act for it", organisation=organisation.name),
            [_("A manager ended your membership of %(organisation)s.", organisation=organisation.name)],
        )

    notify([member], Action.MEMBER_REMOVE, organisation, words, "accounts.profile")


def tell_case_owner(organisation: Organisation, member: User) -> None:
    """The colleague, and the managers, of whom one gave the right."""

    def words() -> Notice:
        values = {"organisation": organisation.name, "name": member.name}
        return Notice(
            _("%(organisation)s: %(name)s follows residents", **values),
            [_("From now on %(name)s reads each participant and claim of residents of %(organisation)s.", **values)],
        )

    _tell_of_cases(organisation, member, Action.CASE_OWNER_NAME, words)


def tell_case_owner_released(organisation: Organisation, member: User) -> None:
    def words() -> Notice:
        values = {"organisation": organisation.name, "name": member.name}
        return Notice(
            _("%(organisation)s: %(name)s no longer follows residents", **values),
            [_("From now on %(name)s reads numbers only, as other colleagues do.", **values)],
        )

    _tell_of_cases(organisation, member, Action.CASE_OWNER_RELEASE, words)


def _tell_of_cases(organisation: Organisation, member: User, action: Action, words: Callable[[], Notice]) -> None:
    managers = [one.user for one in organisation.memberships if one.is_manager]
    notify([member, *managers], action, organisation, words, "accounts.organisation", id=organisation.id)

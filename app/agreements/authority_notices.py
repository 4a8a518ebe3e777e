from flask_babel import gettext as _

from app.access.actions import Action
from app.agreements.authority_models import SigningAuthority
from app.notifications.notify import Notice, notify
from app.people.models import User


def _readers(authority: SigningAuthority) -> list[User]:
    """The person and everybody who manages the organisation: nobody gets this right unseen."""
    managers = [one.user for one in authority.organisation.memberships if one.is_manager]
    return [authority.user, *managers]


def tell_recorded(authority: SigningAuthority) -> None:
    def words() -> Notice:
        names = {"person": authority.user.name, "organisation": authority.organisation.name}
        return Notice(
            _("%(organisation)s: %(person)s signs for it", **names),
            [
                _("Kinds: %(kinds)s.", kinds=", ".join(str(one) for one in authority.labels)),
                _("Signs %(how)s. Proof: %(proof)s", how=authority.how.label, proof=authority.proof),
            ],
        )

    _tell(authority, Action.AUTHORITY_RECORD, words)


def tell_revoked(authority: SigningAuthority) -> None:
    def words() -> Notice:
        names = {"person": authority.user.name, "organisation": authority.organisation.name}
        return Notice(
            _("%(organisation)s: %(person)s no longer signs for it", **names),
            [_("What was signed before stands.")],
        )

    _tell(authority, Action.AUTHORITY_REVOKE, words)


def _tell(authority: SigningAuthority, action: Action, words) -> None:  # type: ignore[no-untyped-def]
    notify(_readers(authority), action, authority, words, "agreements.authorities", id=authority.organisation_id)

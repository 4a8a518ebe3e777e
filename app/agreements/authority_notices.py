from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.agreements.authority_models import SigningAuthority, authorities_of
from app.agreements.signing import Place, kind_of
from app.core import format
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
                *[_replaced(one) for one in authority.replaces],
            ],
        )

    _tell(authority, Action.AUTHORITY_RECORD, words)


def _replaced(earlier: SigningAuthority) -> str:
    facts = {
        "kinds": ", ".join(str(one) for one in earlier.labels),
        "how": earlier.how.label,
        "day": format.day(earlier.created_at),
    }
    return _("It takes the place of what was recorded on %(day)s: %(kinds)s, %(how)s.", **facts)


def tell_revoked(authority: SigningAuthority) -> None:
    def words() -> Notice:
        names = {"person": authority.user.name, "organisation": authority.organisation.name}
        return Notice(
            _("%(organisation)s: %(person)s no longer signs for it", **names),
            [_("What was signed before stands.")],
        )

    _tell(authority, Action.AUTHORITY_REVOKE, words)


def tell_second(place: Place, first: User, action: Action, about: Any, endpoint: str) -> None:
    """Whoever may sign with the first of two hears that it waits for a second."""
    valid = [one for one in authorities_of(place.organisation_id, kind_of(place)) if one.is_valid]

    def words() -> Notice:
        names = {"bond": about.programme.title, "person": first.name}
        return Notice(
            _("%(bond)s: a second signature is needed", **names),
            [_("%(person)s has signed; your organisation signs with two. Sign with them.", **names)],
        )

    notify([one.user for one in valid if one.user_id != first.id], action, about, words, endpoint, id=about.id)


def _tell(authority: SigningAuthority, action: Action, words: Callable[[], Notice]) -> None:
    notify(_readers(authority), action, authority, words, "agreements.authorities", id=authority.organisation_id)

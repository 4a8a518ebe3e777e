from collections.abc import Callable, Iterable
from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.agreements.amendment_models import Amendment, Consent
from app.agreements.amendment_states import AmendmentKind
from app.agreements.notices import signatories
from app.core.format import day
from app.notifications.notify import Notice, notify
from app.people.models import User


def asked(amendment: Amendment) -> list[User]:
    return [user for consent in amendment.consents for user in consent.organisation.people()]


def everybody(amendment: Amendment) -> list[User]:
    return [*amendment.programme.people(), *signatories(amendment.agreement), *asked(amendment)]


def tell_proposed(amendment: Amendment) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: amendment of the agreement to sign", **_bond(amendment)),
            [
                _("What it is about: %(kind)s.", kind=amendment.kind.label),
                _("Read what changes; then a signatory of your organisation signs, after typing the password again."),
            ],
        )

    _tell(asked(amendment), Action.AMENDMENT_PROPOSE, amendment, words)
    others = {user.id: user for user in everybody(amendment)}
    for user in asked(amendment):
        others.pop(user.id, None)
    _tell(others.values(), Action.AMENDMENT_PROPOSE, amendment, lambda: _to_know(amendment))


def _to_know(amendment: Amendment) -> Notice:
    return Notice(
        _("%(bond)s: an amendment of the agreement is proposed", **_bond(amendment)),
        [_("What it is about: %(kind)s.", kind=amendment.kind.label), _("Your signature is not asked for it.")],
    )


def tell_consented(amendment: Amendment, consent: Consent) -> None:
    left = sum(one.signed_at is None for one in amendment.consents)

    def words() -> Notice:
        names = _bond(amendment) | {"party": consent.organisation.name, "number": amendment.number}
        return Notice(
            _("%(bond)s: %(party)s has signed amendment %(number)d", **names),
            [_("Parties that still have to sign: %(left)d.", left=left)],
        )

    _tell([amendment.proposed_by, *consent.organisation.people()], Action.AMENDMENT_CONSENT, amendment, words)


def tell_in_force(amendment: Amendment) -> None:
    def words() -> Notice:
        said = [_("Everybody who was asked has signed. From this moment on the agreement says what was signed.")]
        if amendment.kind != AmendmentKind.TERMS:
            said.insert(0, _("What it is about: %(kind)s.", kind=amendment.kind.label))
        names = _bond(amendment) | {"number": amendment.number}
        return Notice(_("%(bond)s: amendment %(number)d in force", **names), said)

    _tell(everybody(amendment), Action.AMENDMENT_CONSENT, amendment, words)


def tell_refused(amendment: Amendment) -> None:
    def words() -> Notice:
        party = amendment.refused_by.name if amendment.refused_by else ""
        names = _bond(amendment) | {"party": party, "number": amendment.number}
        return Notice(
            _("%(bond)s: %(party)s refuses amendment %(number)d", **names),
            [amendment.refused_because, _("The agreement stays as it was.")],
        )

    _tell(everybody(amendment), Action.AMENDMENT_REFUSE, amendment, words)


def tell_withdrawn(amendment: Amendment) -> None:
    def words() -> Notice:
        names = _bond(amendment) | {"number": amendment.number}
        return Notice(_("%(bond)s: amendment %(number)d is withdrawn", **names), [_("The agreement stays as it was.")])

    _tell(everybody(amendment), Action.AMENDMENT_WITHDRAW, amendment, words)


def tell_lapsed(amendment: Amendment, last_day: date) -> None:
    def words() -> Notice:
        names = _bond(amendment) | {"number": amendment.number}
        return Notice(
            _("%(bond)s: amendment %(number)d lapses", **names),
            [
                _(
                    "The agreement ends with %(day)s, and the amendment was written for a bond that goes on.",
                    day=day(last_day),
                ),
                _("Propose anew what is still needed until then."),
            ],
        )

    _tell(everybody(amendment), Action.AMENDMENT_LAPSE, amendment, words)


def _bond(amendment: Amendment) -> dict[str, object]:
    return {"bond": amendment.programme.title}


def _tell(readers: Iterable[User], action: Action, amendment: Amendment, words: Callable[[], Notice]) -> None:
    notify(readers, action, amendment, words, "agreements.amendment", id=amendment.id)

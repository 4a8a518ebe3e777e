from flask_babel import gettext as _

from app.access.actions import Action
from app.agreements.models import Agreement, AgreementParty
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part


def signatories(agreement: Agreement) -> list[User]:
    """Everyone of the organisations that sign or have signed."""
    return [user for party in agreement.parties for user in party.organisation.people()]


def preparers(agreement: Agreement) -> list[User]:
    return [*agreement.programme.lead.people(), *agreement.programme.people(Part.INTERMEDIARY)]


def tell_offered(agreement: Agreement) -> None:
    bond = agreement.programme.title

    def words() -> Notice:
        return Notice(
            _("%(bond)s: agreement to sign", bond=bond),
            [
                _("The agreement is offered for signature. From now on no term changes."),
                _("Read everything; then one member of your organisation signs, after typing the password again."),
            ],
        )

    notify(signatories(agreement), Action.AGREEMENT_OFFER, agreement, words, "agreements.show", id=agreement.id)


def tell_signed(agreement: Agreement, party: AgreementParty) -> None:
    left = sum(one.signed_at is None for one in agreement.parties)

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(party)s has signed", bond=agreement.programme.title, party=party.organisation.name),
            [_("Parties that still have to sign: %(left)d.", left=left)],
        )

    readers = [*preparers(agreement), *party.organisation.people()]
    notify(readers, Action.AGREEMENT_SIGN, agreement, words, "agreements.show", id=agreement.id)


def tell_in_force(agreement: Agreement) -> None:
    """Every party of the bond, the consortium's organisations included."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: agreement in force", bond=agreement.programme.title),
            [_("Every party has signed. The agreement is in force and delivery begins.")],
        )

    readers = [*agreement.programme.people(), *signatories(agreement)]
    notify(readers, Action.AGREEMENT_SIGN, agreement, words, "agreements.show", id=agreement.id)

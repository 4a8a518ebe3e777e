from collections.abc import Iterable

from flask_babel import gettext as _

from app.access.actions import Action
from app.capital.models import Commitment, Round
from app.capital.states import RoundState
from app.core import format
from app.core.money import Money
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part


def shown(amount_minor: int, round: Round) -> str:
    """An amount in words of the reader's language."""
    return format.money(Money(amount_minor, round.programme.currency))


def _desk(round: Round) -> list[User]:
    """Who prepares the round: the leading municipality and the intermediary."""
    return [*round.programme.lead.people(), *round.programme.people(Part.INTERMEDIARY)]


def tell_invited(round: Round, readers: Iterable[User]) -> None:
    bond = round.programme.title

    def words() -> Notice:
        return Notice(
            _("%(bond)s: investor round open", bond=bond),
            [
                _(
                    "You are invited to commit capital to this bond, until %(day)s included.",
                    day=format.day(round.closes_on),
                ),
                _("Read the terms, the price table and the risks first. This is an invitation, not a public offering."),
            ],
        )

    notify(readers, Action.ROUND_OPEN, round, words, "capital.show", id=round.id)


def tell_committed(commitment: Commitment) -> None:
    _tell_about(commitment, Action.COMMITMENT_COMMIT)


def tell_withdrawn(commitment: Commitment) -> None:
    _tell_about(commitment, Action.COMMITMENT_WITHDRAW)


def _tell_about(commitment: Commitment, action: Action) -> None:
    """The investor's own people and the desk; other investors hear no amounts."""
    round = commitment.round

    def words() -> Notice:
        facts = {"name": commitment.organisation.name, "amount": shown(commitment.amount_minor, round)}
        if action == Action.COMMITMENT_COMMIT:
            title = _("%(bond)s: capital committed", bond=round.programme.title)
            told = _("%(name)s commits %(amount)s.", **facts)
        else:
            title = _("%(bond)s: commitment withdrawn", bond=round.programme.title)
            told = _("%(name)s withdraws its commitment of %(amount)s.", **facts)
        left = _("Still open of the target: %(left)s.", left=shown(round.left_minor(), round))
        return Notice(title, [told, left])

    readers = [*commitment.organisation.people(), *_desk(round)]
    notify(readers, action, commitment, words, "capital.show", id=round.id)


def tell_closed(round: Round, commitments: list[Commitment]) -> None:
    """Each investor hears its own allotment, the desk the outcome."""
    stands = round.state == RoundState.STANDING
    bond = round.programme.title

    def words(told: str) -> Notice:
        if stands:
            return Notice(_("%(bond)s: the consortium of investors stands", bond=bond), [told])
        return Notice(_("%(bond)s: investor round failed", bond=bond), [told])

    def for_desk() -> Notice:
        committed = shown(round.committed_minor(), round)
        if stands:
            return words(_("The round is closed with %(amount)s allotted.", amount=committed))
        return words(_("The round did not bring together what the bond needs. Every investor is released."))

    told: set[object] = set()
    for commitment in commitments:

        def for_investor(commitment: Commitment = commitment) -> Notice:
            amount = shown(commitment.amount_minor, round)
            if stands:
                return words(_("%(name)s is allotted %(amount)s.", name=commitment.organisation.name, amount=amount))
            name = commitment.organisation.name
            return words(_("%(name)s is released from its commitment of %(amount)s.", name=name, amount=amount))

        readers = commitment.organisation.people()
        told |= {reader.id for reader in readers}
        notify(readers, Action.ROUND_CLOSE, round, for_investor, "capital.show", id=round.id)
    others = [*_desk(round), *round.programme.people(Part.INVESTOR)]
    notify([u for u in others if u.id not in told], Action.ROUND_CLOSE, round, for_desk, "capital.show", id=round.id)

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from flask_babel import gettext as _

from app.access.actions import Action
from app.capital.interest import Interest
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


def day(on: date) -> str:
    return format.day(on)


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


def tell_co_signed(commitment: Commitment) -> None:
    _tell_about(commitment, Action.COMMITMENT_CO_SIGN)


def tell_half_signed(commitment: Commitment) -> None:
    """The investor's own people alone: nothing is promised yet."""
    round = commitment.round

    def words() -> Notice:
        facts = {"name": commitment.committed_by.name, "amount": shown(commitment.amount_minor, round)}
        return Notice(
            _("%(bond)s: a commitment to sign as the second", bond=round.programme.title),
            [
                _("%(name)s signed a commitment of %(amount)s. It counts when a second signatory has signed.", **facts),
                _("Nothing is kept for you until then, and the round closes on %(day)s.", day=day(round.closes_on)),
            ],
        )

    readers = commitment.organisation.people()
    notify(readers, Action.COMMITMENT_COMMIT, commitment, words, "capital.commitment", id=commitment.id)


def tell_withdrawn(commitment: Commitment) -> None:
    _tell_about(commitment, Action.COMMITMENT_WITHDRAW)


def tell_reduced(commitment: Commitment, before_minor: int) -> None:
    """The investor's own people and the desk."""
    round = commitment.round

    def words() -> Notice:
        facts = {
            "name": commitment.organisation.name,
            "before": shown(before_minor, round),
            "amount": shown(commitment.amount_minor, round),
        }
        told = _("%(name)s reduces its commitment from %(before)s to %(amount)s.", **facts)
        left = _("Still open: %(left)s.", left=shown(round.left_minor(), round))
        return Notice(_("%(bond)s: commitment reduced", bond=round.programme.title), [told, left])

    readers = [*commitment.organisation.people(), *_desk(round)]
    notify(readers, Action.COMMITMENT_REDUCE, commitment, words, "capital.show", id=round.id)


def tell_interest(interest: Interest, action: Action) -> None:
    """The investor's own people and the desk; other investors hear nothing of it."""
    round = interest.round

    def words() -> Notice:
        bond = round.programme.title
        facts = {"name": interest.organisation.name, "amount": shown(interest.amount_minor, round)}
        if action == Action.INTEREST_STATE:
            title = _("%(bond)s: interest stated", bond=bond)
            told = _("%(name)s thinks of committing %(amount)s.", **facts)
            until = _("This binds nobody and holds until %(day)s included.", day=day(interest.expires_on))
            return Notice(title, [told, until])
        if action == Action.INTEREST_WITHDRAW:
            title = _("%(bond)s: interest withdrawn", bond=bond)
            return Notice(title, [_("%(name)s no longer thinks of committing %(amount)s.", **facts)])
        title = _("%(bond)s: interest lapsed", bond=bond)
        told = _("The interest of %(name)s in committing %(amount)s has passed its last day.", **facts)
        return Notice(title, [told, _("While the round is open it can be stated anew, or a commitment made.")])

    readers = [*interest.organisation.people(), *_desk(round)]
    notify(readers, action, interest, words, "capital.show", id=round.id)


def _tell_about(commitment: Commitment, action: Action) -> None:
    """The investor's own people and the desk; other investors hear no amounts."""
    round = commitment.round

    def words() -> Notice:
        facts = {"name": commitment.organisation.name, "amount": shown(commitment.amount_minor, round)}
        if action != Action.COMMITMENT_WITHDRAW:
            title = _("%(bond)s: capital committed", bond=round.programme.title)
            told = _("%(name)s commits %(amount)s.", **facts)
        else:
            title = _("%(bond)s: commitment withdrawn", bond=round.programme.title)
            told = _("%(name)s withdraws its commitment of %(amount)s.", **facts)
        left = _("Still open: %(left)s.", left=shown(round.left_minor(), round))
        return Notice(title, [told, left])

    readers = [*commitment.organisation.people(), *_desk(round)]
    notify(readers, action, commitment, words, "capital.show", id=round.id)


def tell_closed(round: Round, commitments: list[Commitment], lapsed: list[Commitment], committed_minor: int) -> None:
    """Each investor hears its own allotment, or why it is released; the desk the outcome. `lapsed`: signed by one of
    two, so that they never counted; `committed_minor` is what did."""
    told: set[object] = set()
    for one in commitments:
        told |= _tell_closed(round, one.organisation.people(), partial(_for_investor, one, committed_minor))
    for one in lapsed:
        hears = _tell_closed(round, one.organisation.people(), partial(_for_half_signed, one))
        if all(other.organisation_id != one.organisation_id for other in commitments):
            told |= hears
    desk = [one for one in _desk(round) if one.id not in told]
    told |= _tell_closed(round, desk, partial(_for_desk, round, committed_minor, drafts=True))
    others = [one for one in round.programme.people(Part.INVESTOR) if one.id not in told]
    _tell_closed(round, others, partial(_for_desk, round, committed_minor, drafts=False))


def _tell_closed(round: Round, readers: list[User], words: Callable[[], Notice]) -> set[object]:
    notify(readers, Action.ROUND_CLOSE, round, words, "capital.show", id=round.id)
    return {reader.id for reader in readers}


def _closed(round: Round, *told: str) -> Notice:
    bond = round.programme.title
    if round.state == RoundState.STANDING:
        return Notice(_("%(bond)s: the consortium of investors stands", bond=bond), [*told])
    return Notice(_("%(bond)s: investor round failed", bond=bond), [*told])


def _for_investor(commitment: Commitment, committed_minor: int) -> Notice:
    round = commitment.round
    amount, name = shown(commitment.amount_minor, round), commitment.organisation.name
    if commitment.allotted_minor == commitment.amount_minor:
        return _closed(round, _("%(name)s is allotted %(amount)s.", name=name, amount=amount))
    if round.state == RoundState.STANDING:
        given = shown(commitment.allotted_minor, round)
        told = _("%(name)s is allotted %(given)s of %(amount)s.", name=name, given=given, amount=amount)
        shared = _("More was committed than the round takes. The commitment says how it was shared.")
        return _closed(round, told, shared)
    released = _("%(name)s is released from its commitment of %(amount)s.", name=name, amount=amount)
    return _closed(round, released, _why_failed(round, committed_minor), _("Nothing of it will be asked for."))


def _for_half_signed(commitment: Commitment) -> Notice:
    facts = {"name": commitment.organisation.name, "amount": shown(commitment.amount_minor, commitment.round)}
    lapses = _("The commitment of %(name)s of %(amount)s lapses: nobody signed it as the second.", **facts)
    return _closed(commitment.round, lapses, _("Nothing of it will be asked for."))


def _for_desk(round: Round, committed_minor: int, *, drafts: bool) -> Notice:
    """`drafts`: the reader may draft the next round."""
    if round.state == RoundState.STANDING:
        allotted = shown(round.committed_minor(), round)
        return _closed(round, _("The round is closed with %(amount)s allotted.", amount=allotted))
    told = [_why_failed(round, committed_minor), _("Every investor is released.")]
    return _closed(round, *told, *([_("A new round can be drafted.")] if drafts else []))


def _why_failed(round: Round, committed_minor: int) -> str:
    amounts = {"committed": shown(committed_minor, round), "target": shown(round.target_minor, round)}
    if committed_minor < round.minimum_minor:
        least = shown(round.minimum_minor, round)
        return _("%(committed)s was committed, and at least %(least)s was needed.", least=least, **amounts)
    said = _("%(committed)s was committed, below the target of %(target)s.", **amounts)
    return said + " " + _("Who closed the round decided that the consortium does not stand.")

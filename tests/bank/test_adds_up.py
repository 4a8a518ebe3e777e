"""In the books, what lies between, at the bank: on every page these add up, whatever was booked in which order
(issue 6, "portal equals bank")."""

import random
import uuid

import pytest

from app.bank.at_bank import at_bank
from app.core import clock
from app.ledger.balances import bank_minor
from app.treasury.at_bank import in_hand
from app.treasury.charge_operations import book_charge
from app.treasury.operations import receive_payment
from app.treasury.states import ChargeKind
from tests.bank.test_match import imported, line
from tests.factories.bank import make_banked
from tests.factories.treasury import fund, owe, pay_cost


@pytest.fixture
def bond(app):
    """300,000.00 on the first statement; `seen` is what the bank holds by then."""
    made = make_banked()
    made.asked = fund(made, 30_000_000)
    imported(made, *[line(part.amount_minor, part.reference) for part in made.asked.parts])
    made.seen = 30_000_000
    return made


def between(bond):
    """(not booked, on no statement, not yet paid, not explained)."""
    told, books = at_bank(bond.programme.id), bank_minor(bond.programme.id)
    return told.unbooked_minor or 0, told.unreported_minor, told.unpaid_minor, told.unexplained_minor(books)


def cost(bond, minor):
    pay_cost(bond, minor)


def by_hand(bond, minor):
    """Received after the day of the statement, as the guarantee was at the end of the demonstration."""
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    book_charge(bond.programme, ChargeKind.INTEREST, minor, clock.today(), "Rente", **who)


def municipality(bond, minor):
    (owed,) = owe(bond, minor)
    receive_payment(owed, actor=bond.intermediary)


def stranger(bond, minor):
    imported(bond, line(minor, "nobody knows"), opening=bond.seen)
    bond.seen += minor


def statement(bond, minor):
    """A line that is matched at once: what is owed and comes in by the bank."""
    (owed,) = owe(bond, minor)
    imported(bond, line(minor, owed.reference), opening=bond.seen)
    bond.seen += minor


ACTS = (cost, by_hand, municipality, stranger, statement)


@pytest.mark.parametrize("act", ACTS)
def test_each_lies_where_it_belongs(bond, act):
    act(bond, 1_000)
    where = {"stranger": (1_000, 0, 0, 0), "cost": (0, 0, 1_000, 0), "statement": (0, 0, 0, 0)}
    assert between(bond) == where.get(act.__name__, (0, 1_000, 0, 0))


@pytest.mark.parametrize("seed", range(4))
def test_books_and_what_lies_between_are_the_bank(bond, seed):
    chance = random.Random(seed)
    for _step in range(8):
        chance.choice(ACTS)(bond, chance.randint(1, 50_000))
        unbooked, unreported, unpaid, rest = between(bond)
        assert rest == 0
        assert bank_minor(bond.programme.id) + unbooked - unreported + unpaid == bond.seen


def test_the_pages_say_it(bond, browse):
    by_hand(bond, 582_096), cost(bond, 4_114_000)
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "Booked, on no statement yet" in page and "-€5,820.96" in page and "Not explained" not in page


def test_what_no_statement_explains_is_said(bond):
    """The books hold 10.00 less than the lines of the bank account for."""
    figures = in_hand(bond.programme, bank_minor(bond.programme.id) - 1_000)
    assert {label: amount for label, amount, *_rest in figures}["Not explained by the statements"] == "€10.00"
    assert "Not explained" not in str(in_hand(bond.programme, bank_minor(bond.programme.id)))

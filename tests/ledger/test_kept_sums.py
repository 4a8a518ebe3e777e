"""What the database keeps of each bond by kind of account is at any moment what its transfers add up to.

Rule: issue 6, "Scale": the desk reads its sums without adding up the transfers of ten thousand investors; and double
entry: a sum that is kept may never say anything else than the book. A trigger that is missing, that counts a row of
many twice or turns a side round breaks one of these, on both databases.
"""

import uuid

import pytest
from alembic import command
from flask import current_app
from sqlalchemy import insert, select, text, update

from app.core import clock
from app.extensions import db
from app.ledger.balances import balances, pending_minor, sums_of, total
from app.ledger.invariants import kept_sums_are_right
from app.ledger.models import Account, AccountKind, BookSum, Transfer, TransferKind
from app.treasury import operations
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, owe, pay_cost
from tests.treasury.test_distribution import distribute


@pytest.fixture
def app(both):
    return both


def kept(bond):
    rows = select(BookSum.kind, BookSum.debit, BookSum.credit, BookSum.amount_minor)
    found = db.session.execute(rows.where(BookSum.programme_id == bond.programme.id))
    return {(kind, debit, credit): minor for kind, debit, credit, minor in found}


def wait(bond, minor):
    """A payment that waits for a second person."""
    provider = bond.provider_organisation
    return operations.prepare_cost(
        bond.programme, provider, minor, "Coaching", actor=bond.intermediary, once=uuid.uuid4()
    )


def test_from_capital_to_distribution(app):
    bond = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    assert kept(bond) == {} and sums_of(bond.programme.id).total(AccountKind.BANK) == 0
    fund(bond, 30_000_000)
    pay_cost(bond, 25_000_000)
    paid = (AccountKind.RUNNING_COSTS, AccountKind.BANK)
    assert kept(bond) == {
        (TransferKind.POSTED, AccountKind.BANK, AccountKind.INVESTOR_CAPITAL): 30_000_000,
        (TransferKind.PENDING, *paid): 25_000_000,
        (TransferKind.POST_PENDING, *paid): 25_000_000,
    }
    waiting = wait(bond, 1_000)
    assert pending_minor(bond.programme.id, AccountKind.RUNNING_COSTS) == 1_000
    operations.reject_cost(waiting, "Not now", actor=bond.colleague)
    assert pending_minor(bond.programme.id) == 0
    (statement,) = owe(bond, 1_000_000)
    operations.receive_payment(statement, actor=bond.intermediary)
    distribute(bond)
    books, sums = balances(bond.programme.id), sums_of(bond.programme.id)
    assert {kind: sums.total(kind) for kind in AccountKind} == {kind: total(books, kind) for kind in AccountKind}
    assert [*kept_sums_are_right()] == []


def test_many_in_one_statement(app):
    """The parts of a distribution are booked in one statement; each must count, and once, in its own bond."""
    bonds = [make_funded(), make_funded()]
    rows = [row for n, bond in enumerate(bonds) for row in laid(bond, [100 + n] * 40)]
    db.session.execute(insert(Transfer), rows)
    key = (TransferKind.POSTED, AccountKind.BANK, AccountKind.INVESTOR_CAPITAL)
    assert [kept(bond) for bond in bonds] == [{key: 4_000}, {key: 4_040}]
    assert [*kept_sums_are_right()] == []


def laid(bond, amounts):
    accounts = [
        Account(programme_id=bond.programme.id, kind=kind) for kind in (AccountKind.BANK, AccountKind.INVESTOR_CAPITAL)
    ]
    db.session.add_all(accounts)
    db.session.flush()
    sides = {"debit_id": accounts[0].id, "credit_id": accounts[1].id, "programme_id": bond.programme.id}
    cause = {"cause_type": "programme", "cause_id": bond.programme.id, "entered_by_id": bond.intermediary.id}
    made = {"kind": TransferKind.POSTED, "reference": "", "created_at": clock.now()}
    return [sides | cause | made | {"id": uuid.uuid4(), "amount_minor": minor} for minor in amounts]


def test_a_sum_that_was_touched_is_told(app):
    bond = make_funded()
    db.session.execute(insert(Transfer), laid(bond, [100]))
    db.session.execute(update(BookSum).values(amount_minor=101))
    (told,) = kept_sums_are_right()
    assert str(bond.programme.id) in told and "101 kept, 100 added up" in told


@pytest.fixture
def stood(own_database):
    with own_database.app_context():
        yield own_database


def test_down_and_up_with_a_bond_in_it(stood):
    """The migration adds up what is there, and from then on the trigger counts along."""
    bond = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 10_000_000)
    before = kept(bond)
    assert sum(before.values()) == 50_000_000
    db.session.commit()
    config = current_app.extensions["migrate"].migrate.get_config()
    command.downgrade(config, "0041")
    assert "book_sum" not in set(db.session.scalars(text(TABLES[db.engine.dialect.name])))
    db.session.commit()
    command.upgrade(config, "head")
    assert kept(bond) == before
    pay_cost(bond, 1_000_000)
    assert sums_of(bond.programme.id).total(AccountKind.BANK) == 19_000_000
    assert [*kept_sums_are_right()] == []


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT table_name FROM information_schema.tables",
}

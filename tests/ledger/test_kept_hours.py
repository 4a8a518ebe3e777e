"""What the database keeps by the hour, of each bond and each account, is at any moment what the transfers add up to.

Rule: an accountant reads the balance of any day of a bond with a million transfers; and double entry: a sum that is
kept may never say anything else than the book. A trigger that is missing, takes another hour, counts what is pending,
or turns a side round breaks one of these, on both databases.
"""

import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
from alembic import command
from flask import current_app
from sqlalchemy import insert, select, update

from app.core import clock
from app.extensions import db
from app.ledger.balances import balances, sums_of
from app.ledger.hours import Turnover, number_of_transfers, turnover_by_kind, turnover_of
from app.ledger.invariants import kept_hours_are_right, kept_sums_are_right
from app.ledger.models import Account, AccountHour, AccountKind, BookHour, Transfer
from app.treasury import operations
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, pay_cost
from tests.ledger.test_kept_sums import laid

SPRING = date(2031, 3, 30)  # summer time begins: the day has 23 hours and begins at 23:00 UTC, the next at 22:00
LATER = clock.local(date(2099, 1, 1))


@pytest.fixture
def app(both):
    return both


def test_whole_of_it_is_what_the_transfers_say(app):
    bond = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 25_000_000)
    waits = {"actor": bond.intermediary, "once": uuid.uuid4()}
    waiting = operations.prepare_cost(bond.programme, bond.provider_organisation, 1_000, "Coaching", **waits)
    operations.prepare_cost(bond.programme, bond.provider_organisation, 70, "Food", **waits | {"once": uuid.uuid4()})
    operations.reject_cost(waiting, "Not now", actor=bond.colleague)
    whole, sums = turnover_by_kind(bond.programme.id, LATER), sums_of(bond.programme.id)
    assert whole[AccountKind.BANK] == Turnover(30_000_000, 25_000_000)
    assert whole[AccountKind.BANK].balance == sums.total(AccountKind.BANK)
    of = {one.id: one for one in db.session.scalars(select(Account).filter_by(programme_id=bond.programme.id))}
    for id, turnover in turnover_of(of, None, LATER).items():
        grown = balances(bond.programme.id).get((of[id].kind, of[id].organisation_id), 0)
        assert abs(turnover.balance) == grown
    assert number_of_transfers(bond.programme.id, None, LATER) == 7  # two receipts, three prepared, two answers
    assert [*kept_hours_are_right()] == []


def test_of_a_day_where_the_parties_are_also_when_the_clock_moves(app):
    bond = make_funded()
    moments = {
        clock.local(SPRING) - timedelta(microseconds=1): 1,
        clock.local(SPRING): 10,
        clock.end_of(SPRING) - timedelta(microseconds=1): 100,
        clock.end_of(SPRING): 1_000,
    }
    rows = laid(bond, list(moments.values()))
    db.session.execute(insert(Transfer), [row | {"created_at": at} for row, at in zip(rows, moments, strict=True)])
    (bank,) = db.session.scalars(select(Account).filter_by(programme_id=bond.programme.id, kind=AccountKind.BANK))
    assert turnover_of([bank.id], clock.local(SPRING), clock.end_of(SPRING)) == {bank.id: Turnover(debit=110)}
    assert turnover_by_kind(bond.programme.id, clock.local(SPRING))[AccountKind.BANK].balance == 1
    assert turnover_by_kind(bond.programme.id, clock.end_of(SPRING))[AccountKind.BANK].balance == 111
    assert [*kept_hours_are_right()] == []


def test_many_in_one_statement_count_once_each(app):
    bonds = [make_funded(), make_funded()]
    rows = [row for n, bond in enumerate(bonds) for row in laid(bond, [100 + n] * 40)]
    db.session.execute(insert(Transfer), rows)
    sums = [turnover_by_kind(bond.programme.id, LATER)[AccountKind.BANK].debit for bond in bonds]
    assert sums == [4_000, 4_040]
    assert [number_of_transfers(bond.programme.id, None, LATER) for bond in bonds] == [40, 40]
    assert [*kept_hours_are_right()] == []


@pytest.mark.parametrize("touched", [{BookHour: "amount_minor"}, {AccountHour: "debit_minor"}, {AccountHour: "number"}])
def test_what_was_touched_is_told(app, touched):
    bond = make_funded()
    db.session.execute(insert(Transfer), laid(bond, [100]))
    ((table, name),) = touched.items()
    db.session.execute(update(table).values({name: 101}))
    told = [*kept_hours_are_right()]
    assert told and all("101" in line.partition(" kept")[0] for line in told)


@pytest.fixture
def stood(own_database):
    with own_database.app_context():
        yield own_database


def kept():
    books = select(BookHour.__table__), select(AccountHour.__table__)
    return Counter(tuple(row) for found in books for row in db.session.execute(found))


def test_down_and_up_with_a_bond_in_it(stood):
    bond = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 10_000_000)
    before = kept()
    assert before
    db.session.commit()
    config = current_app.extensions["migrate"].migrate.get_config()
    command.downgrade(config, "0051")
    db.session.commit()
    command.upgrade(config, "head")
    assert kept() == before
    pay_cost(bond, 1_000_000)
    assert [*kept_hours_are_right(), *kept_sums_are_right()] == []

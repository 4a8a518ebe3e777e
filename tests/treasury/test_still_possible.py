"""Near the end of a bond a holding projects only what can still happen (issue 6: projected apart from realised)."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.treasury import closing_checks
from app.treasury.guarantee_operations import approve_guarantee, prepare_guarantee, withdraw_guarantee
from app.treasury.operations import receive_payment
from app.treasury.projection import projections
from tests.factories.treasury import FIRST_LOSS, call, fund, make_funded, owe, pay_cost
from tests.treasury.test_closing import settle_claims
from tests.treasury.test_distribution import distribute, earn, in_days
from tests.treasury.test_holding import of, whole

COVERED = FIRST_LOSS | {"guarantee_minor": 4_000_000, "guarantor": "Province"}


def bond_of(*promised, tranche=FIRST_LOSS):
    return make_funded(promised, tranches=(tranche,))


def rows(bond):
    return projections(bond.programme, of(bond, bond.investor))


def ends(bond, ago):
    bond.programme.tail_until = clock.today() - timedelta(days=ago)
    db.session.commit()


def test_no_less_than_was_distributed(app):
    """Of two equal investors; 60 % of the most was distributed: 0 % and 50 % cannot be any more."""
    bond = bond_of(5_000_000, 5_000_000)
    fund(bond, 10_000_000)
    pay_cost(bond, 10_000_000)
    before = [one.percent for one in rows(bond)]
    assert before == [0, 50, 100]
    proven = whole(bond, 100) * 6 // 10
    with in_days(100):
        earn(bond, proven)
        distribute(bond)
        found = rows(bond)
    assert [one.percent for one in found] == [None, 100]
    assert found[0].distributed == proven // 2 <= found[1].distributed


@pytest.mark.parametrize(("left", "paid_in"), [(14, 10_000_000), (13, 5_000_000), (-1, 5_000_000)])
def test_nothing_is_called_that_cannot_come_in_before_the_end(app, left, paid_in):
    """Half was paid in; the other half needs fourteen days of notice, and the bond ends before."""
    bond = bond_of(10_000_000, 20_000_000)
    fund(bond, 15_000_000)
    ends(bond, -left)
    assert {one.paid_in for one in rows(bond)} == {paid_in}


def test_what_was_called_is_awaited_after_the_end_too(app):
    bond = bond_of(10_000_000, 20_000_000)
    call(bond, 15_000_000)
    ends(bond, 1)
    assert {one.paid_in for one in rows(bond)} == {5_000_000}


def test_a_guarantee_that_was_given_up_covers_nothing(app):
    bond = bond_of(5_000_000, 5_000_000, tranche=COVERED)
    fund(bond, 10_000_000)
    pay_cost(bond, 10_000_000)
    ends(bond, 1)
    assert rows(bond)[0].distributed == 2_000_000
    due = clock.today() + timedelta(days=14)
    made = prepare_guarantee(bond.programme, due, actor=bond.intermediary, once=uuid.uuid4())
    approve_guarantee(made, actor=bond.colleague)
    assert rows(bond)[0].distributed == 2_000_000  # it may still come in
    withdraw_guarantee(made, "Bankrupt", gives_up=True, actor=bond.intermediary)
    assert rows(bond)[0].distributed == 0


def test_once_nothing_can_come_only_that_is_left(app, browse):
    """Every effect is decided, settled, paid and distributed, and no evidence can be dated any more."""
    bond = bond_of(5_000_000, 5_000_000)
    fund(bond, 10_000_000)
    pay_cost(bond, 10_000_000)
    with in_days(100):
        earn(bond, 1_000_000)
        owed = owe(bond, 500_000)
        ends(bond, 90 + 400)
        settle_claims(bond)
        assert not closing_checks.nothing_comes(bond.programme) and len(rows(bond)) > 1, owed
    with in_days(101):
        receive_payment(owed[0], actor=bond.intermediary)
        distribute(bond)
    with in_days(102):
        (only,) = rows(bond)
        assert only.percent is None and only.distributed == 750_000
        page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding").text
        assert "nothing more comes" in page and "100 %" not in page.split("What this money brought about")[0]

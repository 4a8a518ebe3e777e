"""Claims that were signed today are settled the same evening, and can be appealed for 30 days: whoever prepares, checks
or approves reads so (domain, section 7). No number of 1 to 4 is told, nor one that leaves it over (section 9)."""

from datetime import date, timedelta

import pytest

from app.core import clock
from app.core.format import day
from app.settlement.appealable import told_of_appeals
from app.settlement.operations import check_settlement
from app.verification.appeal_operations import last_day
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.settlement import approver, make_settlement, statement_of
from tests.statements import counted

TITLE = "Appeals can still come"
UNTIL = date(2026, 3, 31)
NEXT = "a correction goes into the next settlement"


@pytest.fixture
def app(both):
    return both


@pytest.fixture
def bond(app):
    return make_delivery()


def signed(bond, number, payer=None):
    facts = {"achieved_on": date(2026, 3, 10)}
    return [make_signed_off(bond, payer or bond.enschede, "work-13w", **facts) for _ in range(number)]


def long_ago():
    return clock.at(clock.now() - timedelta(days=60))


def test_who_prepares_checks_or_approves_reads_until_when(bond, browse):
    until = day(last_day(signed(bond, 2)[0]))
    signed(bond, 1, bond.hengelo)
    prepare = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/settlements/prepare").text
    assert TITLE in prepare and f"Every effect of it can still be appealed, the last until {until}" in prepare
    assert NEXT in prepare
    made = make_settlement(bond, UNTIL)
    check = browse(bond.colleague).get_ok(f"/settlements/{made.id}/check").text
    assert f"Every effect of it can still be appealed, the last until {until}" in check and NEXT in check
    check_settlement(made, actor=bond.colleague)
    own = statement_of(made, bond.enschede)
    approve = browse(approver(bond, own)).get_ok(f"/statements/{own.id}/approve").text
    assert TITLE in approve and f"of the newest sign-off of this bond until {until}" in approve and NEXT in approve
    assert "Every effect" not in approve, "how many of which sign-off is not for a municipality"


def test_when_the_term_is_over_nothing_is_said(bond, browse):
    with long_ago():
        signed(bond, 2)
    assert TITLE not in browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/settlements/prepare").text


@pytest.mark.parametrize(("old", "new", "said"), [(5, 5, "5 effects"), (5, 4, "Some"), (4, 5, "Some")])
def test_a_part_is_told_in_numbers_only_where_neither_side_is_small(bond, old, new, said):
    with long_ago():
        signed(bond, old)
    signed(bond, new)
    for settlement in (None, make_settlement(bond, UNTIL)):
        told = told_of_appeals(bond.programme, bond.intermediary, settlement)
        assert said in told[0], told


def test_it_takes_the_same_statements_however_many_there_are(bond):
    cost = []
    for number in (1, 9):
        signed(bond, number)
        with counted() as statements:
            assert told_of_appeals(bond.programme, bond.intermediary)
        cost.append(len(statements))
    assert cost[0] == cost[1]

"""An effect that is proven after the last settlement: paid by a closing one, and everybody who reads one is told so
(domain 3.9: in the tail effects still accrue; the bond closes when nothing can come any more)."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.core.format import day
from app.settlement.late import last_claims_on
from app.treasury.closing_checks import in_the_way
from tests.factories.ledger import book_faults
from tests.factories.outcomes import make_delivery
from tests.factories.settlement import approver, statement_of
from tests.settlement.test_closing_settlement import FIRST, closing, last_one, lines_of, reopen, signed

LONG_AFTER = datetime(2031, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def bond(app):
    with clock.at(LONG_AFTER):
        yield make_delivery()


def test_it_is_paid_by_a_closing_settlement_and_by_the_next_one(bond):
    signed(bond, 2)
    last_one(bond)
    late = signed(bond, 3, bond.hengelo)
    first = closing(bond)
    assert lines_of(first) == [(FIRST, late.id, 250_000, 200_000)]
    later = signed(bond, 4)
    assert "Every proven effect is settled" in {str(one.label) for one in in_the_way(bond.programme)}
    assert lines_of(closing(bond)) == [(FIRST, later.id, 250_000, 200_000)]
    assert "Every proven effect is settled" not in {str(one.label) for one in in_the_way(bond.programme)}
    assert book_faults() == []


def test_whoever_reads_a_closing_settlement_is_told(bond, browse):
    false = signed(bond, 2)
    ordinary = last_one(bond)
    reopen(bond, false)
    prepare = f"/programmes/{bond.programme.id}/settlements/prepare-closing"
    until = day(bond.programme.tail_until)
    said = f"reached by {until} and is signed off only now is paid too"
    assert said in browse(bond.intermediary).get_ok(prepare).text
    made = closing(bond)
    own = statement_of(made, bond.enschede)
    for user, url in (
        (bond.intermediary, f"/settlements/{made.id}"),
        (approver(bond, own), f"/statements/{own.id}"),
    ):
        page = browse(user).get_ok(url).text
        assert said in page and "closed only when nothing can be proven or claimed any more" in page
        assert "Claims may still come" not in page  # no evidence of it can be dated any more
    assert said not in browse(bond.intermediary).get_ok(f"/settlements/{ordinary.id}").text


def test_while_claims_can_come_it_says_until_when(bond, browse):
    signed(bond, 2)
    last_one(bond)
    last = last_claims_on(bond.programme)
    assert last > bond.programme.tail_until
    prepare = f"/programmes/{bond.programme.id}/settlements/prepare-closing"
    for ago, can_come in ((0, True), (-1, False)):
        with clock.at(clock.now() - (clock.today() - last + timedelta(days=ago))):
            page = browse(bond.intermediary).get_ok(prepare).text
            assert (f"Claims may still come: evidence may be dated until {day(last)}" in page) == can_come
            met = {str(one.label): one.is_met for one in _checks(bond)}
            assert met["No claim can come any more"] != can_come


def _checks(bond):
    from app.treasury.closing_checks import checks

    return checks(bond.programme)

"""What is measured for a cohort is settled by the same engine as a file, and every cent is explained (replay-format).

Figures of published bonds: Newpin (steps), Peterborough (difference), Stevig Staan (fee); the others by hand.
"""

from datetime import date
from decimal import Decimal

import pytest

from app.extensions import db
from app.ledger.models import Transfer
from app.outcomes.states import ClaimState
from app.settlement.explaining import in_words
from app.settlement.operations import discard_settlement
from app.verification.invariants import batches_hold_what_was_signed, what_counts_for_money_is_signed
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_every_kind,
    make_measured,
    make_measurement,
    make_signed_off,
    publish,
)
from tests.factories.settlement import make_settlement, statement_of
from tests.settlement.test_valuing import assert_equal_to_replay, nothing_is_wrong

SPRING, SUMMER, LATER = date(2026, 4, 1), date(2026, 6, 30), date(2026, 10, 31)


@pytest.fixture
def bond(app):
    return make_every_kind()


def paid_for(bond, code, **figures):
    measurement = make_measured(bond, code, bond.hengelo, **figures)
    line = make_settlement(bond, SUMMER).lines[0]
    assert (line.measurement_id, line.claim_id, line.payer_id) == (measurement.id, None, bond.hengelo.id)
    return line


@pytest.mark.parametrize(
    "value, paid_minor",
    [("0.60", 52_500_000), ("0.65", 84_000_000), ("0.54", 0), ("0.80", 105_000_000), ("0.625", 68_250_000)],
)
def test_steps_pay_the_published_coupons_of_newpin(bond, value, paid_minor):
    """0.625 lies half way between 0.60 and 0.65: 525,000 + half of 315,000 is 682,500."""
    assert paid_for(bond, "coupon", value=value).paid_minor == paid_minor


def test_a_part_of_a_cent_is_kept_exactly_and_rounded_once(bond):
    """0.6000001 is 525,000.00 + 0.0000001 / 0.05 x 315,000.00 = 525,000.63."""
    line = paid_for(bond, "coupon", value="0.6000001")
    assert line.paid_minor == 52_500_063


@pytest.mark.parametrize("value, paid_minor", [("4.99", 0), ("5", 450_000), ("12.5", 1_350_000), ("25", 2_700_000)])
def test_bands_pay_per_point_from_the_threshold_on(bond, value, paid_minor):
    """12.5 points: 10 x 1,000 and 2.5 x 2,000 are 15,000.00; less 10 % is 13,500.00. Nothing is paid above 20."""
    assert paid_for(bond, "points", value=value).paid_minor == paid_minor


@pytest.mark.parametrize(
    "treatment, paid_minor",
    [("1420", 0), ("1395", 15_500_000), ("1395.5", 0), ("1390", 16_000_000), ("1600", 0)],
)
def test_events_avoided_pay_from_ten_per_cent_on(bond, treatment, paid_minor):
    """Peterborough's first cohort had 1,420 against 1,550: 8.4 % is under the threshold and pays nothing. 10 % is
    exactly 155 events of 1,000.00; more events than the comparison group had pay nothing and cost nothing."""
    line = paid_for(bond, "events", cohort="1", treatment=treatment, control="1550")
    assert line.paid_minor == paid_minor


def test_a_share_changes_when_its_total_is_reached_over_all_periods(bond):
    """Half of 150,000 is 75,000. Then 25,000 is left at half: the first 50,000 of 100,000; a fifth of the rest is
    10,000. Together 35,000."""
    make_measured(bond, "share", bond.hengelo, avoided_minor=15_000_000, achieved_on=SPRING)
    first = make_settlement(bond, SUMMER, approved=True)
    make_measured(bond, "share", bond.enschede, avoided_minor=10_000_000, achieved_on=date(2026, 8, 1))
    second = make_settlement(bond, LATER)
    assert (first.paid_minor, second.paid_minor) == (7_500_000, 3_500_000)
    assert_equal_to_replay(bond, [first, second])


def test_a_fee_is_paid_in_full(bond):
    """The published maximum of Stevig Staan, once."""
    line = paid_for(bond, "fee", quantity=1)
    assert (line.gross_minor, line.paid_minor) == (383_855_600, 383_855_600)
    assert [step["rule"] for step in line.steps] == ["price"]


def test_a_bond_of_every_kind_equals_its_replay(bond):
    """Live and file agree line by line, over two periods and two municipalities; one came late."""
    make_signed_off(bond, bond.enschede, "work", achieved_on=SPRING)
    make_signed_off(bond, bond.hengelo, "days", quantity=31, achieved_on=SPRING)
    make_measured(bond, "coupon", bond.enschede, value="0.6333333", achieved_on=SPRING)
    make_measured(bond, "points", bond.hengelo, value="12.5", achieved_on=SPRING)
    make_measured(bond, "events", bond.hengelo, cohort="1", treatment="1390.5", control="1550", achieved_on=SPRING)
    make_measured(bond, "share", bond.enschede, avoided_minor=15_000_001, achieved_on=SPRING)
    make_measured(bond, "fee", bond.enschede, quantity=1, achieved_on=SPRING)
    first = make_settlement(bond, SUMMER, approved=True)
    make_measured(bond, "share", bond.hengelo, avoided_minor=20_000_000, achieved_on=date(2026, 5, 1))  # late
    make_measured(bond, "coupon", bond.enschede, value="0.71", achieved_on=date(2026, 9, 1))
    second = make_settlement(bond, LATER, approved=True)

    assert len(first.lines) == 7
    assert statement_of(first, bond.hengelo).amount_minor == 31_000 + 1_350_000 + 15_950_000
    assert_equal_to_replay(bond, [first, second])
    assert nothing_is_wrong() == []
    assert [*batches_hold_what_was_signed(), *what_counts_for_money_is_signed()] == []


def test_a_fraction_without_end_is_kept_exactly(app):
    """From 0 to 3 the amount rises from 0 to 100 cents: 1 brings a third of them, 33 1/3 cents, paid as 33."""
    bond = make_every_kind(coupon=[{"at": "0", "amount_minor": 0}, {"at": "3", "amount_minor": 100}])
    make_measured(bond, "coupon", bond.hengelo, value="1")
    settlement = make_settlement(bond, SUMMER)
    line = settlement.lines[0]
    assert [(step["rule"], step["after_minor"]) for step in line.steps] == [("price", "100/3"), ("rounding", "33")]
    assert (line.gross_minor, line.paid_minor) == (33, 33)
    assert in_words(line.steps, "EUR")[0][1:] == ("€0.00", "€0.33")
    assert_equal_to_replay(bond, [settlement])
    assert nothing_is_wrong() == []


def test_approval_settles_and_discarding_sets_free(bond):
    measured = make_measured(bond, "fee", bond.hengelo, quantity=1)
    first = make_settlement(bond, SUMMER)
    discard_settlement(first, "A line is wrong.", actor=bond.intermediary)
    assert measured.state == ClaimState.SIGNED_OFF
    make_settlement(bond, SUMMER, approved=True)
    db.session.refresh(measured)
    assert measured.state == ClaimState.SETTLED
    assert nothing_is_wrong() == []


def test_what_is_not_signed_off_or_lies_later_waits(bond):
    make_measurement(bond, "fee", bond.hengelo, ClaimState.SUBMITTED, quantity=1)
    make_measured(bond, "fee", bond.hengelo, quantity=2, achieved_on=date(2026, 8, 1))
    only = make_measured(bond, "fee", bond.hengelo, quantity=1, achieved_on=date(2026, 2, 1))
    assert [line.measurement_id for line in make_settlement(bond, SUMMER).lines] == [only.id]


def test_a_changed_measurement_shows(bond):
    measured = make_measured(bond, "coupon", bond.hengelo, value="0.60")
    make_settlement(bond, SUMMER)
    measured.value = "0.65"
    db.session.commit()
    assert any("was paid 52500000, now 84000000" in fault for fault in nothing_is_wrong())


def test_the_lines_are_explained_to_desk_provider_and_payer(bond, browse):
    measured = make_measured(bond, "coupon", bond.hengelo, value="0.625")
    settlement = make_settlement(bond, SUMMER, checked=True)
    path = f"/settlements/{settlement.id}"
    link = f"/measurements/{measured.id}"
    for reader, may_open in ((bond.provider, True), (bond.neighbour, True), (bond.intermediary, False)):
        page = browse(reader).get_ok(path).text
        assert (measured.number in page, link in page) == (may_open, may_open), "who settles reads how many and why"
        assert "price of the table" in page
    assert measured.number not in browse(bond.official).get_ok(path).text, "Enschede does not pay for Hengelo"
    statement = statement_of(settlement, bond.hengelo)
    assert measured.number in browse(bond.neighbour).get_ok(f"/statements/{statement.id}").text


def test_nobody_else_reads_a_hidden_amount(bond, browse):
    """Fewer than five measurements are a small number: their amount divided by the price would tell the events."""
    make_measured(bond, "events", bond.hengelo, cohort="1", treatment="1390", control="1550")
    settlement = make_settlement(bond, SUMMER, approved=True)
    amount = f"{Decimal(settlement.paid_minor) / 100:,.0f}"
    assert amount == "160,000"
    publish(bond)
    for reader in (bond.investor, None):
        pages = [f"/programmes/{bond.programme.id}/{page}" for page in ("results", *(["delivery"] if reader else []))]
        for path in pages:
            page = browse(reader).get_ok(path).text
            assert amount not in page
            assert "&lt;5" in page
    assert amount not in browse(bond.official).get_ok(f"/settlements/{settlement.id}").text
    assert browse(bond.investor).get(f"/settlements/{settlement.id}").status_code in (403, 404)


def test_a_cent_is_followed_to_the_measurement(bond, browse):
    """From what a municipality owes to the figures behind it, as far as the reader's rights go."""
    measured = make_measured(bond, "coupon", bond.hengelo, value="0.625")
    settlement = make_settlement(bond, SUMMER, approved=True)
    statement = statement_of(settlement, bond.hengelo)
    transfer = db.session.scalars(db.select(Transfer).where(Transfer.cause_id == statement.id)).one()
    for reader, may_open in ((bond.neighbour, True), (bond.intermediary, False)):
        page = browse(reader).get_ok(f"/transfers/{transfer.id}").text
        assert "Coupon" in page
        assert (f"/measurements/{measured.id}" in page) == may_open


def test_what_waits_stands_on_the_home_of_who_must_do_it(bond, browse):
    """Claims and measurements to sign off, or to settle, are one line each."""
    make_measurement(bond, "fee", bond.hengelo, ClaimState.REGISTERED, quantity=1)
    make_measurement(bond, "fee", bond.enschede, ClaimState.SUBMITTED, quantity=1)
    make_measurement(bond, "points", bond.hengelo, ClaimState.VERIFIED, value="10")
    make_claim(bond, code="work", state=ClaimState.VERIFIED)
    assert "Measurements to hand to the assessor" in browse(bond.provider).get_ok("/home").text
    home = browse(bond.assessor).get_ok("/home").text
    assert "Measurements to verify" in home
    assert home.count("Decided claims and measurements to sign off") == 1
    make_batch(bond)
    assert browse(bond.intermediary).get_ok("/home").text.count("Signed-off effects to settle") == 1

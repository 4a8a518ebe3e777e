"""Issue 6, the portal equals the bank: money that left the account counts once, whoever matched its line."""

from datetime import timedelta

import pytest

from app.bank.batches import approve_batch
from app.bank.enough import at_the_bank
from app.core import clock
from app.core.errors import NotNow
from tests.bank.test_batch import bond, prepared  # noqa: F401
from tests.factories.bank import bring, camt, entry, iban_of
from tests.factories.treasury import pay_cost


@pytest.fixture
def went(bond):  # noqa: F811
    """The bank told of 5,000.00, and 3,000.00 of it was let go, to the account of the provider."""
    cost = pay_cost(bond, 300_000)
    bring(bond, camt([], 500_000, 500_000))
    made = prepared(bond, cost)
    approve_batch(made, actor=bond.colleague)
    return made


def left(bond):  # noqa: F811
    return at_the_bank(bond.programme.id).left_minor


def out(bond, minor, text="Overboeking", **facts):  # noqa: F811
    bring(bond, camt([entry(-minor, text, **facts)], 500_000, 500_000 - minor))


def test_a_line_to_its_account_is_the_payment_though_nobody_matched_it(bond, went):  # noqa: F811
    """5,000.00 less 3,000.00 that left: 2,000.00 may go; taking it twice would leave less than nothing."""
    out(bond, 300_000, iban=iban_of(1))
    assert left(bond) == 200_000
    approve_batch(prepared(bond, pay_cost(bond, 200_000)), actor=bond.colleague)


def test_so_is_a_line_that_names_it(bond, went):  # noqa: F811
    out(bond, 300_000, went.payments[0].reference)
    assert left(bond) == 200_000


@pytest.mark.parametrize(("minor", "shown", "to"), [(299_999, "€2,999.99", 1), (300_000, "€3,000.00", 7)])
def test_a_line_of_something_else_is_no_payment_of_a_batch(bond, went, browse, minor, shown, to):  # noqa: F811
    """By chance as much, to another account, or to this one and a cent less: the 3,000.00 are still to go, so the bank
    cannot pay 2,000.00 more. The words say which lines to match first."""
    out(bond, minor, iban=iban_of(to))
    assert left(bond) == 200_000 - minor
    batch = prepared(bond, pay_cost(bond, 200_000))
    with pytest.raises(NotNow, match="Match those that are payments of these batches"):
        approve_batch(batch, actor=bond.colleague)
    page = browse(bond.colleague).get_ok(f"/payment-batches/{batch.id}").text
    assert f"lines of {shown}" in page and f'/programmes/{bond.programme.id}/bank/work-list"' in page
    page = browse(bond.colleague).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert shown in page and "lines that went out, not matched" in page


def test_what_no_line_could_make_enough_is_refused_without_that_advice(bond, went):  # noqa: F811
    """Even when the line were the payment 2,000.00 would be left, and the batch asks for a cent more."""
    out(bond, 300_000, iban=iban_of(7))
    with pytest.raises(NotNow) as refused:
        approve_batch(prepared(bond, pay_cost(bond, 200_001)), actor=bond.colleague)
    assert "work list" not in str(refused.value.message)


def test_one_line_pays_one_payment(bond, went):  # noqa: F811
    """Two payments of 1,000.00 to one account, and one line: the other is still on its way."""
    twice = prepared(bond, pay_cost(bond, 100_000), pay_cost(bond, 100_000))
    approve_batch(twice, actor=bond.colleague)
    assert left(bond) == 0
    out(bond, 100_000, iban=iban_of(1))
    assert left(bond) == 0
    assert at_the_bank(bond.programme.id).underway_minor == 400_000


def test_a_line_from_before_the_batch_is_not_its_payment(bond):  # noqa: F811
    """Every month as much to the same provider: the line of last month is not the payment of this one."""
    early = clock.today() - timedelta(days=30)
    bring(bond, camt([entry(-300_000, "Mei", on=early, iban=iban_of(1))], 800_000, 500_000, on=early))
    approve_batch(prepared(bond, pay_cost(bond, 300_000)), actor=bond.colleague)
    assert left(bond) == 200_000

"""Costs of the bank, recycling, VAT paid on, and reminders of municipalities that pay late (issue 6, treasury)."""

import uuid
from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.settlement.invoicing import issue_invoice
from app.treasury.charge_operations import book_charge, reverse_charge
from app.treasury.due import run_due
from app.treasury.flows import real_flows
from app.treasury.in_hand import free_minor
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.queries import desk
from app.treasury.recycling import recycled_minor
from app.treasury.remittance_operations import (
    approve_remittance,
    prepare_remittance,
    reject_remittance,
    remittable_minor,
)
from app.treasury.states import ChargeKind, RemittanceKind
from tests.browser import soup
from tests.factories.ledger import book_faults
from tests.factories.treasury import FIRST_LOSS, fund, hold_vat, make_funded, owe, pay_cost
from tests.told import words_told


@pytest.fixture
def bond(app):
    made = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    fund(made, 30_000_000)
    return made


def charge(bond, kind, minor, on=None):
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    return book_charge(bond.programme, kind, minor, on or clock.today(), "Rekening", **who)


def distribute(bond):
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)
    return made


def test_the_bank_takes_and_pays(bond, browse):
    """Costs leave less to distribute, interest more; also when they are booked for a day before a distribution."""
    charge(bond, ChargeKind.COSTS, 12_500)
    charge(bond, ChargeKind.INTEREST, 2_500)
    assert bank_minor(bond.programme.id) == 29_990_000
    assert balances(bond.programme.id)[AccountKind.BANK_COSTS, None] == 10_000
    assert "100.00" in browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    pay_cost(bond, 20_000_000)
    assert distribute(bond).amount_minor == 9_990_000
    with clock.at(clock.now() + timedelta(days=5)):
        (paid,) = owe(bond, 1_000_000)
        receive_payment(paid, actor=bond.intermediary)
        charge(bond, ChargeKind.COSTS, 1_000, clock.today() - timedelta(days=5))
        assert distribute(bond).amount_minor == 999_000
    assert book_faults() == []


@pytest.mark.parametrize(
    ("minor", "days", "says"),
    [(30_000_001, 0, "no more"), (1, 1, "still to come"), (100, -9_000, r"held €0\.00, no more"), (0, 0, "above zero")],
)
def test_what_cannot_be_booked(bond, minor, days, says):
    with pytest.raises(Refused, match=says):
        charge(bond, ChargeKind.COSTS, minor, clock.today() + timedelta(days=days))
    assert bank_minor(bond.programme.id) == 30_000_000


def test_what_was_booked_wrongly_is_taken_back_and_no_distribution_changes(bond):
    """Costs of 125.00 lessened a distribution; taken back later, the next one gives them, and the first stands."""
    pay_cost(bond, 20_000_000)
    wrong = charge(bond, ChargeKind.COSTS, 12_500)
    assert distribute(bond).amount_minor == 9_987_500
    with pytest.raises(NotYours):
        reverse_charge(wrong, "A payment", actor=bond.intermediary)
    with clock.at(clock.now() + timedelta(days=3)):
        reverse_charge(wrong, "A payment", actor=bond.colleague)
        assert balances(bond.programme.id)[AccountKind.BANK_COSTS, None] == 0
        with pytest.raises(NotNow, match="already"):
            reverse_charge(wrong, "Again", actor=bond.colleague)
        assert distribute(bond).amount_minor == 12_500
    assert book_faults() == [] and "A payment" in words_told("charge.reverse")


def test_interest_that_is_spent_is_not_taken_back(bond):
    earned = charge(bond, ChargeKind.INTEREST, 2_500)
    pay_cost(bond, 20_000_000)
    distribute(bond)
    with pytest.raises(NotNow, match="does not hold"):
        reverse_charge(earned, "No interest", actor=bond.colleague)


def test_where_it_is_allowed_outcome_payments_are_used_again(bond):
    pay_cost(bond, 30_000_000)
    (paid,) = owe(bond, 5_000_000)
    receive_payment(paid, actor=bond.intermediary)
    assert recycled_minor(bond.programme.id) == 0
    pay_cost(bond, 2_000_000)
    assert recycled_minor(bond.programme.id) == 2_000_000
    assert book_faults() == []


def test_where_it_is_not_running_costs_come_out_of_capital_alone(bond):
    """300,000.00 capital, 250,000.00 of it spent, 50,000.00 paid by a municipality: 50,000.00 can be paid, not more."""
    bond.round.recycles = False
    db.session.commit()
    pay_cost(bond, 25_000_000)
    (paid,) = owe(bond, 5_000_000)
    receive_payment(paid, actor=bond.intermediary)
    with pytest.raises(Refused, match="does not allow it"):
        pay_cost(bond, 5_000_001)
    pay_cost(bond, 5_000_000)
    with pytest.raises(Refused, match="does not allow it"):
        pay_cost(bond, 1)
    assert recycled_minor(bond.programme.id) == 0


def test_vat_is_paid_on_and_never_distributed(app, browse):
    """121.00 of which 21.00 VAT: 100.00 is the investors'; set aside, the VAT is not taken off what is free twice."""
    bond = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    (statement,) = owe(bond, 12_100)

    hold_vat(bond, statement, 2_100)
    assert free_minor(bond.programme.id) == desk(bond.programme).free == 0, "VAT that nobody paid yet is not in hand"
    receive_payment(statement, actor=bond.intermediary)
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    assert free_minor(bond.programme.id) == 10_000
    with pytest.raises(Refused, match=r"21\.00"):
        prepare_remittance(bond.programme, RemittanceKind.VAT, 2_101, "OB", **who)
    made = prepare_remittance(bond.programme, RemittanceKind.VAT, 2_100, "OB", **who)
    assert free_minor(bond.programme.id) == 10_000 and desk(bond.programme).free == 10_000
    with pytest.raises(NotNow, match="nothing to pay"):
        prepare_remittance(bond.programme, RemittanceKind.VAT, 1, "OB", actor=bond.intermediary, once=uuid.uuid4())
    reject_remittance(made, "Wrong quarter", actor=bond.colleague)
    with force_locale("nl"):
        made = prepare_remittance(
            bond.programme, RemittanceKind.VAT, 2_100, "OB", actor=bond.intermediary, once=uuid.uuid4()
        )
    for page in (f"/remittances/{made.id}/approve", f"/remittances/{made.id}"):  # in the language of who reads it
        table = soup(browse(bond.colleague).get_ok(page)).select_one("tbody")
        assert "Tax authority" in table.text and "Belastingdienst" not in table.text
    approve_remittance(made, actor=bond.colleague)
    assert distribute(bond).amount_minor == 10_000
    assert bank_minor(bond.programme.id) == 0 and desk(bond.programme).received == 12_100
    assert sum(flow.amount for flow in real_flows(bond.programme, clock.today()).receipts) == 10_000
    assert bank_minor(bond.programme.id) == 0


def test_only_vat_that_municipalities_paid_is_paid_on(app, browse):
    """121.00 with 21.00 of VAT and 242.00 with 42.00; of the second 100.00 is paid: 17.35 of it, rounded down."""
    bond = make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    first, second = owe(bond, 12_100, 24_200)
    hold_vat(bond, first, 2_100), hold_vat(bond, second, 4_200)
    url, desk_page = f"/programmes/{bond.programme.id}/remittances/vat/prepare", browse(bond.intermediary)
    assert "have not paid this VAT yet" in desk_page.get(url).text
    treasury = desk_page.get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "remittances/vat" not in treasury and "municipalities have not paid €63.00 yet" in treasury
    receive_payment(first, actor=bond.intermediary)
    assert remittable_minor(bond.programme, RemittanceKind.VAT) == 2_100
    receive_payment(second, amount_minor=10_000, actor=bond.intermediary)
    assert remittable_minor(bond.programme, RemittanceKind.VAT) == 2_100 + 1_735
    page = desk_page.get_ok(url)
    assert soup(page).select_one("input[name=amount]")["value"] == "38.35" and "have not paid €24.65 yet" in page.text
    assert "remittances/vat" in desk_page.get_ok(f"/programmes/{bond.programme.id}/treasury").text
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    with pytest.raises(Refused, match=r"38\.35"):
        prepare_remittance(bond.programme, RemittanceKind.VAT, 3_836, "OB", **who)
    approve_remittance(
        prepare_remittance(bond.programme, RemittanceKind.VAT, 3_835, "OB", **who), actor=bond.colleague
    )
    receive_payment(second, actor=bond.intermediary)
    assert remittable_minor(bond.programme, RemittanceKind.VAT) == 2_465
    assert book_faults() == []


def test_a_municipality_that_pays_late_is_reminded_thrice(bond):
    from app.access.actions import Action
    from app.access.record import record
    from app.core.operation import operation

    (statement,) = owe(bond, 5_000_000)

    @operation
    def with_invoice():
        record(Action.COST_PREPARE, statement, bond.intermediary, on_behalf_of=bond.programme)
        return issue_invoice(statement)

    due_on = with_invoice().due_on

    def reminded(days):
        with clock.at(clock.local(due_on + timedelta(days=days), 12)):
            return run_due(), run_due()

    assert [reminded(days) for days in (0, 1, 13, 14, 29, 30, 90)] == [
        (0, 0), (1, 0), (0, 0), (1, 0), (0, 0), (1, 0), (0, 0)
    ]  # fmt: skip
    rows = db.session.scalars(select(Notification).filter_by(action="payment.remind")).all()
    assert {row.user_id for row in rows} == {bond.official.id, bond.intermediary.id, bond.colleague.id}
    assert "50,000.00" in rows[0].body and statement.reference in rows[0].body

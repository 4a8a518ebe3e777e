"""A bond with everything in its way closes to zero: overpayment, VAT paid on, a late claw-back, the guarantee.

Source: issue 6 ("close of the bond to zero"). Amounts by hand, VAT of 21 % in each price: work-13w pays 2,000.00, of
which 347.11 is VAT. 5,000.00 of senior capital, covered up to 1,500.00, and 2,000.00 of first loss are spent.
"""

import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from app.agreements.verification_models import APPEAL_DAYS
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.programmes.states import Phase
from app.scenarios.live_file import bond_file
from app.settlement.models import Statement
from app.settlement.reference import grouped
from app.settlement.states import SettlementState
from app.treasury.in_hand import free_minor
from app.treasury.other_receipt_operations import book_other_receipt
from app.treasury.recycling import not_spent
from app.treasury.remittance_operations import approve_remittance, prepare_remittance, why_no_remittance
from app.treasury.states import OtherReceiptKind, RemittanceKind
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.settlement import statement_of
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, pay_cost
from tests.settlement.test_closing_settlement import closing, last_one, reopen, signed
from tests.treasury.test_closing import close, labels
from tests.treasury.test_guarantee import COVERED, called, distribute, receive_guarantee

BEGIN = datetime(2031, 6, 2, 12, tzinfo=UTC)
OVERPAID, VAT_BACK, COSTS_BACK = OtherReceiptKind
PRICE, VAT = 200_000, 34_711


@contextmanager
def on_day(number):
    with clock.at(BEGIN + timedelta(days=number)):
        yield


@pytest.fixture
def bond(app):
    """Two effects of Enschede and one of Hengelo are proven; everything that was paid in is spent."""
    with on_day(0):
        made = make_funded(
            (500_000, 200_000), (COVERED | {"guarantee_minor": 150_000}, FIRST_LOSS), table={"vat_bp": 2_100}
        )
        fund(made, 700_000, after_end_because="The last costs came late.")
        pay_cost(made, 700_000)
        yield made


def remit(bond, kind, minor):
    made = prepare_remittance(bond.programme, kind, minor, actor=bond.intermediary, once=uuid.uuid4())
    approve_remittance(made, actor=bond.colleague)


def came_in(bond, kind, of, minor):
    facts = (of, minor, clock.today(), "By the statement of the bank.")
    book_other_receipt(bond.programme, kind, *facts, actor=bond.intermediary, once=uuid.uuid4())


def test_it_closes_to_zero(bond, browse):
    false, _true, _other = signed(bond, 2), signed(bond, 3), signed(bond, 3, bond.hengelo)
    programme = bond.programme
    last = last_one(bond)
    assert last.state == SettlementState.PAID and bank_minor(programme.id) == 3 * PRICE

    # Enschede paid 50.00 too much, and gets it back; VAT is paid on; investors get what is theirs.
    came_in(bond, OVERPAID, bond.enschede, 5_000)
    assert free_minor(programme.id) == 3 * (PRICE - VAT)
    remit(bond, RemittanceKind.PAYER_BACK, 5_000)
    remit(bond, RemittanceKind.VAT, 3 * VAT)
    assert distribute(bond).amount_minor == 3 * (PRICE - VAT) == 495_867
    assert bank_minor(programme.id) == 0 and book_faults() == []

    with on_day(2):  # one effect was false, and no settlement follows that could net it
        reopen(bond, false)
        assert "What was paid for effects that no longer count is taken back" in labels(bond)
        own = statement_of(closing(bond), bond.enschede)
        assert (own.amount_minor, own.vat_minor) == (-PRICE, -VAT)
        in_the_way = {
            "Nothing is owed back to a municipality or an investor",
            "The tax authority has paid back the VAT that it owes",
        }
        assert labels(bond) >= in_the_way
        page = browse(bond.colleague).get_ok(f"/programmes/{programme.id}/closing").text
        assert all(label in page for label in in_the_way)
        assert "The account holds €0.00" in why_no_remittance(programme, RemittanceKind.PAYER_BACK)
        with pytest.raises(NotNow, match="The account holds"):
            remit(bond, RemittanceKind.PAYER_BACK, PRICE)
        assert book_faults() == []

    with on_day(3):  # the tax authority pays the VAT back, the provider the rest
        came_in(bond, VAT_BACK, None, VAT)
        came_in(bond, COSTS_BACK, bond.provider_organisation, PRICE - VAT)
        assert free_minor(programme.id) == 0
        remit(bond, RemittanceKind.PAYER_BACK, PRICE)
        assert bank_minor(programme.id) == 0 and book_faults() == []

    with on_day(4):  # senior capital lacks 41.33, which the guarantee covers
        assert labels(bond) == {"What the guarantee covers is called and paid in", "No term of appeal runs"}
        receive_guarantee(called(bond), clock.today(), actor=bond.intermediary)
        paid_out = distribute(bond)
        assert (paid_out.amount_minor, paid_out.guarantee_minor) == (4_133, 4_133)
        assert labels(bond) == {"No term of appeal runs"}
    with on_day(2 + APPEAL_DAYS + 4):  # a term that ends on a weekend or holiday runs on
        assert labels(bond) == set()
        made = close(bond)
        assert programme.phase == Phase.CLOSED and set(balances(programme.id).values()) == {0}
        assert made.figures == {
            "guarantee": 4_133,
            "investor_capital": 200_000,  # the first loss
            "outcome_income": 2 * (PRICE - VAT),
            "running_costs": 700_000 - (PRICE - VAT),
        }
        assert book_faults() == []
        with pytest.raises(NotNow, match="closed"):
            came_in(bond, OVERPAID, bond.enschede, 1)
        with pytest.raises(NotNow, match="a closing settlement"):
            bond_file(programme, clock.today())


def test_what_is_left_of_payments_is_without_vat_and_what_was_used_again(bond):
    """All capital is spent; 500.00 of what Enschede paid was used again. What is not distributed yet is the rest."""
    signed(bond, 2), signed(bond, 3)
    last_one(bond)
    assert not_spent(bond.programme).earned_minor == 2 * (PRICE - VAT)
    pay_cost(bond, 50_000)
    assert not_spent(bond.programme).earned_minor == 2 * (PRICE - VAT) - 50_000
    assert distribute(bond).amount_minor == 2 * (PRICE - VAT) - 50_000
    assert not_spent(bond.programme).earned_minor == 0, "VAT that waits for the tax authority is nobody's return"


def test_what_is_paid_back_can_be_followed_to_the_effect(bond, browse):
    """From the payment to the statement below zero, to the line, to the settlement that paid first."""
    false = signed(bond, 2)
    last = last_one(bond)
    with on_day(1):
        reopen(bond, false)
        made = closing(bond)
        remit(bond, RemittanceKind.PAYER_BACK, PRICE)
        paid = (
            db.session.query(Transfer)
            .join(Account, Account.id == Transfer.debit_id)
            .filter(Account.kind == AccountKind.PAYER_CREDIT, Transfer.kind == TransferKind.POST_PENDING)
            .one()
        )
        for reader in (bond.colleague, bond.official):
            page = browse(reader).get_ok(f"/transfers/{paid.id}")
            assert grouped(statement_of(made, bond.enschede).reference) in page.text
            assert f'href="/settlements/{last.id}"' in page.text, "the settlement that paid first"
            assert "-€2,000.00" in page.text
        assert browse(bond.investor).get(f"/transfers/{paid.id}").status_code == 404


def test_the_pages_of_a_closing_settlement(bond, browse):
    """Prepared by one, checked by another, approved by the municipality that gets money back; PDF and all."""
    false = signed(bond, 2)
    last_one(bond)
    index = f"/programmes/{bond.programme.id}/settlements"
    with on_day(1):
        reopen(bond, false)
        assert "Prepare a closing settlement" in browse(bond.intermediary).get_ok(index).text
        assert browse(bond.official).get(f"{index}/prepare-closing").status_code == 403
        answer = browse(bond.intermediary).post_form(f"{index}/prepare-closing")
        assert answer.status_code == 303
        settlement = answer.location
        assert browse(bond.intermediary).get(f"{settlement}/check").status_code == 403
        own = with_password(bond.colleague)
        assert browse(bond.colleague).post_form(f"{settlement}/check", {"password": "no"}).status_code == 422
        assert browse(bond.colleague).post_form(f"{settlement}/check", own).status_code == 303
        own = db.session.query(Statement).filter(Statement.amount_minor < 0).one()
        page = browse(bond.official).get_ok(f"/statements/{own.id}").text
        assert "The bond pays back" in page and "€2,000.00" in page
        assert (
            "Do you agree to be paid this back?" in browse(bond.official).get_ok(f"/statements/{own.id}/approve").text
        )
        assert (
            browse(bond.official).post_form(f"/statements/{own.id}/approve", with_password(bond.official)).status_code
            == 303
        )
        page = browse(bond.official).get_ok(f"/statements/{own.id}").text
        assert "owed to the municipality" in page
        note = own.invoices[0]
        pdf = browse(bond.official).get_ok(f"/invoices/{note.id}")
        assert pdf.data.startswith(b"%PDF")
        assert date(2031, 6, 3) == note.issued_on
        assert "2,000.00" in browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/credits").text

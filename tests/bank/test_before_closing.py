"""What the list of the close says of money at the bank: approved is not carried out (issue 6, "portal equals bank")."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank.models import BankEntry
from app.bank.queries import candidates
from app.bank.states import EntryState
from app.bank.without_batch import confirm_match, propose_match
from app.core import clock
from app.core.format import day
from app.extensions import db
from app.pricing.models import Effect
from app.treasury.closing_checks import checks
from app.treasury.operations import receive_payment
from app.treasury.remittance_operations import approve_remittance, prepare_remittance
from app.treasury.states import RemittanceKind
from tests.bank.test_match import imported, line
from tests.factories.bank import make_banked
from tests.factories.treasury import fund, hold_vat, owe, pay_cost
from tests.treasury.test_closing import after_the_tail

CARRIED_OUT = "Every approved payment was carried out by the bank"
VAT_PAID = "VAT is paid to the tax authority"


@pytest.fixture
def bond(app):
    """What came in: 300,000.00 of capital and 121.00 with 21.00 of VAT. All of the capital is paid to the provider."""
    made = make_banked()
    made.asked = fund(made, 30_000_000)
    (owed,) = owe(made, 12_100)
    hold_vat(made, owed, 2_100)
    receive_payment(owed, actor=made.intermediary)
    pay_cost(made, 30_000_000)
    made.owed = owed
    return made


def said(bond):
    return {str(one.label): one.is_met for one in checks(bond.programme)}


def remit_vat(bond):
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    approve_remittance(prepare_remittance(bond.programme, RemittanceKind.VAT, 2_100, "OB", **who), actor=bond.colleague)


def test_a_bond_whose_bank_is_not_read_is_closed_by_its_books(bond):
    assert CARRIED_OUT not in said(bond) and not said(bond)[VAT_PAID]
    remit_vat(bond)
    assert said(bond)[VAT_PAID]


def test_approved_is_not_carried_out(bond):
    """The provider and the tax authority wait: each is told until a line of the bank shows it."""
    remit_vat(bond)
    came = [line(part.amount_minor, part.reference) for part in bond.asked.parts]
    imported(bond, *came, line(12_100, bond.owed.reference))
    assert (said(bond)[CARRIED_OUT], said(bond)[VAT_PAID]) == (False, False)
    imported(bond, line(-2_100, "OB"), opening=30_012_100)
    (gone,) = db.session.scalars(select(BankEntry).filter_by(state=EntryState.OPEN)).unique()
    propose_match(gone, [one for one in candidates(gone) if one.amount_minor == -2_100], "VAT", actor=bond.intermediary)
    assert not said(bond)[VAT_PAID], "one person says so"
    confirm_match(gone, actor=bond.colleague)
    assert (said(bond)[CARRIED_OUT], said(bond)[VAT_PAID]) == (False, True)
    imported(bond, line(-30_000_000, "Coaching", name=bond.provider_organisation.name), opening=30_010_000)
    assert not said(bond)[CARRIED_OUT], "a line that nobody matched proves no payment"


def test_it_waits_for_claims_that_can_still_come(bond, browse):
    """Nothing is undecided, and evidence of the last day may be dated for weeks."""
    most = max(one.evidence_days for one in bond.table.effects if isinstance(one, Effect))

    def none_comes():
        return next(one for one in checks(bond.programme) if str(one.label) == "No claim can come any more")

    last = bond.programme.tail_until + timedelta(days=most)
    with after_the_tail(bond, most):
        assert clock.today() == last and not none_comes().is_met
        page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/closing").text
        assert f"Evidence may be dated until {day(last)}" in page
    with after_the_tail(bond, most + 1):
        assert none_comes().is_met

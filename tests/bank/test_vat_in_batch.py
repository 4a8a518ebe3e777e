"""VAT goes to the bank as every payment: in a batch, on an account that two people saw (issue 6, treasury)."""

import uuid

import pytest

from app.bank.batches import approve_batch, payable, prepare_batch
from app.core.errors import Refused
from app.treasury.closing_checks import checks
from app.treasury.operations import receive_payment
from app.treasury.remittance_operations import approve_remittance, prepare_remittance
from app.treasury.states import RemittanceKind
from tests.bank.test_match import imported, line
from tests.factories.bank import OWN, give_account, iban_of, make_banked, working_day
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund, hold_vat, owe


@pytest.fixture
def bond(app):
    """121.00 with 21.00 of VAT was received."""
    made = make_banked()
    made.asked = fund(made, 30_000_000)
    (made.owed,) = owe(made, 12_100)
    hold_vat(made, made.owed, 2_100)
    receive_payment(made.owed, actor=made.intermediary)
    return made


def remit(bond, iban="", reference="OB 2026-3"):
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    made = prepare_remittance(bond.programme, RemittanceKind.VAT, 2_100, reference, iban, **who)
    approve_remittance(made, actor=bond.colleague)
    return made


def test_from_the_form_to_the_line_of_the_bank(bond, browse):
    """Typed by one, read by who approves, in the file to the letter, and paid once the bank shows it."""
    desk, second = browse(bond.intermediary), browse(bond.colleague)
    url = f"/programmes/{bond.programme.id}/remittances/vat/prepare"
    typed = {"amount": "21.00", "reference": "OB 2026-3", "iban": f"{iban_of(5)[:4]} {iban_of(5)[4:]}"}
    wrong = desk.post_form(url, typed | {"iban": "NL00INGB0000000001"})
    assert wrong.status_code == 422 and "no valid IBAN" in wrong.text and "OB 2026-3" in wrong.text
    made = desk.post_form(url, typed)
    assert made.status_code == 303
    shown = " ".join(iban_of(5)[at : at + 4] for at in range(0, len(iban_of(5)), 4))
    assert shown in second.get_ok(f"{made.location}/approve").text
    answer = second.post_form(f"{made.location}/approve", with_password(bond.colleague))
    assert "payment batch" in second.follow(answer).text
    page = desk.get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert "Tax authority: €21.00 (OB 2026-3)" in page and "Not yet" not in page
    (one,) = payable(bond.programme)
    batch = prepare_batch(bond.programme, [one.id], working_day(), actor=bond.intermediary, once=uuid.uuid4())
    assert shown in second.get_ok(f"/payment-batches/{batch.id}/approve").text
    approve_batch(batch, actor=bond.colleague)
    file = batch.file.decode()
    assert iban_of(5) in file and "OB 2026-3" in file
    assert "<Nm>Belastingdienst</Nm>" in file, "whoever prepares it reads English; a Dutch bank checks the name"
    came = [line(part.amount_minor, part.reference) for part in bond.asked.parts]
    paid = line(-2_100, "SEPA", end_to_end=batch.payments[0].reference)
    imported(bond, *came, line(12_100, bond.owed.reference))
    assert not next(one.is_met for one in checks(bond.programme) if "VAT" in str(one.label))
    imported(bond, paid, opening=30_012_100)
    assert next(one.is_met for one in checks(bond.programme) if "VAT" in str(one.label))
    assert "paid" in desk.get_ok(made.location).text and book_faults() == []


def test_without_an_account_it_stands_with_what_cannot_be_paid_yet(bond, browse):
    remit(bond)
    (one,) = payable(bond.programme)
    with pytest.raises(Refused, match="have an account in use"):
        prepare_batch(bond.programme, [one.id], working_day(), actor=bond.intermediary, once=uuid.uuid4())
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert "Not yet" in page and "Tax authority" in page and "named when its payment is prepared" in page


def test_it_goes_to_nobody_of_the_bond(bond):
    """Neither its own account nor that of a provider is the tax authority's."""
    give_account(bond, bond.provider, 7)
    for iban in (OWN, iban_of(7)):
        with pytest.raises(Refused, match="of the bond or of a party"):
            remit(bond, iban)

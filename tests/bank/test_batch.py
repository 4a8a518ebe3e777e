"""Two people of the intermediary on every outgoing batch; what a batch holds is paid once."""

import hashlib
import uuid
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from app.bank.accounts import withdraw_account
from app.bank.batches import approve_batch, payable, prepare_batch, reject_batch
from app.bank.matching import match_open
from app.bank.models import PaymentBatch
from app.bank.states import PaymentBatchState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from tests.factories.bank import OWN, bring, camt, entry, give_account, make_banked, working_day
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund, owe, pay_cost
from tests.told import recorded, told
from tests.treasury.test_distribution import distribute

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"


@pytest.fixture
def bond(app):
    made = make_banked()
    fund(made, 10_000_000)
    give_account(made, made.provider, 1)
    return made


def prepared(bond, *costs, on=None):
    ids = [cost.id for cost in costs]
    return prepare_batch(bond.programme, ids, on or working_day(), actor=bond.intermediary, once=uuid.uuid4())


def test_one_prepares_another_lets_go(bond, browse):
    cost = pay_cost(bond, 2_500_000)
    url = f"/programmes/{bond.programme.id}/payment-batches/prepare"
    typed = {"payments": [str(cost.id)], "execution_on": working_day().isoformat()}
    assert browse(bond.intermediary).post_form(url, typed).status_code == 303
    batch = db.session.scalars(db.select(PaymentBatch)).one()
    assert batch.amount_minor == 2_500_000 and bond.colleague.email in told("payment_batch.prepare")
    assert browse(bond.intermediary).get(f"/payment-batches/{batch.id}/approve").status_code == 403
    with pytest.raises(NotYours):
        approve_batch(batch, actor=bond.intermediary)
    assert browse(bond.colleague).get(f"/payment-batches/{batch.id}/file").status_code == 409

    own, url = with_password(bond.colleague), f"/payment-batches/{batch.id}/approve"
    for typed in ({}, {"password": "somebody left the screen open"}):
        refused = browse(bond.colleague).post_form(url, typed)
        assert refused.status_code == 422 and batch.state == PaymentBatchState.PREPARED
    assert browse(bond.colleague).post_form(f"/payment-batches/{batch.id}/approve", own).status_code == 303

    db.session.refresh(batch)
    file = browse(bond.intermediary).get_ok(f"/payment-batches/{batch.id}/file")
    assert batch.state == PaymentBatchState.APPROVED
    assert hashlib.sha256(file.data).hexdigest() == batch.file_sha256
    page = browse(bond.auditor).get_ok(f"/payment-batches/{batch.id}").text
    assert bond.intermediary.name in page and bond.colleague.name in page
    assert f"/payment-batches/{batch.id}/file" in page
    assert browse(bond.auditor).get_ok(f"/payment-batches/{batch.id}/file").data == file.data
    assert len(recorded("payment_batch.download")) == 2, "of each who took it"
    assert browse(bond.provider).get(f"/payment-batches/{batch.id}/file").status_code == 404
    assert book_faults() == []


def test_the_file_is_pain_001(bond):
    """ISO 20022 pain.001.001.09: sums, ids that come back on the statement, both accounts; odd signs are replaced."""
    give_account(bond, bond.investor, 2)
    give_account(bond, bond.second, 3)
    cost = pay_cost(bond, 1_000_001)
    owe(bond, 5_000_000)
    distribute(bond)
    batch = prepare_batch(
        bond.programme,
        [one.id for one in payable(bond.programme)],
        working_day(),
        actor=bond.intermediary,
        once=uuid.uuid4(),
    )
    batch.payments[0].description = "Coaching & <meer> één → twee"
    db.session.commit()
    approve_batch(batch, actor=bond.colleague)
    root = ElementTree.fromstring(batch.file)
    assert root.tag == f"{PAIN}Document"
    header, paid = root.find(f".//{PAIN}GrpHdr"), root.findall(f".//{PAIN}CdtTrfTxInf")
    assert header.find(f"{PAIN}MsgId").text == root.find(f".//{PAIN}PmtInfId").text == batch.reference
    assert header.find(f"{PAIN}CtrlSum").text == f"{batch.amount_minor / 100:.2f}"
    assert header.find(f"{PAIN}NbOfTxs").text == str(len(batch.payments)) == str(len(paid))
    amounts = {one.find(f".//{PAIN}EndToEndId").text: one.find(f".//{PAIN}InstdAmt").text for one in paid}
    assert amounts == {p.reference: f"{p.amount_minor // 100}.{p.amount_minor % 100:02d}" for p in batch.payments}
    assert "10000.01" in amounts.values() and cost.id in {p.cause_id for p in batch.payments}
    ibans = {one.text for one in root.iter(f"{PAIN}IBAN")}
    assert ibans == {OWN, *(p.account.iban for p in batch.payments)}
    banks = list(root.iter(f"{PAIN}FinInstnId"))  # EPC 132-08: without a BIC not empty
    assert banks and {one.findtext(f"{PAIN}Othr/{PAIN}Id") for one in banks} == {"NOTPROVIDED"}
    assert root.find(f".//{PAIN}ReqdExctnDt/{PAIN}Dt").text == batch.execution_on.isoformat()
    assert all(len(key) <= 35 for key in amounts) and len(batch.reference) <= 35


def test_a_payment_stands_in_one_batch_until_that_is_rejected(bond, browse):
    cost = pay_cost(bond, 100)
    first = prepared(bond, cost)
    assert payable(bond.programme) == []
    with pytest.raises(Refused):
        prepared(bond, cost)
    url = f"/payment-batches/{first.id}/reject"
    assert browse(bond.colleague).post_form(url, {"reason": ""}).status_code == 422
    assert browse(bond.colleague).post_form(url, {"reason": "Too early"}).status_code == 303
    assert prepared(bond, cost).number == 2
    db.session.refresh(first)
    assert (first.state, first.rejected_because) == (PaymentBatchState.REJECTED, "Too early")
    assert book_faults() == []
    for again in (approve_batch, lambda batch, actor: reject_batch(batch, "No", actor=actor)):
        with pytest.raises(NotNow):
            again(first, actor=bond.colleague)


def test_without_an_account_nothing_is_paid(bond, browse):
    """The investor's part stays visible, and is not offered."""
    owe(bond, 5_000_000)
    distribute(bond)
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert "no account in use" in page and bond.investor.organisations[0].name in page
    part = next(one for one in payable(bond.programme) if one.account is None)
    with pytest.raises(Refused):
        prepare_batch(bond.programme, [part.id], working_day(), actor=bond.intermediary, once=uuid.uuid4())


def test_an_account_that_changed_meanwhile_stops_the_batch(bond):
    batch = prepared(bond, pay_cost(bond, 100))
    withdraw_account(batch.payments[0].account, "Not ours", actor=bond.provider)
    with pytest.raises(NotNow, match="account changed"):
        approve_batch(batch, actor=bond.colleague)
    db.session.refresh(batch)
    assert batch.state == PaymentBatchState.PREPARED and batch.file is None


@pytest.mark.parametrize(("day", "says"), [(date(2020, 1, 6), "past"), (date(2030, 1, 1), "closed"), (None, "Fill")])
def test_a_day_on_which_banks_cannot_pay(bond, browse, day, says):
    cost = pay_cost(bond, 100)
    url = f"/programmes/{bond.programme.id}/payment-batches/prepare"
    typed = {"payments": [str(cost.id)], "execution_on": day.isoformat() if day else ""}
    answer = browse(bond.intermediary).post_form(url, typed)
    assert answer.status_code == 422 and says in answer.text


def test_a_batch_of_yesterday_is_not_let_go(bond):
    batch = prepared(bond, pay_cost(bond, 100))
    with clock.at(clock.now() + timedelta(days=10)), pytest.raises(NotNow, match="past"):
        approve_batch(batch, actor=bond.colleague)


def test_others_have_no_business_here(bond, browse):
    batch = prepared(bond, pay_cost(bond, 100))
    for person in (bond.provider, bond.investor, bond.official, bond.assessor):
        assert browse(person).get(f"/payment-batches/{batch.id}").status_code == 404
        assert browse(person).get(f"/programmes/{bond.programme.id}/bank").status_code == 403


def test_no_batch_of_a_far_day(bond):
    """An account or an amount may well be another one by then: at most thirty days ahead."""
    cost = pay_cost(bond, 2_500_000)
    late = [clock.today() + timedelta(days=days) for days in range(31, 45)]
    first = next(day for day in late if clock.is_working_day(day, "NL"))
    for day in (date(2099, 1, 2), first):
        with pytest.raises(Refused, match="At most 30 days ahead"):
            prepared(bond, cost, on=day)


def test_a_batch_above_what_the_bank_holds_is_not_let_go(bond, browse):
    """Issue 6: the portal equals the bank. The books hold 100,000.00, the bank told of 5,000.00, and 3,000.00 of that
    is on its way already: 2,000.00 is left, to the cent."""
    first, fits, above = (pay_cost(bond, minor) for minor in (300_000, 200_000, 200_001))
    bring(bond, camt([], 500_000, 500_000))
    approve_batch(prepared(bond, first), actor=bond.colleague)
    batch = prepared(bond, above)
    url = f"/payment-batches/{batch.id}"
    page = browse(bond.colleague).get_ok(url).text
    assert all(one in page for one in ("€2,000.01", "€5,000.00", "€3,000.00", "€2,000.00 is left"))
    assert f"{url}/approve" not in page and f"{url}/reject" in page
    assert browse(bond.colleague).get(f"{url}/approve").status_code == 409
    with pytest.raises(NotNow, match=r"2,000\.00 is left"):
        approve_batch(batch, actor=bond.colleague)
    db.session.refresh(batch)
    assert batch.state == PaymentBatchState.PREPARED and batch.file is None
    approve_batch(prepared(bond, fits), actor=bond.colleague)
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert "Left for this batch" in page and "€0.00" in page


def test_what_a_line_shows_is_no_more_on_its_way(bond):
    """3,000.00 of 5,000.00 left by a line that names its payment: the 2,000.00 that the bank then tells may go."""
    first, rest = pay_cost(bond, 300_000), pay_cost(bond, 200_000)
    bring(bond, camt([], 500_000, 500_000))
    went = prepared(bond, first)
    approve_batch(went, actor=bond.colleague)
    bring(bond, camt([entry(-300_000, "SEPA", end_to_end=went.payments[0].reference)], 500_000, 200_000))
    match_open(bond.programme, actor=bond.intermediary)
    batch = prepared(bond, rest)
    approve_batch(batch, actor=bond.colleague)
    assert batch.state == PaymentBatchState.APPROVED and batch.file

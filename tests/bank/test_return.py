"""A payment that the bank gives back: its posting reversed, back on the list of what is to be paid, paid again once."""

import uuid
from datetime import timedelta

import pytest

from app.bank import booking, queries, reconciling
from app.bank.batches import approve_batch, payable, prepare_batch
from app.bank.due import run_due
from app.bank.expecting import all_expected
from app.bank.models import BankEntry, BankMatch, PaymentBatch
from app.bank.states import EntryState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor, pending_minor
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.progress.cash_plan import cash_plan
from app.progress.states import CashKind
from app.treasury.in_hand import free_minor
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.returned import ReturnedPayment
from tests.bank.test_match import imported, line
from tests.browser import soup
from tests.factories.bank import OWN, entry, give_account, make_banked, working_day
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call, fund, owe, pay_cost
from tests.told import body_told, told, words_told


@pytest.fixture
def bond(app):
    """A cost of 100,000.00 went out in a batch, and the bank reported it."""
    made = make_banked()
    fund(made, 30_000_000)
    imported(made, *[line(part.amount_minor, part.reference) for part in _parts(made)])
    give_account(made, made.provider, 1)
    made.cost = pay_cost(made, 10_000_000)
    batch = send(made, made.cost.id)
    made.reference = batch.payments[0].reference
    imported(made, line(-10_000_000, "SEPA", end_to_end=made.reference), opening=30_000_000)
    assert reconciling.days(made.programme.id)[0].is_sound
    return made


def _parts(bond):
    from app.treasury.models import CapitalCallPart

    return db.session.scalars(db.select(CapitalCallPart)).unique().all()


def send(bond, *ids):
    made = prepare_batch(bond.programme, ids, working_day(), actor=bond.intermediary, once=uuid.uuid4())
    approve_batch(made, actor=bond.colleague)
    return made


def bounce(bond, minor=10_000_000, opening=20_000_000):
    imported(bond, line(minor, "AC04 closed account", end_to_end=bond.reference), opening=opening)
    return db.session.scalars(db.select(BankEntry).filter_by(state=EntryState.OPEN)).unique().one()


def test_it_is_reversed_and_paid_again_once(bond, browse):
    entry = bounce(bond)
    assert [why for _line, why, _bank in queries.work_list(bond.programme)] == [
        "Names a payment that went out: it may have come back."
    ]
    assert bank_minor(bond.programme.id) == 20_000_000  # nothing is booked by itself
    url = f"/bank-entries/{entry.id}/return"
    assert browse(bond.auditor).get(url).status_code == 403
    assert browse(bond.intermediary).post_form(url, {"reason": ""}).status_code == 422
    assert browse(bond.intermediary).post_form(url, {"reason": "Account closed"}).status_code == 303  # it is chosen

    books = balances(bond.programme.id)
    assert books[AccountKind.RUNNING_COSTS, bond.provider_organisation.id] == 0
    assert books[AccountKind.BANK, None] == 30_000_000
    assert (pending_minor(bond.programme.id), free_minor(bond.programme.id)) == (10_000_000, 20_000_000)
    assert "Account closed" in body_told("return.book", bond.provider)
    assert reconciling.days(bond.programme.id)[0].difference == 0 and book_faults() == []

    back = db.session.scalars(db.select(ReturnedPayment)).unique().one()
    _says_that_it_came_back(browse, bond)
    assert _state(browse, bond) == "returned, to be paid again" and bond.cost.description in back.title
    assert cash_plan(bond.programme).months[0].moved[CashKind.COSTS] == 10_000_000
    _follow_both_ways(browse, bond)
    assert [one.id for one in payable(bond.programme)] == [back.id]
    again = send(bond, back.id)
    assert _state(browse, bond) == "approved, to be paid by the bank"
    assert cash_plan(bond.programme).months[0].moved[CashKind.COSTS] == 0
    assert payable(bond.programme) == [] and bank_minor(bond.programme.id) == 20_000_000
    assert balances(bond.programme.id)[AccountKind.RUNNING_COSTS, bond.provider_organisation.id] == 10_000_000
    assert imported(bond, line(-10_000_000, "x", end_to_end=again.payments[0].reference), opening=30_000_000) == 1
    assert db.session.query(BankMatch).filter_by(cause_id=back.id).count() == 2  # as it came in, as it went out
    assert _state(browse, bond) == "paid"
    assert reconciling.days(bond.programme.id)[0].is_sound and book_faults() == []


def _says_that_it_came_back(browse, bond):
    """On the batch; and a new batch to the same account warns."""
    batch = db.session.scalars(db.select(PaymentBatch)).unique().one()
    seen = browse(bond.auditor).get_ok(f"/payment-batches/{batch.id}").text
    assert "came back" in seen and "1 of 1 payments" in seen
    new = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert "A payment to the same account came back" in new


def _state(browse, bond):
    return soup(browse(bond.auditor).get_ok(f"/costs/{bond.cost.id}")).select_one(".status").text.strip()


def _follow_both_ways(browse, bond):
    """From the payment to its reversal, from there back to what was reversed, and to the cost."""
    reader = browse(bond.intermediary)
    paid, reversal = (
        db.session.scalars(db.select(Transfer).filter_by(kind=kind, cause_type=table)).one()
        for kind, table in ((TransferKind.POST_PENDING, "cost_payment"), (TransferKind.REVERSAL, "returned_payment"))
    )
    assert f"/transfers/{reversal.id}" in reader.get_ok(f"/costs/{bond.cost.id}").text
    assert f"/transfers/{reversal.id}" in reader.get_ok(f"/transfers/{paid.id}").text
    seen = reader.get_ok(f"/transfers/{reversal.id}").text
    assert f"/transfers/{paid.id}" in seen and f"/costs/{bond.cost.id}" in seen


def test_the_second_account_may_fail_too(bond):
    """What comes back again is a payment of its own, and still one cost in the books."""
    first = booking.return_line(
        bounce(bond), booking.returnable(_open())[0], "Closed", actor=bond.intermediary, once=uuid.uuid4()
    )
    bond.reference = send(bond, first.id).payments[0].reference
    imported(bond, line(-10_000_000, "SEPA", end_to_end=bond.reference), opening=30_000_000)
    found = booking.returnable(bounce(bond))
    assert [one.id for one in found] == [first.id]
    second = booking.return_line(_open(), found[0], "Closed again", actor=bond.intermediary, once=uuid.uuid4())
    send(bond, second.id)
    assert balances(bond.programme.id)[AccountKind.RUNNING_COSTS, bond.provider_organisation.id] == 10_000_000
    assert book_faults() == []


def _open():
    return db.session.scalars(db.select(BankEntry).filter_by(state=EntryState.OPEN)).unique().one()


def test_a_part_of_a_distribution_keeps_its_capital_and_return_apart(bond):
    (paid,) = owe(bond, 30_000_000)
    receive_payment(paid, actor=bond.intermediary)
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)
    part = made.parts[0]
    before = balances(bond.programme.id)
    minor = part.principal_minor + part.return_minor
    imported(bond, line(30_000_000, paid.reference), opening=20_000_000)
    imported(bond, line(minor, "terug", end_to_end="NOTPROVIDED"), opening=50_000_000)
    entry = _open()
    chosen = next(one for one in booking.returnable(entry) if one.id == part.id)
    booking.return_line(entry, chosen, "Unknown account", actor=bond.intermediary, once=uuid.uuid4())
    after = balances(bond.programme.id)
    of = part.organisation_id
    assert after[AccountKind.INVESTOR_CAPITAL, of] == before[AccountKind.INVESTOR_CAPITAL, of] + part.principal_minor
    assert pending_minor(bond.programme.id) == minor
    assert book_faults() == []


def test_only_the_whole_of_a_payment_that_went_out(bond):
    entry = bounce(bond, minor=9_999_999)
    assert booking.returnable(entry) == []
    with pytest.raises(Refused, match="Choose the payment"):
        booking.return_line(entry, None, "x", actor=bond.intermediary, once=uuid.uuid4())
    for other in all_expected(bond.programme):
        with pytest.raises(Refused, match="Choose the payment"):
            booking.return_line(entry, other, "x", actor=bond.intermediary, once=uuid.uuid4())


def test_costs_and_interest_of_the_bank_from_their_line(bond, browse):
    imported(bond, line(-1_250, "Kosten kwartaal"), opening=20_000_000)
    entry = _open()
    assert browse(bond.auditor).get(f"/bank-entries/{entry.id}/charge").status_code == 403
    assert browse(bond.intermediary).post_form(f"/bank-entries/{entry.id}/charge").status_code == 303
    assert balances(bond.programme.id)[AccountKind.BANK_COSTS, None] == 1_250
    with pytest.raises(NotNow):
        booking.charge_line(entry, "Again", actor=bond.intermediary, once=uuid.uuid4())
    assert reconciling.days(bond.programme.id)[0].is_sound and book_faults() == []


def test_a_line_that_was_no_cost_of_the_bank_goes_back_to_the_work_list(bond, browse):
    """By somebody else than who booked it; in between the books say that money left without a payment."""
    imported(bond, line(-1_250, "Kosten kwartaal"), opening=20_000_000)
    entry = _open()
    made = booking.charge_line(entry, "Kosten", actor=bond.intermediary, once=uuid.uuid4())
    url = f"/charges/{made.id}/reverse"
    assert browse(bond.auditor).get(url).status_code == 403
    assert browse(bond.intermediary).get(url).status_code == 403
    assert browse(bond.colleague).post_form(url, {"reason": ""}).status_code == 422
    typed = {"reason": "Coaching"} | with_password(bond.colleague)
    assert browse(bond.colleague).post_form(url, typed | {"password": "no"}).status_code == 422
    assert browse(bond.colleague).post_form(url, typed).status_code == 303
    db.session.refresh(entry)
    assert entry.state == EntryState.OPEN and balances(bond.programme.id)[AccountKind.BANK_COSTS, None] == 0
    assert not reconciling.days(bond.programme.id)[0].is_sound
    assert "Coaching" in browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/bank/charges").text
    again = booking.charge_line(entry, "Toch kosten", actor=bond.intermediary, once=uuid.uuid4())
    assert again.id != made.id and reconciling.days(bond.programme.id)[0].is_sound and book_faults() == []


@pytest.mark.parametrize(
    ("minor", "text", "facts", "says"),
    [
        (3_000_001, "inleg {reference}", {}, "names"),  # more than was asked: less would be a part of it
        (777, "rente", {"name": "{investor}"}, "party of the bond"),
    ],
)
def test_what_a_party_pays_is_no_interest(bond, browse, minor, text, facts, says):
    asked = call(bond, 3_000_000)
    names = {"reference": asked.parts[0].reference, "investor": bond.investor.organisations[0].name}
    told = {key: value.format(**names) for key, value in facts.items()}
    imported(bond, line(minor, text.format(**names), **told), opening=20_000_000)
    entry = _open()
    assert [bank for _line, _why, bank in queries.work_list(bond.programme)] == [False]
    answer = browse(bond.intermediary).get(f"/bank-entries/{entry.id}/charge")
    assert answer.status_code == 409 and says in answer.text
    with pytest.raises(NotNow, match=says):
        booking.charge_line(entry, "Rente", actor=bond.intermediary, once=uuid.uuid4())


def test_neither_is_a_line_of_another_bank(bond):
    imported(bond, line(777, "rente"), opening=20_000_000)
    entry = _open()
    for iban, may in (("NL91ABNA0417164300", False), ("NL86INGB0002445588", True), ("", True)):
        entry.iban = iban
        reason = booking.why_not_of_the_bank(entry, [], set(), OWN)
        assert (reason is None) == may, iban
    db.session.rollback()


def test_a_batch_says_what_the_bank_did_and_warns_when_it_did_nothing(bond, browse):
    """The first batch was reported (fixture); a second one is not, although the bank reported its day."""
    second = pay_cost(bond, 5_000_000)
    with clock.at(clock.now() + timedelta(days=1)):  # after the day of which the bank told, whatever weekday it is
        batch = send(bond, second.id)
    shown = browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/bank").text
    assert "carried out by the bank" in shown and "ready for the bank" in shown
    assert "0 of 1 payments" in browse(bond.auditor).get_ok(f"/payment-batches/{batch.id}").text
    later = batch.execution_on + timedelta(days=1)
    with clock.at(clock.local(batch.execution_on + timedelta(days=7), 12)):
        assert run_due() == 0, "no statement of that day came in yet"
        imported(bond, line(1, "x", on=later), opening=20_000_000, on=later)
        before = told("bank.read")
        assert run_due() >= 1 and run_due() == 0
        assert before == set() and {bond.intermediary.email, bond.auditor.email} <= told("bank.read")
        assert "is not carried out" in words_told("bank.read")


def test_the_reason_of_the_bank_is_filled_in(bond, browse):
    """ISO 20022 camt.053 `RtrInf`: the code and the words of the bank."""
    words = entry(10_000_000, "retour", end_to_end=bond.reference)
    told = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Rekening opgeheven</AddtlInf></RtrInf></TxDtls>"
    imported(bond, (10_000_000, words.replace("</TxDtls>", told)), opening=20_000_000)
    page = soup(browse(bond.intermediary).get_ok(f"/bank-entries/{_open().id}/return"))
    assert page.select_one("input[name=reason]")["value"] == "AC04 Rekening opgeheven retour"

"""Money that came in and that the bank took back, or that was matched wrongly: two people, and the books say so.

Source: issue 6 (every line of the bank has its cause, the books equal the bank, four eyes); ISO 20022 camt.053
`RvslInd` (the bank undoes an earlier entry). Amounts by hand.
"""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank import matching, queries, reconciling
from app.bank import taken_back_operations as operations
from app.bank.at_bank import at_bank
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.bank.taken_back import TakenBack
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind, Transfer
from app.settlement.states import SettlementState, StatementState
from app.treasury.operations import approve_distribution, prepare_distribution
from app.treasury.states import CapitalCallState
from tests.bank.test_match import imported, line
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call, owe
from tests.told import body_told


@pytest.fixture
def bond(app):
    return make_banked()


def funded(bond):
    """Two investors paid in 300,000.00 together, the first 200,000.00 of it."""
    asked = call(bond, 30_000_000)
    imported(bond, *[line(one.amount_minor, one.reference, name=one.organisation.name) for one in asked.parts])
    assert asked.state == CapitalCallState.FUNDED
    return asked


def of_amount(minor, state=EntryState.OPEN):
    return db.session.scalars(select(BankEntry).filter_by(amount_minor=minor, state=state)).unique().one()


def prepare(bond, came, took=None, reason="Recalled by the payer"):
    return operations.prepare_take_back(came, took, reason, actor=bond.intermediary, once=uuid.uuid4())


def reversal(bond, minor, text, opening, **facts):
    """As a bank writes it: a debit that undoes a credit."""
    words = entry(-minor, text, **facts).replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")
    bring(bond, camt([words], opening, opening - minor))
    matching.match_open(bond.programme, actor=bond.intermediary)
    return of_amount(-minor)


def test_the_bank_takes_capital_back(bond, browse):
    """200,000.00 of 300,000.00 leaves again: the books follow, the call waits, the investor hears it, and pays anew."""
    asked = funded(bond)
    part = max(asked.parts, key=lambda one: one.amount_minor)
    took = reversal(bond, part.amount_minor, f"recall {part.reference}", 30_000_000, name=part.organisation.name)
    [(_line, why, of_the_bank)] = queries.work_list(bond.programme)
    assert why == "It may have taken back money that came in." and not of_the_bank
    desk = browse(bond.intermediary)
    seen = desk.get_ok(f"/programmes/{bond.programme.id}/bank/work-list").text
    url = f"/bank-entries/{took.id}/take-back"
    assert "reversal by the bank" in seen and url in seen
    assert browse(bond.auditor).get(url).status_code == 403
    assert desk.post_form(url, {"reason": ""}).status_code == 422
    answer = desk.post_form(url, {"reason": "Recalled"})  # the receipt of that investor is chosen
    assert answer.status_code == 303 and bank_minor(bond.programme.id) == 30_000_000, "nothing before a second person"
    back = db.session.scalars(select(TakenBack)).unique().one()
    with pytest.raises(NotYours):
        operations.approve_take_back(back, actor=bond.intermediary)
    db.session.rollback()
    _agree(browse, bond, back)

    assert (part.received_on, asked.state) == (None, CapitalCallState.CALLED)
    assert bank_minor(bond.programme.id) == 30_000_000 - part.amount_minor
    assert balances(bond.programme.id)[AccountKind.INVESTOR_CAPITAL, part.organisation_id] == 0
    assert took.state == EntryState.MATCHED and queries.work_list(bond.programme) == []
    [day] = reconciling.days(bond.programme.id)
    assert (day.difference, day.is_sound, day.late) == (0, True, 0) and book_faults() == []
    assert at_bank(bond.programme.id).unpaid_minor == 0
    assert "still to be paid" in body_told("take_back.approve", bond.investor)
    assert imported(bond, line(part.amount_minor, part.reference), opening=10_000_000) == 1, "paid anew"
    assert asked.state == CapitalCallState.FUNDED and bank_minor(bond.programme.id) == 30_000_000
    assert reconciling.days(bond.programme.id)[0].is_sound and book_faults() == []


def _agree(browse, bond, back):
    agent = browse(bond.colleague)
    assert f"/taken-back/{back.id}" in agent.get_ok("/home").text
    url = f"/taken-back/{back.id}/approve"
    assert agent.post_form(url, {"password": "no"}).status_code == 422
    assert agent.post_form(url, with_password(bond.colleague)).status_code == 303
    db.session.expire_all()


def test_a_statement_is_owed_again(bond, browse):
    """Paid by the bank on one day and taken back five days later: the settlement counts as paid no more."""
    (owed,) = owe(bond, 100_000)
    imported(bond, line(100_000, owed.reference))
    assert owed.settlement.state == SettlementState.PAID
    with clock.at(clock.now() + timedelta(days=5)):
        _taken_back_later(bond, owed)
        for one in db.session.scalars(select(Transfer).where(Transfer.cause_id == owed.id)):
            browse(bond.intermediary).get_ok(f"/transfers/{one.id}")
            browse(bond.official).get_ok(f"/transfers/{one.id}")
        assert "booked back" in browse(bond.official).get_ok("/inbox").text


def _taken_back_later(bond, owed):
    took = reversal(bond, 100_000, f"terug {owed.reference}", 100_000)
    back = prepare(bond, operations.taken_from(took)[0], took)
    operations.approve_take_back(back, actor=bond.colleague)
    db.session.expire_all()
    assert (owed.state, owed.settlement.state) == (StatementState.APPROVED, SettlementState.APPROVED)
    assert (owed.outstanding_minor, owed.paid_on, bank_minor(bond.programme.id)) == (100_000, None, 0)
    assert all(one.is_sound and not one.difference for one in reconciling.days(bond.programme.id))
    assert book_faults() == [] and "still to be paid" in body_told("take_back.approve", bond.official)
    assert [one.amount_minor for one in owed.payments] == [100_000, -100_000]
    assert imported(bond, line(100_000, owed.reference)) == 1 and owed.state == StatementState.PAID
    assert book_faults() == []


def test_what_was_matched_wrongly_goes_back_to_the_work_list(bond, browse):
    """No line of the bank: the money is there, and is something else. Trying all again does not undo that."""
    (owed,) = owe(bond, 100_000)
    imported(bond, line(100_000, owed.reference))
    came = of_amount(100_000, EntryState.MATCHED)
    page = browse(bond.intermediary).get_ok(f"/bank-statements/{came.statement_id}").text
    url = f"/bank-entries/{came.id}/take-back"
    assert url in page
    assert browse(bond.intermediary).post_form(url, {"reason": "Meant for another bond"}).status_code == 303
    back = db.session.scalars(select(TakenBack)).unique().one()
    operations.approve_take_back(back, actor=bond.colleague)
    assert (came.state, owed.state, bank_minor(bond.programme.id)) == (EntryState.OPEN, StatementState.APPROVED, 0)
    assert matching.match_open(bond.programme, actor=bond.intermediary) == 0
    [day] = reconciling.days(bond.programme.id)
    assert (day.arrived, day.is_sound) == (100_000, True) and book_faults() == []
    [same] = [one for one in queries.candidates(came) if one.reference == owed.reference]
    matching.match_lines([came], [same], "It was right after all", actor=bond.intermediary)
    assert owed.state == StatementState.PAID and book_faults() == []


def test_refused_it_changes_nothing_and_can_be_said_anew(bond):
    asked = funded(bond)
    part = asked.parts[0]
    took = reversal(bond, part.amount_minor, part.reference, 30_000_000)
    back = prepare(bond, operations.taken_from(took)[0], took)
    with pytest.raises(Refused, match="Choose the receipt"):
        prepare(bond, operations.taken_from(took)[0] if operations.taken_from(took) else None, took)
    operations.reject_take_back(back, "It was a cost", actor=bond.colleague)
    assert took.state == EntryState.OPEN and bank_minor(bond.programme.id) == 30_000_000
    assert prepare(bond, operations.taken_from(took)[0], took).id != back.id


def test_another_amount_or_a_later_receipt_is_not_offered(bond):
    asked = funded(bond)
    took = reversal(bond, asked.parts[0].amount_minor - 1, "recall", 30_000_000)
    assert operations.taken_from(took) == []
    with pytest.raises(Refused, match="Choose the receipt"):
        prepare(bond, of_amount(asked.parts[0].amount_minor, EntryState.MATCHED), took)


def test_not_where_a_distribution_reckoned_with_the_capital(bond, browse):
    """History must not change under a distribution: its figures were made with this capital."""
    asked = funded(bond)
    before = prepare(bond, of_amount(asked.parts[1].amount_minor, EntryState.MATCHED))
    (owed,) = owe(bond, 1_000_000)
    imported(bond, line(1_000_000, owed.reference), opening=30_000_000)
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)
    came = of_amount(asked.parts[0].amount_minor, EntryState.MATCHED)
    with pytest.raises(NotNow, match="reckons with this money"):
        prepare(bond, came)
    why, desk = "reckons with this money", browse(bond.colleague)
    page = desk.get_ok(f"/bank-statements/{came.statement_id}").text
    assert why in page and f"/bank-entries/{came.id}/take-back" not in page, "the page says why, and offers nothing"
    page = desk.get_ok(f"/taken-back/{before.id}").text
    assert why in page and f"/taken-back/{before.id}/approve" not in page and f"/taken-back/{before.id}/reject" in page
    assert desk.get(f"/taken-back/{before.id}/approve").status_code == 409
    assert book_faults() == []
    took = reversal(bond, came.amount_minor, "recall", 31_000_000)  # on the list until somebody says what it is
    assert why in browse(bond.intermediary).get_ok(f"/bank-entries/{took.id}/take-back").text

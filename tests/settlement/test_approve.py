"""Each municipality approves or refuses its own statement for its own residents, and the books follow (section 7)."""

from datetime import date

import pytest

from app.access.actions import Action
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind, Transfer
from app.notifications.models import Notification
from app.outcomes.states import ClaimState
from app.programmes.models import BankAccount
from app.programmes.states import AccountState
from app.settlement.operations import approve_statement, check_settlement, discard_settlement, refuse_statement
from app.settlement.reference import grouped
from app.settlement.states import STATEMENT_FLOW, SettlementState, StatementState
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import with_password
from tests.factories.settlement import make_settlement, statement_of
from tests.told import recorded, told

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def settlement(bond):
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.hengelo, "days", quantity=30)
    return make_settlement(bond, JUNE, checked=True)


def test_both_municipalities_approve(bond, settlement, browse):
    own, other = statement_of(settlement, bond.enschede), statement_of(settlement, bond.hengelo)
    assert (
        browse(bond.official).post_form(f"/statements/{own.id}/approve", with_password(bond.official)).status_code
        == 303
    )
    db.session.refresh(settlement)
    assert settlement.state == SettlementState.CHECKED, "Hengelo has not approved yet"
    assert told("statement.approve") == {bond.intermediary.email, bond.colleague.email}
    books = balances(bond.programme.id)
    assert books[AccountKind.RECEIVABLE, bond.enschede.id] == 200_000
    assert sum(minor for (kind, _), minor in books.items() if kind == AccountKind.OUTCOME_INCOME) == 200_000

    assert (
        browse(bond.neighbour).post_form(f"/statements/{other.id}/approve", with_password(bond.neighbour)).status_code
        == 303
    )
    db.session.refresh(settlement)
    assert settlement.state == SettlementState.APPROVED
    assert {line.claim.state for line in settlement.lines} == {ClaimState.SETTLED}
    assert bond.provider.email in told("statement.approve")
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.hengelo.id] == 30_000
    db.session.refresh(own)
    assert (own.state, own.approved_by_id) == (StatementState.APPROVED, bond.official.id)
    assert recorded("statement.approve")[0] == {"amount": 200_000, "reference": own.reference}
    assert faults() == []


@pytest.mark.parametrize("typed", ["", "not my password"])
def test_it_is_approved_after_the_password_again(bond, settlement, browse, typed):
    """Money is owed by it, so nobody approves at a screen that its owner left (brief: secrets; issue 6, payments)."""
    own, _ = statement_of(settlement, bond.enschede), with_password(bond.official)
    answer = browse(bond.official).post_form(f"/statements/{own.id}/approve", {"password": typed})
    assert answer.status_code == 422 and ("not your password" if typed else "Fill this in") in answer.text
    db.session.refresh(own)
    assert (own.state, db.session.query(Transfer).count()) == (StatementState.OPEN, 0)


def test_who_approves_first_is_not_asked_to_pay_yet(bond, settlement, browse):
    """Paying is refused until every municipality has approved: words must not ask for it before."""
    own, other = statement_of(settlement, bond.enschede), statement_of(settlement, bond.hengelo)
    first, last = browse(bond.official), browse(bond.neighbour)
    first.post_form(f"/statements/{own.id}/approve", with_password(bond.official))
    page = soup(first.get_ok(f"/statements/{own.id}"))
    assert "You can pay once every municipality has approved" in page.select_one(".flash, [role=status]").text
    assert "waits for the other municipalities" in page.select_one(".status").text
    assert "Pay it with its reference" not in page.text
    last.post_form(f"/statements/{other.id}/approve", with_password(bond.neighbour))
    page = soup(last.get_ok(f"/statements/{other.id}"))
    assert "Pay it with its reference" in page.text
    assert "to be paid" in soup(first.get_ok(f"/statements/{own.id}")).select_one(".status").text


def test_a_statement_of_the_neighbour_does_not_exist(bond, settlement, browse):
    other = statement_of(settlement, bond.hengelo)
    for verb in ("", "/approve", "/refuse"):
        assert browse(bond.official).get(f"/statements/{other.id}{verb}").status_code == 404
    with pytest.raises(NotYours):
        approve_statement(other, actor=bond.official)


@pytest.mark.parametrize("who, answer", [("intermediary", 403), ("auditor", 403), ("provider", 404), ("investor", 404)])
def test_nobody_else_approves(bond, settlement, browse, who, answer):
    own = statement_of(settlement, bond.enschede)
    assert browse(getattr(bond, who)).get(f"/statements/{own.id}/approve").status_code == answer
    with pytest.raises(NotYours):
        approve_statement(own, actor=getattr(bond, who))
    assert db.session.query(Transfer).count() == 0


def test_an_unchecked_statement_is_not_approved(bond):
    make_signed_off(bond)
    prepared = make_settlement(bond, JUNE)
    with pytest.raises(NotNow):
        approve_statement(prepared.statements[0], actor=bond.official)


def test_it_is_approved_once(bond, settlement, browse):
    own = statement_of(settlement, bond.enschede)
    browser = browse(bond.official)
    page, another = (browser.get_ok(f"/statements/{own.id}/approve") for _ in range(2))
    typed = with_password(bond.official)
    assert browser.submit(page, typed).status_code == 303
    assert browser.submit(page, typed).status_code == 303  # a double click is answered as the first one was
    assert browser.submit(another, typed).status_code == 409
    assert db.session.query(Transfer).count() == 1
    with pytest.raises(Changed):
        approve_statement(own, actor=bond.official, version=0)


def test_nobody_pays_before_everybody_approved(bond, settlement):
    own = statement_of(settlement, bond.enschede)
    approve_statement(own, actor=bond.official)
    assert not STATEMENT_FLOW.allows(Action.PAYMENT_RECEIVE, own)
    approve_statement(statement_of(settlement, bond.hengelo), actor=bond.neighbour)
    assert STATEMENT_FLOW.allows(Action.PAYMENT_RECEIVE, own)


def test_a_refusal_has_a_reason_and_the_settlement_is_prepared_anew(bond, settlement, browse):
    own, other = statement_of(settlement, bond.enschede), statement_of(settlement, bond.hengelo)
    approve_statement(other, actor=bond.neighbour)
    empty = browse(bond.official).post_form(f"/statements/{own.id}/refuse", {"reason": ""})
    assert empty.status_code == 422
    with pytest.raises(Refused):
        refuse_statement(own, "He, 123456782, moved away.", actor=bond.official)
    answer = browse(bond.official).post_form(f"/statements/{own.id}/refuse", {"reason": "One lives elsewhere."})
    assert answer.status_code == 303
    db.session.refresh(own)
    assert (own.state, own.refused_because) == (StatementState.REFUSED, "One lives elsewhere.")
    assert told("statement.refuse") == {bond.intermediary.email, bond.colleague.email, bond.neighbour.email}

    gone = browse(bond.intermediary).post_form(f"/settlements/{settlement.id}/discard", {"reason": "We look again."})
    assert gone.status_code == 303
    db.session.refresh(settlement)
    assert settlement.state == SettlementState.DISCARDED
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.hengelo.id] == 0, "what was owed is reversed"
    assert told("settlement.discard") >= {bond.official.email, bond.neighbour.email}
    with pytest.raises(NotNow):
        approve_statement(other, actor=bond.neighbour)

    again = make_settlement(bond, JUNE, approved=True)
    assert (again.number, again.period_from, again.state) == (2, date(2026, 1, 1), SettlementState.APPROVED)
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.hengelo.id] == 30_000
    assert faults() == []


def test_who_saw_it_prepared_does_not_discard_what_a_colleague_sent(bond, browse):
    """A decision holds for the thing as the person saw it: the municipalities have their statements by now."""
    make_signed_off(bond)
    settlement = make_settlement(bond, JUNE)
    browser = browse(bond.intermediary)
    opened = browser.get_ok(f"/settlements/{settlement.id}/discard")
    check_settlement(settlement, actor=bond.colleague)
    answer = browser.submit(opened, {"reason": "Two lines are missing."})
    db.session.refresh(settlement)
    assert (answer.status_code, settlement.state) == (409, SettlementState.CHECKED)
    assert "This changed since you opened the page." in answer.text
    assert browser.submit(answer, {}).status_code == 303, "asked again, and answered by who knows: the reason stands"
    own = browse(bond.official).get_ok(f"/statements/{settlement.statements[0].id}")
    assert "Its effects come back in the next one." in own.text
    assert "to be approved" not in own.text and f"{settlement.statements[0].id}/approve" not in own.text


def test_an_approved_settlement_is_not_discarded(bond):
    make_signed_off(bond)
    settlement = make_settlement(bond, JUNE, approved=True)
    with pytest.raises(NotNow):
        discard_settlement(settlement, "A line is wrong.", actor=bond.intermediary)


def test_a_prepared_settlement_is_discarded_quietly(bond):
    make_signed_off(bond)
    settlement = make_settlement(bond, JUNE)
    discard_settlement(settlement, "A line is wrong.", actor=bond.colleague)
    assert told("settlement.discard") == {bond.intermediary.email, bond.colleague.email}


def test_a_statement_of_nothing_is_paid_when_approved(app):
    """Nothing was reserved any more: there is nothing to owe, and nothing to wait for."""
    bond = make_delivery(reserved_minor=200_000)
    for _ in range(2):
        make_signed_off(bond, bond.hengelo)
    make_settlement(bond, JUNE, approved=True)
    make_signed_off(bond, bond.hengelo, achieved_on=date(2026, 8, 1))
    second = make_settlement(bond, date(2026, 8, 31), approved=True)
    assert second.paid_minor == 0
    assert (second.state, second.statements[0].state) == (SettlementState.PAID, StatementState.PAID)
    assert db.session.query(Transfer).count() == 1
    assert faults() == []


def box_of(page):
    """The box that says how to pay, by its words; empty when it is not there."""
    box = next((one for one in soup(page).select(".notice") if "How to pay" in one.text), None)
    return {dt.text.strip(): dt.find_next("dd").text.strip() for dt in box.select("dt")} if box else {}


def test_how_to_pay_stands_on_the_statement_and_in_the_notice(bond, settlement, browse):
    """Account, amount and reference, to each municipality its own, once all have approved (domain, section 2)."""
    account = BankAccount(programme=bond.programme, holder="Stichting SIB", iban="NL20INGB0001234567")
    account.state = AccountState.APPROVED
    db.session.add(account)
    db.session.commit()
    own, other = statement_of(settlement, bond.enschede), statement_of(settlement, bond.hengelo)
    approve_statement(own, actor=bond.official)
    assert not box_of(browse(bond.official).get_ok(f"/statements/{own.id}")), "Hengelo has not approved yet"
    approve_statement(other, actor=bond.neighbour)
    db.session.expire_all()
    for statement, person, amount in ((own, bond.official, "€2,000.00"), (other, bond.neighbour, "€300.00")):
        asked = box_of(browse(person).get_ok(f"/statements/{statement.id}"))
        reference = grouped(statement.reference)
        assert (asked["IBAN"], asked["In the name of"]) == ("NL20 INGB 0001 2345 67", "Stichting SIB")
        assert (asked["Amount"], asked["Reference"]) == (amount, reference)
        notices = db.session.scalars(db.select(Notification).where(Notification.user_id == person.id))
        (notice,) = [str(one.body) for one in notices if "statement to pay" in one.title]
        assert amount in notice and reference in notice and "NL20 INGB 0001 2345 67" in notice
    mine = [
        one.body for one in db.session.scalars(db.select(Notification).where(Notification.user_id == bond.official.id))
    ]
    assert not [body for body in mine if grouped(other.reference) in str(body)], "never the neighbour's"

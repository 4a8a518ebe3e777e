"""Capital calls (domain, section 7): pro rata to undrawn commitments, to the cent, with notice, by two people."""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import bank_minor
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.treasury.models import CapitalCall
from app.treasury.operations import (
    CallFacts,
    approve_capital_call,
    prepare_capital_call,
    receive_capital,
    reject_capital_call,
)
from app.treasury.states import CapitalCallState
from tests.browser import soup
from tests.factories.capital import make_commitment
from tests.factories.ledger import book_faults, transfers_of
from tests.factories.people import make_organisation, make_user, with_password
from tests.factories.treasury import call, fund, make_funded


@pytest.fixture
def bond(app):
    return make_funded()


def typed(**changes):
    due = clock.today() + timedelta(days=14)
    return {"amount": "100000.01", "purpose": "First half-year", "notice_days": "14", "due_on": str(due)} | changes


def prepare(bond, amount, due=14, notice=14, once=None):
    facts = CallFacts(amount, "Start", clock.today() + timedelta(days=due), notice)
    return prepare_capital_call(bond.programme, facts, actor=bond.intermediary, once=once or uuid.uuid4())


def test_one_prepares_another_approves_and_each_investor_hears_its_own(bond, browse):
    answer = browse(bond.intermediary).post_form(f"/programmes/{bond.programme.id}/capital-calls/prepare", typed())
    assert answer.status_code == 303
    made = db.session.scalars(select(CapitalCall)).one()
    # of it a third is 0.97 of 10,000,001 cents, the larger remainder gets the cent.
    assert sorted(part.amount_minor for part in made.parts) == [3_333_334, 6_666_667]
    assert browse(bond.investor).get(f"/capital-calls/{made.id}").status_code == 404  # nothing is asked yet
    colleague = db.session.scalars(select(Notification).where(Notification.action == "capital_call.prepare")).one()
    assert colleague.user_id == bond.colleague.id

    own, approve = with_password(bond.colleague), f"/capital-calls/{made.id}/approve"
    assert browse(bond.colleague).post_form(approve, {"password": "no"}).status_code == 422
    assert browse(bond.colleague).post_form(approve, own).status_code == 303

    db.session.refresh(made)
    assert made.state == CapitalCallState.CALLED
    told = {
        n.user_id: n.body for n in db.session.scalars(select(Notification).where(Notification.user_id.is_not(None)))
    }
    parts = {part.organisation_id: part for part in made.parts}
    own = parts[bond.investor.organisations[0].id]
    assert "66,666.67" in told[bond.investor.id] and own.reference in told[bond.investor.id]
    assert "33,333.34" not in told[bond.investor.id]
    assert db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all() == [
        "capital_call.prepare",
        "capital_call.approve",
    ]


def test_the_second_call_asks_what_is_undrawn(bond):
    call(bond, 59_999_999)
    with pytest.raises(Refused) as refused:
        prepare(bond, 2)
    assert refused.value.field == "amount"
    assert [part.amount_minor for part in prepare(bond, 1).parts] == [1]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"amount": "600000.01"}, "More than the investors still owe"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "-3"}, "above zero"),
        (
            {"amount": "2.90"},
            "nobody is asked for less than €1.00",
        ),  # of it a third is 0.97
        ({"due_on": "2001-01-01"}, "at the earliest"),
        ({"notice_days": "13"}, "at least 14 days"),
        ({"notice_days": "-1"}, "whole number from 0"),
        ({"purpose": ""}, "Fill this in"),
    ],
)
def test_wrong_input(bond, browse, changes, says):
    answer = browse(bond.intermediary).post_form(
        f"/programmes/{bond.programme.id}/capital-calls/prepare", typed(**changes)
    )
    assert answer.status_code == 422
    assert says in answer.text
    for name, value in typed(**changes).items():
        assert soup(answer).select_one(f"[name={name}]")["value"] == value
    assert db.session.scalars(select(CapitalCall)).all() == []


def test_whoever_prepared_does_not_approve(bond, browse):
    made = prepare(bond, 300)
    with pytest.raises(NotYours):
        approve_capital_call(made, actor=bond.intermediary)
    assert browse(bond.intermediary).get(f"/capital-calls/{made.id}/approve").status_code == 403
    assert made.state == CapitalCallState.PREPARED


def test_two_calls_for_the_same_capital_are_not_both_made(bond):
    first, second = prepare(bond, 60_000_000), prepare(bond, 60_000_000)
    approve_capital_call(first, actor=bond.colleague)
    with pytest.raises(NotNow, match="Another call"):
        approve_capital_call(second, actor=bond.colleague)
    reject_capital_call(second, "Called already", actor=bond.intermediary)
    assert second.state == CapitalCallState.REJECTED


def test_the_notice_is_kept_at_the_approval(bond):
    made = prepare(bond, 300)
    with clock.at(clock.now() + timedelta(days=1)), pytest.raises(Refused, match="at the earliest"):
        approve_capital_call(made, actor=bond.colleague)


def test_an_older_copy_is_not_approved(bond):
    made = prepare(bond, 300)
    with pytest.raises(Changed):
        approve_capital_call(made, actor=bond.colleague, version=made.version + 1)


def test_a_double_click_is_one_call(bond):
    once = uuid.uuid4()
    assert prepare(bond, 300, once=once).id == prepare(bond, 300, once=once).id
    assert len(db.session.scalars(select(CapitalCall)).unique().all()) == 1


def test_capital_is_received_per_part(bond, browse):
    made = call(bond, 30_000_000)
    first, second = made.parts
    url = f"/capital-calls/{made.id}/parts/{first.id}/receive"
    assert browse(bond.intermediary).post_form(url, with_password(bond.intermediary)).status_code == 303
    db.session.refresh(made)
    assert (made.state, bank_minor(bond.programme.id)) == (CapitalCallState.CALLED, first.amount_minor)
    (booked,) = transfers_of(first)
    assert (booked.debit.kind, booked.credit.kind) == (AccountKind.BANK, AccountKind.INVESTOR_CAPITAL)
    assert booked.reference == first.reference
    receive_capital(second, clock.today(), actor=bond.intermediary)
    assert (made.state, bank_minor(bond.programme.id)) == (CapitalCallState.FUNDED, 30_000_000)
    assert book_faults() == []


def test_a_part_is_received_once_and_not_before_the_money_came(bond):
    made = call(bond, 30_000_000)
    part = made.parts[0]
    with pytest.raises(Refused, match="still to come"):
        receive_capital(part, clock.today() + timedelta(days=1), actor=bond.intermediary)
    receive_capital(part, clock.today(), actor=bond.intermediary)
    with pytest.raises(NotNow):
        receive_capital(part, clock.today(), actor=bond.intermediary)
    assert bank_minor(bond.programme.id) == part.amount_minor


def test_a_part_of_another_call_is_not_found_here(bond, browse):
    first, second = call(bond, 300), call(bond, 300)
    url = f"/capital-calls/{first.id}/parts/{second.parts[0].id}/receive"
    assert browse(bond.intermediary).get(url).status_code == 404


def test_an_investor_sees_its_own_part_only(bond, browse):
    made = fund(bond, 30_000_000)
    words = browse(bond.investor).get_ok(f"/capital-calls/{made.id}").text
    assert "200,000.00" in words and "100,000.00" not in words


def test_others_have_no_business_here(bond, browse):
    made = call(bond, 300)
    for person in (bond.provider, bond.assessor, bond.official, make_user(make_organisation())):
        assert browse(person).get(f"/capital-calls/{made.id}").status_code == 404
    assert browse(bond.official).get(f"/programmes/{bond.programme.id}/capital-calls/prepare").status_code == 403
    assert browse(bond.auditor).get(f"/capital-calls/{made.id}").status_code == 200
    assert browse(bond.auditor).get(f"/capital-calls/{made.id}/approve").status_code == 403


def test_an_investor_that_is_asked_twice_reads_for_which_tranche(app, browse):
    bond = make_funded()
    make_commitment(bond.round, bond.investor, 1_000_000, bond.round.tranches[1])
    made = call(bond, 30_000_000)
    table = soup(browse(bond.investor).get_ok(f"/capital-calls/{made.id}")).select_one("table")
    assert {row.select("td")[0].text for row in table.select("tbody tr")} == {"Senior", "First loss"}
    table = soup(browse(bond.second).get_ok(f"/capital-calls/{made.id}")).select_one("table")
    assert "Tranche" not in table.thead.text


def test_after_the_end_only_with_a_reason(bond, browse):
    """Capital is called for the work, and that is done: say why, and the colleague who approves reads it."""
    fund(bond, 10_000_000)
    bond.programme.tail_until = clock.today() - timedelta(days=1)
    db.session.commit()
    desk, url = browse(bond.intermediary), f"/programmes/{bond.programme.id}/capital-calls/prepare"
    assert "€100,000.00 is in hand" in desk.get_ok(url).text
    answer = desk.post_form(url, typed())
    assert answer.status_code == 422 and "€100,000.00 is unspent" in answer.text
    assert desk.post_form(url, typed(after_end_because="The last invoice of the coaches")).status_code == 303
    made = db.session.scalars(select(CapitalCall).order_by(CapitalCall.number.desc())).first()
    for page in (f"/capital-calls/{made.id}", f"/capital-calls/{made.id}/approve"):
        assert "The last invoice of the coaches" in browse(bond.colleague).get_ok(page).text


def test_not_due_after_the_end(bond, browse):
    """The bond runs, and ends before the money would be there: refused on the day, none is asked."""
    bond.programme.tail_until = clock.today() + timedelta(days=10)
    db.session.commit()
    url = f"/programmes/{bond.programme.id}/capital-calls/prepare"
    answer = browse(bond.intermediary).post_form(url, typed())
    assert answer.status_code == 422 and "let the money come in by then" in answer.text
    assert db.session.scalars(select(CapitalCall)).first() is None


def test_a_day_on_which_banks_are_closed_is_told_with_the_next_one(bond, browse):
    """No money comes in on a Saturday or on Christmas Day (TARGET): whoever approves reads when it does."""
    with clock.at(clock.local(date(2026, 12, 1), 12)):
        saturday, christmas, tuesday = (prepare(bond, 1_000_000, days) for days in (18, 24, 21))
        for made, says in ((saturday, "21 December 2026"), (christmas, "28 December 2026"), (tuesday, None)):
            for url in (f"/capital-calls/{made.id}", f"/capital-calls/{made.id}/approve"):
                page = browse(bond.colleague).get_ok(url).text
                assert ("Banks are closed" in page) is (says is not None) and (says is None or says in page)

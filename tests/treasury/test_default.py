"""An investor that does not pay in: reminded before, on and after the due day; its default by two people (domain 7)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.treasury.default import InvestorDefault
from app.treasury.default_operations import confirm_default, declare_default, reject_default
from app.treasury.due import run_due
from app.treasury.flows import undrawn_of
from app.treasury.operations import CallFacts, prepare_capital_call, receive_capital
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call, make_funded
from tests.told import body_told


@pytest.fixture
def bond(app):
    """Both investors are asked for half of what they promised; the first pays in, the second does not."""
    made = make_funded()
    asked = call(made, 30_000_000)
    part = next(one for one in asked.parts if one.organisation_id == made.investor.organisations[0].id)
    receive_capital(part, clock.today(), actor=made.intermediary)
    return made


def unpaid(bond):
    from app.treasury.models import CapitalCallPart

    return db.session.scalars(select(CapitalCallPart).where(CapitalCallPart.received_on.is_(None))).unique().one()


def days_after(part, days):
    return clock.at(clock.local(part.capital_call.due_on + timedelta(days=days), 12))


def declare(bond):
    return declare_default(unpaid(bond), "No answer.", actor=bond.intermediary, once=uuid.uuid4())


def test_who_owes_is_reminded_three_times_and_nobody_twice(bond):
    part = unpaid(bond)

    def reminded(days):
        with days_after(part, days):
            return run_due(), run_due()

    assert [reminded(days) for days in (-4, -3, -1, 0, 6, 7, 40)] == [
        (0, 0), (1, 0), (0, 0), (1, 0), (0, 0), (1, 0), (0, 0)
    ]  # fmt: skip
    rows = db.session.scalars(select(Notification).filter_by(action="capital_call.remind")).all()
    mine = [row for row in rows if row.user_id == bond.second.id]
    assert len(mine) == 3 and part.reference in mine[0].body and "may declare a default" in mine[2].body
    assert {row.user_id for row in rows} == {bond.second.id, bond.intermediary.id, bond.colleague.id}  # never who paid


def test_a_worker_that_slept_sends_the_latest_only(bond):
    with days_after(unpaid(bond), 20):
        assert (run_due(), run_due()) == (1, 0)


def test_what_was_called_stays_owed_and_the_rest_lapses(bond):
    """200,000.00 promised, half of it called: 100,000.00 is owed, 100,000.00 is asked of nobody any more."""
    part = unpaid(bond)
    with days_after(part, 15):
        made = declare(bond)
        with pytest.raises(NotYours):
            confirm_default(made, actor=bond.intermediary)
        confirm_default(made, actor=bond.colleague)
        assert made.lapsed_minor == 10_000_000
        held, undrawn = undrawn_of(bond.round)
        assert dict(zip([one.organisation_id for one in held], undrawn, strict=True)) == {
            bond.investor.organisations[0].id: 20_000_000,
            bond.second.organisations[0].id: 0,
        }
        facts = CallFacts(20_000_000, "In its place", clock.today() + timedelta(days=20))
        again = prepare_capital_call(bond.programme, facts, actor=bond.intermediary, once=uuid.uuid4())
        assert [one.organisation_id for one in again.parts] == [bond.investor.organisations[0].id]
        assert run_due() == 0  # nobody in default is reminded
        receive_capital(part, clock.today(), actor=bond.intermediary)  # late, and welcome
    assert book_faults() == []
    own = body_told("default.confirm", bond.second)
    assert "stays owed" in own
    assert "€100,000.00 that was not called yet" in own.split("\n\n")[0], "the line of the inbox says both"
    other = body_told("default.confirm", bond.investor)
    assert bond.second.organisations[0].name not in other and "200,000.00" in other


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_a_reason_is_given_and_is_no_novel(bond, browse, reason):
    """500 characters, as other reasons have; on the page and by the operation itself, of declaring and of rejecting."""
    part = unpaid(bond)
    with days_after(part, 15):
        url = f"/capital-calls/{part.capital_call_id}/parts/{part.id}/default"
        assert browse(bond.intermediary).post_form(url, {"reason": reason}).status_code == 422
        with pytest.raises(Refused):
            declare_default(part, reason, actor=bond.intermediary, once=uuid.uuid4())
        made = declare_default(part, "x" * 500, actor=bond.intermediary, once=uuid.uuid4())
        assert browse(bond.colleague).post_form(f"/defaults/{made.id}/reject", {"reason": reason}).status_code == 422
        with pytest.raises(Refused):
            reject_default(made, reason, actor=bond.colleague)


def test_not_before_its_day_not_twice_and_not_for_who_paid(bond):
    part = unpaid(bond)
    with days_after(part, 14), pytest.raises(NotNow, match="can be declared from"):
        declare(bond)
    with days_after(part, 15):
        paid = next(one for one in part.capital_call.parts if one.received_on)
        with pytest.raises(NotNow):
            declare_default(paid, "No answer.", actor=bond.intermediary, once=uuid.uuid4())
        made = declare(bond)
        with pytest.raises(NotNow, match="already"):
            declare(bond)
        reject_default(made, "They pay tomorrow.", actor=bond.colleague)
        second = declare(bond)
        receive_capital(part, clock.today(), actor=bond.intermediary)
        with pytest.raises(NotNow, match="came in meanwhile"):
            confirm_default(second, actor=bond.colleague)


def test_through_the_pages(bond, browse):
    part = unpaid(bond)
    url = f"/capital-calls/{part.capital_call_id}"
    with days_after(part, 15):
        assert "Declare a default" in browse(bond.intermediary).get_ok(url).text
        assert browse(bond.second).get(f"{url}/parts/{part.id}/default").status_code == 403
        assert browse(bond.intermediary).post_form(f"{url}/parts/{part.id}/default", {"reason": ""}).status_code == 422
        answer = browse(bond.intermediary).post_form(f"{url}/parts/{part.id}/default", {"reason": "No answer"})
        assert answer.status_code == 303
        made = db.session.scalars(select(InvestorDefault)).unique().one()
        holding = f"/programmes/{bond.programme.id}/holding"
        mine = browse(bond.second).get_ok(holding).text
        assert ">late<" in mine and f"/defaults/{made.id}" not in mine  # declared, and not confirmed yet
        assert ">late<" not in browse(bond.investor).get_ok(holding).text  # who paid in
        assert browse(bond.second).get(f"/defaults/{made.id}").status_code == 404  # not before it is confirmed
        own, confirm = with_password(bond.colleague), f"/defaults/{made.id}/confirm"
        assert browse(bond.colleague).post_form(confirm, {"password": "no"}).status_code == 422
        assert browse(bond.colleague).post_form(confirm, own).status_code == 303
        assert "100,000.00" in browse(bond.second).get_ok(f"/defaults/{made.id}").text
        assert f"/defaults/{made.id}" in browse(bond.second).get_ok(holding).text
        assert browse(bond.investor).get(f"/defaults/{made.id}").status_code == 404
        assert "in default" in browse(bond.auditor).get_ok(url).text

"""A default: told from when, cured by the money, and no reason to take over more (domain 7: notice days, default)."""

import uuid
from datetime import timedelta

import pytest
from flask_security import hash_password
from sqlalchemy import select

from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.operation import housekeeping
from app.extensions import db
from app.ledger.balances import bank_minor
from app.treasury.assignment_operations import (
    accept_assignment,
    consent_to_assignment,
    digest_to_join,
    propose_assignment,
)
from app.treasury.default import InvestorDefault
from app.treasury.default_operations import confirm_default, declare_default
from app.treasury.operations import receive_capital
from app.treasury.states import DefaultState
from app.treasury.unbooking import unbook
from tests.factories.capital import PASSWORD
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call, make_funded

GRACE = 14


@pytest.fixture
def bond(app):
    """Half is called; the first investor paid, the second did not."""
    made = make_funded()
    made.investor.password = made.second.password = hash_password(PASSWORD)
    db.session.commit()
    return made


@pytest.fixture
def part(bond):
    asked = call(bond, 30_000_000)
    first = next(one for one in asked.parts if one.organisation_id == bond.investor.organisations[0].id)
    receive_capital(first, clock.today(), actor=bond.intermediary)
    return next(one for one in asked.parts if one is not first)


def after(part, days):
    return clock.at(clock.local(part.capital_call.due_on + timedelta(days=days), 12))


def declare(bond, part):
    return declare_default(part, "No answer.", actor=bond.intermediary, once=uuid.uuid4())


def test_from_when_is_said_before_anybody_writes_a_reason(bond, part, browse):
    first = day(part.capital_call.due_on + timedelta(days=GRACE + 1))
    url = f"/capital-calls/{part.capital_call_id}"
    with after(part, GRACE):
        shown = browse(bond.intermediary).get_ok(url).text
        assert f"declared in default from {first} on" in shown and "Declare a default" not in shown
        assert "declared in default" not in browse(bond.second).get_ok(url).text
        refused = browse(bond.intermediary).get(f"{url}/parts/{part.id}/default")
        assert refused.status_code == 409 and first in refused.text and day(part.capital_call.due_on) in refused.text
    with after(part, GRACE + 1):
        shown = browse(bond.intermediary).get_ok(url).text
        assert "declared in default from" not in shown and "Declare a default" in shown
        assert browse(bond.intermediary).get(f"{url}/parts/{part.id}/default").status_code == 200


def test_the_money_cures_it_and_the_page_says_on_which_day(bond, part, browse):
    with after(part, 20):
        made = declare(bond, part)
        confirm_default(made, actor=bond.colleague)
        assert "in default" in browse(bond.second).get_ok(f"/defaults/{made.id}").text
        receive_capital(part, clock.today(), 1_000_000, actor=bond.intermediary)
        db.session.refresh(made)
        assert made.state == DefaultState.CONFIRMED  # of a part of it the rest is owed in default still
        receive_capital(part, clock.today(), actor=bond.intermediary)
        db.session.refresh(made)
        assert made.state == DefaultState.CURED and made.lapsed_minor == 10_000_000
        for reader in (bond.second, bond.intermediary):
            shown = browse(reader).get_ok(f"/defaults/{made.id}").text
            assert "paid late, not in default any more" in shown and day(clock.today()) in shown
            assert "it stays owed" not in shown and "100,000.00" in shown  # what lapsed stays lapsed
        assert browse(bond.investor).get(f"/defaults/{made.id}").status_code == 404
        assert "paid late" in browse(bond.second).get_ok(f"/programmes/{bond.programme.id}/holding").text
        assert book_faults() == []


def test_money_that_comes_before_a_second_person_confirmed_leaves_no_task(bond, part, browse):
    with after(part, 20):
        made = declare(bond, part)
        receive_capital(part, clock.today(), actor=bond.intermediary)
        db.session.refresh(made)
        assert made.state == DefaultState.CURED
        with pytest.raises(NotNow):
            confirm_default(made, actor=bond.colleague)
        assert browse(bond.second).get(f"/defaults/{made.id}").status_code == 404  # it never heard of it
        assert f"/defaults/{made.id}" not in browse(bond.second).get_ok(f"/programmes/{bond.programme.id}/holding").text


@pytest.mark.parametrize("confirmed", [True, False])
def test_what_is_taken_back_is_in_default_again(bond, part, confirmed):
    with after(part, 20):
        made = declare(bond, part)
        if confirmed:
            confirm_default(made, actor=bond.colleague)
        receive_capital(part, clock.today(), actor=bond.intermediary)
        housekeeping(unbook)(part, uuid.uuid4(), actor=bond.intermediary)
        db.session.refresh(made)
        assert made.state == (DefaultState.CONFIRMED if confirmed else DefaultState.DECLARED)
        assert bank_minor(bond.programme.id) == 20_000_000 and book_faults() == []


def propose(bond):
    receiver = bond.second.organisations[0]
    return propose_assignment(
        bond.commitments[0], receiver, 1_000_000, "Other plans.", actor=bond.investor, once=uuid.uuid4()
    )


def test_who_is_in_default_takes_over_nothing(bond, part, browse):
    """Neither what is proposed then nor what was on its way; and it may again once the money came."""
    underway, accepted = propose(bond), propose(bond)
    accept_assignment(accepted, digest_to_join(accepted), actor=bond.second)
    with after(part, 20):
        made = declare(bond, part)
        with pytest.raises(NotNow, match="waits for a second person"):
            consent_to_assignment(accepted, actor=bond.intermediary)
        confirm_default(made, actor=bond.colleague)
        with pytest.raises(Refused, match="cannot take over"):
            propose(bond)
        with pytest.raises(NotNow):
            accept_assignment(underway, "", actor=bond.second)
        with pytest.raises(NotNow):
            consent_to_assignment(accepted, actor=bond.intermediary)
        url = f"/assignments/{accepted.id}/consent"
        assert "is in default" in browse(bond.intermediary).get_ok(url).text
        assert browse(bond.intermediary).post_form(url, with_password(bond.intermediary)).status_code == 409
        form = {"receiver": str(bond.second.organisations[0].id), "amount": "10", "reason": "x", "password": PASSWORD}
        answer = browse(bond.investor).post_form(f"/commitments/{bond.commitments[0].id}/assign", form)
        assert answer.status_code == 422 and "cannot take over" in answer.text and "in default" not in answer.text
        receive_capital(part, clock.today(), actor=bond.intermediary)
        assert consent_to_assignment(accepted, actor=bond.intermediary).organisation_id == part.organisation_id
    assert db.session.scalars(select(InvestorDefault)).unique().one().state == DefaultState.CURED

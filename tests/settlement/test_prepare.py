"""The intermediary prepares, a second person checks (domain, sections 2 and 3.7)."""

import uuid
from datetime import date

import pytest

from app.agreements.states import AgreementState
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.outcomes.states import ClaimState
from app.settlement.models import Settlement
from app.settlement.operations import check_settlement, prepare_settlement
from app.settlement.reference import is_creditor_reference
from app.settlement.states import SettlementState, StatementState
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import with_password
from tests.factories.settlement import make_settlement
from tests.told import recorded, told

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/settlements/prepare"


def test_the_intermediary_prepares(bond, path, browse):
    claim = make_signed_off(bond)
    make_signed_off(bond, bond.hengelo)
    make_signed_off(bond, achieved_on=date(2026, 7, 1))  # after the period
    browser = browse(bond.intermediary)
    answer = browser.post_form(path, {"period_to": "2026-06-30"})

    made = db.session.scalars(db.select(Settlement)).one()
    assert (made.number, made.period_from, made.period_to) == (1, date(2026, 1, 1), JUNE)
    assert (made.state, made.paid_minor, len(made.lines)) == (SettlementState.PREPARED, 400_000, 2)
    assert [statement.state for statement in made.statements] == [StatementState.OPEN] * 2
    assert all(is_creditor_reference(statement.reference) for statement in made.statements)
    assert "€4,000.00" in browser.follow(answer).text
    assert told("settlement.prepare") == {bond.colleague.email}
    assert recorded("settlement.prepare") == [{"number": 1, "digest": made.digest}]
    db.session.refresh(claim)
    assert claim.state == ClaimState.SIGNED_OFF, "settled only when every municipality has approved"


def test_a_double_click_is_one_settlement(bond):
    make_signed_off(bond)
    once = uuid.uuid4()
    for _ in range(2):
        prepare_settlement(bond.programme, JUNE, actor=bond.intermediary, once=once)
    assert db.session.query(Settlement).count() == 1


@pytest.mark.parametrize("day, words", [("2026-11-16", "future"), ("2025-12-31", "or later"), ("", "Fill this in")])
def test_a_wrong_day_is_refused_on_the_field(bond, path, browse, day, words):
    make_signed_off(bond)
    answer = browse(bond.intermediary).post_form(path, {"period_to": day})
    assert answer.status_code == 422
    assert words in soup(answer).select_one("#period_to-error").text
    assert db.session.query(Settlement).count() == 0


def test_nothing_signed_off_nothing_to_settle(bond):
    from tests.factories.outcomes import make_claim

    make_claim(bond, state=ClaimState.VERIFIED)
    with pytest.raises(Refused):
        make_settlement(bond, JUNE)


def test_one_settlement_at_a_time(bond, path, browse):
    make_signed_off(bond)
    make_settlement(bond, JUNE, checked=True)
    make_signed_off(bond, achieved_on=date(2026, 8, 1))
    with pytest.raises(NotNow):
        make_settlement(bond, date(2026, 8, 31))
    answer = browse(bond.intermediary).post_form(path, {"period_to": "2026-08-31"})
    assert answer.status_code == 409
    assert "2026-08-31" in answer.text


def test_a_later_settlement_follows_the_last(bond):
    make_signed_off(bond)
    make_settlement(bond, JUNE, approved=True)
    make_signed_off(bond, achieved_on=date(2026, 8, 1))
    with pytest.raises(Refused):
        make_settlement(bond, JUNE)
    assert make_settlement(bond, date(2026, 8, 31)).number == 2


def test_no_agreement_no_settlement(bond):
    make_signed_off(bond)
    bond.agreement.state = AgreementState.OFFERED
    db.session.commit()
    with pytest.raises(NotNow):
        make_settlement(bond, JUNE)


@pytest.mark.parametrize("who", ["provider", "assessor", "official", "neighbour", "auditor"])
def test_nobody_else_prepares(bond, path, browse, who):
    make_signed_off(bond)
    assert browse(getattr(bond, who)).get(path).status_code == 403
    with pytest.raises(NotYours):
        prepare_settlement(bond.programme, JUNE, actor=getattr(bond, who), once=uuid.uuid4())
    assert db.session.query(Settlement).count() == 0


def test_a_second_person_checks(bond, browse):
    make_signed_off(bond)
    settlement = make_settlement(bond, JUNE)
    path = f"/settlements/{settlement.id}/check"
    assert browse(bond.intermediary).get(path).status_code == 403
    with pytest.raises(NotYours):
        check_settlement(settlement, actor=bond.intermediary)

    own = with_password(bond.colleague)
    assert browse(bond.colleague).post_form(path, {"password": "no"}).status_code == 422
    assert browse(bond.colleague).post_form(path, own).status_code == 303
    db.session.refresh(settlement)
    assert (settlement.state, settlement.checked_by_id) == (SettlementState.CHECKED, bond.colleague.id)
    assert told("settlement.check") == {bond.official.email}, "the municipality with residents among the lines"
    assert browse(bond.colleague).get(path).status_code == 409

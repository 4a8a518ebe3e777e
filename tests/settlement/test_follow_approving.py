"""The last approval of a large settlement is done beside the request: thousands of effects are settled by it."""

from datetime import date

import pytest

from app.core import progress
from app.extensions import db
from app.outcomes.states import ClaimState
from app.settlement import operations
from app.settlement.states import SettlementState, StatementState
from tests.conftest import browser_of
from tests.factories.outcomes import make_batch, make_delivery
from tests.factories.people import with_password
from tests.factories.settlement import make_settlement, statement_of
from tests.factories.verification import make_claims
from tests.settlement.test_follow_preparing import ended

EFFECTS, JUNE = 150, date(2026, 6, 30)


@pytest.fixture
def in_november():
    """These tests do not move the clock, which another thread would not see."""


@pytest.fixture
def bond(app_beside, monkeypatch):
    monkeypatch.setattr(progress, "LARGE", 100)
    monkeypatch.setattr(operations, "SETTLED_AT_ONCE", 40)
    with app_beside.app_context():
        bond = make_delivery()
        make_claims(bond, EFFECTS)
        db.session.execute(db.text("UPDATE claim SET state = 'verified' WHERE state = 'submitted'"))
        make_batch(bond)
        yield bond
        db.session.remove()
        db.engine.dispose()


def states(bond):
    db.session.rollback()
    found = db.text("SELECT state, count(*) FROM claim WHERE programme_id = :key GROUP BY state")
    return dict(db.session.execute(found, {"key": bond.programme.id.hex}).all())


def test_it_tells_how_far_it_is_and_ends_with_the_statement(app_beside, bond):
    settlement = make_settlement(bond, JUNE, checked=True)
    own = statement_of(settlement, bond.enschede)
    official = browser_of(app_beside, bond.official)
    answer = official.post_form(f"/statements/{own.id}/approve", with_password(bond.official))
    address = answer.headers["Location"]
    assert address.startswith(f"/statements/{own.id}/approve/") and address.endswith("/progress")
    assert browser_of(app_beside, bond.neighbour).get(address).status_code == 404
    made = ended(official, address)
    assert made.status_code == 303, made.text
    assert made.headers["Location"] == f"/statements/{own.id}"
    assert states(bond) == {ClaimState.SETTLED: EFFECTS}
    db.session.refresh(settlement)
    assert settlement.state == SettlementState.APPROVED


def test_an_effect_that_changed_meanwhile_stops_all_of_it(app_beside, bond):
    settlement = make_settlement(bond, JUNE, checked=True)
    own = statement_of(settlement, bond.enschede)
    one = db.text("UPDATE claim SET state = 'settled' WHERE id = :id")
    db.session.execute(one, {"id": settlement.lines[120].claim_id.hex})
    db.session.commit()
    official = browser_of(app_beside, bond.official)
    answer = ended(
        official, official.post_form(f"/statements/{own.id}/approve", with_password(bond.official)).headers["Location"]
    )
    assert "does not wait for settlement any more" in answer.text
    assert states(bond) == {ClaimState.SIGNED_OFF: EFFECTS - 1, ClaimState.SETTLED: 1}, "no portion was kept"
    db.session.refresh(own)
    assert own.state == StatementState.OPEN

"""The same round and the same pages on both databases."""

from datetime import date

import pytest
from flask import Flask

from app.extensions import db
from app.ledger.balances import bank_minor
from app.progress.cash_plan import cash_plan
from app.progress.guarding import look_after
from app.progress.models import EarlyWarning, ProgressMilestone
from app.progress.states import CashKind, MilestoneState
from tests.factories.outcomes import make_claim
from tests.factories.treasury import call, fund, owe
from tests.progress.conftest import win_with_budget
from tests.progress.test_cash_plan import plan


@pytest.fixture
def app(both: Flask) -> Flask:
    return both


def test_a_round_and_the_pages(bond, browse):
    fund(bond, 1_000_000)
    call(bond, 400_000)
    owe(bond, 100_000)
    win_with_budget(bond, {2027: 1_200_000})
    plan(bond, CashKind.DISTRIBUTIONS, date(2027, 3, 1), 50_000)
    make_claim(bond)
    assert look_after(bond.programme) and not look_after(bond.programme)
    settled = db.session.scalars(db.select(ProgressMilestone).filter_by(code="settled-2026-06-30")).one()
    assert settled.state == MilestoneState.MET, "every municipality approved"
    assert db.session.scalars(db.select(EarlyWarning)).all()
    found = cash_plan(bond.programme, 100)
    assert found.opening == bank_minor(bond.programme.id) == 1_000_000
    assert found.months[0].moved[CashKind.CAPITAL] == 400_000
    for room in ("progress", "cash-plan?success=100"):
        browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/{room}")
    assert browse(bond.intermediary).get(f"/programmes/{bond.programme.id}/cash-plan.xlsx").status_code == 200

"""Running costs against the budget of the plan that won (issue 6, treasury)."""

from sqlalchemy import select

from app.extensions import db
from app.programmes.models import Programme
from app.treasury.budget import budget_lines
from app.treasury.models import CostPayment
from app.treasury.states import PaymentState
from tests.conftest import browser_of
from tests.world import person


def test_what_is_paid_stands_beside_what_the_plan_said(world):
    """Each provider's own lines, by year, with what they are for; a payment counts in its year."""
    from app.agreements.models import agreement_in_force

    cost = db.session.scalars(select(CostPayment).filter_by(state=PaymentState.APPROVED)).unique().first()
    programme = db.session.get_one(Programme, cost.programme_id)
    winners = db.session.scalars(agreement_in_force(programme.id)).unique().one().evaluation.winners()
    year = cost.created_at.year
    winners[0].discount = (winners[0].discount or {"discount_bp": None}) | {
        "budget": [
            {"organisation_id": str(cost.organisation_id), "year": year, "what": "Coaches", "amount_minor": 100},
            {"organisation_id": str(cost.organisation_id), "year": year, "what": "Start of 20", "amount_minor": 50},
            {"organisation_id": str(cost.organisation_id), "year": year + 1, "what": "", "amount_minor": 7},
        ]
    }
    db.session.flush()
    of_year, next_year = budget_lines(programme, cost.organisation_id)
    paid = sum(
        one.amount_minor
        for one in db.session.scalars(select(CostPayment).filter_by(organisation_id=cost.organisation_id)).unique()
        if one.state != PaymentState.REJECTED and one.created_at.year == year
    )
    assert (of_year.budgeted_minor, of_year.paid_minor, of_year.what) == (150, paid, "Coaches; Start of 20")
    assert of_year.left_minor == 150 - paid < 0
    assert (next_year.year, next_year.budgeted_minor, next_year.paid_minor) == (year + 1, 7, 0)
    page = browser_of(world, person("treasurer")).get_ok(f"/programmes/{programme.id}/costs/prepare").text
    assert "Start of 20" in page and "te veel" in page  # Dutch, as this person chose


def test_the_costs_of_the_demonstration_stand_against_the_budget_of_the_plan(world):
    """The second envelope of the plan that won names a budget for each partner and year; what was paid fits in it."""
    found = select(Programme).where(Programme.title == "SIB Jongvolwassenen Enschede en Hengelo")
    programme = db.session.scalars(found).unique().one()
    lines = budget_lines(programme)
    paid = [one for one in lines if one.paid_minor]
    assert paid and all(one.budgeted_minor for one in lines)
    assert all(one.left_minor >= 0 for one in paid)
    costs = select(CostPayment).filter_by(programme_id=programme.id, state=PaymentState.APPROVED)
    approved = sum(one.amount_minor for one in db.session.scalars(costs).unique())
    assert sum(one.paid_minor - one.waiting_minor for one in lines) == approved


def test_the_costs_of_a_bond_without_a_tender_stand_against_its_agreement(world):
    """The bond near its end was made without a tender: its agreement lays down 18,500.00 and 9,000.00, and the desk
    reads that; 27,000.00 was paid. What falls after the last year of the budget has its reason."""
    found = select(Programme).where(Programme.title == "Op eigen benen in Twente")
    programme = db.session.scalars(found).unique().one()
    lines = budget_lines(programme)
    assert sum(one.budgeted_minor for one in lines) == 2_750_000 and sum(one.paid_minor for one in lines) == 2_700_000
    over = {one.year for one in lines if one.left_minor < 0}
    costs = db.session.scalars(select(CostPayment).filter_by(programme_id=programme.id)).unique()
    assert all(bool(one.over_budget_because) == (one.year in over) for one in costs)
    page = browser_of(world, person("treasurer")).get_ok(f"/programmes/{programme.id}/costs/prepare").text
    assert "De eerste jongeren zijn gestart" in page

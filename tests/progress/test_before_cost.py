"""Running costs are paid against the budget of the plan and the milestones, and the second person sees both (issue 6,
treasury: "against budget and milestones with approval by a second person"). Amounts by hand."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.progress.operations import add_milestone
from app.treasury.budget import budget_lines
from app.treasury.models import CostPayment
from app.treasury.operations import prepare_cost
from tests.factories.people import with_password
from tests.factories.treasury import fund, pay_cost
from tests.progress.conftest import win_with_budget
from tests.told import recorded


def prepare(bond, amount, because=""):
    to = bond.programme, bond.provider_organisation, amount, "Coaching", because
    return prepare_cost(*to, actor=bond.intermediary, once=uuid.uuid4())


def test_above_the_budget_is_refused_without_a_reason_that_the_second_person_reads(bond, browse):
    """1,000.00 for 2026: 600.00 is paid and 300.00 waits. 100.00 fits, 100.01 does not without a reason."""
    win_with_budget(bond, {2026: 100_000, 2027: 500_000})
    fund(bond, 1_000_000)
    pay_cost(bond, 60_000)
    prepare(bond, 30_000)
    [this_year, _next] = budget_lines(bond.programme, bond.provider_organisation.id)
    assert (this_year.paid_minor - this_year.waiting_minor, this_year.waiting_minor, this_year.left_minor) == (
        60_000,
        30_000,
        10_000,
    )
    desk, url = browse(bond.intermediary), f"/programmes/{bond.programme.id}/costs/prepare"
    typed = {"organisation": str(bond.provider_organisation.id), "amount": "100.01", "description": "Coaching"}
    refused = desk.post_form(url, typed)
    assert refused.status_code == 422 and "€100.00 is left" in refused.text and 'value="100.01"' in refused.text
    with pytest.raises(Refused):
        prepare(bond, 10_001, "  ")
    why = "More people than planned came in November."
    assert desk.post_form(url, typed | {"over_budget_because": why}).status_code == 303
    over = db.session.scalars(db.select(CostPayment).filter_by(amount_minor=10_001)).unique().one()
    assert recorded("cost.prepare")[-1]["over_budget_because"] == why
    page = browse(bond.colleague).get_ok(f"/costs/{over.id}/approve").text
    assert all(one in page for one in (why, "€1,000.00", "€600.00", "€300.00", "€100.01", "over by €0.01"))
    approve = f"/costs/{over.id}/approve"
    assert browse(bond.colleague).post_form(approve, with_password(bond.colleague)).status_code == 303
    assert why not in browse(bond.provider).get_ok(f"/costs/{over.id}").text, "between those who decide"


def test_to_the_cent_it_fits_and_a_reason_is_not_kept(bond):
    win_with_budget(bond, {2026: 100_000})
    fund(bond, 1_000_000)
    assert prepare(bond, 100_000, "Nobody asked").over_budget_because == ""


def test_where_no_budget_is_known_the_page_says_so_and_nothing_is_refused(bond, browse):
    fund(bond, 1_000_000)
    cost = prepare(bond, 900_000)
    assert "No budget of a plan is known" in browse(bond.colleague).get_ok(f"/costs/{cost.id}/approve").text


def test_a_milestone_that_is_not_met_is_told_to_who_approves(bond, browse):
    """It does not stop the payment, for people work before a goal is reached; who approves has it in sight."""
    fund(bond, 1_000_000)
    due = clock.today() + timedelta(days=5)
    facts = "Twelve coaches at work", bond.provider_organisation, due
    add_milestone(bond.programme, *facts, actor=bond.intermediary, once=uuid.uuid4())
    cost = prepare(bond, 10_000)
    page = browse(bond.colleague).get_ok(f"/costs/{cost.id}/approve").text
    assert "Twelve coaches at work" in page and "Agreed, and not met" not in page
    with clock.at(clock.now() + timedelta(days=6)):
        for url in (f"/costs/{cost.id}", f"/costs/{cost.id}/approve", f"/programmes/{bond.programme.id}/costs/prepare"):
            page = browse(bond.colleague).get_ok(url).text
            assert "Agreed, and not met" in page and "Twelve coaches at work" in page
        approve = f"/costs/{cost.id}/approve"
        assert browse(bond.colleague).post_form(approve, with_password(bond.colleague)).status_code == 303

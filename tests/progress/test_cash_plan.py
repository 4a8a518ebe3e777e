"""The cash plan from the books: what is owed, promised, planned and expected, and who may see it (issue 6)."""

import io
import uuid
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from app.core.errors import Refused
from app.extensions import db
from app.programmes.states import Phase
from app.progress.cash_plan import cash_plan
from app.progress.models import CashLine
from app.progress.planning import LineFacts, plan_line
from app.progress.states import CashKind
from app.treasury.operations import prepare_cost, receive_payment
from tests.factories.treasury import call, fund, owe, pay_cost
from tests.progress.conftest import TODAY, win_with_budget
from tests.told import recorded


def plan(bond, kind, on, amount, words="By hand"):
    return plan_line(bond.programme, LineFacts(kind, on, amount, words), actor=bond.intermediary, once=uuid.uuid4())


def month(found, first):
    return next(one for one in found.months if one.first == first)


def path(bond, rest=""):
    return f"/programmes/{bond.programme.id}/cash-plan{rest}"


def test_known_and_planned_money(bond):
    """10,000.00 paid in and 1,000.00 spent; 5,000.00 called for 29 November; 2,000.00 waits for a second person; a
    municipality still owes 600.00 of 1,000.00, thirty days from today; 3,000.00 is planned for January."""
    fund(bond, 1_000_000)
    pay_cost(bond, 100_000)
    call(bond, 500_000)
    prepare_cost(
        bond.programme, bond.provider_organisation, 200_000, "Rent", actor=bond.intermediary, once=uuid.uuid4()
    )
    [statement] = owe(bond, 100_000)
    receive_payment(statement, amount_minor=40_000, actor=bond.intermediary)
    plan(bond, CashKind.COSTS, date(2027, 1, 31), 300_000)
    found = cash_plan(bond.programme)
    assert found.opening == 940_000
    november, december, january = (
        month(found, first) for first in (date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1))
    )
    assert (november.moved[CashKind.CAPITAL], november.moved[CashKind.COSTS]) == (500_000, 200_000)
    assert december.moved[CashKind.EFFECTS] == 60_000
    assert january.moved[CashKind.COSTS] == 300_000
    assert (november.closing, december.closing, january.closing) == (1_240_000, 1_300_000, 1_000_000)
    assert found.months[-1].first == date(2029, 12, 1), "to the end of the tail"


def test_expected_effects_are_counted_on_only_when_asked(bond):
    """The table expects ten of 2,000.00 (2,500.00 less a fifth). Half of them is half of the money."""
    sums = [
        sum(one.moved[CashKind.EFFECTS] for one in cash_plan(bond.programme, percent).months)
        for percent in (0, 50, 100)
    ]
    assert sums[0] == 0 and sums[2] == 10 * 200_000
    assert sums[2] // 2 - 10 <= sums[1] <= sums[2] // 2


def test_the_budget_of_the_winning_plan_fills_years_without_lines(bond):
    """24,000.00 for 2027 is 2,000.00 a month, until the intermediary plans costs for that year itself."""
    win_with_budget(bond, {2026: 100_000, 2027: 2_400_000})
    fund(bond, 1_000_000)
    pay_cost(bond, 90_000)
    found = cash_plan(bond.programme)
    assert month(found, date(2026, 11, 1)).moved[CashKind.COSTS] == 5_000, "half of what is left of 2026"
    assert month(found, date(2027, 6, 1)).moved[CashKind.COSTS] == 200_000
    plan(bond, CashKind.COSTS, date(2027, 3, 1), 1)
    found = cash_plan(bond.programme)
    assert sum(one.moved[CashKind.COSTS] for one in found.months if one.first.year == 2027) == 1


def test_a_line_through_the_page_and_out_again(bond, browse):
    browser = browse(bond.intermediary)
    typed = {"kind": "costs", "on": "2027-01-20", "amount": "1500", "description": "Coaches"}
    assert browser.post_form(path(bond, "/lines/plan"), typed).status_code == 303
    line = db.session.scalars(db.select(CashLine)).one()
    assert (line.month, line.amount_minor) == (date(2027, 1, 1), 150_000)
    page = browser.get_ok(path(bond)).text
    assert "Coaches" in page and "The money runs out" in page and "January 2027" in page
    assert browser.post_form(f"/cash-lines/{line.id}/remove").status_code == 303
    assert not db.session.scalars(db.select(CashLine)).all()
    assert [facts["amount"] for facts in (*recorded("cash_line.plan"), *recorded("cash_line.remove"))] == [150_000] * 2
    assert "No month ends below zero" in browser.get_ok(path(bond)).text


@pytest.mark.parametrize(
    "change",
    [
        {"on": "2026-10-31"},
        {"on": "2040-01-01"},
        {"on": "2030-01-01"},  # capital is called for the work, which ends with 2029
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "600000.01"},  # no more was allotted
        {"kind": ""},  # nobody plans capital by forgetting to choose
        {"kind": "costs", "amount": "9000000"},
        {"kind": "costs", "on": "2031-01-01"},  # a year after the end everything is paid
        {"description": "BSN 123456782"},
    ],
)
def test_what_is_refused_stays_as_it_was_typed(bond, browse, change):
    typed = {"kind": "capital", "on": str(TODAY), "amount": "1500", "description": "Coaches"} | change
    answer = browse(bond.intermediary).post_form(path(bond, "/lines/plan"), typed)
    assert answer.status_code == 422 and typed["description"] in answer.text
    assert not db.session.scalars(db.select(CashLine)).all()


def test_for_the_desk_and_the_auditor(bond, browse):
    line = plan(bond, CashKind.COSTS, TODAY + timedelta(days=60), 100)
    assert browse(bond.auditor).get_ok(path(bond))
    assert browse(bond.auditor).get(path(bond, "/lines/plan")).status_code == 403
    assert browse(bond.auditor).get(f"/cash-lines/{line.id}/remove").status_code == 403
    for who in ("investor", "provider", "assessor", "official"):
        assert browse(getattr(bond, who)).get(path(bond)).status_code == 403
        assert browse(getattr(bond, who)).get(f"/cash-lines/{line.id}/remove").status_code == 404


def test_the_workbook_holds_the_same_figures(bond, browse):
    fund(bond, 1_000_000)
    plan(bond, CashKind.COSTS, date(2026, 12, 1), 25_050, "=1+1")
    answer = browse(bond.auditor).get(path(bond, ".xlsx"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    months = book.get_sheet_by_index(1).to_python()
    assert months[1][1] == 10_000 and months[2][0] == date(2026, 12, 1)
    assert months[2][4] == -250.5 and months[2][-1] == 9_749.5
    assert book.get_sheet_by_index(2).to_python()[1][2] == "=1+1", "text, no formula"


def test_the_plan_of_a_closed_bond_stays_as_it_was(bond, browse):
    line = plan(bond, CashKind.COSTS, TODAY, 100)
    bond.programme.phase = Phase.CLOSED
    db.session.commit()
    assert browse(bond.intermediary).get(f"/cash-lines/{line.id}/remove").status_code == 409
    assert browse(bond.intermediary).get_ok(path(bond))
    assert db.session.scalars(db.select(CashLine)).all()


def test_no_more_capital_is_planned_or_counted_on_than_was_promised(bond, browse):
    """All that was allotted may be planned once; what is called meanwhile goes off what the lines may count on."""
    left = cash_plan(bond.programme).undrawn
    plan(bond, CashKind.CAPITAL, date(2027, 1, 1), left - 100)
    with pytest.raises(Refused, match="still be called"):
        plan(bond, CashKind.CAPITAL, date(2027, 2, 1), 101)
    plan(bond, CashKind.CAPITAL, date(2027, 2, 1), 100)
    call(bond, 500_000)
    found = cash_plan(bond.programme)
    assert (found.undrawn, found.too_much) == (left - 500_000, 500_000)
    assert sum(one.moved[CashKind.CAPITAL] for one in found.months) == left, "500,000 called and the rest by the lines"
    assert "more than can still be called" in browse(bond.intermediary).get_ok(path(bond)).text


def test_nothing_is_distributed_before_the_bond_begins(bond):
    bond.programme.starts_on = date(2027, 3, 1)
    db.session.commit()
    with pytest.raises(Refused, match="before the bond begins"):
        plan(bond, CashKind.DISTRIBUTIONS, date(2027, 2, 1), 100)
    plan(bond, CashKind.CAPITAL, date(2027, 2, 1), 100)
    plan(bond, CashKind.DISTRIBUTIONS, date(2027, 3, 1), 100)


def test_after_an_early_end_a_budget_pays_for_the_months_that_are_left(bond, browse):
    """24,000.00 for twelve months of 2027; the bond ends in March: 6,000.00. A later line is marked."""
    win_with_budget(bond, {2027: 2_400_000})
    bond.agreement.terms = bond.agreement.terms | {"programme": {"tail_until": "2029-12-31", "ends_on": "2028-12-31"}}
    db.session.commit()
    plan(bond, CashKind.COSTS, date(2029, 1, 1), 100, "After all")
    bond.programme.ends_on = bond.programme.tail_until = date(2027, 3, 31)
    db.session.commit()
    found = cash_plan(bond.programme)
    assert sum(one.moved[CashKind.COSTS] for one in found.months if one.first.year == 2027) == 600_000
    assert "after the end of the bond" in browse(bond.intermediary).get_ok(path(bond)).text


def test_a_half_year_that_is_settled_in_part_counts_once(bond):
    """The half-year to 31 December is expected to bring something; 1,000.00 of it was settled on 10 November."""

    def expected():
        flows = [one for month in cash_plan(bond.programme, 100).months for one in month.flows if not one.certain]
        return [one for one in flows if one.kind == CashKind.EFFECTS]

    before = {one.on: one.amount_minor for one in expected()}
    [statement] = owe(bond, 100_000)
    statement.settlement.period_to = date(2026, 11, 10)
    db.session.commit()
    after = {one.on: one.amount_minor for one in expected()}
    first = min(on for on in before if on > date(2027, 1, 1))
    left = before.pop(first) - 100_000
    assert after.pop(first, 0) == max(0, left)
    assert after == {on: amount for on, amount in before.items() if on > first}


def test_what_the_plan_leaves_out_is_said(bond, browse):
    """A year without costs, distributions that nobody planned, costs after the end."""
    win_with_budget(bond, {2026: 100_000, 2027: 2_400_000})
    found = cash_plan(bond.programme)
    assert found.without_costs == [2028, 2029]
    plan(bond, CashKind.COSTS, date(2030, 2, 1), 100, "Evaluation")
    page = browse(bond.intermediary).get_ok(path(bond)).text
    assert "For 2028, 2029 no running costs are known or planned" in page
    assert "after the end of the bond on 31 December 2029: Evaluation" in page
    assert "Of distributions the plan counts only" in page
    assert "December 2029" in page and "The first 18 months" not in page

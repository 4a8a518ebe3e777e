"""An investor's own figures, and the effects behind them as aggregates only (issue 2; domain 9: small numbers)."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from app.capital.scenario import outcome_minor
from app.core import clock
from app.extensions import db
from app.pricing.models import table_in_force
from app.programmes.states import Phase
from app.treasury.behind import effects_for_investors
from app.treasury.flows import allotted, own_minor, real_flows, run, undrawn_minor, undrawn_of
from app.treasury.holding_files import parts_of, statement_document
from app.treasury.operations import receive_payment
from app.treasury.projection import projections
from app.treasury.queries import holding, peak_exposure_minor
from tests.browser import soup
from tests.factories.outcomes import publish
from tests.factories.people import make_organisation, make_user
from tests.factories.treasury import FIRST_LOSS, call, fund, make_funded, owe, pay_cost
from tests.treasury.test_distribution import distribute, earn, in_days


@pytest.fixture
def bond(app):
    """300,000.00 of two investors in one tranche, all spent."""
    made = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    fund(made, 30_000_000)
    pay_cost(made, 30_000_000)
    return made


def of(bond, user):
    return holding(bond.programme, user.organisations[0])


def test_figures_before_and_after_a_distribution(bond):
    """After a year 330,000.00 comes back for 300,000.00: capital and a tenth more, 10 % a year."""
    before = of(bond, bond.investor)
    assert (before.committed, before.called, before.paid_in, before.outstanding) == (10_000_000,) * 4
    assert (before.distributed, before.multiple, before.rate) == (0, "0.0000", None)
    with in_days(365):
        earn(bond, 33_000_000)
        distribute(bond)
    after = of(bond, bond.investor)
    assert (after.principal, after.returned, after.outstanding) == (10_000_000, 1_000_000, 0)
    assert (after.multiple, after.rate) == ("1.1000", Decimal("0.100000"))


def test_called_is_not_yet_paid_in(app):
    bond = make_funded()
    call(bond, 30_000_000)
    found = of(bond, bond.investor)
    assert (found.committed, found.called, found.paid_in) == (40_000_000, 20_000_000, 0)
    assert (found.multiple, found.rate) == (None, None)


def test_a_loss_is_a_loss_and_no_error(bond):
    """A tenth came back: no rate while more may come, also when all of it is given out and the last day of effects is
    past (a guarantee, a closing settlement); -90 % a year once the bond is closed."""
    with in_days(365):
        bond.programme.tail_until = clock.today() + timedelta(days=1)
        db.session.commit()
        earn(bond, 3_000_000)
        distribute(bond)
        assert of(bond, bond.investor).rate is None
    with in_days(367):
        assert of(bond, bond.investor).rate is None
        bond.programme.phase = Phase.CLOSED
        db.session.commit()
        assert of(bond, bond.investor).rate == Decimal("-0.900000")


def test_the_page_shows_an_investor_its_own(bond, browse):
    with in_days(365):
        earn(bond, 33_000_000)
        distribute(bond)
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding")
    figures = soup(page).select_one("dl.figures").text
    for shown in ("100,000.00", "10,000.00", "1.10", "10.00%"):
        assert shown in figures
    assert "200,000.00" not in page.text and "220,000.00" not in page.text
    other = bond.second.organisations[0]
    assert browse(bond.investor).get(f"/programmes/{bond.programme.id}/holding?investor={other.id}").status_code == 404


def test_the_desk_chooses_whose(bond, browse):
    other = bond.second.organisations[0]
    for person in (bond.intermediary, bond.auditor):
        page = browse(person).get_ok(f"/programmes/{bond.programme.id}/holding?investor={other.id}")
        assert "200,000.00" in page.text


def test_small_numbers_and_their_amounts_are_hidden(bond, browse):
    """Four participants of one effect: neither the count nor what was paid for it (price x count) is shown."""
    for statement in owe(bond, 800_000, claims=4):
        receive_payment(statement, actor=bond.intermediary)
    publish(bond)
    (row,) = effects_for_investors(bond.programme)
    assert row.figure.count is None and row.figure.small
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding")
    assert "fewer than 5" in page.text


def test_a_hidden_amount_reads_as_it_does_in_the_results(bond, browse):
    """One figure, one range, on every page that shows it."""
    for statement in [*owe(bond, 2_400_000, claims=12), *owe(bond, 400_000, 400_000, claims=2)]:
        receive_payment(statement, actor=bond.intermediary)
    publish(bond)
    read = []
    for page in ("holding", "results"):
        found = soup(browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/{page}"))
        read.append({one["data-figure"]: one.text for one in found.select("main [data-figure^='amount;effect=']")})
    holding, results = read
    assert holding and holding.items() <= results.items()
    assert all("–" in amount for amount in holding.values())


def test_five_are_shown(bond):
    for statement in owe(bond, 1_000_000, claims=5):
        receive_payment(statement, actor=bond.intermediary)
    publish(bond)
    (row,) = effects_for_investors(bond.programme)
    assert (row.figure.count, row.figure.amount_minor) == (5, None), "exact cash is read of the whole bond alone"


def test_what_counts_now_reads_alike_as_figure_and_in_the_table(bond, browse):
    """120,000.00 signed for, 100,000.00 allotted: the figure and the column are the same amount."""
    bond.commitments[0].amount_minor = 12_000_000
    db.session.commit()
    page = soup(browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding"))
    held = next(one for one in page.select("table") if one.caption.text == "Commitments that are held now")
    cells = {cell["data-label"]: cell.text for cell in held.select("tbody td")}
    assert cells == {"Signed for": "€120,000.00", "Counts now": "€100,000.00"}
    assert (
        next(one for one in page.select("dl.figures div") if one.dt.text == "Committed").dd.text.strip()
        == "€100,000.00"
    )


def test_what_was_not_paid_is_not_behind_it(bond):
    owe(bond, 1_000_000, claims=5)
    publish(bond)
    assert effects_for_investors(bond.programme) == []


def test_who_has_no_holding(bond, browse):
    url = f"/programmes/{bond.programme.id}/holding"
    for person in (bond.provider, bond.assessor, bond.official, make_user(make_organisation())):
        assert browse(person).get(url).status_code == 403
    assert browse().get(url).status_code == 303


def test_illustrative_prices_are_said(bond, browse):
    bond.programme.illustrative = True
    db.session.commit()
    with clock.at(clock.now() + timedelta(days=1)):
        for url in (f"/programmes/{bond.programme.id}/holding", f"/programmes/{bond.programme.id}/treasury"):
            assert "Illustrative prices" in browse(bond.intermediary).get_ok(url).text


def test_peak_exposure_is_the_most_ever_in_the_bond(bond):
    """100,000.00 in, 10,000.00 back, nothing more in: the peak was before the distribution."""
    with in_days(100):
        earn(bond, 3_000_000)
        distribute(bond)
        found = of(bond, bond.investor)
    assert (found.peak_exposure(), found.outstanding) == (10_000_000, 9_000_000)


def test_a_projection_stands_apart_from_what_happened(bond, browse):
    """70 people x 2,000.00 is 140,000.00 at 100 % for 300,000.00 of capital; a third of it is this investor's."""
    found = projections(bond.programme, of(bond, bond.investor))
    assert [(one.percent, one.paid_in, one.distributed) for one in found] == [
        (0, 10_000_000, 0),
        (50, 10_000_000, whole(bond, 50) // 3),
        (100, 10_000_000, whole(bond, 100) // 3),
    ]
    assert found[0].rate == Decimal(-1) and found[0].multiple == "0.0000"
    page = soup(browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding"))
    assert "projected, not realised" in page.text
    assert "Half is not what is expected" in page.text
    assert "known when all capital is back" in page.select_one("dl.figures").text


def whole(bond, percent):
    table = db.session.scalar(table_in_force(bond.programme.id))
    return outcome_minor(table, bond.programme.shares, bond.programme.cohort_size * percent // 100)


def test_a_projection_counts_no_vat(app):
    """70 x (2,000.00 + 1,200.00 + 10.00) is 224,700.00 with 21 % of VAT in it: 185,702.48 comes in; half for half."""
    bond = make_funded((15_000_000, 15_000_000), tranches=(FIRST_LOSS,), table={"vat_bp": 2_100})
    assert whole(bond, 100) == 22_470_000
    found = projections(bond.programme, of(bond, bond.investor))
    assert [one.distributed for one in found] == [0, 4_642_562, 9_285_124]


def test_a_projection_counts_what_can_still_be_called(app):
    bond = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 15_000_000)
    found = projections(bond.programme, of(bond, bond.investor))
    assert [one.paid_in for one in found] == [10_000_000] * 3


def test_a_projection_counts_what_is_called_and_not_received(app):
    """Half is called and awaited, half can still be called: all of it will be paid in."""
    bond = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    call(bond, 15_000_000)
    found = projections(bond.programme, of(bond, bond.investor))
    assert [one.paid_in for one in found] == [10_000_000] * 3
    assert found[2].distributed == whole(bond, 100) // 3


def test_a_projection_tells_nothing_of_payments_that_were_not_distributed(bond):
    """Domain 9: from the share of a payment an investor could tell a single effect."""
    before = projections(bond.programme, of(bond, bond.investor))
    earn(bond, 1_500_000)
    assert projections(bond.programme, of(bond, bond.investor)) == before


def test_a_distribution_is_part_of_what_is_projected(bond):
    with in_days(100):
        earn(bond, 3_000_000)
        distribute(bond)
        found = projections(bond.programme, of(bond, bond.investor))
    assert [one.distributed for one in found] == [1_000_000, whole(bond, 50) // 3, whole(bond, 100) // 3]


def test_nothing_is_projected_once_the_bond_is_closed(bond):
    bond.programme.phase = Phase.CLOSED
    assert projections(bond.programme, of(bond, bond.investor)) == []


def test_after_the_last_day_of_effects_what_may_still_come_stands_apart_from_what_was_realised(app, browse):
    """100,000.00 of two in one tranche with 40,000.00 guaranteed, spent; 10,000.00 came back. If nothing more comes,
    40,000.00 is made up for; half of both is this investor's. No realised rate before the capital is back."""
    covered = FIRST_LOSS | {"guarantee_minor": 4_000_000, "guarantor": "Province"}
    made = make_funded((5_000_000, 5_000_000), tranches=(covered,))
    fund(made, 10_000_000)
    pay_cost(made, 10_000_000)
    with in_days(100):
        earn(made, 1_000_000)
        distribute(made)
        made.programme.tail_until = clock.today() - timedelta(days=1)
        db.session.commit()
        found = of(made, made.investor)
        rows = projections(made.programme, found)
        assert [one.percent for one in rows] == [None, 50, 100] and rows[0].distributed == 500_000 + 2_000_000
        assert found.rate is None and rows[0].rate is not None
        browser, url = browse(made.investor), f"/programmes/{made.programme.id}/holding"
        page = soup(browser.get_ok(url))
        assert "no rate yet" in page.select_one("dl.figures").text and "guarantee is counted" in page.text
        book = CalamineWorkbook.from_filelike(io.BytesIO(browser.get_ok(f"{url}/statement.xlsx").data))
        position = dict(book.get_sheet_by_name("Position").to_python()[1:])
        assert position["Rate of return a year (XIRR, realised)"] == "no rate yet"
        assert 25_000 in [row[2] for row in book.get_sheet_by_name("Projected, not realised").to_python()]


def test_the_statement_is_a_document_for_people(bond, browse):
    answer = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding/statement.pdf")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    parts = parts_of(bond.programme, of(bond, bond.investor), [], [])
    told = statement_document(bond.programme, of(bond, bond.investor), parts)
    words = str(told)
    assert "100,000.00" in words and "200,000.00" not in words and "no trading platform" in words


def test_the_statement_is_a_sheet_of_numbers(bond, browse):
    for statement in owe(bond, 800_000, claims=4):
        receive_payment(statement, actor=bond.intermediary)
    publish(bond)
    answer = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding/statement.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    position = dict(book.get_sheet_by_name("Position").to_python()[1:])
    assert (position["Paid in"], position["Peak exposure"], position["Multiple"]) == (100_000, 100_000, 0)
    assert book.get_sheet_by_name("Capital calls").to_python()[1][1] == clock.today() + timedelta(days=14)
    effects = book.get_sheet_by_name("Proven effects paid for").to_python()
    assert effects[1][1] == "<5" and not isinstance(effects[1][2], float)
    assert len(book.get_sheet_by_name("Projected, not realised").to_python()) >= 4


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_a_statement_is_for_its_investor_and_the_desk(bond, browse, kind):
    url = f"/programmes/{bond.programme.id}/holding/statement.{kind}"
    other = bond.second.organisations[0]
    assert browse(bond.investor).get(f"{url}?investor={other.id}").status_code == 404
    assert browse(bond.provider).get(url).status_code == 403
    assert browse(bond.intermediary).get(f"{url}?investor={other.id}").status_code == 200


def test_the_desks_peak_is_that_of_the_engine(bond):
    """Added up by day, and run through the order of payment: the same, also after money came in again."""
    with in_days(100):
        earn(bond, 3_000_000)
        distribute(bond)
        today, round = clock.today(), bond.round
        flows = real_flows(bond.programme, today)
        given = [(one.on, own_minor(one)) for one in flows.distributions]
        told = [*given, (today, 0)] if given[-1][0] < today else given
        ran = run(round, allotted(round), flows, told, apart=False)
        assert peak_exposure_minor(bond.programme, today) == ran.peak_exposure == 30_000_000
        assert undrawn_minor(round) == sum(undrawn_of(round)[1])

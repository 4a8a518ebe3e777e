"""What is expected stands first where an investor commits: 50 % success is not it (issue 6: scenarios at commitment).

The table: 2,000.00 after deadweight for work, the same for keeping it, at most 3,500.00 a person; a cohort of 50.
"""

import pytest
from sqlalchemy import update

from app.capital import queries
from app.extensions import db
from app.programmes.models import MunicipalityShare
from app.scenarios.expected_case import expected_of
from app.scenarios.figures import what_if
from app.scenarios.forms import form_of
from app.scenarios.queries import setting_of
from tests.browser import soup
from tests.factories.capital import make_investor, make_round
from tests.factories.pricing import make_effect, make_table

WORK, KEPT = "work-13w", "work-26w"
KEEPING = {"name": "Twenty-six weeks of work", "requires": [WORK], "price_minor": 250_000}


@pytest.fixture
def round(programme):
    """Open: 100,000.00 in one tranche."""
    programme.cohort_size = sum(share.cohort_size for share in programme.shares)
    return make_round(programme, target_minor=10_000_000, minimum_minor=1)


def table_of(programme, work=20, kept=15, months=(6, 12), **facts):
    """20 of the 50 are expected to find work, 15 of these to keep it."""
    table = make_table(programme, state="draft", effects=0, cap_per_person_minor=350_000, **facts)
    make_effect(table, WORK, expected_count=work, months_after=months[0])
    make_effect(table, KEPT, expected_count=kept, months_after=months[1], **KEEPING)
    table.state = "published"
    db.session.commit()
    return table


def expected(round, table, amount_minor=5_000_000):
    return expected_of(round, table, queries.outlooks(round, table, round.tranches[0], amount_minor))


def test_as_many_as_the_table_expects_and_not_half_of_all(round):
    """5 x 2,000.00 and 15 x 3,500.00 are 62,500.00, half of it for half of the capital. At 50 % 25 people reach both:
    87,500.00; whoever works the rates out of the cohort alone has 20 x 30 % keep it."""
    table = table_of(round.programme)
    (found,) = expected(round, table).scenarios
    assert (found.percent, found.participants) == (None, None)
    assert (found.paid_by_government, found.paid_in, found.paid_back) == (6_250_000, 5_000_000, 3_125_000)
    assert found.multiple == "0.6250"
    half = queries.outlooks(round, table, round.tranches[0], 5_000_000)[0].scenarios[1]
    assert half.paid_by_government == 8_750_000


def test_it_is_the_expected_case_of_the_what_if(round):
    """The whole target in one hand, as a what-if starts: the same amounts, multiple and rate, on the same days."""
    investor, table = make_investor(round), table_of(round.programme)
    (found,) = expected_of(round, table, [queries.outlook_in_all(round, table)]).scenarios
    setting = setting_of(round.programme, investor)
    form = form_of(setting, {})
    assert form.validate(), form.errors
    (whole,) = what_if(setting, form.assumptions(), 1).returns()
    position = whole.positions[1]
    assert (found.paid_in, found.paid_back) == (position.paid_in, position.distributed)
    assert (found.multiple, found.xirr) == (position.multiple, position.xirr) != (None, None)


def test_what_is_proven_after_the_end_is_not_expected_to_be_paid(round):
    """Whoever starts in the last half-year keeps work for 26 weeks 36 months later: after the last settlement."""
    late = table_of(round.programme, months=(6, 36))
    assert expected(round, late).scenarios[0].paid_by_government < 6_250_000


def test_the_guarantor_makes_up_for_what_is_expected_to_be_lost(round):
    """Of 100,000.00 37,500.00 is expected to be lost; 20,000.00 is guaranteed, half of it to half of the tranche."""
    round.tranches[0].guarantee_minor, round.tranches[0].guarantor = 2_000_000, "Provincie"
    (found,) = expected(round, table_of(round.programme)).scenarios
    assert (found.paid_back, found.by_guarantor) == (3_125_000 + 1_000_000, 1_000_000)


def test_the_vat_in_what_is_paid_is_not_the_investors(round):
    """62,500.00 holds 21 %: 51,652.89 comes in. At 100 % 50 x 3,500.00 is 175,000.00, of which 144,628.10 comes in."""
    table = table_of(round.programme, vat_bp=2_100)
    (found,) = expected(round, table, 10_000_000).scenarios
    assert found.paid_by_government == 6_250_000
    assert found.paid_back == pytest.approx(5_165_289, abs=35)  # each of 35 lines is rounded for itself
    everybody = queries.outlooks(round, table, round.tranches[0], 10_000_000)[0].scenarios[2]
    assert (everybody.paid_by_government, everybody.paid_back) == (17_500_000, 14_462_810)


def test_at_the_maximum_each_has_less(round):
    round.maximum_minor = 20_000_000
    found = expected(round, table_of(round.programme), 10_000_000).scenarios
    assert [one.paid_back for one in found] == [6_250_000, 3_125_000]


def test_a_table_that_expects_nothing_gives_no_expected_case(round, browse):
    """The 30, 50 and 70 % from which a what-if then starts are nobody's expectation."""
    table = table_of(round.programme, None, None)
    assert expected(round, table).scenarios == []
    page = soup(browse(make_investor(round)).get_ok(f"/rounds/{round.id}/commit"))
    assert "The price table says of no effect how many are expected" in page.text
    assert [row.th.text.strip()[:3] for row in scenario_rows(page)] == ["0 %", "50 ", "100"]


def test_an_effect_without_a_number_is_named(round, browse):
    table_of(round.programme, 20, None)
    page = soup(browse(make_investor(round)).get_ok(f"/rounds/{round.id}/commit"))
    told = next(one.text for one in page.select("main p") if "assumes 50 %" in one.text)
    assert "Twenty-six weeks of work" in told and "Thirteen weeks" not in told


def test_a_cohort_that_no_what_if_can_hold_is_said(round):
    table = table_of(round.programme)
    first = round.programme.shares[0]
    db.session.execute(update(MunicipalityShare).where(MunicipalityShare.id == first.id).values(cohort_size=10_000))
    db.session.commit()
    found = expected(round, table)
    assert found.scenarios == [] and "At most 10000 participants" in found.why_none


def test_the_expected_case_stands_first_and_in_the_promise(round, browse):
    table_of(round.programme)
    browser = browse(make_investor(round))
    shown = browser.get_ok(f"/rounds/{round.id}/commit")
    page = soup(shown)
    assert page.select_one("main h2 + ul li").text.split()[0] == "Expected:"
    labels = [row.th.text.strip() for row in scenario_rows(page)]
    assert labels[0].startswith("Expected") and "half of the participants reach every effect" in labels[2]
    assert [link for link in page.select("main a[href]") if "what-if?table=" in link["href"]]
    promise = soup(browser.submit(shown, {"amount": "50000"})).select_one("section.confirmation")
    facts = {one.text.strip(): one.find_next_sibling("dd").text.strip() for one in promise.select("dt")}
    assert facts["As expected"] == "You get back €31,250.00."
    assert facts["At no success"] == "You get back €0.00."


def scenario_rows(page):
    found = next(one for one in page.select("main table") if "All investors together" in one.caption.text)
    return found.select("tbody tr")

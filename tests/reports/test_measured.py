"""What is measured for a cohort, from registration to the public page, on both databases."""

from datetime import UTC, date, datetime

from app.core import clock
from app.outcomes.states import ClaimState
from app.outcomes.weighing import said_points
from app.reports.cohorts import CohortResult
from tests.conftest import browser_of
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_every_kind,
    make_measurement,
    make_participant,
    publish,
)
from tests.factories.settlement import make_settlement, statement_of

VERIFIED = ClaimState.VERIFIED


def test_neither_four_measurements_nor_the_nine_that_tell_them_are_shown(both):
    """A count of 1 to 4 is hidden with its amount (domain, section 9); nine beside exact cash tell the four."""
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        bond = make_every_kind()
        for day in range(1, 10):
            make_measurement(bond, "points", bond.hengelo, VERIFIED, value="10", achieved_on=date(2026, 1, day))
        for month in range(1, 5):
            figures = {"avoided_minor": 246_000, "achieved_on": date(2026, month, 1)}
            make_measurement(bond, "share", bond.hengelo, VERIFIED, **figures)
        make_claim(bond, make_participant(bond, bond.hengelo), "days", VERIFIED, quantity=3)
        make_batch(bond)
        settlement = make_settlement(bond, date(2026, 6, 30), approved=True)
        publish(bond)
        page = browser_of(both).get_ok(f"/programmes/{bond.programme.id}/results").text
        assert "81,000" not in page, "approved is not yet paid"
        paths = (
            f"/settlements/{settlement.id}",
            f"/statements/{statement_of(settlement, bond.hengelo).id}",
            f"/programmes/{bond.programme.id}/delivery",
            f"/batches/{settlement.lines[0].proof.batch_id}",
        )
        for path in paths:
            browser_of(both, bond.neighbour).get_ok(path)
        official = browser_of(both, bond.official).get_ok(paths[0]).text
        assert "€81,000.00" not in official, "what the cash leaves beside it would tell the four and the one"
        assert "€4,920.00" not in official, "four shares of 1,230.00"
        for person in (bond.assessor, bond.provider, bond.intermediary):
            assert browser_of(both, person).get("/home").status_code == 200


def test_the_smallest_difference_has_the_unit_of_the_page_of_a_measurement(app):
    """A difference of two shares is told in percentage points on both pages, never in per cent on one of them."""
    with app.test_request_context():
        assert CohortResult(None, 2315, None).shows == said_points(2315) == "23.15 percentage points"
        assert CohortResult(None, None, None).shows is None

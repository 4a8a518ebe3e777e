"""What stands behind an effect on the caseload is true: nothing says "now" that waits for another effect, and what an
older document still proves can be claimed (the window is about the day of the document: domain, section 3)."""

import uuid
from datetime import date

import pytest

from app.outcomes.clock_operations import start_clock
from tests.browser import soup
from tests.factories.outcomes import make_lasting, make_participant


@pytest.fixture
def bond(app):
    return make_lasting()


def row_of(browser, person, effect):
    page = soup(browser.get_ok(f"/participants/{person.id}"))
    return next(row for row in page.select("main tr") if effect in row.text and "26 weeks: until" not in row.text)


def test_an_effect_whose_window_passed_can_be_claimed_with_an_older_document(bond, browse):
    person = make_participant(bond)
    start_clock(person, bond.effect("work-13w"), date(2026, 3, 1), actor=bond.provider, once=uuid.uuid4())
    row = row_of(browse(bond.provider), person, "Work 13 weeks")
    assert row.select_one(f"a[href*='/participants/{person.id}/claim']"), "the way to claim it"
    assert "only with a document dated up to 29 August 2026" in " ".join(row.text.split())


def test_what_waits_for_another_effect_is_not_said_to_be_claimable_now(bond, browse):
    person = make_participant(bond)
    start_clock(person, bond.effect("work-13w"), date(2026, 5, 1), actor=bond.provider, once=uuid.uuid4())
    row = row_of(browse(bond.provider), person, "Work 26 weeks")
    assert "waits for “Work 13 weeks”" in row.text
    assert "now" not in row.text and not row.select("a")

"""The first figures of a what-if come from the price table (gate C5: how many are expected, and when)."""

import pytest

from app.pricing.models import EffectKind
from tests.browser import soup
from tests.factories.pricing import make_effect, make_table

FIRST, NEXT = "work-13w", "work-26w"


def first_figures(browser, programme, *effects):
    """Low, expected, high and months of each effect, as they stand on the page of a table of these effects."""
    table = make_table(programme, state="draft", effects=0)
    for code, facts in effects:
        make_effect(table, code, **facts)
    answer = browser.get_ok(f"/programmes/{programme.id}/what-if?table={table.id}")
    page = soup(answer)
    return {
        code: tuple(page.select_one(f"[name='{case}_{code}']")["value"] for case in "lehm") for code, _facts in effects
    }


def test_the_expected_number_is_a_part_of_those_who_can_reach_it(programme, official, browse):
    """20 of a cohort of 50, then 15 of those 20 (not of the 50); 140 % of 75 is 105, and no more than all reach it."""
    found = first_figures(
        browse(official),
        programme,
        (FIRST, {"expected_count": 20, "months_after": 9}),
        (NEXT, {"expected_count": 15, "months_after": 15, "requires": [FIRST]}),
    )
    assert found == {FIRST: ("24", "40", "56", "9"), NEXT: ("45", "75", "100", "15")}


@pytest.mark.parametrize(
    ("count", "rates"),
    [
        (None, ("30", "50", "70")),
        (0, ("30", "50", "70")),
        (1, ("1", "2", "3")),
        (50, ("60", "100", "100")),
        (51, ("60", "100", "100")),
        (100_000_000, ("60", "100", "100")),
    ],
)
def test_the_rates_are_whole_and_in_order_whatever_the_table_expects(programme, official, browse, count, rates):
    found = first_figures(browse(official), programme, (FIRST, {"expected_count": count}))
    assert found[FIRST][:3] == rates


@pytest.mark.parametrize(
    ("first", "following", "months"),
    [(0, 0, ("6", "12")), (9, 0, ("9", "15")), (9, 3, ("9", "9")), (0, 4, ("6", "6")), (239, 0, ("239", "240"))],
)
def test_nothing_is_proven_before_what_it_requires(programme, official, browse, first, following, months):
    """The follow-on effect stands first in the table: the order of the rows says nothing."""
    found = first_figures(
        browse(official),
        programme,
        (NEXT, {"months_after": following, "requires": [FIRST]}),
        (FIRST, {"months_after": first}),
    )
    assert (found[FIRST][3], found[NEXT][3]) == months


def test_a_number_that_counts_no_people_gives_no_rate(programme, official, browse):
    """Days and measured values: 10 of them say nothing about how many of 50 people reach it. The same holds for what
    follows on an effect of which no number is expected."""
    found = first_figures(
        browse(official),
        programme,
        ("days", {"kind": EffectKind.PER_UNIT, "expected_count": 10, "months_after": 8}),
        ("rate", {"kind": EffectKind.SHARE, "expected_count": 10, "price_minor": 0, "share_bp": 5_000}),
        (FIRST, {"expected_count": None}),
        (NEXT, {"expected_count": 10, "requires": [FIRST]}),
    )
    assert {figures[:3] for figures in found.values()} == {("30", "50", "70")}
    assert found["days"][3] == "8"


def test_the_page_says_where_the_first_figures_come_from(path, official, browse):
    assert "The first figures come from the price table" in browse(official).get_ok(path).text

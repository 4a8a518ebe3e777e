"""The intake against its plan (domain, section 3): what counts, what is missing, who may know."""

import uuid
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreements.intake_clause import IntakeClause
from app.intake.models import DeclineReason
from app.intake.plan import PLACES, STARTED, Flow, Shortfall, flow_of, last_full_month, shortfall_of
from app.intake.queries import month_lines
from app.intake.states import ReferralState
from tests.browser import soup
from tests.factories.intake import agree_on_intake, make_referral
from tests.factories.outcomes import make_delivery, make_participant, publish

JANUARY, MARCH = date(2026, 1, 15), date(2026, 3, 15)


@pytest.fixture
def bond(app):
    """Enschede was to refer 10 in January, 10 in March and 20 in November; Hengelo 5 in January."""
    bond = make_delivery()
    plan = {bond.enschede.id: {"2026-01": 10, "2026-03": 10, "2026-11": 20}, bond.hengelo.id: {"2026-01": 5}}
    agree_on_intake(bond, plan, tolerance_bp=1_500)
    return bond


def refer(bond, payer, count, on, **facts):
    return [make_referral(bond, payer, referred_on=on, **facts) for _ in range(count)]


@pytest.mark.parametrize(
    "state, reason, counts",
    [
        (ReferralState.REFERRED, None, True),
        (ReferralState.ADMITTED, None, True),
        (ReferralState.STARTED, None, True),
        (ReferralState.WITHDRAWN, None, False),
        *((ReferralState.DECLINED, reason, False) for reason in DeclineReason),
    ],
)
def test_which_referral_fills_a_place(bond, state, reason, counts):
    make_referral(bond, referred_on=JANUARY, state=state, decline_reason=reason)
    flow = flow_of(bond.programme, {bond.enschede.id})
    assert flow.came(PLACES, [bond.enschede.id], JANUARY) == counts


def test_want_of_a_place_fills_none_and_misses_none(bond):
    """It is not the municipality's doing: it owes nothing for it, and nobody counts as taken in."""
    flow = flow_of(bond.programme, {bond.enschede.id})
    before = shortfall_of(flow, bond.enschede.id)
    refer(bond, bond.enschede, 1, JANUARY, state=ReferralState.DECLINED, decline_reason=DeclineReason.NO_PLACE)
    after = shortfall_of(flow_of(bond.programme, {bond.enschede.id}), bond.enschede.id)
    assert (after.filled, after.turned_away, after.missing) == (before.filled, 1, before.missing - 1)


def test_want_of_a_place_stands_apart_in_the_picture_for_who_pays(bond, browse):
    """With its number, beside what was filled; where nobody was turned away there is no line for it."""
    path = f"/programmes/{bond.programme.id}/intake"
    assert "Turned away for want" not in browse(bond.official).get_ok(path).text
    turned = {"state": ReferralState.DECLINED, "decline_reason": DeclineReason.NO_PLACE}
    refer(bond, bond.enschede, 1, JANUARY, **turned)
    refer(bond, bond.enschede, 2, MARCH, **turned)
    page = soup(browse(bond.official).get_ok(path)).select_one("main")
    assert "Turned away for want of a place: 3 people" in page.text
    assert "Turned away for want of a place" in page.select_one("figure.chart").text
    lines = month_lines(flow_of(bond.programme, {bond.enschede.id}), [bond.enschede], "2026-03")
    assert [(one.places, one.turned_away) for one in lines if one.month in ("2026-01", "2026-03")] == [(0, 1), (0, 3)]
    assert "Turned away for want" not in browse(bond.neighbour).get_ok(path).text, "of Enschede"


def test_who_was_referred_and_started_is_one_place(bond):
    [referral] = refer(bond, bond.enschede, 1, JANUARY, state=ReferralState.STARTED)
    make_participant(bond, started_on=MARCH, referral=referral)
    make_participant(bond, started_on=MARCH)  # found by the provider
    flow = flow_of(bond.programme, {bond.enschede.id})
    ids = [bond.enschede.id]
    assert (flow.came(PLACES, ids, JANUARY), flow.came(PLACES, ids, MARCH)) == (1, 2)
    assert (flow.came(STARTED, ids, JANUARY), flow.came(STARTED, ids, MARCH)) == (0, 2)


def test_what_is_missing_up_to_the_last_whole_month(bond):
    """15 November: October is the last whole month, so 20 were planned; 3 (15 %) may be missing; 12 came: 5 short."""
    refer(bond, bond.enschede, 8, JANUARY)
    refer(bond, bond.enschede, 4, MARCH)
    refer(bond, bond.enschede, 9, date(2026, 11, 3))
    flow = flow_of(bond.programme, {bond.enschede.id, bond.hengelo.id})
    short = shortfall_of(flow, bond.enschede.id)
    assert (short.until, short.planned, short.tolerated, short.filled) == (date(2026, 10, 31), 20, 3, 12)
    assert short.missing == 5
    assert shortfall_of(flow, bond.hengelo.id).missing == 5, "15 % of 5 is no whole place"


@pytest.mark.parametrize(
    "today, last",
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2028, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_month_counts_when_it_is_over(today, last):
    assert last_full_month(today) == last


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500), st.integers(0, 10_000), st.integers(0, 600))
def test_never_more_is_owed_than_was_planned_and_did_not_come(planned, tolerance, filled):
    tolerated = planned * tolerance // 10_000
    missing = Shortfall(JANUARY, planned, tolerated, filled).missing
    assert 0 <= missing <= max(0, planned - filled)
    assert (missing == 0) == (filled >= planned - tolerated)


def test_a_plan_adds_up_per_month():
    payer = uuid.uuid4()
    flow = Flow([], IntakeClause({payer: {"2026-01": 2, "2026-03": 3}}))
    assert [flow.planned([payer], month) for month in ("2025-12", "2026-01", "2026-02", "2026-12")] == [0, 2, 2, 5]


def test_numbers_per_month_are_for_those_who_may_know_them(bond, browse):
    """Seven of Hengelo in a month: the provider and Hengelo read it, Enschede and the investor do not."""
    refer(bond, bond.hengelo, 7, MARCH)
    path = f"/programmes/{bond.programme.id}/intake"
    assert ">7<" in browse(bond.provider).get_ok(path).text
    assert ">7<" in browse(bond.neighbour).get_ok(path).text
    assert ">7<" not in browse(bond.official).get_ok(path).text
    for who in ("intermediary", "investor", "auditor"):
        page = browse(getattr(bond, who)).get_ok(path).text
        assert ">7<" not in page
        assert "<svg" not in page.split("<main")[1], "no line of small numbers"


def test_few_participants_stay_hidden_from_the_investor(bond, browse):
    for _ in range(3):
        make_participant(bond, bond.hengelo)
    publish(bond)
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/intake").text.split("<main")[1]
    assert "fewer than 5" in page and ">3<" not in page


def test_outsiders_see_nothing(bond, browse):
    from tests.factories.people import make_user

    assert browse(make_user()).get(f"/programmes/{bond.programme.id}/intake").status_code == 403
    assert browse().get(f"/programmes/{bond.programme.id}/intake").status_code == 303

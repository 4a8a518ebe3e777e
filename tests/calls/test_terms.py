"""Every term is public with the day it ends, how that was counted, its source, and why it binds (domain, section 6)."""

from datetime import date, datetime, timedelta

import pytest

from app.calls.legal import Binding, Key
from app.calls.operations import publish_call
from app.calls.states import CallState
from app.calls.term_operations import bind_rules
from app.core import clock
from app.core.errors import Changed, NotNow, Refused
from app.core.format import second
from app.extensions import db
from app.programmes.states import Route
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user
from tests.factories.programmes import make_programme


def official_of(call):
    return make_user(call.programme.lead)


def rows_of(page, caption):
    table = next(t for t in soup(page).select("table") if t.caption.get_text(strip=True) == caption)
    return {row.th.get_text(strip=True): row.get_text(" ", strip=True) for row in table.select("tbody tr")}


def test_anyone_reads_each_term_to_the_second_with_its_basis(app, browse):
    call = make_call(rules_on=clock.today())
    rows = rows_of(browse().get_ok(f"/calls/{call.id}/terms"), "Terms of this call")
    assert second(call.deadline) in rows["Deadline for plans"]
    assert second(call.answers_until) in rows["Last answers by"]
    assert "10 calendar days before the deadline; counted back, so not moved off a weekend." in rows["Last answers by"]
    assert "art. 2.54 of the Dutch Public Procurement Act 2012" in rows["Last answers by"]
    assert "20 calendar days from the day after the last letter is sent" in rows["Standstill"]
    assert "because the call declares it" in rows["Standstill"]
    assert "art. 2.108" in rows["Opening of the plans, from"]


def test_the_last_answers_fall_on_the_same_hour_over_winter_time(app):
    """The clock goes back on 25 October 2026; ten days before noon is noon."""
    closes = datetime(2026, 11, 2, 12, tzinfo=clock.LOCAL)
    call = make_call(deadline=closes, questions_until=closes - timedelta(days=12))
    assert call.answers_until == datetime(2026, 10, 23, 12, tzinfo=clock.LOCAL)
    assert closes - call.answers_until.astimezone(clock.LOCAL) == timedelta(days=10)


def test_a_belgian_call_names_belgian_law_only(app, browse):
    call = make_call(make_programme(jurisdiction="BE"), standstill_days=15)
    page = browse().get_ok(f"/calls/{call.id}/terms")
    assert "Last answers by" not in rows_of(page, "Terms of this call")
    assert "15 calendar days" in rows_of(page, "Terms of this call")["Standstill"]
    rules = rows_of(page, "Rules behind this call")
    assert "without weights the criteria weigh equally" in rules["Weights of the criteria"]
    assert "Dutch" not in " ".join(rules.values())


def test_a_subsidy_speaks_of_objections_and_of_no_procurement_law(app, browse):
    call = make_call(make_programme(route=Route.SUBSIDY), standstill_days=42, answers_days=0)
    page = browse().get_ok(f"/calls/{call.id}/terms")
    assert "This is a subsidy" in page.text
    terms = rows_of(page, "Terms of this call")
    assert "Standstill" not in terms
    assert "42 calendar days" in terms["Time to file an objection"]
    assert "Procurement Act" not in " ".join(rows_of(page, "Rules behind this call").values())


def test_a_call_keeps_the_rules_of_the_day_of_publication(app):
    """Before 1 July 2016 the last answers came six days before the deadline."""
    old = make_call(rules_on=date(2016, 6, 30))
    assert old.rule(Key.LAST_ANSWERS).days == 6
    call = make_call(state=CallState.DRAFT)
    assert call.rules_on is None
    publish_call(call, actor=official_of(call))
    assert call.rules_on == clock.today()


def test_an_official_says_why_a_rule_binds_and_the_public_reads_it(app, browse):
    call = make_call(state=CallState.DRAFT)
    official = official_of(call)
    reader = browse(official)
    answer = reader.post_form(f"/calls/{call.id}/bindings", {"rule_standstill": "statute"})
    assert answer.status_code == 303
    db.session.refresh(call)
    assert call.bindings == {"standstill": "statute"}
    assert call.binding(call.rule(Key.STANDSTILL)) == Binding.STATUTE
    publish_call(call, actor=official)
    assert "by statute" in rows_of(browse().get_ok(f"/calls/{call.id}/terms"), "Terms of this call")["Standstill"]
    assert reader.get(f"/calls/{call.id}/bindings").status_code == 409


def test_a_statute_cannot_be_chosen_away(app, browse):
    call = make_call(make_programme(jurisdiction="BE"), state=CallState.DRAFT, standstill_days=15)
    official = official_of(call)
    assert 'name="rule_standstill"' not in browse(official).get_ok(f"/calls/{call.id}/bindings").text
    with pytest.raises(Refused, match="by statute"):
        bind_rules(call, {"standstill": "default"}, actor=official)
    with pytest.raises(Refused, match="does not exist"):
        bind_rules(call, {"price": "default"}, actor=official)
    with pytest.raises(Changed):
        bind_rules(call, {}, actor=official, version=99)
    with pytest.raises(NotNow):
        bind_rules(make_call(), {}, actor=official)


def test_only_the_leading_municipality_binds(app, browse):
    call = make_call(state=CallState.DRAFT)
    assert browse(make_user(make_provider())).get(f"/calls/{call.id}/bindings").status_code == 404
    assert browse().get(f"/calls/{call.id}/terms").status_code == 303


def test_the_longer_standstill_that_a_call_announces_is_the_one_shown(app, browse):
    call = make_call(standstill_days=25)
    page = browse().get_ok(f"/calls/{call.id}/terms")
    assert "25 calendar days" in rows_of(page, "Terms of this call")["Standstill"]
    assert "25 calendar days" in rows_of(page, "Rules behind this call")["Time to object before the award is final"]

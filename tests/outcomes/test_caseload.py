"""The caseload: what can be claimed, what is due soon, what lapses; and the claims of a period handed in together."""

import uuid
from datetime import date, timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.outcomes.clock_operations import start_clock
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_lasting, make_participant
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.statements import counted
from tests.told import recorded, told, words_told


@pytest.fixture
def bond(app):
    return make_lasting()


def working(bond, since):
    """Somebody whose job began on this day: 13 weeks make work-13w, of which the evidence is dated within 90 days."""
    person = make_participant(bond)
    start_clock(person, bond.effect("work-13w"), since, actor=bond.provider, once=uuid.uuid4())
    return person


def test_each_stands_where_it_is_pressing(bond, browse):
    """It is 15 November 2026."""
    now = working(bond, date(2026, 8, 10))  # 13 weeks on 9 November
    soon = working(bond, date(2026, 9, 1))  # on 1 December
    lapsing = working(bond, date(2026, 5, 25))  # on 24 August, evidence until 22 November; 26 weeks on 23 November
    lapsed = working(bond, date(2026, 3, 1))  # evidence until 29 August; 26 weeks: until 28 November
    later = working(bond, date(2026, 11, 2))
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/caseload"
    shown = {
        "": {now, soon, lapsing, lapsed, later},
        "now": {now, lapsing, lapsed},  # what lapses soon can be claimed now as well
        "soon": {soon, lapsing},
        "lapses": {lapsing, lapsed},
        "lapsed": {lapsed},
    }
    for show, people in shown.items():
        codes = {tag.text for tag in soup(browser.get_ok(f"{path}?show={show}")).select("main section h2 a")}
        assert codes == {person.code for person in people}, show
    assert "24 August 2026" in browser.get_ok(f"{path}?show=lapses").text


def listed(browser, bond, query=""):
    page = browser.get_ok(f"/programmes/{bond.programme.id}/caseload{query}")
    return [tag.text for tag in soup(page).select("main section h2 a")]


def test_what_presses_stands_first(bond, browse):
    """What lapses soonest, then what can be claimed now, then what is due soon, then the rest, who started last first;
    everybody once, though somebody may have an effect in each. It is 15 November 2026."""
    rest = [make_participant(bond), make_participant(bond)]
    lapsed = working(bond, date(2026, 3, 1))  # 13 weeks lapsed in August; 26 weeks lapse on 28 November
    soon = [working(bond, since) for since in (date(2026, 9, 10), date(2026, 8, 20))]  # on 10 December, 19 November
    now = [working(bond, since) for since in (date(2026, 8, 12), date(2026, 7, 1))]  # until 9 February, 29 December
    lapsing = working(bond, date(2026, 5, 25))  # 13 weeks lapse on 22 November; 26 weeks are due on 23 November
    later = working(bond, date(2026, 11, 2))
    order = [lapsing, lapsed, now[1], now[0], soon[1], soon[0]]
    codes = listed(browse(bond.provider), bond)
    assert codes[:6] == [person.code for person in order]
    assert codes[6:] == [one.code for one in sorted([*rest, later], key=lambda one: (one.started_on, one.code))][::-1]


def test_every_page_goes_on_where_the_one_before_ended(bond, browse, monkeypatch):
    """Pages that end inside each part, and at its end, miss nobody and name nobody twice."""
    for number in range(3):
        working(bond, date(2026, 8, 10 - number))  # to claim
        working(bond, date(2026, 9, 1 + number))  # soon
        make_participant(bond)
    browser = browse(bond.provider)
    whole = listed(browser, bond)
    assert len(whole) == len(set(whole)) == 9
    for size in (2, 3, 4):
        monkeypatch.setattr("app.outcomes.caseload_queries.PER_PAGE", size)
        pages = [listed(browser, bond, f"?page={number}") for number in range(1, -(-9 // size) + 1)]
        assert [code for page in pages for code in page] == whole
        assert {len(page) for page in pages[:-1]} == {size}


def test_nothing_of_a_partner_moves_the_list(bond, browse):
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    theirs = make_participant(bond)
    theirs.provider = partner.organisations[0]
    db.session.commit()
    start_clock(theirs, bond.effect("work-13w"), date(2026, 6, 1), actor=partner, once=uuid.uuid4())
    mine = [make_participant(bond), working(bond, date(2026, 8, 10))]
    assert listed(browse(bond.provider), bond) == [mine[1].code, mine[0].code]
    assert listed(browse(partner), bond) == [theirs.code]


def test_the_link_claims_the_effect_on_its_day(bond, browse):
    person = working(bond, date(2026, 8, 10))
    browser = browse(bond.provider)
    page = browser.click(browser.get_ok(f"/programmes/{bond.programme.id}/caseload"), "Claim: Work 13 weeks")
    form = soup(page).select_one("main form")
    assert form.select_one("[name=achieved_on]")["value"] == "2026-11-09"
    assert form.select_one("option[selected]").text == "Work 13 weeks"
    said = {"evidence_type": "employer", "evidence_issuer": "employer", "evidence_on": "2026-11-09"}
    assert browser.submit(page, said | {"evidence_digest": "ab" * 32}).status_code == 303
    assert "Claim: Work 13 weeks" not in browser.get_ok(f"/participants/{person.id}").text


def test_home_says_how_many_effects_can_be_claimed(bond, browse):
    working(bond, date(2026, 8, 10))  # due
    working(bond, date(2026, 9, 1))  # not yet
    browser = browse(bond.provider)
    page = browser.click(browser.get_ok("/home"), "Effects that can be claimed now (1)")
    assert page.request.path == f"/programmes/{bond.programme.id}/caseload"
    assert "Effects that can be claimed" not in browse(bond.assessor).get_ok("/home").text


def test_home_and_caseload_count_the_same_also_what_lapses_soon(bond, browse):
    """Of one of the two, whose clock of 13 weeks ran, the evidence lapses five days from now."""
    days = bond.effect("work-13w").evidence_days
    working(bond, clock.today() - timedelta(days=days + 91 - 5))
    working(bond, date(2026, 8, 10))
    browser = browse(bond.provider)
    page = browser.click(browser.get_ok("/home"), "Effects that can be claimed now (2)")
    labels = [one.text for one in soup(page).select("main nav a")]
    assert "can be claimed now (2)" in labels and "lapses soon (1)" in labels
    shown = browser.get_ok(f"/programmes/{bond.programme.id}/caseload?show=now")
    assert len(soup(shown).select("main section h2 a")) == 2


def test_the_page_of_a_participant_shows_time_line_and_clocks(bond, browse):
    person = working(bond, date(2026, 8, 10))
    page = soup(browse(bond.provider).get_ok(f"/participants/{person.id}"))
    assert page.select_one("svg desc")
    assert page.select("svg rect.s1")
    assert "10 August 2026" in page.text
    reader = soup(browse(bond.assessor).get_ok(f"/participants/{person.id}"))
    assert "10 August 2026" in reader.text
    assert "Claim: Work" not in reader.text
    assert "Note a stop" not in reader.text


def test_nobody_else_sees_a_caseload(bond, browse):
    path = f"/programmes/{bond.programme.id}/caseload"
    for person in (bond.assessor, bond.official, bond.investor, bond.auditor, bond.intermediary):
        assert browse(person).get(path).status_code == 403


def test_a_partner_of_the_consortium_has_a_caseload_of_its_own(bond, browse):
    person = working(bond, date(2026, 8, 10))
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    page = browse(partner).get_ok(f"/programmes/{bond.programme.id}/caseload")
    assert person.code not in page.text
    assert "Nobody takes part yet" in page.text


def test_reading_the_caseload_is_logged_and_costs_the_same_for_more_people(bond, browse):
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/caseload"
    working(bond, date(2026, 8, 10))
    browser.get_ok(path)
    assert len(recorded("participant.read")) == 1
    with counted() as few:
        browser.get_ok(path)
    for _ in range(12):
        working(bond, date(2026, 8, 10))
    with counted() as many:
        browser.get_ok(path)
    assert len(many) == len(few)


def test_the_claims_of_a_period_are_submitted_together_and_the_assessor_is_told_once(bond, browse):
    inside = [
        make_claim(bond, None, "level-1", ClaimState.REGISTERED, achieved_on=date(2026, 5, day)) for day in (1, 31)
    ]
    outside = make_claim(bond, None, "level-1", ClaimState.REGISTERED, achieved_on=date(2026, 6, 1))
    browser = browse(bond.provider)
    page = browser.get_ok(f"/programmes/{bond.programme.id}/claims/submit?first=2026-05-01&last=2026-05-31")
    assert all(claim.number in page.text for claim in inside)
    assert outside.number not in page.text
    assert browser.submit(page).status_code == 303
    for claim in (*inside, outside):
        db.session.refresh(claim)
    assert [claim.state for claim in inside] == [ClaimState.SUBMITTED] * 2
    assert outside.state == ClaimState.REGISTERED
    assert told("claim.submit") == {bond.assessor.email}
    assert words_told("claim.submit").count("2 claims together") == 1
    assert len(recorded("claim.submit")) == 2


def test_what_is_submitted_is_what_was_read(bond, browse):
    make_claim(bond, None, "level-1", ClaimState.REGISTERED, achieved_on=date(2026, 5, 1))
    browser = browse(bond.provider)
    page = browser.get_ok(f"/programmes/{bond.programme.id}/claims/submit?first=2026-05-01&last=2026-05-31")
    make_claim(bond, None, "level-1", ClaimState.REGISTERED, achieved_on=date(2026, 5, 2))
    answer = browser.submit(page)
    assert answer.status_code == 409
    assert "changed since you read it" in answer.text
    assert recorded("claim.submit") == []
    assert browser.submit(answer).status_code == 303, "the fresh list stands there, with its button"
    assert len(recorded("claim.submit")) == 2


@pytest.mark.parametrize(
    "asked, wrong", [("first=2026-06-01&last=2026-05-01", "last"), ("first=soon", "first"), ("last=2026-02-31", "last")]
)
def test_a_period_that_is_none_is_told_at_its_field_and_submits_nothing(bond, browse, asked, wrong):
    claim = make_claim(bond, None, "level-1", ClaimState.REGISTERED, achieved_on=date(2026, 5, 1))
    path = f"/programmes/{bond.programme.id}/claims/submit?{asked}"
    answer = browse(bond.provider).get(path)
    assert answer.status_code == 422 and soup(answer).select_one(f"#{wrong}-error")
    assert claim.number not in answer.text
    assert recorded("claim.submit") == []
    assert browse(bond.assessor).get(path).status_code == 403

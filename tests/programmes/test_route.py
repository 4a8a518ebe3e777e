"""The first legal question of a bond: a public contract, a subsidy, or no tender at all (domain, section 6)."""

import uuid

import pytest

from app.calls.operations import draft_call
from app.core.errors import NotNow
from app.extensions import db
from app.programmes.models import Programme
from app.programmes.queries import turn_of
from app.programmes.states import Phase, ProgrammeState, Route
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme

REASON = "Alleenrecht: art. 2.32 lid 1 onder b Aanbestedingswet 2012."


def test_an_official_chooses_the_route_and_the_public_reads_it(app, browse):
    programme = make_programme(state=ProgrammeState.DRAFT)
    typed = {"route": "no_tender", "route_reason": REASON, "ends_on": "2030-12-31", "tail_until": "2031-12-31"}
    reader = browse(make_user(programme.lead))
    assert reader.post_form(f"/programmes/{programme.id}/edit", typed).status_code == 303
    db.session.refresh(programme)
    assert (programme.route, programme.route_reason) == (Route.NO_TENDER, REASON)
    assert f"no tender: {REASON}" in reader.get_ok(f"/programmes/{programme.id}").text


def test_without_a_tender_a_reason_is_needed(app, browse):
    programme = make_programme(state=ProgrammeState.DRAFT)
    answer = browse(make_user(programme.lead)).post_form(f"/programmes/{programme.id}/edit", {"route": "no_tender"})
    assert answer.status_code == 422
    assert "Say why nothing is tendered" in answer.text
    assert db.session.scalars(db.select(Programme.route)).one() == Route.CONTRACT


def test_a_public_contract_is_what_nobody_has_to_choose(app):
    assert make_programme().route == Route.CONTRACT


def test_without_a_tender_no_call_is_drafted(app, browse):
    programme = make_programme(route=Route.NO_TENDER, route_reason=REASON, phase=Phase.CALL)
    make_table(programme)
    official = make_user(programme.lead)
    reader = browse(official)
    page = reader.get_ok(f"/programmes/{programme.id}/calls")
    assert f"/programmes/{programme.id}/calls/draft" not in page.text
    assert REASON in page.text
    for answer in (reader.get(f"/programmes/{programme.id}/calls/draft"), sent(reader, programme)):
        assert answer.status_code == 409
        assert REASON in answer.text
    with pytest.raises(NotNow):
        draft_call(programme, None, actor=official, once=uuid.uuid4())
    assert "No tender is held" in str(turn_of(programme).what)


def test_without_a_tender_the_step_is_naming_and_its_room_says_why_not_yet(app, browse):
    """Nobody reads of a call that will never come, and whoever may name reads why it is too early."""
    programme = make_programme(route=Route.NO_TENDER, route_reason=REASON, phase=Phase.PRICES)
    official = browse(make_user(programme.lead))
    for reader in (official, browse()):
        for url in (f"/programmes/{programme.id}", f"/programmes/{programme.id}/calls"):
            steps = [line.contents[0] for line in soup(reader.get_ok(url)).select(".phase__label")]
            assert "Naming" in steps and "Call" not in steps
        page = reader.get_ok(f"/programmes/{programme.id}/calls").text
        assert REASON in page and "publishes a call" not in page
    providers = official.get_ok(f"/programmes/{programme.id}/providers")
    assert "The price per effect is published first" in soup(providers).select_one(".blocked__reason").text
    programme.phase = Phase.CALL
    db.session.commit()
    assert "Name service providers" in official.get_ok(f"/programmes/{programme.id}/providers").text
    assert soup(official.get_ok(f"/programmes/{programme.id}")).select_one(".status").text.strip().lower() == "naming"


def sent(reader, programme):
    """As if the page had been open since before."""
    page = reader.get_ok("/account")
    return reader.post(f"/programmes/{programme.id}/calls/draft", data={"csrf_token": token_of(page)})


def token_of(page):
    from tests.browser import soup

    return soup(page).select_one('[name="csrf_token"]')["value"]


def test_nobody_is_asked_at_home_to_draft_a_call_that_cannot_be(app, browse):
    from app.capital.states import RoundState
    from tests.factories.capital import make_round

    for route, asked in ((Route.CONTRACT, True), (Route.NO_TENDER, False)):
        programme = make_programme(route=route, route_reason=REASON, phase=Phase.CALL)
        make_round(programme, state=RoundState.STANDING)
        home = browse(make_user(programme.lead)).get_ok("/home").text
        assert ("Draft the consortium call" in home) == asked


def test_the_subsidy_starts_a_call_with_its_own_numbers(app, browse):
    from tests.browser import soup

    programme = make_programme(route=Route.SUBSIDY)
    make_table(programme)
    page = browse(make_user(programme.lead)).get_ok(f"/programmes/{programme.id}/calls/draft")
    assert soup(page).select_one("#standstill_days")["value"] == "42"
    assert "General Administrative Law Act" in page.text

"""Calls are public to the last answer, and a list of many costs no more statements than a list of one."""

import uuid
from datetime import timedelta

import pytest

from app.calls.models import Rectification
from app.calls.question_operations import publish_nota
from app.calls.states import CallState
from app.core import clock
from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.calls import make_call, make_provider, make_question
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme
from tests.statements import counted


@pytest.fixture
def call(app):
    return make_call()


def test_anyone_reads_a_published_call_in_few_statements(call, browse):
    for n in range(5):
        make_question(call, make_user(make_provider()), f"Question {n}?", answer="Yes.")
    publish_nota(call, actor=make_user(call.programme.lead), once=uuid.uuid4())
    moved = {"deadline_before": call.deadline, "deadline_after": call.deadline}
    db.session.add(Rectification(call_id=call.id, text="A word was missing.", **moved))
    db.session.commit()
    reader = browse()
    reader.get_ok(f"/calls/{call.id}")
    with counted() as statements:
        page = reader.get_ok(f"/calls/{call.id}")
    assert len(statements) <= 13, "\n".join(statements)
    for words in ("Approach", "60", "5 answers", "A word was missing.", "How to take part", "20 calendar days"):
        assert words in page.text


def test_the_public_page_names_nobody_of_the_committee(call, browse):
    page = browse().get_ok(f"/calls/{call.id}")
    for member in call.committee:
        assert member.user.name not in page.text
        assert member.user.email not in page.text
    assert "3 people score the plans" in page.text


def test_the_page_renders_for_every_role(call, browse):
    parties = {part: make_party(call.programme, part) for part in Part if part != Part.GOVERNMENT}
    people = [make_user(o) for o in parties.values()] + [
        make_user(make_provider()),
        make_user(),
        call.committee[0].user,
    ]
    for user in people:
        browse(user).get_ok(f"/calls/{call.id}")
        browse(user).get_ok(f"/calls/{call.id}/questions")
        browse(user).get_ok("/calls/")


def test_prices_that_are_illustrative_say_so(app, browse):
    call = make_call(make_programme(illustrative=True))
    assert "Illustrative prices" in browse().get_ok(f"/calls/{call.id}").text


def test_the_list_costs_the_same_for_one_and_for_thirty(app, browse):
    programme = make_programme()
    first = make_call(programme)
    reader = browse(make_user(make_provider()))
    reader.get_ok("/calls/")
    with counted() as for_one:
        reader.get_ok("/calls/")
    for n in range(29):
        make_call(programme, table=first.table, committee=False, title=f"Call {n}")
    with counted() as for_thirty:
        page = reader.get_ok("/calls/")
    assert len(soup(page).select("tbody tr")) == 30
    assert len(for_one) == len(for_thirty) <= 8, "\n".join(for_thirty)


def test_a_list_of_fifty_is_small_and_cut_in_the_database(app, browse):
    programme = make_programme()
    first = make_call(programme)
    for n in range(55):
        make_call(programme, table=first.table, committee=False, title=f"Call {n}")
    reader = browse()
    with counted() as statements:
        page = reader.get_ok("/calls/")
    assert len(soup(page).select("tbody tr")) == 50
    assert len(statements) <= 8
    assert len(page.data) <= 100_000
    assert len(soup(reader.get_ok("/calls/?page=2")).select("tbody tr")) == 6


def test_search_and_filter(app, browse):
    programme = make_programme(title="SIB Twente")
    table = make_call(programme, title="Jongvolwassenen").table
    past = {"deadline": clock.now() - timedelta(hours=1), "questions_until": clock.now() - timedelta(days=9)}
    make_call(programme, table=table, title="Past its deadline, worker still asleep", **past)
    make_call(programme, table=table, title="Only a draft", state=CallState.DRAFT)

    def shown(query):
        return {link.text for link in soup(browse().get_ok(f"/calls/?{query}")).select("tbody th a")}

    assert shown("") == {"Jongvolwassenen", "Past its deadline, worker still asleep"}
    assert shown("q=twente+jong") == {"Jongvolwassenen"}
    assert shown("state=open") == {"Jongvolwassenen"}
    assert shown("state=closed") == {"Past its deadline, worker still asleep"}
    assert shown("q=100%25") == set()


def test_a_draft_exists_for_the_governments_only(app, browse):
    call = make_call(state=CallState.DRAFT)
    assert browse(make_user(make_provider())).get(f"/calls/{call.id}").status_code == 404
    assert browse().get(f"/calls/{call.id}").status_code == 303
    browse(make_user(call.programme.lead)).get_ok(f"/calls/{call.id}")


def test_a_passed_deadline_shows_as_closed_before_the_worker_wakes(call, browse):
    with clock.at(call.deadline):
        page = browse().get_ok(f"/calls/{call.id}")
    assert soup(page).select_one(".page-head .status").text == "closed"


def test_the_calendar_file_holds_both_terms(call, browse):
    answer = browse().get(f"/calls/{call.id}/deadline.ics")
    assert answer.mimetype == "text/calendar"
    lines = answer.text.split("\r\n")
    assert f"DTSTART:{call.deadline:%Y%m%dT%H%M%SZ}" in lines
    assert f"DTSTART:{call.questions_until:%Y%m%dT%H%M%SZ}" in lines
    assert all(len(line.encode()) <= 75 for line in lines)


@pytest.mark.parametrize("state", [CallState.CLOSED, CallState.AWARDED, CallState.CANCELLED])
def test_a_finished_call_does_not_say_how_to_take_part(app, browse, state):
    assert "How to take part" not in browse().get_ok(f"/calls/{make_call(state=state).id}").text


@pytest.mark.parametrize(("jurisdiction", "basis"), [("NL", "2.115"), ("BE", "81 of the Belgian Act of 17 June 2016")])
def test_a_call_names_the_law_it_goes_by(app, browse, jurisdiction, basis):
    """A Belgian call that quotes a Dutch article misleads every bidder."""
    call = make_call(make_programme(jurisdiction=jurisdiction))
    pages = [browse().get_ok(f"/calls/{call.id}{room}").text for room in ("", "/questions")]
    assert basis in pages[0]
    for page in pages if jurisdiction == "BE" else ():
        assert "Dutch" not in page and "art. 2." not in page

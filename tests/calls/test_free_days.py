"""A term that ends on a Saturday, Sunday or public holiday runs to the next working day, with its basis (domain,
section 6): an official may set one there, and never by oversight."""

from datetime import date

import pytest

from app.calls.free_days import free_days, next_working_moment
from app.calls.models import Call
from app.calls.states import CallState
from app.core import clock
from app.extensions import db
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme

SATURDAY, MONDAY = clock.local(date(2027, 1, 2), 12), clock.local(date(2027, 1, 4), 12)
TUESDAY = clock.local(date(2026, 12, 1), 12)
NOW = clock.local(date(2026, 11, 2), 9)
SAID = "Saturday 2 January 2027 is no working day. A term that ends on such a day runs to Monday 4 January 2027"


@pytest.fixture(autouse=True)
def in_november(app):
    with clock.at(NOW):
        yield


def official_of(call):
    return make_user(call.programme.lead)


def typed(moment):
    return f"{moment.astimezone(clock.LOCAL):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("day", "jurisdiction", "moved"),
    [
        (date(2026, 12, 25), "NL", date(2026, 12, 28)),  # Christmas, then Boxing Day on a Saturday
        (date(2027, 1, 1), "BE", date(2027, 1, 4)),
        (date(2027, 7, 21), "BE", date(2027, 7, 22)),
        (date(2027, 7, 21), "NL", date(2027, 7, 21)),  # a Belgian holiday only
        (date(2027, 3, 27), "NL", date(2027, 3, 30)),  # Easter, and the clock goes forward between
        (date(2028, 2, 29), "NL", date(2028, 2, 29)),
    ],
)
def test_the_same_time_on_the_next_working_day(day, jurisdiction, moved):
    assert next_working_moment(clock.local(day, 12), jurisdiction) == clock.local(moved, 12)


def test_the_day_is_that_of_the_parties():
    """Friday 23:30 in Amsterdam is a working day; half an hour later it is Saturday, in UTC still Friday."""
    friday = clock.local(date(2027, 1, 8), 23, 30)
    saturday = clock.local(date(2027, 1, 9), 0, 15)
    assert saturday.date() == date(2027, 1, 8)
    assert [one.name for one in free_days({"questions_until": friday, "deadline": saturday}, "NL")] == ["deadline"]


def draft(browse, **other):
    programme = make_programme()
    make_table(programme)
    facts = {"title": "A call", "description": "One plan.", "questions_until": typed(TUESDAY)}
    facts |= {"deadline": typed(SATURDAY)} | other
    return browse(make_user(programme.lead)).post_form(f"/programmes/{programme.id}/calls/draft", facts)


def test_a_draft_asks_once(browse):
    answer = draft(browse)
    assert answer.status_code == 422
    assert SAID in soup(answer).text
    assert "General Extension of Time Limits Act" in answer.text
    assert db.session.scalars(db.select(Call)).all() == []
    assert draft(browse, free_day="keep").status_code == 303
    call = db.session.scalars(db.select(Call)).one()
    assert call.deadline == SATURDAY
    official = browse(official_of(call))
    page = official.get_ok(f"/calls/{call.id}/edit")
    assert SAID in soup(page).text
    assert official.submit(page, {"title": "Another title"}).status_code == 303  # it was answered


def test_a_draft_takes_the_next_working_day(browse):
    assert draft(browse, free_day="move").status_code == 303
    assert db.session.scalars(db.select(Call)).one().deadline == MONDAY


def test_on_a_working_day_nothing_is_asked(browse):
    assert draft(browse, deadline=typed(MONDAY)).status_code == 303


@pytest.mark.parametrize(("choice", "deadline"), [("keep", SATURDAY), ("move", MONDAY)])
def test_publication_says_it_again(browse, choice, deadline):
    call = make_call(state=CallState.DRAFT, deadline=SATURDAY, questions_until=TUESDAY)
    reader = browse(official_of(call))
    page = reader.get_ok(f"/calls/{call.id}/publish")
    assert SAID in soup(page).text
    assert reader.submit(page, {"free_day": choice}).status_code == 303
    db.session.refresh(call)
    assert (call.state, call.deadline) == (CallState.PUBLISHED, deadline)


def test_publication_on_working_days_asks_nothing(browse):
    call = make_call(state=CallState.DRAFT, deadline=MONDAY, questions_until=TUESDAY)
    page = browse(official_of(call)).get_ok(f"/calls/{call.id}/publish")
    assert soup(page).select("[name=free_day]") == []


@pytest.mark.parametrize(("choice", "deadline"), [("", None), ("keep", SATURDAY), ("move", MONDAY)])
def test_a_rectification_asks_too(browse, choice, deadline):
    call = make_call(deadline=clock.local(date(2026, 12, 22), 12), questions_until=TUESDAY)
    words = {"text": "More time.", "deadline": typed(SATURDAY), "free_day": choice}
    answer = browse(official_of(call)).post_form(f"/calls/{call.id}/rectify", words)
    assert answer.status_code == (303 if choice else 422)
    db.session.refresh(call)
    assert call.deadline == (deadline or clock.local(date(2026, 12, 22), 12))
    if not choice:
        assert SAID in soup(answer).text

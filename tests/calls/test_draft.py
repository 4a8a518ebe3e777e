"""A call is drafted by the leading municipality: what is asked, by when, a lawful standstill (domain, section 6)."""

from datetime import date, timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.models import Call
from app.calls.states import CallState
from app.core import clock
from app.extensions import db
from app.pricing.states import TableState
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def table(app):
    return make_table(make_programme())


@pytest.fixture
def officials(table):
    return [make_user(table.programme.lead) for _ in range(3)]


def local(days, hour=12):
    return f"{clock.today() + timedelta(days=days)}T{hour:02}:00"


def typed(**changes):
    texts = {"title": "Consortium call", "description": "What is asked.", "questions_until": local(10)}
    return texts | {"deadline": local(30, 17), "free_day": "keep"} | changes


def test_an_official_drafts_a_call(table, officials, browse):
    answer = browse(officials[0]).post_form(f"/programmes/{table.programme_id}/calls/draft", typed())

    assert answer.status_code == 303
    call = db.session.scalars(db.select(Call)).unique().one()
    assert (call.state, call.table_id, call.standstill_days) == (CallState.DRAFT, table.id, 20)
    assert (call.criteria, call.committee, call.lots, call.documents, call.contacts) == ([], [], [], [], [])
    assert [item.key for item in call.items] == ["approach", "team", "planning", "risks", "volumes"]
    assert call.deadline == clock.local(clock.today() + timedelta(days=30), 17)
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["call.draft"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"deadline": "2020-01-01T12:00"}, "The deadline must lie in the future"),
        ({"deadline": "tomorrow"}, "Give a day and a time"),
        ({"deadline": "2027-03-28T02:30"}, "This time does not exist"),
        ({"questions_until": "2199-01-01T12:00"}, "Questions cannot be asked after the deadline"),
        ({"standstill_days": "19"}, "At least 20 calendar days"),
        ({"answers_days": "9"}, "At least 10 calendar days"),
        ({"answers_days": "25"}, "The last answers are given by"),
        ({"deadline": local(9), "questions_until": local(1)}, "no question could be asked and answered"),
        ({"title": ""}, "Fill this in"),
        ({"title": "x" * 201}, "At most 200 characters"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(table, officials, browse, changes, field):
    url = f"/programmes/{table.programme_id}/calls/draft"
    answer = browse(officials[0]).post_form(url, typed(description="Kept as typed.") | changes)
    assert answer.status_code == 422
    assert field in answer.text
    assert "Kept as typed." in answer.text
    assert db.session.scalar(db.select(db.func.count(Call.id))) == 0


def test_the_belgian_standstill_is_fifteen_days_by_its_own_law(app, browse):
    table = make_table(make_programme(jurisdiction="BE"))
    page = browse(make_user(table.programme.lead)).get_ok(f"/programmes/{table.programme_id}/calls/draft")
    assert soup(page).select_one("#standstill_days")["value"] == "15"
    assert "Belgian Act of 17 June 2013" in page.text


def test_without_a_published_table_there_is_nothing_to_plan_against(app, browse):
    table = make_table(state=TableState.APPROVED)
    officials = [make_user(table.programme.lead) for _ in range(3)]
    answer = browse(officials[0]).post_form(f"/programmes/{table.programme_id}/calls/draft", typed())
    assert answer.status_code == 422
    assert "Publish a price table first" in answer.text


def test_only_the_leading_municipality_drafts(table, browse):
    url = f"/programmes/{table.programme_id}/calls/draft"
    other_city = make_party(table.programme, Part.GOVERNMENT)
    for user in (make_user(other_city), make_user(make_provider()), make_user()):
        assert browse(user).get(url).status_code == 403
    assert browse().get(url).status_code == 303


def test_a_double_click_drafts_one_call(table, officials, browse):
    reader = browse(officials[0])
    page = reader.get_ok(f"/programmes/{table.programme_id}/calls/draft")
    answers = [reader.submit(page, typed()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(db.select(db.func.count(Call.id))) == 1


def test_a_moment_is_local_in_winter_and_in_summer(table, officials, browse):
    """12:00 on the clock is 11:00 UTC in winter and 10:00 in summer."""
    changes = {"questions_until": "2040-01-15T12:00", "deadline": "2040-07-15T12:00"}
    browse(officials[0]).post_form(f"/programmes/{table.programme_id}/calls/draft", typed() | changes)
    call = db.session.scalars(db.select(Call)).unique().one()
    assert (call.questions_until.hour, call.deadline.hour) == (11, 10)
    assert call.deadline == clock.local(date(2040, 7, 15), 12)
    page = browse(officials[0]).get_ok(f"/calls/{call.id}/edit")
    assert soup(page).select_one("#deadline")["value"] == "2040-07-15T12:00"


def test_an_edit_keeps_the_rest(table, officials, browse):
    call = make_call(table.programme, table=table, state=CallState.DRAFT)
    criteria, committee = {c.id for c in call.criteria}, {member.id for member in call.committee}
    assert browse(officials[0]).post_form(f"/calls/{call.id}/edit", {"title": "A better title"}).status_code == 303
    db.session.expire_all()
    assert call.title == "A better title"
    assert ({c.id for c in call.criteria}, {member.id for member in call.committee}) == (criteria, committee)
    assert len(call.items) == 5


def test_the_second_of_two_editors_sees_what_the_first_saved(table, officials, browse):
    """Without it the next save would silently put the old text back."""
    call = make_call(table.programme, table=table, state=CallState.DRAFT)
    first, second = browse(officials[0]), browse(officials[1])
    page = second.get_ok(f"/calls/{call.id}/edit")
    saved = {"description": "What the first official wrote.", "standstill_days": "33"}
    assert first.post_form(f"/calls/{call.id}/edit", saved).status_code == 303
    late = second.submit(page, {"title": "My better title"})
    assert late.status_code == 409
    stored = soup(late).select_one(".notice dl")
    assert "What the first official wrote." in stored.text and "33" in stored.text
    assert "My better title" in late.text
    assert call.title in stored.text  # where the two differ, also what the first one left
    assert "Deadline for plans" not in stored.text  # the same for both


def test_the_second_of_two_editors_hears_that_it_changed(table, officials, browse):
    """Also when the first one changed nothing but a weight, which stands in another table."""
    call = make_call(table.programme, table=table, state=CallState.DRAFT)
    first, second = browse(officials[0]), browse(officials[1])
    page = second.get_ok(f"/calls/{call.id}/edit")
    first.post_form(f"/calls/{call.id}/criteria", {"criteria-0-weight": "50", "criteria-1-weight": "50"})
    late = second.submit(page, {"title": "My better title"})
    assert late.status_code == 409
    assert "changed meanwhile" in late.text
    assert "My better title" in late.text
    assert second.submit(late).status_code == 303


def test_a_published_call_is_not_edited(app, browse):
    call = make_call()
    assert browse(make_user(call.programme.lead)).get(f"/calls/{call.id}/edit").status_code == 409


def test_one_call_of_a_bond_at_a_time(table, officials, browse):
    """The participants of a bond are promised once."""
    reader, url = browse(officials[0]), f"/programmes/{table.programme_id}/calls/draft"
    assert reader.post_form(url, typed()).status_code == 303
    call = db.session.scalars(db.select(Call)).unique().one()
    answer = reader.get(url)
    assert answer.status_code == 409
    assert call.title in answer.text
    room = reader.get_ok(f"/programmes/{table.programme_id}/calls")
    assert f'href="{url}"' not in room.text
    assert f'href="/calls/{call.id}"' in room.text
    call.state = CallState.CANCELLED
    db.session.commit()
    assert reader.get(url).status_code == 200


def test_questions_end_before_the_last_answers(table, officials, browse):
    """Ten days before closing (art. 2.54 Aw); nine days leave no time to answer."""
    moments = {"deadline": "2030-06-30T12:00", "questions_until": "2030-06-20T12:01"}
    url = f"/programmes/{table.programme_id}/calls/draft"
    answer = browse(officials[0]).post_form(url, typed() | moments)
    assert answer.status_code == 422
    assert "The last answers are given by 20 June 2030 12:00" in soup(answer).select_one("#questions_until-error").text
    fitting = moments | {"questions_until": "2030-06-20T12:00"}
    assert browse(officials[0]).post_form(url, typed() | fitting).status_code == 303

"""A call is drafted by the leading municipality: weights of 100, a committee without bidders, a lawful standstill
(domain, section 6)."""

import uuid
from datetime import date, timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.models import Call, Duty
from app.calls.states import CallState
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.pricing.states import TableState
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_organisation, make_user
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


def typed(officials, **changes):
    people = {f"scorers-{i}": str(user.id) for i, user in enumerate(officials)}
    people |= {f"openers-{i}": str(user.id) for i, user in enumerate(officials[:2])}
    criteria = {"criteria-0-name": "Approach", "criteria-0-weight": "60"}
    criteria |= {"criteria-3-name": "Risks", "criteria-3-weight": "40", "criteria-3-description": "What if."}
    texts = {"title": "Consortium call", "description": "What is asked.", "questions_until": local(10)}
    return texts | {"deadline": local(30, 17)} | people | criteria | changes


def test_an_official_drafts_a_call(table, officials, browse):
    answer = browse(officials[0]).post_form(f"/programmes/{table.programme_id}/calls/draft", typed(officials))

    assert answer.status_code == 303
    call = db.session.scalars(db.select(Call)).unique().one()
    assert (call.state, call.table_id, call.standstill_days) == (CallState.DRAFT, table.id, 20)
    assert [(c.position, c.name, c.weight) for c in call.criteria] == [(1, "Approach", 60), (2, "Risks", 40)]
    assert len(call.on_committee(Duty.OPENER)) == 2
    assert len(call.on_committee(Duty.SCORER)) == 3
    assert call.deadline == clock.local(clock.today() + timedelta(days=30), 17)
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["call.draft"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"criteria-3-weight": "39"}, "The weights add up to 99"),
        ({"criteria-3-weight": "41"}, "The weights add up to 101"),
        ({"criteria-3-weight": "0"}, "from 1 to 100"),
        ({"criteria-3-weight": "-40"}, "from 1 to 100"),
        ({"criteria-3-weight": "4x"}, "Give a whole number"),
        ({"criteria-3-weight": ""}, "Give this criterion a weight"),
        ({"criteria-3-name": ""}, "Give this criterion a name"),
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
    answer = browse(officials[0]).post_form(url, typed(officials, description="Kept as typed.") | changes)
    assert answer.status_code == 422
    assert field in answer.text
    assert "Kept as typed." in answer.text
    assert soup(answer).select_one('[name="criteria-0-name"]')["value"] == "Approach"
    assert db.session.scalar(db.select(db.func.count(Call.id))) == 0


def test_the_belgian_standstill_is_fifteen_days_by_its_own_law(app, browse):
    table = make_table(make_programme(jurisdiction="BE"))
    page = browse(make_user(table.programme.lead)).get_ok(f"/programmes/{table.programme_id}/calls/draft")
    assert soup(page).select_one("#standstill_days")["value"] == "15"
    assert "Belgian Act of 17 June 2013" in page.text


def test_the_committee_holds_no_bidder_and_no_stranger(table, officials, browse):
    url = f"/programmes/{table.programme_id}/calls/draft"
    bidder, stranger = make_user(make_provider()), make_user(make_organisation())
    page = browse(officials[0]).get_ok(url)
    offered = {option["value"] for option in soup(page).select("#scorers-0 option")}
    assert str(bidder.id) not in offered
    assert str(stranger.id) in offered  # an expert of another municipality may score
    assert str(stranger.id) not in {option["value"] for option in soup(page).select("#openers-0 option")}
    twice = typed(officials) | {"scorers-1": str(officials[0].id)}
    assert "The same person is named twice" in browse(officials[0]).post_form(url, twice).text


def test_somebody_with_a_second_hat_as_bidder_does_not_score(table, officials):
    from app.calls.operations import CallFacts, draft_call
    from app.people.models import Membership

    two_hats = officials[2]
    db.session.add(Membership(user=two_hats, organisation=make_provider()))
    db.session.commit()
    soon, later = clock.now() + timedelta(days=9), clock.now() + timedelta(days=20)
    facts = CallFacts("T", "D", "", soon, later, 20, scorers=tuple(user.id for user in officials))
    with pytest.raises(Refused, match="service provider"):
        draft_call(table.programme, facts, actor=officials[0], once=uuid.uuid4())


def test_without_a_published_table_there_is_nothing_to_plan_against(app, browse):
    table = make_table(state=TableState.APPROVED)
    officials = [make_user(table.programme.lead) for _ in range(3)]
    answer = browse(officials[0]).post_form(f"/programmes/{table.programme_id}/calls/draft", typed(officials))
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
    answers = [reader.submit(page, typed(officials)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(db.select(db.func.count(Call.id))) == 1


def test_a_moment_is_local_in_winter_and_in_summer(table, officials, browse):
    """12:00 on the clock is 11:00 UTC in winter and 10:00 in summer."""
    changes = {"questions_until": "2040-01-15T12:00", "deadline": "2040-07-15T12:00"}
    browse(officials[0]).post_form(f"/programmes/{table.programme_id}/calls/draft", typed(officials) | changes)
    call = db.session.scalars(db.select(Call)).unique().one()
    assert (call.questions_until.hour, call.deadline.hour) == (11, 10)
    assert call.deadline == clock.local(date(2040, 7, 15), 12)
    page = browse(officials[0]).get_ok(f"/calls/{call.id}/edit")
    assert soup(page).select_one("#deadline")["value"] == "2040-07-15T12:00"


def test_an_edit_keeps_the_rest(table, officials, browse):
    reader = browse(officials[0])
    reader.post_form(f"/programmes/{table.programme_id}/calls/draft", typed(officials))
    call = db.session.scalars(db.select(Call)).unique().one()
    changes = {"criteria-0-weight": "70", "criteria-1-weight": "30"}
    assert reader.post_form(f"/calls/{call.id}/edit", changes).status_code == 303
    db.session.refresh(call)
    db.session.expire_all()
    assert [(c.name, c.weight) for c in call.criteria] == [("Approach", 70), ("Risks", 30)]
    assert len(call.committee) == 5


def test_the_second_of_two_editors_hears_that_it_changed(table, officials, browse):
    """Also when the first one changed nothing but a weight, which stands in another table."""
    call = make_call(table.programme, table=table, state=CallState.DRAFT)
    first, second = browse(officials[0]), browse(officials[1])
    page = second.get_ok(f"/calls/{call.id}/edit")
    first.post_form(f"/calls/{call.id}/edit", {"criteria-0-weight": "50", "criteria-1-weight": "50"})
    late = second.submit(page, {"title": "My better title"})
    assert late.status_code == 409
    assert "changed meanwhile" in late.text
    assert "My better title" in late.text
    assert second.submit(late).status_code == 303


def test_a_published_call_is_not_edited(app, browse):
    call = make_call()
    assert browse(make_user(call.programme.lead)).get(f"/calls/{call.id}/edit").status_code == 409


def test_two_criteria_of_one_name_cannot_be_told_apart(table, officials, browse):
    url = f"/programmes/{table.programme_id}/calls/draft"
    answer = browse(officials[0]).post_form(url, typed(officials) | {"criteria-3-name": " approach "})
    assert answer.status_code == 422
    assert "Give each criterion a name of its own" in answer.text


def test_one_call_of_a_bond_at_a_time(table, officials, browse):
    """The participants of a bond are promised once."""
    reader, url = browse(officials[0]), f"/programmes/{table.programme_id}/calls/draft"
    assert reader.post_form(url, typed(officials)).status_code == 303
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
    answer = browse(officials[0]).post_form(url, typed(officials) | moments)
    assert answer.status_code == 422
    assert "The last answers are given by 20 June 2030 12:00" in soup(answer).select_one("#questions_until-error").text
    fitting = moments | {"questions_until": "2030-06-20T12:00"}
    assert browse(officials[0]).post_form(url, typed(officials) | fitting).status_code == 303


def test_the_lines_of_the_form_do_not_call_themselves_optional(table, officials, browse):
    page = soup(browse(officials[0]).get_ok(f"/programmes/{table.programme_id}/calls/draft"))
    assert not page.select("#criteria .field__optional, #openers .field__optional, #scorers .field__optional")

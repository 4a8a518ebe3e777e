"""A draft shows, page by page, what it still lacks; what it lacks keeps it from being published."""

import pytest

from app.calls.completeness import Room, checklist
from app.calls.models import CriterionKind
from app.calls.operations import publish_call
from app.calls.states import CallState
from app.core.errors import Refused
from app.extensions import db
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    return make_call(state=CallState.DRAFT)


def test_a_whole_draft_lacks_nothing(call):
    assert call.missing() == []
    assert [room for room, _, lacks in checklist(call)] == list(Room)


def lose_weights(call):
    call.criteria[0].weight = 59


def lose_quality(call):
    call.criteria.pop()
    call.criteria[0].weight, call.criteria[0].kind = 100, CriterionKind.DISCOUNT


LOSSES = {
    Room.ITEMS: lambda call: call.items.clear(),
    Room.CRITERIA: lose_weights,
    Room.CONTACTS: lambda call: call.contacts.clear(),
    Room.COMMITTEE: lambda call: call.committee.clear(),
}


@pytest.mark.parametrize("room", LOSSES)
def test_each_lack_stands_with_its_page_and_keeps_the_call_a_draft(call, browse, room):
    LOSSES[room](call)
    db.session.commit()
    assert [one for one, _, lacks in checklist(call) if lacks] == [room]
    official = make_user(call.programme.lead)
    row = soup(browse(official).get_ok(f"/calls/{call.id}")).select_one(f'tr:has(a[href$="{room_path(room)}"])')
    assert "incomplete" in row.text
    assert str(call.missing()[0]) in row.text
    with pytest.raises(Refused):
        publish_call(call, actor=official)
    assert call.state == CallState.DRAFT


def room_path(room):
    return {Room.CRITERIA: "/criteria", Room.COMMITTEE: "/committee"}.get(room, f"/{room.value}")


def test_a_call_is_not_about_a_discount_alone(call):
    lose_quality(call)
    db.session.commit()
    assert call.missing() == ["At least one criterion must be about quality."]


def test_every_room_is_reached_from_the_draft(call, browse):
    reader = browse(make_user(call.programme.lead))
    page = reader.get_ok(f"/calls/{call.id}")
    for room in Room:
        inside = reader.click(page, str(room.label))
        assert soup(inside).select_one('.section-nav [aria-current="page"]').text == str(room.label)


def test_the_checklist_is_for_drafts(app, browse):
    call = make_call()
    page = browse(make_user(call.programme.lead)).get_ok(f"/calls/{call.id}")
    assert "Before this call can be published" not in page.text

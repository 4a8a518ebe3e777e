"""Following the prices of a bond: anybody signed in is told of each new version; the trail keeps no name."""

import pytest

from app.audit.models import AuditEntry
from app.calls.models import Follower
from app.calls.states import CallState
from app.extensions import db
from app.pricing.models import TableSubscription
from app.pricing.operations import publish_table
from app.pricing.states import TableState
from tests.factories.calls import make_call
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.told import recorded, told, words_told


@pytest.fixture
def reader(app):
    """Somebody who has no part in the bond."""
    return make_user(make_organisation(), locale="nl")


def approved_after(table):
    later = make_table(table.programme, state=TableState.APPROVED)
    db.session.commit()
    return later


def test_subscribe_and_be_told_in_ones_own_language(reader, official, programme, browse):
    table = make_table(programme)
    browser = browse(reader)
    page = browser.get_ok(f"/prices/{table.id}")
    address = f"/programmes/{programme.id}/prices/subscribe"
    assert browser.submit(page, action=address).status_code == 303
    assert db.session.scalars(db.select(TableSubscription.user_id)).all() == [reader.id]
    assert recorded("table.subscribe") == [{"follows": True}]
    assert db.session.scalars(db.select(AuditEntry.actor_id)).all() == [None], "following may betray a tenderer"
    publish_table(approved_after(table), actor=official)
    assert reader.email in told("table.publish")
    assert "gepubliceerd" in words_told("table.publish")


def test_unsubscribe(reader, official, programme, browse):
    table = make_table(programme)
    address = f"/programmes/{programme.id}/prices"
    browser = browse(reader)
    for verb in ("subscribe", "unsubscribe"):
        assert browser.submit(browser.get_ok(f"/prices/{table.id}"), action=f"{address}/{verb}").status_code == 303
    assert recorded("table.subscribe") == [{"follows": True}, {"follows": False}]
    publish_table(approved_after(table), actor=official)
    assert reader.email not in told("table.publish")


def test_twice_is_once(reader, programme, browse):
    table = make_table(programme)
    browser = browse(reader)
    page = browser.get_ok(f"/prices/{table.id}")
    for _ in range(2):
        browser.submit(page, action=f"/programmes/{programme.id}/prices/subscribe")
    assert len(recorded("table.subscribe")) == 1


def test_signed_out_is_shown_the_way(programme, browse):
    table = make_table(programme)
    page = browse().get_ok(f"/prices/{table.id}")
    assert "Sign in to follow these prices" in page.text
    assert f"/prices/{programme.id}/subscribe" not in page.text


@pytest.mark.parametrize("state, hears", [(CallState.PUBLISHED, True), (CallState.CANCELLED, False)])
def test_who_follows_an_open_call_is_told(state, hears, reader, official, programme):
    table = make_table(programme)
    call = make_call(programme, table=table, state=state)
    db.session.add(Follower(call_id=call.id, user_id=reader.id))
    db.session.commit()
    publish_table(approved_after(table), actor=official)
    assert (reader.email in told("table.publish")) is hears


def test_a_party_that_follows_hears_once(official, programme, browse):
    table = make_table(programme)
    db.session.add(TableSubscription(programme_id=programme.id, user_id=official.id))
    db.session.commit()
    publish_table(approved_after(table), actor=official)
    assert words_told("table.publish").count("published") == 1

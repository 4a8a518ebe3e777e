"""Anybody follows the prices of a bond by mail: the mailbox itself confirms, and every mail holds the way to end it."""

import re
from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.core import clock
from app.extensions import db
from app.notifications.models import Notification
from app.pricing import mail_following
from app.pricing.models import MailFollower
from app.pricing.operations import publish_table
from app.pricing.states import TableState
from tests.factories.pricing import make_table

ADDRESS = "Citizen@Example.org"


@pytest.fixture
def table(programme):
    return make_table(programme)


def ask(browser, programme, address=ADDRESS):
    return browser.post_form(f"/programmes/{programme.id}/prices/follow", {"address": address})


def mails(address=ADDRESS):
    found = db.select(Notification).where(Notification.address == address.lower())
    return db.session.scalars(found.order_by(Notification.created_at)).all()


def confirm(browser):
    return browser.post_form(mails()[-1].path)


def followers():
    return db.session.scalars(db.select(MailFollower.address)).all()


def test_the_mailbox_confirms_is_told_and_stops(table, official, programme, browse):
    browser = browse()
    assert f"/programmes/{programme.id}/prices/follow" in browser.get_ok(f"/prices/{table.id}").text
    assert ask(browser, programme).status_code == 303
    assert followers() == []  # whoever knows an address does not subscribe it
    browser.get_ok(mails()[0].path)
    assert followers() == []  # nor does a program that looks at links
    assert confirm(browser).status_code == 303 and confirm(browser).status_code == 303
    assert followers() == [ADDRESS.lower()]
    later = make_table(programme, state=TableState.APPROVED)
    db.session.commit()
    publish_table(later, actor=official)
    told = mails()[-1]
    assert told.path == f"/prices/{later.id}" and "published" in told.title
    stop = re.search(r"/unfollow-prices/[\w.\-]+", told.body)[0]
    browser.get_ok(stop)
    assert followers() == [ADDRESS.lower()]
    assert browser.post_form(stop).status_code == 303
    assert followers() == [] and browse().get(stop).status_code == 404
    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "table.subscribe")).all()
    assert entries == []  # who follows may betray a tenderer


def test_the_link_lasts_two_days_and_is_for_this_bond_alone(table, programme, browse):
    ask(browse(), programme)
    path = mails()[0].path
    assert browse().get(f"{path}x").status_code == 404
    token = path.rpartition("/")[2]
    assert mail_following.asked_in(token)[0] is programme
    assert browse().get(f"/unfollow-prices/{token}").status_code == 404
    with pytest.MonkeyPatch.context() as patched:  # the library that signs reads the clock of the machine
        patched.setattr(
            "itsdangerous.timed.time.time", lambda: (clock.now() + timedelta(days=2, seconds=5)).timestamp()
        )
        assert mail_following.asked_in(token) is None


def test_nobody_fills_the_mailbox_of_another(table, programme, browse, app, monkeypatch):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    for _ in range(5):
        assert ask(browse(), programme, "victim@example.org").status_code == 303  # says the same each time
    assert len(mails("victim@example.org")) == 3


@pytest.mark.parametrize("address", ["", "no address", "two@example.org, three@example.org", "a@b\n.org"])
def test_a_wrong_address_is_told_on_its_field(table, programme, browse, address):
    assert ask(browse(), programme, address).status_code == 422
    assert db.session.scalars(db.select(Notification)).all() == []


def test_a_mailbox_with_an_account_hears_it_once(table, official, programme, browse):
    ask(browse(), programme, official.email)
    browse().post_form(mails(official.email)[-1].path)
    before = len(mails(official.email))
    later = make_table(programme, state=TableState.APPROVED)
    db.session.commit()
    publish_table(later, actor=official)
    assert len(mails(official.email)) == before + 1

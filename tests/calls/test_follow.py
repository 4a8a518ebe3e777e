"""Following: who follows is told what all tenderers are told; the trail keeps no name, for it may betray a bidder."""

from app.audit.models import AuditEntry
from app.calls.models import Follower
from app.extensions import db
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user


def count():
    return db.session.scalar(db.select(db.func.count(Follower.id)))


def test_follow_twice_is_once_and_unfollow_ends_it(app, browse):
    call, user = make_call(), make_user(make_provider())
    reader = browse(user)
    page = reader.get_ok(f"/calls/{call.id}")
    for _ in range(2):
        assert reader.submit(page, action=f"/calls/{call.id}/follow").status_code == 303
    assert count() == 1
    page = reader.get_ok(f"/calls/{call.id}")
    for _ in range(2):
        assert reader.submit(page, action=f"/calls/{call.id}/unfollow").status_code == 303
    assert count() == 0
    entries = db.session.scalars(db.select(AuditEntry)).all()
    assert [(entry.action, entry.actor_id) for entry in entries] == [("call.follow", None)] * 2


def test_following_needs_a_reader_to_tell(app, browse, monkeypatch):
    call = make_call()
    page = browse().get_ok(f"/calls/{call.id}")
    assert f"/calls/{call.id}/follow" not in page.text
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    assert browse().post(f"/calls/{call.id}/follow").status_code == 303  # to the sign-in page
    assert count() == 0

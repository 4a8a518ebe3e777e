"""Into an organisation by mail: a link that works once, expires, and tells nobody who has an account."""

from datetime import timedelta

import pytest

from app.accounts.models import Invitation
from app.accounts.operations import invite_member, remove_member
from app.core import clock
from app.core.errors import NotYours
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, User
from tests.browser import soup
from tests.factories.people import make_organisation, make_user

PASSWORD = "zes groene lantaarns"


@pytest.fixture
def manager(city):
    return make_user(city, "Mila Manager")


@pytest.fixture
def link(app, city, manager, browse):
    """What the mail to somebody new says."""
    typed = {"address": "New@enschede.example", "as_manager": False}
    answer = browse(manager).post_form(f"/organisations/{city.id}/invite", typed)
    assert answer.status_code == 303
    return mail_to("new@enschede.example").path


def mail_to(address):
    found = db.select(Notification).where(Notification.address == address).order_by(Notification.created_at.desc())
    return db.session.scalars(found).first()


def members(organisation):
    found = db.select(User.email).join(Membership).where(Membership.organisation_id == organisation.id)
    return set(db.session.scalars(found))


def test_somebody_new_chooses_name_and_password_and_joins(app, city, manager, link, browse):
    browser = browse()
    answer = browser.post_form(link, {"name": "Noor Nieuw", "password": PASSWORD})
    assert answer.headers["Location"] == "/login"
    assert members(city) == {manager.email, "new@enschede.example"}
    typed = {"email": "new@enschede.example", "password": PASSWORD}
    assert browser.post_form("/login", typed).status_code == 302
    assert mail_to(manager.email).title == "Enschede: Noor Nieuw joined"


def test_the_token_is_not_in_the_row(app, link):
    invitation = db.session.scalars(db.select(Invitation)).one()
    token = link.rpartition("/")[2]
    stored = [str(getattr(invitation, column.name)) for column in Invitation.__table__.columns]
    assert not any(token in value for value in stored)
    assert len(token) >= 40


def test_signed_in_with_that_address_it_takes_one_press(app, city, manager, browse):
    guest = make_user(make_organisation(), "Gast", email="guest@elders.example")
    invite_member(city, "Guest@elders.example", True, actor=manager)
    path = mail_to("guest@elders.example").path
    browser = browse(guest)
    assert browser.post_form(path).headers["Location"] == "/home"
    assert guest.email in members(city)
    assert db.session.scalar(db.select(Membership.is_manager).filter_by(user_id=guest.id, organisation_id=city.id))


def test_with_another_address_it_is_not_theirs(app, city, manager, link, browse):
    answer = browse(make_user(city)).get(link)
    assert answer.status_code == 403
    assert "new@enschede.example" not in answer.text


def test_nobody_learns_who_has_an_account(app, city, manager, link, browse):
    """Not signed in, the page and the answer are the same for somebody who has an account; it joins, password kept."""
    guest = make_user(make_organisation(), "Gast", email="guest@elders.example", password="hash that stays")
    invite_member(city, guest.email, False, actor=manager)
    known = mail_to(guest.email).path
    pages = [soup(browse().get_ok(path)).select_one("main") for path in (link, known)]
    assert [field["name"] for field in pages[0].select("input")] == [f["name"] for f in pages[1].select("input")]
    assert pages[0].select_one("h1") == pages[1].select_one("h1")
    answers = [browse().post_form(path, {"name": "X Y", "password": PASSWORD}) for path in (link, known)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    db.session.refresh(guest)
    assert (guest.password, guest.name) == ("hash that stays", "Gast")
    assert guest.email in members(city)


def test_wrong_expired_and_used_links_are_one_and_the_same_page(app, city, manager, link, browse):
    browse().post_form(link, {"name": "Noor Nieuw", "password": PASSWORD})
    used = browse().get(link)
    invite_member(city, "late@enschede.example", False, actor=manager)
    late = mail_to("late@enschede.example").path
    with clock.at(clock.now() + timedelta(days=7, minutes=1)):
        expired = browse().get(late)
    wrong = browse().get("/invitations/not-a-token")
    assert {answer.status_code for answer in (used, expired, wrong)} == {404}
    assert len({soup(answer).select_one("main").text for answer in (used, expired, wrong)}) == 1
    with clock.at(clock.now() + timedelta(days=6, hours=23)):
        assert browse().get(late).status_code == 200


def test_a_double_click_joins_once(app, city, link, browse):
    browser = browse()
    page = browser.get_ok(link)
    answers = [browser.submit(page, {"name": "Noor Nieuw", "password": PASSWORD}) for _ in range(2)]
    assert [answer.headers.get("Location") for answer in answers] == ["/login", "/login"]
    assert len(db.session.scalars(db.select(User).where(User.email == "new@enschede.example")).all()) == 1


def test_a_new_invitation_replaces_the_old_one(app, city, manager, link, browse):
    invite_member(city, "new@enschede.example", False, actor=manager)
    assert browse().get(link).status_code == 404
    assert browse().get(mail_to("new@enschede.example").path).status_code == 200


@pytest.mark.parametrize("weak", ["kort", "Enschede 2026 2027"])
def test_a_weak_password_is_refused_and_the_name_kept(app, link, browse, weak):
    answer = browse().post_form(link, {"name": "Noor Nieuw", "password": weak})
    assert answer.status_code == 422
    assert soup(answer).select_one("#name")["value"] == "Noor Nieuw"


@pytest.mark.parametrize("address", ["", "nothing", "two@x.example, three@x.example", "a\r\nBcc: b@x.example"])
def test_what_is_no_address_is_refused(app, city, manager, browse, address):
    answer = browse(manager).post_form(f"/organisations/{city.id}/invite", {"address": address})
    assert answer.status_code == 422
    assert db.session.scalars(db.select(Invitation)).all() == []


def test_who_is_in_already_is_not_invited(app, city, manager, browse):
    answer = browse(manager).post_form(f"/organisations/{city.id}/invite", {"address": manager.email.upper()})
    assert answer.status_code == 422


def test_only_a_manager_invites(app, city, manager, browse):
    member = make_user(city)
    db.session.execute(db.update(Membership).where(Membership.user_id == member.id).values(is_manager=False))
    db.session.commit()
    assert browse(member).get(f"/organisations/{city.id}/invite").status_code == 403
    stranger = make_user(make_organisation())
    assert browse(stranger).get(f"/organisations/{city.id}/invite").status_code == 403
    with pytest.raises(NotYours):
        invite_member(city, "x@x.example", False, actor=stranger)


def test_a_member_is_removed_and_told(app, city, manager, browse):
    member = make_user(city, "Weg")
    answer = browse(manager).post_form(f"/organisations/{city.id}/members/{member.id}/remove")
    assert answer.status_code == 303
    assert members(city) == {manager.email}
    assert mail_to(member.email).title == "Enschede: you no longer act for it"


def test_the_last_manager_stays(app, city, manager, browse):
    answer = browse(manager).post_form(f"/organisations/{city.id}/members/{manager.id}/remove")
    assert answer.status_code == 422
    assert "last manager" in answer.text
    assert members(city) == {manager.email}


def test_who_is_no_member_is_not_there(app, city, manager, browse):
    stranger = make_user(make_organisation())
    make_user(city)
    assert browse(manager).get(f"/organisations/{city.id}/members/{stranger.id}/remove").status_code == 404
    with pytest.raises(NotYours):
        remove_member(city, manager, actor=stranger)

"""A session that ends mid-form loses nothing: kept encrypted, half an hour, for that person and that form alone."""

from datetime import timedelta

import pytest

from app.accounts import kept
from app.accounts.models import KeptForm
from app.core import clock
from app.extensions import db
from tests.accounts.conftest import PASSWORD
from tests.browser import soup
from tests.factories.people import make_user

TYPED = {"address": "somebody@long.example", "as_manager": True}


def rows():
    return db.session.scalars(db.select(KeptForm)).all()


def end_session(browser):
    with browser.session_transaction() as session:
        session.clear()


@pytest.fixture
def form(city, person):
    return f"/organisations/{city.id}/invite"


@pytest.fixture
def browser(person, browse):
    return browse(person)


def sent_too_late(browser, form):
    page = browser.get_ok(form)
    end_session(browser)
    return browser.submit(page, TYPED)


def sign_in(browser, answer, email):
    return browser.submit(browser.follow(answer), {"email": email, "password": PASSWORD})


def test_the_form_comes_back_filled_in(app, person, form, browser):
    answer = sent_too_late(browser, form)
    assert answer.headers["Location"] == f"/login?next={form}"
    page = browser.follow(sign_in(browser, answer, person.email))

    assert "What you had typed stands here again" in page.text
    assert soup(page).select_one("#address")["value"] == TYPED["address"]
    assert soup(page).select_one("#as_manager").has_attr("checked")
    assert soup(browser.get_ok(form)).select_one("#address")["value"] == TYPED["address"]  # a reload loses nothing
    assert browser.submit(page).status_code == 303  # it can be sent as it stands
    assert "had typed" not in browser.get_ok(form).text


def test_it_is_kept_when_the_key_against_forgery_is_still_there(app, person, form, browser):
    """Another way to lose a session: it ended on the server, the browser kept its own cookie (password changed)."""
    page = browser.get_ok(form)
    person.fs_uniquifier = "changed"
    db.session.commit()
    answer = browser.submit(page, TYPED)
    assert answer.headers["Location"] == f"/login?next={form}"
    assert len(rows()) == 1


def test_it_is_unreadable_in_the_database(app, form, browser):
    sent_too_late(browser, form)
    (row,) = rows()
    assert b"somebody" not in row.sealed and b"address" not in row.sealed


def test_somebody_else_discards_it(app, city, person, form, browser):
    other = make_user(city, "Ander", password=person.password)
    answer = sent_too_late(browser, form)
    page = browser.follow(sign_in(browser, answer, other.email))
    assert TYPED["address"] not in page.text
    assert rows() == []


def test_it_does_not_open_for_another_person_form_or_row(app, city, person, form, browser, browse):
    answer = sent_too_late(browser, form)
    (row,) = rows()
    other = make_user(city)
    thief = browse(other)
    with thief.session_transaction() as session:
        session["kept"] = [str(row.id), form]
    assert TYPED["address"] not in thief.get_ok(form).text
    row.user_id = other.id  # even who can write in the database gets nothing
    db.session.commit()
    assert TYPED["address"] not in thief.get_ok(form).text
    assert answer.status_code == 303


def test_after_half_an_hour_it_is_gone(app, person, form, browser):
    answer = sent_too_late(browser, form)
    later = clock.now() + timedelta(minutes=31)
    with clock.at(later):
        page = browser.follow(sign_in(browser, answer, person.email))
        assert TYPED["address"] not in page.text
        assert kept.purge() == 1
    assert rows() == []


def test_just_before_that_it_is_there(app, person, form, browser):
    sent_too_late(browser, form)
    with clock.at(clock.now() + timedelta(minutes=29)):
        assert kept.purge() == 0


def test_never_a_password(app, person, browser):
    page = browser.get_ok("/change")
    assert not soup(page).select_one("[name=owner]")  # the library's own forms are not kept at all
    with app.test_request_context("/x"):
        from app.accounts.forms import AcceptForm

        assert list(kept._secret_names(AcceptForm())) == ["password"]


def test_what_was_kept_leaves_secrets_out(app, person, browse):
    """A form with a password in it: everything else comes back, the password does not."""
    from flask_login import login_user

    from app.accounts.forms import AcceptForm

    with app.test_request_context("/x"):
        login_user(person)
        note = AcceptForm().owner._value()
    client = browse()
    client.post("/account", data={"owner": note, "name": "N", "password": PASSWORD})
    assert rows() == []  # the note names /x, not /account
    with app.test_request_context("/x", method="POST", data={"owner": note, "name": "N", "password": PASSWORD}):
        assert kept.keep()
        row = rows()[0]
        plain = kept._cipher().decrypt(row.sealed[:12], row.sealed[12:], row.bound_to)
    assert plain == b'[["name", "N"]]'


def test_a_forged_note_keeps_nothing(app, form, browse):
    browse().post(form, data={"owner": "forged", "address": "x@x.example"})
    assert rows() == []


def test_a_button_without_a_page_leads_back_to_where_it_stood(app, person, browser):
    page = browser.get_ok("/inbox")
    end_session(browser)
    answer = browser.post("/inbox/read", headers={"Referer": "http://localhost/inbox"})
    assert page.status_code == 200
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/inbox")

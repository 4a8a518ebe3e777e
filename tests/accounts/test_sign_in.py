"""Signing in and out (OWASP ASVS): nobody learns who has an account (6.3.8), sessions end (7.3.1), guessing is bounded
(6.3.1)."""

from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from tests.accounts.conftest import PASSWORD
from tests.browser import soup
from tests.factories.people import make_organisation, make_user


def sign_in(browser, email, password, page="/login"):
    return browser.post_form(page, {"email": email, "password": password})


def test_signing_in_leads_home_and_the_session_is_to_end(person, browse):
    browser = browse()
    answer = sign_in(browser, "ANNA@enschede.example", PASSWORD)
    with browser.session_transaction() as session:
        assert session.permanent
    assert (answer.status_code, answer.headers["Location"]) == (302, "/home")
    assert "Anna de Boer" in browser.get_ok("/home").text


def test_signing_in_comes_back_to_the_page_that_was_asked_for(person, browse):
    browser = browse()
    asked = browser.get("/account")
    assert asked.status_code == 303
    answer = sign_in(browser, person.email, PASSWORD, asked.headers["Location"])
    assert answer.headers["Location"] == "/account"


def test_nothing_comes_between_the_password_and_the_button(app, browse):
    """Tab goes in the order of the page (WCAG 2.2, 2.4.3): address, password, button, and only then the link."""
    page = soup(browse().get_ok("/login"))
    reached = page.select("main a, main button, main input:not([type=hidden])")
    words = [one.get("name") or one.text.strip() for one in reached][:4]
    assert words == ["email", "password", "Sign in", "Forgot your password?"]
    assert reached[3]["href"] == "/reset" and len(page.select("a[href='/reset']")) == 1


def test_another_site_is_no_place_to_come_back_to(person, browse):
    page = browse().get_ok("/login?next=https://elsewhere.example/")
    assert "elsewhere.example" not in page.headers.get("Location", "")
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        answer = sign_in(browse(), person.email, PASSWORD, f"/login?next={elsewhere}")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/home"), "signed in all the same"


def test_who_knows_the_password_hears_that_the_address_is_not_verified(person, browse):
    person.confirmed_at = None
    db.session.commit()
    answer = sign_in(browse(), person.email, PASSWORD)
    assert answer.status_code == 422
    assert "not verified yet" in soup(answer).select_one(".errors li").text
    assert soup(answer).select_one("main a[href='/confirm']")
    person.active = False
    db.session.commit()
    assert "not verified" not in sign_in(browse(), person.email, PASSWORD).text


def test_no_page_of_the_library_is_kept_by_a_browser(app, browse):
    """RFC 9111, 5.2.2.5: `no-store` has no value, and one that is given is not understood."""
    for page in ("/login", "/reset", "/confirm"):
        told = {word.strip() for word in browse().get_ok(page).headers["Cache-Control"].split(",")}
        assert told == {"private", "no-store"}


@pytest.mark.parametrize("case", ["unknown", "wrong", "blocked", "unverified"])
def test_whatever_is_wrong_the_answer_is_the_same(person, browse, case):
    if case == "blocked":
        person.active = False
    if case == "unverified":
        person.confirmed_at = None
    db.session.commit()
    email = "nobody@enschede.example" if case == "unknown" else person.email
    password = "not the right one" if case in ("wrong", "unverified") else PASSWORD

    answer = sign_in(browse(), email, password)

    assert answer.status_code == 422
    errors = [line.text for line in soup(answer).select(".errors li")]
    assert errors == ["This e-mail address and password do not belong together."]
    assert soup(answer).select_one("#email")["value"] == email  # kept; the password is not
    assert not soup(answer).select_one("#password").get("value")


def test_signing_out_ends_the_session(person, browse):
    browser = browse(person)
    page = browser.get_ok("/account")
    answer = browser.submit(page, action="/logout")
    assert answer.headers["Location"] == "/"
    assert browser.get("/account").status_code == 303


def test_signing_out_is_not_done_by_a_link(person, browse):
    assert browse(person).get("/logout").status_code == 405


def test_the_session_ends_after_an_hour_without_a_request(app, person, browse):
    assert app.config["PERMANENT_SESSION_LIFETIME"] == timedelta(minutes=60)
    browser = browse()
    sign_in(browser, person.email, PASSWORD)
    assert browser.get("/home").headers.get("Set-Cookie"), "each request begins the hour anew"
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=-1)  # all sessions are older than that
    try:
        assert browser.get("/home").status_code == 303
    finally:
        app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(minutes=60)


def test_nobody_stays_signed_in_for_a_year(person, browse):
    browser = browse()
    page = browser.get_ok("/login")
    answer = browser.submit(page, {"email": person.email, "password": PASSWORD, "remember": "y"}, forged=True)
    assert answer.status_code == 302
    assert not any("remember_token" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_guessing_for_one_account_is_refused_from_everywhere(limited, person, browse):
    for number in range(10):
        page = browse().get_ok("/login")
        browser = browse()
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        assert sign_in(browser, person.email, "wrong password").status_code == 422
        assert page.status_code == 200
    answer = sign_in(browse(), person.email.upper(), PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "You can try again from" in answer.text
    assert sign_in(browse(), "other@enschede.example", "x").status_code == 422  # others are not hindered


def test_guessing_from_one_address_is_refused_for_all_accounts(limited, person, browse):
    browser = browse()
    page = browser.get_ok("/login")
    for number in range(50):
        assert browser.submit(page, {"email": f"p{number}@x.example", "password": "x"}).status_code == 422
    assert browser.submit(page, {"email": person.email, "password": PASSWORD}).status_code == 429


def test_signing_in_well_is_not_counted(limited, person, browse):
    for _ in range(12):
        assert sign_in(browse(), person.email, PASSWORD).status_code == 302


def test_a_sign_in_page_that_stood_open_too_long_is_opened_anew(person, browse):
    answer = browse().post("/login", data={"email": person.email, "password": PASSWORD, "next": "/account"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/account")


def test_demonstration_sign_ins_are_shown_in_demonstration_only(app, city, browse):
    make_user(city, "Vera", email="government@demo.example")
    shown = browse().get_ok("/login").text
    assert "demo.example" not in shown and "bewezen-in-twente" not in shown
    app.config |= {"DEMO": True, "DEMO_PASSWORD": "bewezen-in-twente"}
    try:
        page = browse().get_ok("/login").text
    finally:
        app.config |= {"DEMO": False, "DEMO_PASSWORD": ""}
    assert "government@demo.example" in page and "Enschede, municipality" in page and "bewezen-in-twente" in page


def test_signing_in_is_noted_at_the_right_moment(app, person, browse):
    sign_in(browse(), person.email, PASSWORD)
    db.session.refresh(person)
    assert abs(clock.now() - person.current_login_at) < timedelta(minutes=1)
    assert person.login_count == 1


def test_the_page_speaks_dutch_to_its_last_word(person, browse):
    """No English of the library: every text of its pages goes through our catalogue."""
    from flask_security.utils import get_message

    from app.accounts.sign_in_words import MESSAGES

    del person
    with browse().application.test_request_context():
        for key in MESSAGES:
            assert get_message(key.removeprefix("SECURITY_MSG_"), email="x")[0]


def test_an_unvetted_organisation_says_so_at_home(app, browse):
    provider = make_user(make_organisation(OrganisationKind.PROVIDER, "De Brug", vetted_at=None))
    assert "De Brug is not vetted yet" in browse(provider).get_ok("/home").text
    assert db.session.scalars(db.select(Notification)).all() == []

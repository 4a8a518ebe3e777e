"""Forgotten and changed passwords (OWASP ASVS 6.2, 6.4)."""

import re
import threading
import time

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.notifications.mail import html_of
from app.notifications.models import MailState, Notification
from app.people.password import AFewAtATime, hashed, password_fits, why_weak
from tests.accounts.conftest import PASSWORD
from tests.browser import soup

NEW = "heel andere woorden nu"


def last_mail():
    return db.session.scalars(db.select(Notification).order_by(Notification.created_at.desc())).first()


def test_a_forgotten_password_is_set_anew_by_a_mailed_link(app, person, browse):
    browser = browse()
    answer = browser.post_form("/reset", {"email": person.email})
    assert "a mail with a link is on its way" in answer.text

    mail = last_mail()
    assert (mail.address, mail.mail_state, mail.user_id) == (person.email, MailState.WAITING, None)
    assert re.fullmatch(r"/reset/\S+", mail.path)
    done = browser.post_form(mail.path, {"password": NEW, "password_confirm": NEW})
    assert done.status_code == 302
    assert "Your new password is set" in browser.follow(done).text
    assert browser.post_form("/login", {"email": person.email, "password": NEW}).status_code == 302
    assert last_mail().title == "Your password is changed"


def test_the_link_works_once(app, person, browse):
    browse().post_form("/reset", {"email": person.email})
    link = last_mail().path
    browse().post_form(link, {"password": NEW, "password_confirm": NEW})
    browser = browse()
    again = browser.get(link)
    assert again.status_code == 302
    assert "This link does not work" in browser.follow(again).text


def test_nobody_learns_who_has_an_account(app, person, browse):
    known = browse().post_form("/reset", {"email": person.email})
    unknown = browse().post_form("/reset", {"email": "nobody@enschede.example"})
    assert known.status_code == unknown.status_code == 200
    words = [soup(page).select_one("[role=status]").text.strip() for page in (known, unknown)]
    assert words[0].replace(person.email, "") == words[1].replace("nobody@enschede.example", "")
    assert len(db.session.scalars(db.select(Notification)).all()) == 1


def test_the_link_names_our_own_address_not_the_one_that_was_asked(app, person, browse):
    """A forged Host header must not lead the reader of the mail to another site."""
    browser = browse()
    page = browser.get_ok("/reset")
    typed = {"email": person.email, "csrf_token": soup(page).select_one("[name=csrf_token]")["value"]}
    browser.post("/reset", data=typed, base_url="http://evil.example")
    browser.submit(page, {"email": person.email})
    assert last_mail().path.startswith("/reset/")
    assert "evil.example" not in html_of(last_mail())
    assert f"{app.config['BASE_URL']}/reset/" in html_of(last_mail())


def test_mail_for_a_new_password_is_bounded(limited, person, browse):
    for _ in range(10):
        assert browse().post_form("/reset", {"email": person.email}).status_code == 200
    assert browse().post_form("/reset", {"email": person.email}).status_code == 429


def test_a_password_is_changed_and_other_sessions_end(app, person, browse):
    here, elsewhere = browse(), browse(person)
    here.post_form("/login", {"email": person.email, "password": PASSWORD})
    typed = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
    answer = here.post_form("/change", typed)
    assert answer.headers["Location"] == "/account"
    assert "Your password is changed" in here.follow(answer).text
    assert elsewhere.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "words"),
    [
        ("kort", "kort", "at least 12 characters"),
        ("anna de boer 123", "anna de boer 123", "your name"),
        (NEW, "iets anders dan dat", "not the same"),
        (PASSWORD, PASSWORD, "another password"),
    ],
)
def test_a_bad_new_password_is_refused(app, person, browse, new, again, words):
    typed = {"password": PASSWORD, "new_password": new, "new_password_confirm": again}
    answer = browse(person).post_form("/change", typed)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    "typed",
    [
        *("kort", "x" * 129, "aaaaaaaaaaaaaaaa", "Anna de Boer 1234", "dit is ANNA@ zelf", "anna.van.dijk 99"),
        *("passwordpassword", "password1234", "P@ssw0rd!2026", "welkomwelkom", "Wachtwoord2026!", "blauwblauwblauw"),
        *("abcdefghijkl", "123456789012", "qwertyuiop12", "bewezen-in-twente"),
    ],
)
def test_weak_passwords(app, typed):
    assert why_weak(typed, "Anna de Boer", "anna@enschede.example")
    with pytest.raises(Refused):
        hashed(typed, "Anna de Boer", "anna@enschede.example")


AROUND = ("Stichting Rijnstroom Werkt", "'s-Hertogenbosch", "Comit\u00e9 B\u00e8gue")


@pytest.mark.parametrize(
    "typed",
    [
        *("Enschede2026!", "gemeenteEnschede2026", "Rijnstroom2026!!", "werkt-rijnstroom-1998", "Hertogenbosch2026"),
        *("R1jnstr00mWerkt", "stichting2025stichting", "begue-comite-2026"),
    ],
)
def test_an_own_organisation_or_town_with_a_year_is_weak(app, typed):
    """Context-specific words, such as the name of the service (NIST SP 800-63B, 3.1.1.2); for another person the very
    same words may do."""
    assert "your organisation" in why_weak(typed, "Anna de Boer", "anna@enschede.example", AROUND)


def test_a_town_among_several_words_is_no_weakness(app):
    assert why_weak("in enschede lopen paarse fietsen", "Anna de Boer", "anna@enschede.example", AROUND) is None
    assert why_weak("Rijnstroom Vlakte", "Anna de Boer", "anna@hulp.example", ("Vlakte",)) is None


def test_at_a_change_the_words_of_the_own_organisation_count(app, person, browse):
    organisation = person.organisations[0]
    organisation.name = "Rijnstroom Werkt"
    db.session.commit()
    new = "rijnstroom werkt 2026"
    answer = browse(person).post_form(
        "/change", {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    )
    assert answer.status_code == 422
    assert "easy to guess" in answer.text


@pytest.mark.parametrize("typed", [PASSWORD, NEW, "zeven paarse fietsen", "a long enough password", "tR9#vL2!xQ7&"])
def test_strong_passwords(app, typed):
    assert why_weak(typed, "Anna de Boer", "anna@enschede.example") is None


@pytest.mark.parametrize("page", ["/reset", "/confirm"])
@pytest.mark.parametrize(("typed", "words"), [("", "Fill this in"), ("nobody", "Give an e-mail address")])
def test_what_is_no_address_is_said_at_the_field(app, browse, page, typed, words):
    answer = browse().post_form(page, {"email": typed})
    assert answer.status_code == 422
    assert words in soup(answer).select_one("#email-error").text
    assert "on its way" not in answer.text


def test_asking_the_password_again_is_bounded(limited, person):
    assert password_fits(person, PASSWORD)
    assert not password_fits(person, "")
    for _ in range(4):
        assert not password_fits(person, "wrong")
    with pytest.raises(Refused) as refused:
        password_fits(person, PASSWORD)
    assert refused.value.field == "password"


def test_only_a_few_passwords_are_hashed_at_a_time():
    two = threading.Barrier(2)  # nobody is done before a second one hashes too: one at a time would never end

    class Slow:
        now = most = 0

        def hash(self, typed):
            with counted:
                self.now += 1
                self.most = max(self.most, self.now)
            two.wait(300)
            time.sleep(0.02)  # long enough for a third, were it let in
            with counted:
                self.now -= 1
            return typed

    counted = threading.Lock()
    slow = Slow()
    bounded = AFewAtATime(slow, at_most=2)
    rush = [threading.Thread(target=bounded.hash, args=("x",)) for _ in range(8)]
    for one in rush:
        one.start()
    for one in rush:
        one.join()
    assert slow.most == 2

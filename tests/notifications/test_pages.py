"""The inbox, and the caught mail of the demonstration."""

from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.notifications.models import MailState, Notification
from app.notifications.notify import Notice, notify
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme
from tests.statements import counted


def tell(user, title="SIB Test: programme approved"):
    notify([user], "programme.approve", None, lambda: Notice(title, ["What happened."]), "accounts.profile")
    db.session.commit()
    return db.session.scalars(db.select(Notification).where(Notification.title == title)).one()


@pytest.fixture
def reader(app):
    return make_user(make_organisation())


@pytest.fixture
def demonstration(app):
    app.config["DEMO"] = True
    yield
    app.config["DEMO"] = False


def test_a_notice_is_read_and_lands_on_its_page(app, reader, browse):
    notice = tell(reader)
    browser = browse(reader)
    assert soup(browser.get_ok("/inbox")).select_one(".count").text == "1"
    answer = browser.get(f"/inbox/{notice.id}")
    assert answer.headers["Location"] == "/account"
    assert soup(browser.get_ok("/inbox")).select_one(".count") is None


def test_a_link_in_a_mail_asks_to_sign_in_and_comes_back(app, reader, browse):
    notice = tell(reader)
    assert browse().get(notice.path).headers["Location"] == "/login?next=/account"


def test_all_at_once(app, reader, browse):
    for number in range(3):
        tell(reader, f"Notice {number}")
    other = tell(make_user(), "Of somebody else")
    browser = browse(reader)
    answer = browser.submit(browser.get_ok("/inbox"), action="/inbox/read")
    assert answer.status_code == 303
    assert soup(browser.follow(answer)).select_one(".count") is None
    db.session.refresh(other)
    assert other.read_at is None


def test_somebody_elses_notice_does_not_exist(app, reader, browse):
    notice = tell(make_user())
    assert browse(reader).get(f"/inbox/{notice.id}").status_code == 404
    assert browse().get("/inbox").status_code == 303
    assert browse().get(f"/inbox/{notice.id}").status_code == 303


def test_the_inbox_costs_the_same_for_thirty(app, reader, browse):
    browser = browse(reader)
    tell(reader)
    browser.get_ok("/inbox")
    with counted() as one:
        browser.get_ok("/inbox")
    for number in range(30):
        tell(reader, f"Notice {number}")
    with counted() as many:
        page = browser.get_ok("/inbox")
    assert len(many) == len(one)
    assert "Page 1 of 2" in page.text


def test_an_empty_inbox(app, reader, browse):
    assert "Nothing yet" in browse(reader).get_ok("/inbox").text


def test_notices_speak_the_language_of_their_reader(app, browse):
    readers = [make_user(locale=locale) for locale in ("en", "nl")]

    def words():
        from flask_babel import get_locale

        return Notice(f"in {get_locale()}", ["x"])

    notify(readers, "x", None, words, "accounts.profile")
    db.session.commit()
    titles = {n.address: n.title for n in db.session.scalars(db.select(Notification))}
    assert titles == {readers[0].email: "in en", readers[1].email: "in nl"}


def test_mail_is_caught_in_demonstration_and_shown(app, reader, demonstration, browse):
    notice = tell(reader, "Caught <b>one</b>")
    assert (notice.mail_state, notice.next_attempt_at) == (MailState.CAUGHT, None)
    browser = browse()
    page = browser.click(browser.get_ok("/dev/mail"), "Caught <b>one</b>")
    assert "What happened." in page.text and reader.email in page.text
    assert notice.message_id in soup(page).select_one("main").text


def test_the_html_of_a_mail_is_shown_without_rights(app, reader, demonstration):
    from flask.testing import FlaskClient

    notice = tell(reader, "<script>alert(1)</script>")
    answer = FlaskClient(app, app.response_class).get(f"/dev/mail/{notice.id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script-src" not in policy
    assert "<script>" not in answer.text and "src=" not in answer.text


def test_caught_mail_is_for_the_demonstration_only(app, reader, browse):
    notice = tell(reader)
    for path in ("/dev/mail", f"/dev/mail/{notice.id}", f"/dev/mail/{notice.id}/html"):
        assert browse(reader).get(path).status_code == 404
        assert browse().get(path).status_code == 404


def test_mail_is_due_at_once(app, reader):
    notice = tell(reader)
    assert notice.mail_state == MailState.WAITING
    assert clock.now() - notice.next_attempt_at < timedelta(minutes=1)


def test_a_notice_in_another_language_says_which(app, browse):
    """WCAG 3.1.2: words stay as they were mailed, so after a change of language the inbox and home name theirs."""
    from tests.factories.many import make_notices
    from tests.factories.people import make_user

    reader = make_user(locale="en")
    make_notices(reader, 2)
    for notice, locale in zip(db.session.scalars(db.select(Notification)).all(), ("en", "nl_BE"), strict=True):
        notice.locale = locale
    db.session.commit()
    for url in ("/inbox", "/home"):
        links = soup(browse(reader).get_ok(url)).select(".timeline__title a")
        assert sorted(link.get("lang", "") for link in links) == ["", "nl-BE"]
        said = [one.text for one in soup(browse(reader).get_ok(url)).select(".timeline__title .soft")]
        assert said == ["(written in Dutch)"]
    reader.locale = "nl"
    db.session.commit()
    titles = soup(browse(reader).get_ok("/inbox")).select(".timeline__title")
    named = [title.a.get("lang") for title in titles if title.select(".soft")]
    assert named == ["en"], "a Dutch reader reads Flemish"


def test_amounts_that_were_made_up_are_called_so(app, browse):
    """Every page that shows the demonstration's prices says "illustrative", the inbox too."""
    for illustrative in (True, False):
        programme = make_programme(illustrative=illustrative)
        reader = make_user(programme.lead)
        notify([reader], "programme.approve", programme, lambda: Notice("Told", ["It."]), "accounts.profile")
        db.session.commit()
        assert ("Illustrative prices" in browse(reader).get_ok("/inbox").text) == illustrative

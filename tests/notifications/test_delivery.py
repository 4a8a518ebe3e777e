"""Mail goes out over real SMTP: retried, never lost, marked when repeated (RFC 5321 4.2.1, 4.5.4.1; RFC 5322 3.6.4)."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.notifications import delivery
from app.notifications.delivery import claim, deliver, is_final
from app.notifications.models import MailState, Notification
from app.notifications.notify import Notice, notify, write_to
from app.notifications.post import Post, WrongMailUrl, is_this_machine
from app.notifications.sign import last_sign
from tests.factories.people import make_user


def lay_mail(user, title="SIB Test: programme approved", count=1):
    for number in range(count):
        words = Notice(f"{title} {number}" if count > 1 else title, ["First paragraph.", "Tweede: één € ruimte."])
        notify([user], "programme.approve", None, lambda words=words: words, "accounts.profile")
    db.session.commit()
    return db.session.scalars(db.select(Notification).where(Notification.user_id == user.id)).all()


@pytest.fixture
def reader(app):
    return make_user(name="Lena Lezer", email="lena@enschede.example", locale="nl")


@pytest.fixture
def post(smtp):
    with Post(smtp.url) as line:
        yield line


def state(notice):
    db.session.refresh(notice)
    return notice.mail_state, notice.attempts


def test_a_mail_arrives_whole(app, reader, smtp, post):
    (notice,) = lay_mail(reader)
    assert deliver(post) == 1
    (mail,) = smtp.to("lena@enschede.example")
    assert mail["Subject"] == "SIB Test: programme approved"
    assert mail["Message-ID"] == notice.message_id
    text = mail.get_body(("plain",)).get_content()
    assert "Tweede: één € ruimte." in text
    assert f"{app.config['BASE_URL']}/account" in text
    html = mail.get_body(("html",)).get_content()
    assert 'style="' in html and "<style" not in html
    assert 'lang="nl"' in html and f'href="{app.config["BASE_URL"]}/account"' in html
    assert state(notice) == (MailState.SENT, 1)


def test_a_thousand_go_over_one_line(app, reader, smtp, post):
    lay_mail(reader, count=30)
    lines = []
    connect, post._connect = post._connect, lambda: lines.append(1) or connect()
    assert deliver(post) == 30
    assert len(smtp.messages) == 30 and len(lines) == 1


def test_a_temporary_no_is_tried_again_later_and_later(app, reader, smtp, post):
    (notice,) = lay_mail(reader)
    smtp.fail("temporary")
    now, waits = clock.now(), []
    for _ in range(12):
        with clock.at(now):
            deliver(post)
        db.session.refresh(notice)
        if notice.next_attempt_at is None:
            break
        waits.append((notice.next_attempt_at - now) // timedelta(minutes=1))
        with clock.at(notice.next_attempt_at - timedelta(seconds=1)):
            assert deliver(post) == 0  # not before its time
        now = notice.next_attempt_at
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]  # then the next wait would be longer than a day
    assert state(notice) == (MailState.FAILED, 12)
    assert notice.last_error == "SMTPDataError 451"


def test_it_arrives_when_the_server_recovers(app, reader, smtp, post):
    (notice,) = lay_mail(reader)
    smtp.fail("temporary", times=1)
    deliver(post)
    with clock.at(clock.now() + timedelta(minutes=2)):
        deliver(post)
    assert state(notice) == (MailState.SENT, 2)
    assert len(smtp.messages) == 1


def test_a_final_no_is_final_and_hinders_nobody_else(app, reader, smtp, post):
    gone = make_user(email="gone@enschede.example")
    smtp.refused = {"gone@enschede.example"}
    (lost,), (good,) = lay_mail(gone), lay_mail(reader)
    assert deliver(post) == 2
    assert state(lost) == (MailState.FAILED, 1)
    assert "gone@" not in lost.last_error
    assert state(good) == (MailState.SENT, 1)


@pytest.mark.parametrize("failure", ["drop", "drop_after"])
def test_a_broken_line_is_made_anew_and_a_repeat_can_be_told(app, reader, smtp, post, failure):
    first, second = lay_mail(reader, count=2)
    smtp.fail(failure, times=1)
    assert deliver(post) == 2
    states = sorted(state(notice) for notice in (first, second))
    assert states == [(MailState.SENT, 1), (MailState.WAITING, 1)]
    with clock.at(clock.now() + timedelta(minutes=2)):
        deliver(post)
    ids = [mail["Message-ID"] for mail in smtp.messages]
    assert set(ids) == {first.message_id, second.message_id}
    assert len(ids) == (2 if failure == "drop" else 3)  # taken twice, with one Message-ID


def test_a_server_out_of_reach_loses_nothing(app, reader, smtp):
    (notice,) = lay_mail(reader)
    url = smtp.url
    smtp.stop()
    with Post(url) as line:
        deliver(line)
    assert state(notice) == (MailState.WAITING, 1)


def test_a_claim_ends_by_itself(app, reader, smtp, post):
    """A worker that is killed after its claim leaves a mail that is due again when the lease ends."""
    (notice,) = lay_mail(reader)
    assert claim() == notice.id
    assert claim() is None and deliver(post) == 0
    with clock.at(clock.now() + delivery.LEASE + timedelta(seconds=1)):
        assert deliver(post) == 1
    assert state(notice) == (MailState.SENT, 1)


def test_a_link_that_lets_in_is_forgotten_when_it_is_mailed(app, smtp, post):
    write_to("new@x.example", "en", "member.invite", None, lambda: Notice("Come", ["In."]), "/invitations/secret")
    db.session.commit()
    deliver(post)
    assert "/invitations/secret" in smtp.messages[0].get_body(("plain",)).get_content()
    assert db.session.scalars(db.select(Notification.path)).all() == [""]


def test_a_title_on_two_lines_forges_no_header(app, reader, smtp, post):
    lay_mail(reader, title="SIB\r\nBcc: everybody@x.example")
    assert deliver(post) == 1
    assert smtp.messages[0]["Bcc"] is None
    assert smtp.messages[0]["Subject"] == "SIB Bcc: everybody@x.example"


def test_an_address_that_cannot_be_written_fails_for_good(app, smtp, post):
    user = make_user(email="no at sign")
    (notice,) = lay_mail(user)
    deliver(post)
    assert state(notice) == (MailState.FAILED, 1)


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPDataError(452, b"full"), False),
        (smtplib.SMTPRecipientsRefused({"a@x": (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({"a@x": (450, b"grey")}), False),
        (smtplib.SMTPAuthenticationError(535, b"who are you"), False),
        (smtplib.SMTPServerDisconnected(), False),
        (ConnectionRefusedError(), False),
        (TimeoutError(), False),
    ],
)
def test_what_is_final(error, final):
    assert is_final(error) is final


@pytest.mark.parametrize("url", ["", "http://mail.example", "smtp://", "mail.example:25"])
def test_a_mail_url_that_is_none(url):
    with pytest.raises(WrongMailUrl):
        Post(url)


def test_the_password_never_goes_over_a_line_that_can_be_read(smtp):
    """The server of the tests offers no encryption; by a name that is not plainly loopback it gets no password."""
    assert is_this_machine("127.0.0.1") and is_this_machine("localhost") and not is_this_machine("127.1")
    port = smtp.url.rpartition(":")[2]
    with Post(f"smtp://user:secret@127.1:{port}") as line, pytest.raises(WrongMailUrl, match="no encryption"):
        line._open_line()


# --- Workers of their own ---------------------------------------------------------------------------------------------


def start_worker(url, smtp, *more, **environ):
    settings = {"SECRET_KEY": "only for tests", "DATABASE_URL": url, "MAIL_URL": smtp.url, **environ}
    kept = {name: value for name, value in os.environ.items() if name not in ("DEMO", "DATABASE_URL")}
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker", *more],
        env=kept | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def alone(app_on, tmp_path):
    """A portal on a database of its own, so that other processes see what is committed."""
    url = f"sqlite:///{tmp_path}/worker.sqlite"
    app = app_on(url)
    with app.app_context():
        yield app, url
        db.session.remove()


@pytest.fixture
def alone_postgres(app_on, own_postgres):
    url = own_postgres
    app = app_on(url)
    with app.app_context():
        yield app, url
        db.session.remove()
        db.engine.dispose()


def sent_in(count, seconds=300):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        db.session.rollback()
        found = db.select(db.func.count()).select_from(Notification).where(Notification.mail_state == MailState.SENT)
        if db.session.scalar(found) == count:
            return True
        time.sleep(0.1)
    return False


def test_the_worker_once_sends_and_gives_a_sign(alone, smtp):
    _app, url = alone
    lay_mail(make_user(), count=3)
    worker = start_worker(url, smtp, "--once")
    assert worker.wait(300) == 0, worker.stderr.read()
    assert len(smtp.messages) == 3
    db.session.rollback()  # read anew what the other process wrote
    assert clock.now() - last_sign() < timedelta(minutes=1)


def test_the_worker_stops_when_told(alone, smtp):
    _app, url = alone
    lay_mail(make_user())
    worker = start_worker(url, smtp)
    smtp.wait_for(1, 300)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(300) == 0


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["alone", "alone_postgres"])
def test_killed_between_the_yes_and_the_note_nothing_is_lost(request, database, smtp):
    """The line breaks after the server took the mail: at that moment the worker is killed with no chance to note it."""
    _app, url = request.getfixturevalue(database)
    (notice,) = lay_mail(make_user())
    killed = start_worker(url, smtp)
    original = smtp.handle_DATA

    async def kill_then_answer(server, session, envelope):
        answer = await original(server, session, envelope)
        killed.send_signal(signal.SIGKILL)
        return answer

    smtp.handle_DATA = kill_then_answer
    smtp.wait_for(1, 300)
    assert killed.wait(300) == -signal.SIGKILL
    smtp.handle_DATA = original
    db.session.rollback()
    db.session.refresh(notice)
    assert notice.mail_state == MailState.WAITING
    with clock.at(notice.next_attempt_at + timedelta(seconds=1)), Post(smtp.url) as line:
        deliver(line)
    assert [mail["Message-ID"] for mail in smtp.messages] == [notice.message_id] * 2


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["alone", "alone_postgres"])
def test_two_workers_share_the_work(request, database, smtp):
    _app, url = request.getfixturevalue(database)
    lay_mail(make_user(), count=60)
    workers = [start_worker(url, smtp) for _ in range(2)]
    try:
        assert sent_in(60)
    finally:
        for worker in workers:
            worker.terminate()
        assert [worker.wait(300) for worker in workers] == [0, 0]
    ids = [mail["Message-ID"] for mail in smtp.messages]
    assert len(ids) == len(set(ids)) == 60

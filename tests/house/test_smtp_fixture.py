"""The mail server of the tests speaks real SMTP and fails as real servers do."""

import smtplib
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from tests.smtp import SmtpServer


def send(server: SmtpServer, to: str = "investor@demo.example") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "bewezen@demo.example", to, "Dossier geöffnet"
    mail.set_content("Eén regel, met €.")
    mail.add_alternative("<p>Eén regel, met €.</p>", subtype="html")
    address = urlsplit(server.url)
    with smtplib.SMTP(address.hostname or "", address.port or 0, timeout=120) as connection:
        connection.send_message(mail)


def test_it_keeps_what_it_is_sent(smtp: SmtpServer) -> None:
    send(smtp)
    (mail,) = smtp.wait_for(1)
    assert mail["Subject"] == "Dossier geöffnet"
    assert mail.get_body(("html",)).get_content().strip() == "<p>Eén regel, met €.</p>"
    assert smtp.to("investor@demo.example") == [mail]
    assert smtp.to("provider@demo.example") == []


@pytest.mark.parametrize(("failure", "code"), [("temporary", 451), ("permanent", 550)])
def test_it_refuses_as_told_and_then_recovers(smtp: SmtpServer, failure, code: int) -> None:
    smtp.fail(failure, times=1)
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(smtp)
    assert refusal.value.smtp_code == code
    assert smtp.messages == []
    send(smtp)
    assert len(smtp.messages) == 1
    assert smtp.attempts == 2


@pytest.mark.parametrize(("failure", "taken"), [("drop", 0), ("drop_after", 1)])
def test_the_line_breaks(smtp: SmtpServer, failure, taken: int) -> None:
    smtp.fail(failure)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp)
    assert len(smtp.messages) == taken
    smtp.recover()
    send(smtp)
    assert len(smtp.messages) == taken + 1


def test_it_refuses_one_address_only(smtp: SmtpServer) -> None:
    smtp.refused.add("gone@demo.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp, to="gone@demo.example")
    send(smtp)
    assert [mail["To"] for mail in smtp.messages] == ["investor@demo.example"]


def test_it_can_be_out_of_reach(smtp: SmtpServer) -> None:
    address = urlsplit(smtp.url)
    smtp.stop()
    with pytest.raises(OSError):
        smtplib.SMTP(address.hostname or "", address.port or 0, timeout=120)

"""A notice as a mail: text and HTML, in the language of its reader."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from flask import current_app
from flask_babel import force_locale

from app.notifications.models import Notification


def message(notice: Notification) -> EmailMessage:
    """The mail of one row; a repeat is the same mail, by its Message-ID and its date."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = " ".join(notice.title.split())
    mail["From"] = _sender()
    mail["To"] = Address(addr_spec=notice.address)
    mail["Date"] = format_datetime(notice.created_at)
    mail["Message-ID"] = notice.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["Content-Language"] = notice.locale.replace("_", "-")
    mail.set_content(text_of(notice))
    mail.add_alternative(html_of(notice), subtype="html")
    return mail


def _sender() -> Address:
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    return Address(name, addr_spec=address)


def text_of(notice: Notification) -> str:
    return _render("notifications/mail.txt", notice)


def html_of(notice: Notification) -> str:
    """With its styles written on each element, because mail programs drop style sheets."""
    import css_inline  # only where mail is sent

    return css_inline.inline(_render("notifications/mail.html", notice))


def _render(template: str, notice: Notification) -> str:
    # Not render_template(), which would add what stands around every page: there is no page and no reader here.
    with force_locale(notice.locale):
        found = current_app.jinja_env.get_template(template)
        return found.render(notice=notice, paragraphs=notice.body.split("\n\n"), link=link_of(notice))


def link_of(notice: Notification) -> str:
    """Where the mail leads; the page itself asks to sign in first where that is needed."""
    return current_app.config["BASE_URL"] + notice.path if notice.path else ""

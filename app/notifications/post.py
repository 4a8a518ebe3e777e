"""One line to the mail server, kept open while there is mail."""

import ipaddress
import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType
from urllib.parse import unquote, urlsplit

SECONDS = 20


class WrongMailUrl(RuntimeError):
    """MAIL_URL cannot be used as it is; the worker says why and sends nothing."""


class Post:
    """`smtp://user:password@host:587` (STARTTLS when offered) or `smtps://host:465`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise WrongMailUrl("MAIL_URL must look like smtp://user:password@host:587 or smtps://host:465")
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._is_tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._line: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage, to: str) -> None:
        """Hand one mail over. Raises what smtplib raises; after that the next mail gets a new line."""
        try:
            self._open_line().send_message(mail, to_addrs=[to])
        except smtplib.SMTPResponseException:
            raise  # the server answered: the line itself is good
        except smtplib.SMTPRecipientsRefused:
            raise
        except Exception:
            self.close()
            raise

    def _open_line(self) -> smtplib.SMTP:
        if self._line is not None and not _is_alive(self._line):
            self.close()
        if self._line is None:
            self._line = self._connect()
        return self._line

    def _connect(self) -> smtplib.SMTP:
        tls = ssl.create_default_context()
        if self._is_tls:
            line: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=SECONDS, context=tls)
        else:
            line = smtplib.SMTP(self._host, self._port, timeout=SECONDS)
            line.ehlo_or_helo_if_needed()
            if line.has_extn("starttls"):
                line.starttls(context=tls)
                line.ehlo()
            elif self._user and not is_this_machine(self._host):
                line.close()
                raise WrongMailUrl("the mail server offers no encryption, so it does not get the password")
        if self._user:
            line.login(self._user, self._password)
        return line

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            try:
                line.quit()
            except (smtplib.SMTPException, OSError):
                line.close()

    def __enter__(self) -> "Post":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_alive(line: smtplib.SMTP) -> bool:
    try:
        return line.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""A real SMTP server in the test process, which can be told to fail as real ones do."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# temporary: try again later (RFC 5321, 451). permanent: never again (550). drop: the line breaks before the message is
# taken. drop_after: the line breaks after it was taken and before the sender hears so, hence a repeat is possible.
Failure = Literal["temporary", "permanent", "drop", "drop_after"]
ANSWERS = {"temporary": "451 4.3.0 Try again later", "permanent": "550 5.1.1 No such mailbox"}


class SmtpServer:
    """Collects what it is sent in `messages`; `fail()` makes it fail, `refused` names addresses it never accepts."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refused: set[str] = set()
        self.attempts = 0
        self._failure: Failure | None = None
        self._failures_left = 0
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        """As MAIL_URL expects it."""
        assert self._controller is not None, "the mail server is not running"
        return f"smtp://{self._controller.hostname}:{self._controller.port}"

    def fail(self, failure: Failure, times: int = 1_000_000) -> None:
        """Fail the next `times` messages, then accept again."""
        self._failure, self._failures_left = failure, times

    def recover(self) -> None:
        self._failures_left = 0

    def to(self, address: str) -> list[EmailMessage]:
        """What this address got, oldest first."""
        return [mail for mail, who in zip(self.messages, self.recipients, strict=True) if address in who]

    def wait_for(self, count: int, seconds: float = 120) -> list[EmailMessage]:
        """All messages, as soon as there are `count`."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.messages) >= count, seconds):
                raise AssertionError(f"{len(self.messages)} messages came within {seconds} s, {count} were expected")
            return list(self.messages)

    def start(self) -> None:
        for attempt in range(20):  # between finding a free port and taking it, another process may be first
            self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())
            try:
                self._controller.start()
            except OSError:
                if attempt == 19:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Also in the middle of a test: a server that cannot be reached at all."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    # The names of the next two are given by aiosmtpd.
    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return ANSWERS["permanent"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.attempts += 1
        failure = self._next_failure()
        if failure in ANSWERS:
            return ANSWERS[failure]
        if failure == "drop":
            return await _hang_up(server)
        with self._arrived:
            self.messages.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
            self.recipients.append(list(envelope.rcpt_tos))
            self._arrived.notify_all()
        return await _hang_up(server) if failure == "drop_after" else "250 OK"

    def _next_failure(self) -> Failure | None:
        if self._failures_left <= 0:
            return None
        self._failures_left -= 1
        return self._failure


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


async def _hang_up(server: SMTP) -> str:
    assert server.transport is not None
    server.transport.abort()
    await asyncio.sleep(0)
    return "421 4.4.2 Connection dropped"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

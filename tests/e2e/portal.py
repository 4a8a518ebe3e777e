"""The real portal behind a real port, and the watch that is kept on every page a browser opens there."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.e2e.cdn import HTMX_URL

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# A refused form is part of many journeys; answers to anything but a page or its part are judged in `_answered`.
STATUS_NOTE = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Portal:
    url: str
    app: Flask


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *args: object) -> None:
        """Requests are no test output."""


@contextmanager
def serve(make_app: Callable[[str], Flask]) -> Iterator[Portal]:
    """`make_app` gets the address first, because links in mail are made from it."""
    placeholder = Flask("placeholder")
    server = make_server("127.0.0.1", 0, placeholder, threaded=True, request_handler=_Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    app = make_app(url)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Portal(url, app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watch:
    """Whatever goes wrong in a browser without anybody seeing it: foreign requests, blocked content, script errors."""

    htmx_url: str = HTMX_URL
    problems: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)  # regular expressions, for the rare test that provokes an error

    def keep_on(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda error: self._note(f"script error: {error.error}"))
        context.on("response", self._answered)

    def _asked(self, request: Request) -> None:
        if request.url != self.htmx_url and not _is_ours(request.url):
            self._note(f"a request left the portal: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not STATUS_NOTE.search(message.text):
            self._note(f"console, {message.location.get('url')}: {message.text}")

    def _answered(self, response: Response) -> None:
        page_or_part = response.request.resource_type in ("document", "xhr", "fetch")
        if response.status >= 500 or (response.status >= 400 and not page_or_part):
            self._note(f"{response.request.method} {response.url} answered {response.status}")

    def _note(self, problem: str) -> None:
        if not any(re.search(pattern, problem) for pattern in self.allowed):
            self.problems.append(problem)

    def assert_quiet(self) -> None:
        problems, self.problems = self.problems, []
        assert not problems, "in the browser:\n  " + "\n  ".join(problems)


def _is_ours(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("http", "https", "ws", "wss") or parts.hostname in LOOPBACK

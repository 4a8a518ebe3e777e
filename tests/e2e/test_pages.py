"""Every kind of page of the demonstration, seen by somebody who may: narrow, light, Dutch; wide, dark, English.

Found as a person finds them, by following links from the home page of each role. A kind of page that
several people see is looked at by the first; home and the page of a bond differ per role and are looked at by all.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from app.demonstration.people import PASSWORD
from app.extensions import db
from tests.browser import soup
from tests.conftest import browser_of
from tests.e2e.looks import faults_of, fits
from tests.world import person, portal_on

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
NOT_PAGES = re.compile(r"^/(language|logout|static|inbox/)|\.(json|csv|ics|xlsx)$|/html$")
BY_ALL = {"/home", "/programmes/-"}
LEAST = 60  # kinds of page that can be come to in the demonstration
MOST = 60  # pages that one person opens in search of new kinds
PEOPLE = (
    "nobody",
    "government",
    "intermediary",
    "provider",
    "investor",
    "assessor",
    "hengelo",
    "official2",
    "treasurer",
    "rival",
    "partner",
    "scorer1",
    "auditor",
    "admin",
)
FROM = {
    "nobody": ("/", "/login", "/register", "/reset", "/results", "/calls/", "/programmes/", "/no-such-page"),
    "admin": ("/home", "/people", "/organisations", "/permissions", "/dev/mail", "/account"),
}


@pytest.fixture(scope="module")
def portal_app(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    own = tmp_path_factory.mktemp("pages") / "world.sqlite"
    shutil.copy(world_file, own)
    return lambda url: portal_on(own, BASE_URL=url)


@pytest.fixture(scope="module")
def pages(world_app: Flask) -> dict[str, list[str]]:
    """Who looks at what."""
    seen: set[str] = set()
    found = {name: _find(world_app, name, seen) for name in PEOPLE}
    assert len(seen) >= LEAST, f"only {sorted(seen)} were found"
    return found


def _find(app: Flask, name: str, seen: set[str]) -> list[str]:
    """Breadth first; what is looked at is added to `seen`."""
    with app.app_context():
        browser = browser_of(app, None if name == "nobody" else person(name), FlaskClient)
        db.session.remove()
    found, queue, asked = [], list(FROM.get(name, ("/home", "/inbox"))), set()
    opened = 0
    while queue and opened < MOST:
        path = queue.pop(0)
        kind = ID.sub("-", urlsplit(path).path)
        if kind in asked:
            continue
        asked.add(kind)
        opened += 1
        response = browser.get(path)
        if response.mimetype != "text/html" or response.status_code not in (200, 404):
            continue
        if kind in BY_ALL or kind not in seen:
            found.append(path)
            seen.add(kind)
        links = (str(link["href"]) for link in soup(response).select("main a[href], header a[href]"))
        queue += [link for link in links if link.startswith("/") and not NOT_PAGES.search(link)]
    return found


@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_is_for_everybody(name: str, pages: dict[str, list[str]], new_page: Callable[..., Page]) -> None:
    page, faults = new_page(), []
    if name != "nobody":
        _sign_in(page, name)
    for language, width, scheme, other_width in (("nl", 320, "light", 1280), ("en", 1280, "dark", 320)):
        page.goto(f"/language/{language}")
        for path in pages[name]:
            page.goto(path)
            faults += faults_of(page, [width], [scheme])
            page.set_viewport_size({"width": other_width, "height": 900})
            try:
                fits(page)
            except AssertionError as fault:
                faults.append(str(fault))
    assert not faults, "\n".join(faults)


def _sign_in(page: Page, name: str) -> None:
    page.goto("/login")
    page.locator("[name=email]").fill(f"{name}@demo.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url("**/home")

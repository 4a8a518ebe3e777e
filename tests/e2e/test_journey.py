"""The same bond in Chromium with JavaScript: every kind of page is looked at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.e2e.looks import faults_of, shoot
from tests.e2e.portal import Portal
from tests.story import story
from tests.story.chromium import ChromiumPerson
from tests.story.stage import Stage

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
MAIN = {
    "home",
    "programmes/-",
    "prices/-",
    "rounds/-",
    "calls/-",
    "consortia/-",
    "proposals/-",
    "calls/-/evaluation",
    "evaluations/-/decision",
    "agreements/-",
    "capital-calls/-",
    "programmes/-/delivery",
    "claims/-",
    "batches/-",
    "settlements/-",
    "statements/-",
    "distributions/-",
    "programmes/-/holding",
    "transfers/-",
}


@pytest.fixture(scope="module")
def portal_app(empty_portal: Callable[[str], Flask]) -> Callable[[str], Flask]:
    return empty_portal


class Eye:
    """Looks once at each kind of page that somebody comes to; keeps pictures of the main ones."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.faults: list[str] = []

    def arrived(self, page: Page) -> None:
        kind = ID.sub("-", urlsplit(page.url).path).strip("/")
        if kind in self.seen:
            return
        self.seen.add(kind)
        self.faults += faults_of(page, [320])  # tests/e2e/test_pages.py looks at both widths
        if kind in MAIN:
            shoot(page, f"journey-{kind.replace('/', '_')}")


@pytest.fixture
def eye() -> Eye:
    return Eye()


@pytest.fixture
def stage(portal: Portal, new_page: Callable[..., Page], eye: Eye) -> Iterator[Stage]:
    made = Stage(portal.app, lambda name: ChromiumPerson(name, new_page(), eye.arrived))
    yield made
    made.leave()


def test_the_bond_lives(stage: Stage, eye: Eye) -> None:
    story.tell(stage)
    assert not eye.faults, "\n".join(eye.faults)
    assert eye.seen >= MAIN, f"not come to: {sorted(MAIN - eye.seen)}"

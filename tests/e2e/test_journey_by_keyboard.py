"""The same bond in Chromium without JavaScript and without a mouse; a file of its own, beside `test_journey`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.e2e.portal import Portal
from tests.story import story
from tests.story.keyboard import KeyboardPerson
from tests.story.stage import Stage


@pytest.fixture(scope="module")
def portal_app(empty_portal: Callable[[str], Flask]) -> Callable[[str], Flask]:
    return empty_portal


@pytest.fixture
def stage(portal: Portal, new_page: Callable[..., Page]) -> Iterator[Stage]:
    made = Stage(portal.app, lambda name: KeyboardPerson(name, new_page(javascript=False)))
    yield made
    made.leave()


def test_the_bond_lives_by_keyboard(stage: Stage) -> None:
    story.tell(stage)

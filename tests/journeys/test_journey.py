"""The bond from the first idea to the investors' money, through pages, without JavaScript, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.demonstration.cast import invite_everybody
from tests.story import story
from tests.story.client import ClientPerson
from tests.story.stage import Stage


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_portal(request: pytest.FixtureRequest, app_on: Callable[[str], Flask], tmp_path: Path) -> Flask:
    """A database of its own: the story commits."""
    if request.param == "sqlite":
        return app_on(f"sqlite:///{tmp_path}/journey.sqlite")
    return app_on(request.getfixturevalue("own_postgres"))


@pytest.fixture
def stage(empty_portal: Flask) -> Iterator[Stage]:
    with empty_portal.app_context():
        invite_everybody()
    made = Stage(empty_portal, lambda name: ClientPerson(name, empty_portal))
    yield made
    made.leave()


def test_the_bond_lives(stage: Stage) -> None:
    story.tell(stage)

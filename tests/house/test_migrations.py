"""The database is made by migrations alone, on both databases: up, down, up again, and equal to the models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import inspect

from app import create_app
from app.extensions import db


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The portal on a database without a single table."""
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    if request.param == "postgresql":
        fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres")
        url = fresh()
    environ = {"DATABASE_URL": url, "SECRET_KEY": "only for tests", "INSTANCE": str(tmp_path)}
    app = create_app({"TESTING": True}, environ=environ)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_up_down_and_up_again(empty: Flask) -> None:
    config = alembic_config()
    command.upgrade(config, "head")
    tables = set(inspect(db.engine).get_table_names())
    assert tables == set(db.metadata.tables) | {"alembic_version"}
    command.downgrade(config, "base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    command.upgrade(config, "head")
    assert set(inspect(db.engine).get_table_names()) == tables


def test_models_equal_schema(empty: Flask) -> None:
    config = alembic_config()
    command.upgrade(config, "head")
    command.check(config)  # raises with the differences


def test_there_is_one_line_of_migrations(empty: Flask) -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == 1
    assert all(script.doc for script in scripts.walk_revisions())


def alembic_config() -> Config:
    return current_app.extensions["migrate"].migrate.get_config()

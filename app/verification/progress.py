"""A large list is signed in the background, while a page tells how far it is.

The signing itself stays one act, all or nothing: how far it is stands in a small file of its own (`INSTANCE`), since
nothing of it stands in the database before it is done. Where several machines serve the portal, one that does not have
the file says only that it is under way.
"""

import json
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.verification.signing import Tell

LARGE = 5_000  # claims; fewer are signed before anybody could read a page about it
KEPT_FOR = timedelta(days=1)
SILENT_FOR = timedelta(minutes=5)  # after that it is taken for dead: a process that ended wrote nothing


@dataclass(frozen=True, slots=True)
class Progress:
    """`read` of `total` claims; `failed` says why nothing was signed."""

    read: int
    total: int
    failed: str = ""


def start(key: uuid.UUID, total: int, locale: str, act: Callable[[Tell], Any]) -> None:
    """Start `act` beside this request. The second half of a double click finds it begun."""
    if not _claim(key, total):
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    threading.Thread(target=run, args=(app, key, total, locale, act), name="sign-off").start()


def _claim(key: uuid.UUID, total: int) -> bool:
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    _forget_old(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    _write(key, Progress(0, total))
    return True


def _forget_old(folder: Path) -> None:
    """What ended badly was read by then."""
    for path in folder.iterdir():
        if clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) > KEPT_FOR:
            path.unlink(missing_ok=True)


def run(app: Flask, key: uuid.UUID, total: int, locale: str, act: Callable[[Tell], Any]) -> None:
    """Do it, and say why not when it was refused. The file goes once the batch is there."""
    with app.app_context(), force_locale(locale):
        try:
            act(lambda read: _write(key, Progress(read, total)))
            _path(key).unlink(missing_ok=True)
        except (Refused, NotNow, NotYours) as no:
            _write(key, Progress(0, total, str(no.message)))
        except Exception:
            app.logger.exception("a sign-off did not end well")
            _write(key, Progress(0, total, _("Something went wrong, and nothing was signed. Try it again.")))
        finally:
            db.session.remove()


def how_far(key: uuid.UUID) -> Progress | None:
    """None where nothing is known of it, on this machine or any more."""
    path = _path(key)
    try:
        told, at = path.read_text(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    found = Progress(**json.loads(told)) if told else Progress(0, 0)
    if not found.failed and clock.now() - at > SILENT_FOR:
        return Progress(0, found.total, _("It did not end, and nothing was signed. Try it again."))
    return found


def _write(key: uuid.UUID, progress: Progress) -> None:
    """Whole or not at all: a reader never finds half of it."""
    half = _path(key).with_suffix(".part")
    half.write_text(json.dumps(asdict(progress)))
    half.rename(_path(key))


def _path(key: uuid.UUID) -> Path:
    return Path(current_app.config["INSTANCE"]) / "signing" / f"{key.hex}.json"

"""A long act is done beside the request that asked for it, while a page tells how far it is.

The act itself stays one, all or nothing: how far it is stands in a small file of its own (`INSTANCE`), since nothing of
it stands in the database before it is done. Where several machines serve the portal, one that does not have the file
says only that it is under way.
"""

import contextlib
import json
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import read_afresh
from app.core.web import page
from app.extensions import db

T = TypeVar("T")
Tell = Callable[[int], None]

LARGE = 5_000  # claims or lines; fewer are done before anybody could read a page about it
EACH = 1_000  # between two words about how far it is
KEPT_FOR = timedelta(days=1)
SILENT_FOR = timedelta(minutes=5)  # after that one of another machine is taken for dead: it wrote nothing when it ended


def silent(_done: int) -> None:
    """Nobody waits to hear."""


def told(things: Iterable[T], tell: Tell, before: int = 0) -> Iterator[T]:
    """The same things one by one; `tell` hears now and then how many have passed, `before` these included."""
    for number, one in enumerate(things, 1):
        if number % EACH == 0:
            tell(before + number)
        yield one


@dataclass(frozen=True, slots=True)
class Progress:
    """`read` of `total`, in what the act counts; `failed` says why nothing was done. `by`: the machine and its process
    that does it."""

    read: int
    total: int
    failed: str = ""
    by: str = ""

    @property
    def percent(self) -> int:
        return min(100 * self.read // self.total, 99) if self.total else 0


def start(key: uuid.UUID, total: int, act: Callable[[Tell], Any]) -> None:
    """Start `act` beside this request. The second half of a double click finds it begun."""
    if not _claim(key, total):
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    threading.Thread(target=run, args=(app, key, total, str(get_locale()), act), name="long act").start()


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
    """What ended badly was read by then. Meanwhile another act may end, and its file be gone before it is looked at."""
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if clock.now() - datetime.fromtimestamp(path.stat().st_mtime, UTC) > KEPT_FOR:
                path.unlink()


def run(app: Flask, key: uuid.UUID, total: int, locale: str, act: Callable[[Tell], Any]) -> None:
    """Do it, and say why not when it was refused. The file goes once what was made is there."""
    with app.app_context(), force_locale(locale):
        try:
            act(lambda read: _write(key, Progress(read, total)))
            _path(key).unlink(missing_ok=True)
        except (Refused, NotNow, NotYours) as no:
            _write(key, Progress(0, total, str(no.message)))
        except Exception:
            app.logger.exception("a long act did not end well")
            _write(key, Progress(0, total, _("Something went wrong, and nothing of it was kept. Try it again.")))
        finally:
            db.session.remove()


def how_far(key: uuid.UUID) -> Progress | None:
    """None where nothing is known of it, on this machine or any more. Then what it ended with is there to be read."""
    path = _path(key)
    try:
        read, at = path.read_text(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        read_afresh()
        return None
    found = Progress(**json.loads(read)) if read else Progress(0, 0)
    if not found.failed and _is_dead(found, at):
        return replace(found, read=0, failed=_("It did not end, and nothing of it was kept. Try it again."))
    return found


def _is_dead(found: Progress, at: datetime) -> bool:
    """On this machine the process is gone; one of another machine has been silent for long."""
    machine, _colon, process = found.by.rpartition(":")
    if machine != socket.gethostname():
        return clock.now() - at > SILENT_FOR
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def follow(template: str, found: Progress | None, **context: Any) -> Response:
    """The page that tells how far it is. Without a script: the answer asks the browser to come back, and a link on the
    page does the same."""
    if found is None:
        abort(404)
    answer = page(template, progress=found, **context)
    if not found.failed:
        answer.headers["Refresh"] = "2"
    return answer


def _write(key: uuid.UUID, progress: Progress) -> None:
    """Whole or not at all: a reader never finds half of it."""
    half = _path(key).with_suffix(".part")
    half.write_text(json.dumps(asdict(replace(progress, by=progress.by or f"{socket.gethostname()}:{os.getpid()}"))))
    half.rename(_path(key))


def _path(key: uuid.UUID) -> Path:
    return Path(current_app.config["INSTANCE"]) / "progress" / f"{key.hex}.json"

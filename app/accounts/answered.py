"""A double click is one act: the same form, sent twice by the same person, is answered twice the same.

The operation claims the form in its own transaction, so the act and the note that it was done stand or fall together.
What makes a form the same is all it holds, `once` included: sent again with something changed, it is another form,
and nothing that was typed is lost. Whatever refuses the second click, it is led to where the first one led.
"""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from flask import Flask, Response, current_app, flash, g, has_request_context, redirect, request, session
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import bindparam, delete, inspect, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from werkzeug.datastructures import FileStorage

from app.accounts.models import AnsweredForm
from app.core import clock
from app.core.errors import DoneAlready
from app.core.operation import housekeeping
from app.extensions import db

NOT_TYPED = {"csrf_token", "owner"}
REFUSALS = {403, 404, 409, 422}
LONGEST_WAIT, A_MOMENT = 1.0, 0.1  # seconds in which the first click must have been answered


# Statements on the table, built once: no row is at hand that they could change.
_TABLE = AnsweredForm.metadata.tables[AnsweredForm.__tablename__]
_CLAIMS = {
    name: insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)
    for name, insert in (("sqlite", insert_on_sqlite), ("postgresql", insert_on_postgresql))
}
_THIS = _TABLE.c.id == bindparam("key")
_NOTE = update(_TABLE).where(_THIS)
_FORGET = delete(_TABLE).where(_THIS)


class Clicks:
    """What `core.operation` tells, without knowing of people and forms."""

    def claim(self) -> None:
        """Inside the transaction of the act. Raises `DoneAlready` when this form's act was done."""
        key = _key()
        if key is None:
            return
        connection = db.session.connection()
        row = {"id": key, "user_id": _user_id(), "created_at": clock.now()}
        laid = connection.scalar(_CLAIMS[connection.dialect.name], row)
        if laid is None and not _is_ours():
            raise DoneAlready

    def keep(self) -> None:
        """The transaction was committed."""
        if _key() is not None:
            g.is_answered = True


def _is_ours() -> bool:
    """Did an earlier act of this very request claim the form?"""
    return bool(g.get("is_answered"))


def _key() -> uuid.UUID | None:
    """The form of this request; none for whoever is not signed in, and for a request that brings no `once`."""
    if not has_request_context() or request.method != "POST":
        return None
    if "form_key" not in g:
        g.form_key = _digest() if _has_once() and current_user.is_authenticated else None
    key: uuid.UUID | None = g.form_key
    return key


def _has_once() -> bool:
    try:
        return bool(uuid.UUID(request.form.get("once", "")))
    except ValueError:
        return False


def _digest() -> uuid.UUID:
    """Keyed, because what was typed may be a password or a sealed plan."""
    typed = sorted([name, value] for name, value in request.form.items(multi=True) if name not in NOT_TYPED)
    files = sorted([name, _contents(file)] for name, file in request.files.items(multi=True))
    sent = json.dumps(["answered form", str(_user_id()), request.path, typed, files]).encode()
    return uuid.UUID(bytes=hmac.digest(current_app.config["SECRET_KEY"].encode(), sent, "sha256")[:16])


def _user_id() -> uuid.UUID:
    """Without asking the database for a row that the start of the transaction made forget."""
    key: uuid.UUID = inspect(current_user._get_current_object()).identity[0]
    return key


def _contents(file: FileStorage) -> str:
    """A digest; the file is left as it was found."""
    here = file.stream.tell()
    file.stream.seek(0)
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    file.stream.seek(here)
    return digest


# --- The answer ------------------------------------------------------------------------------------------------------


def init_app(app: Flask) -> None:
    app.extensions["answered forms"] = Clicks()
    app.jinja_env.globals["new_once"] = uuid.uuid4
    app.after_request(_answer)


def _answer(response: Response) -> Response:
    """Note where the first click led; lead the second one there."""
    if request.method != "POST":
        return response
    if _is_ours():
        if 300 <= response.status_code < 400:
            _note(response.headers["Location"], _said())
        elif response.status_code < 500:
            _forget()  # a part was done and the form stands there again, to be sent once more
    elif response.status_code in REFUSALS:
        return _again(response)
    return response


def _said() -> str | None:
    """What the next page will say."""
    flashed = session.get("_flashes") or [("", None)]
    message = flashed[-1][1]
    return None if message is None else str(message)


@housekeeping
def _note(location: str, message: str | None) -> None:
    db.session.connection().execute(_NOTE, {"key": _key(), "location": location, "message": message})


@housekeeping
def _forget() -> None:
    db.session.connection().execute(_FORGET, {"key": _key()})


def _again(refusal: Response) -> Response:
    """The answer of the first click; the refusal itself when there was none."""
    if _key() is None:
        return refusal
    found = _first_answer()
    if found is None:
        return refusal
    location, message = found
    words = ("good", message) if message else ("info", _("This was done already."))
    if words not in [tuple(said) for said in session.get("_flashes", [])]:  # the first one may not have been read yet
        flash(words[1], words[0])
    return redirect(location or "/home", 303)  # type: ignore[return-value]


def _first_answer() -> Any | None:
    """(location, message). The first click may be answering still: wait for it, but not long."""
    ends = time.monotonic() + LONGEST_WAIT
    found = _find()
    while found is not None and found.location is None and time.monotonic() < ends:
        time.sleep(A_MOMENT)
        found = _find()
    return found


@housekeeping
def _find() -> Any | None:
    """In a transaction of its own, which sees what was committed meanwhile."""
    return db.session.execute(
        select(AnsweredForm.location, AnsweredForm.message).where(AnsweredForm.id == _key())
    ).one_or_none()


@housekeeping
def purge() -> int:
    """Delete what is too old to be a double click."""
    gone = db.session.execute(delete(AnsweredForm).where(AnsweredForm.expired()))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]

"""A form that was filled in while the session ended comes back after sign-in.

Every form carries a signed note of who opened it, where, and which of its fields are never kept (passwords, files).
When it is posted by nobody, what was typed is kept for half an hour, encrypted under a key that the database does
not hold, bound to that person and that address. The session of the browser holds the way back to it.
"""

import json
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app, g, request, session
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import delete
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FileField, FormField, PasswordField

from app.accounts.models import KEPT_TERM, KeptForm
from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.people.models import User

KEY = "kept"
NEVER = {"csrf_token", "once", "owner"}
LARGEST = 512 * 1024
A_DAY = 24 * 60 * 60


class Keeper:
    """What `core.forms` asks, without knowing who answers."""

    def owner_of(self, form: Any) -> str:
        """The note that the form carries; empty for somebody who is not signed in."""
        if not current_user.is_authenticated:
            return ""
        return _notes().dumps([str(current_user.id), request.path, list(_secret_names(form))])

    def for_this_page(self) -> MultiDict[str, str] | None:
        """What this person typed here before the session ended."""
        if KEY not in session or not current_user.is_authenticated:
            return None
        if request.method != "GET":
            if request.path == session[KEY][1]:
                session.pop(KEY)  # it is sent again now
            return None
        if "kept form" not in g:
            g.setdefault("kept form", _open(*session[KEY]))
        return g.get("kept form")


def _secret_names(form: Any) -> Iterator[str]:
    for field in form:
        if isinstance(field, PasswordField | FileField):
            yield field.name
        elif isinstance(field, FormField | FieldList):
            yield from _secret_names(field)


def init_app(app: Flask) -> None:
    app.extensions["kept forms"] = Keeper()


def keep() -> bool:
    """Keep the form of this request, when it was opened by somebody here; else do nothing. Answers whether it did."""
    owner = _owner(request.form.get("owner", ""))
    if owner is None:
        return False
    user_id, secret = owner
    typed = [[k, v] for k, v in request.form.items(multi=True) if k not in NEVER | secret]
    plain = json.dumps(typed).encode()
    if len(plain) > LARGEST:
        return False
    session[KEY] = [str(_lay(user_id, request.path, plain)), request.path]
    return True


def _owner(note: str) -> tuple[uuid.UUID, set[str]] | None:
    try:
        user_id, path, secret = _notes().loads(note, max_age=A_DAY)
    except BadSignature:
        return None
    return (uuid.UUID(user_id), set(secret)) if path == request.path else None


@housekeeping
def _lay(user_id: uuid.UUID, path: str, plain: bytes) -> uuid.UUID:
    db.session.execute(delete(KeptForm).where(KeptForm.user_id == user_id, KeptForm.path == path))
    row = KeptForm(id=uuid.uuid4(), user_id=user_id, path=path)
    nonce = secrets.token_bytes(12)
    row.sealed = nonce + _cipher().encrypt(nonce, plain, row.bound_to)
    db.session.add(row)
    return row.id


def _open(key: str, path: str) -> MultiDict[str, str] | None:
    if path != request.path:
        return None
    row = db.session.get(KeptForm, uuid.UUID(key))
    if row is None or row.user_id != current_user.id or row.path != path or clock.now() - row.created_at > KEPT_TERM:
        return None
    try:
        plain = _cipher().decrypt(row.sealed[:12], row.sealed[12:], row.bound_to)
    except InvalidTag:
        return None
    return MultiDict([(name, value) for name, value in json.loads(plain)])


def discard_of_another(user: User) -> None:
    """Somebody signed in on this browser: what another person typed is not theirs to find, nor to leave lying."""
    if KEY not in session:
        return
    row = db.session.get(KeptForm, uuid.UUID(session[KEY][0]))
    if row is None or row.user_id != user.id:
        session.pop(KEY)
        if row is not None:
            db.session.delete(row)  # the library commits this with the sign-in


def discard_under(path: str) -> None:
    """Inside an act: nothing that anybody typed on a page under this address is left to come back."""
    db.session.execute(delete(KeptForm).where(KeptForm.path.startswith(path, autoescape=True)))


@housekeeping
def purge() -> int:
    """Delete what nobody came back for."""
    gone = db.session.execute(delete(KeptForm).where(KeptForm.expired()))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]


def _notes() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="owner of a form")


def _cipher() -> AESGCM:
    key = HKDF(SHA256(), 32, salt=None, info=b"kept forms").derive(current_app.config["SEALING_KEY"].encode())
    return AESGCM(key)

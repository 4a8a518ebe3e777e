"""What a consortium writes before it hands in: sealed slot by slot, each with a version of its own.

Each consortium has a random 256-bit key. It encrypts the slots (AES-256-GCM, bound to consortium and name) and is kept
wrapped under a key derived by HKDF-SHA256 (RFC 5869) from `SEALING_KEY`, which lives outside the database. Handing in
destroys the wrapped key and the ciphertexts. The slots: `answer:<item key>`, `file:<item key>` (the bytes of a file
that was answered with), `volumes`, `budget`, `discount`, `part:<organisation id>`, and `salt`, which is for digests.

A digest is keyed with that salt, since a plain SHA-256 of a discount would tell the discount. The salt is read and
restored like any other slot: what comes back after a withdrawal has the digests that the partners confirmed.

Call these functions inside an operation; the caller has checked who and when, and records the digest and nothing else.
"""

import hashlib
import hmac
import json
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts import kept
from app.core import clock
from app.core.errors import NotNow
from app.core.models import Instant, Root
from app.extensions import db
from app.people.models import User

if TYPE_CHECKING:
    from app.consortia.models import Consortium

NOT_YET = 0  # the version of a slot that nobody has written
EDITING_LASTS = timedelta(minutes=2)
NONCE_BYTES, BLOCK_BYTES = 12, 256
PURPOSE = b"bewezen: key of a draft, 1"
SALT = "salt"


class Unreadable(Exception):
    """A slot that does not open: another key, another slot's bytes, or bytes that were changed."""


class Slot(Root):
    """One part of a draft. `ciphertext` and `digest` are empty while nothing is written; after handing in the digest
    stays, so that everybody sees what was confirmed. `editing_*`: who says to be writing it, and since when."""

    __tablename__ = "draft_slot"
    __table_args__ = (UniqueConstraint("consortium_id", "name"),)

    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"))
    name: Mapped[str]
    ciphertext: Mapped[bytes] = mapped_column(default=b"", deferred=True)
    digest: Mapped[str] = mapped_column(default="")
    edited_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    edited_at: Mapped[Instant | None]
    editing_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    editing_since: Mapped[Instant | None]

    edited_by: Mapped[User | None] = relationship(foreign_keys=edited_by_id, lazy="joined")
    editing_by: Mapped[User | None] = relationship(foreign_keys=editing_by_id, lazy="joined")

    @property
    def editor(self) -> User | None:
        """Who is writing here at this moment, as far as somebody said so in the last two minutes."""
        if self.editing_since is None or clock.now() - self.editing_since >= EDITING_LASTS:
            return None
        return self.editing_by


_TABLE = Slot.metadata.tables[Slot.__tablename__]
_LAY = {
    name: insert(_TABLE).on_conflict_do_nothing()
    for name, insert in (("sqlite", insert_on_sqlite), ("postgresql", insert_on_postgresql))
}


def slots_of(consortium: "Consortium") -> dict[str, Slot]:
    """The slots by name, without the salt and without what is in them."""
    found = select(Slot).where(Slot.consortium_id == consortium.id, Slot.name != SALT).order_by(Slot.name)
    return {slot.name: slot for slot in db.session.scalars(found)}


def slot_of(consortium: "Consortium", name: str) -> Slot | None:
    return db.session.scalars(select(Slot).where(Slot.consortium_id == consortium.id, Slot.name == name)).one_or_none()


def read(consortium: "Consortium", name: str) -> Any | None:
    """What stands in one slot, None when nothing does. Raises `Unreadable`."""
    return read_slot(consortium, slot_of(consortium, name))


def read_slot(consortium: "Consortium", slot: Slot | None) -> Any | None:
    """The same of a slot that is at hand."""
    if slot is None or not slot.digest or not slot.ciphertext or consortium.draft_key is None:
        return None
    return _open(consortium.id, slot.name, slot.ciphertext, _unwrapped(consortium))


def read_all(consortium: "Consortium", *, files: bool = True) -> dict[str, Any]:
    """Everything that is written, by slot name, the salt among it: what `restore` takes. `files=False` leaves the bytes
    of files where they are. Empty after handing in. Raises `Unreadable`."""
    if consortium.draft_key is None:
        return {}
    found = select(Slot.name, Slot.ciphertext).where(Slot.consortium_id == consortium.id)
    if not files:
        found = found.where(~Slot.name.startswith("file:"))
    key, rows = _unwrapped(consortium), db.session.execute(found)
    return {name: _open(consortium.id, name, ciphertext, key) for name, ciphertext in rows if ciphertext}


def write(consortium: "Consortium", name: str, value: Any, *, actor: User, version: int | None = None) -> Slot:
    """Put `value` (anything that JSON holds; None empties the slot) where `version` is what the writer was reading
    (`NOT_YET`: nothing; None: not checked). Raises `Changed` when somebody wrote something else there meanwhile, and
    `NotNow` when the plan was handed in. What stands there already changes nothing."""
    slot = slot_of(consortium, name) or _new_slot(consortium, name)
    if value is None and not slot.ciphertext:
        return slot
    key = _unwrapped(consortium) if consortium.draft_key is not None else _begin(consortium, actor)
    plaintext = _canonical(value)
    digest = "" if value is None else _digest(consortium, key, name, plaintext)
    if digest == slot.digest and bool(slot.ciphertext) == bool(digest):
        return slot
    slot.expect_version(version)
    slot.ciphertext = b"" if value is None else _encrypt(key, _padded(plaintext), _bound_to(consortium.id, name))
    slot.digest, slot.edited_by_id, slot.edited_at = digest, actor.id, clock.now()
    db.session.add(slot)
    db.session.flush()
    return slot


def _new_slot(consortium: "Consortium", name: str) -> Slot:
    """Not added yet; its version says that nothing is written."""
    return Slot(id=uuid.uuid4(), consortium_id=consortium.id, name=name, ciphertext=b"", digest="", version=NOT_YET)


def digest_of(consortium: "Consortium") -> str:
    """What partners confirm (hex): every slot that is written. It stays what it was after handing in."""
    found = select(Slot.name, Slot.digest).where(Slot.consortium_id == consortium.id, Slot.name != SALT)
    written = sorted([name, digest] for name, digest in db.session.execute(found) if digest)
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def destroy(consortium: "Consortium") -> None:
    """At handing in: neither the key nor a ciphertext is left, nor the salt that keyed the digests; those stay."""
    consortium.draft_key = None
    mine = update(Slot).where(Slot.consortium_id == consortium.id)
    db.session.execute(mine.values(ciphertext=b"", editing_by_id=None, editing_since=None, version=Slot.version + 1))
    kept.discard_under(f"/consortia/{consortium.id}/")  # what somebody typed when their session had ended
    db.session.flush()


def restore(consortium: "Consortium", slots: dict[str, Any], *, actor: User) -> None:
    """A draft again, after a withdrawal: `slots` (as `read_all` gave them) under a new key; all else is emptied. With
    no slots the consortium starts anew."""
    _make_key(consortium, slots.get(SALT) or secrets.token_hex(32), actor)
    for name in slots_of(consortium).keys() - slots.keys():
        db.session.delete(slot_of(consortium, name))
    for name in sorted(slots.keys() - {SALT}):
        write(consortium, name, slots[name], actor=actor)
    db.session.flush()


def mark_editing(consortium: "Consortium", name: str, *, actor: User) -> None:
    """`actor` says to be writing this slot, unless somebody else is. Nobody's version changes by it."""
    here = (Slot.consortium_id == consortium.id, Slot.name == name)
    if slot_of(consortium, name) is None:
        _lay_empty(consortium, name)
    others = Slot.editing_by_id.is_not(None) & (Slot.editing_by_id != actor.id)
    holds = others & (Slot.editing_since > clock.now() - EDITING_LASTS)
    db.session.execute(update(Slot).where(*here, ~holds).values(editing_by_id=actor.id, editing_since=clock.now()))


def end_editing(consortium: "Consortium", name: str, *, actor: User) -> None:
    here = (Slot.consortium_id == consortium.id, Slot.name == name, Slot.editing_by_id == actor.id)
    db.session.execute(update(Slot).where(*here).values(editing_by_id=None, editing_since=None))


def _lay_empty(consortium: "Consortium", name: str) -> None:
    """Two people may do so at once: the second finds the row of the first."""
    row = {"id": uuid.uuid4(), "consortium_id": consortium.id, "name": name, "ciphertext": b"", "digest": ""}
    row |= {"version": NOT_YET, "created_at": clock.now()}
    connection = db.session.connection()
    connection.execute(_LAY[connection.dialect.name], row)


def _begin(consortium: "Consortium", actor: User) -> bytes:
    """The first word of a draft makes its key."""
    if any(slot.digest for slot in slots_of(consortium).values()):
        raise NotNow(_("The plan was handed in: withdraw it before you change it."))
    return _make_key(consortium, secrets.token_hex(32), actor)


def _make_key(consortium: "Consortium", salt: str, actor: User) -> bytes:
    key = AESGCM.generate_key(bit_length=256)
    consortium.draft_key = _encrypt(_wrapping_key(consortium.id), key, consortium.id.bytes)
    write(consortium, SALT, salt, actor=actor)
    return key


def _digest(consortium: "Consortium", key: bytes, name: str, plaintext: bytes) -> str:
    if name == SALT:
        return hashlib.sha256(plaintext).hexdigest()  # 256 random bits: nothing to guess
    slot = slot_of(consortium, SALT)
    if slot is None:
        raise Unreadable(SALT)
    salt = bytes.fromhex(_open(consortium.id, SALT, slot.ciphertext, key))
    return hmac.new(salt, name.encode() + b"\0" + plaintext, "sha256").hexdigest()


def _open(consortium_id: uuid.UUID, name: str, ciphertext: bytes, key: bytes) -> Any:
    try:
        return json.loads(_decrypt(key, ciphertext, _bound_to(consortium_id, name)))
    except (InvalidTag, ValueError):
        raise Unreadable(name) from None


def _unwrapped(consortium: "Consortium") -> bytes:
    try:
        return _decrypt(_wrapping_key(consortium.id), consortium.draft_key or b"", consortium.id.bytes)
    except (InvalidTag, ValueError):
        raise Unreadable("the key of the draft") from None


def _wrapping_key(consortium_id: uuid.UUID) -> bytes:
    portal: str = current_app.config["SEALING_KEY"]
    return HKDF(SHA256(), 32, salt=consortium_id.bytes, info=PURPOSE).derive(portal.encode())


def _bound_to(consortium_id: uuid.UUID, name: str) -> bytes:
    return consortium_id.bytes + name.encode()


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _padded(plaintext: bytes) -> bytes:
    """With blanks, which JSON ignores, to a whole number of blocks: how long a discount is would tell part of it."""
    return plaintext + b" " * (-len(plaintext) % BLOCK_BYTES)


def _encrypt(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound_to)


def _decrypt(key: bytes, ciphertext: bytes, bound_to: bytes) -> bytes:
    return AESGCM(key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], bound_to)

"""Who can open what was handed in: the keys of the officials, and the keys of the call that lie sealed to them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, words
from app.extensions import db
from app.people.models import User

if TYPE_CHECKING:
    from app.calls.models import Call


OPEN_TOGETHER = 2  # officials


class Purpose(Labelled):
    """What is sealed apart: the discount is read only when the quality of every plan is settled."""

    PLAN = "plan", _l("the plans")
    DISCOUNT = "discount", _l("the discounts")


class OpenerKey(Root):
    """The key pair of one official for one call. The private half is locked under a passphrase that only the official
    has; when the key is retired it is wiped, so that it opens nothing any more."""

    __tablename__ = "opener_key"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    public_key: Mapped[bytes]
    wrapped_private_key: Mapped[bytes]  # empty once retired
    made_at: Mapped[Instant]
    retired_at: Mapped[Instant | None]

    call: Mapped["Call"] = relationship(back_populates="opener_keys")
    user: Mapped[User] = relationship()

    @property
    def bound_to(self) -> tuple[object, ...]:
        return "opening key", self.id, self.call_id, self.user_id


class CallKey(Root):
    """A public key that plans, or discounts, are sealed to. Its private half exists only inside the layers.

    `generation` counts from 1: when an official is replaced a new one is made, and the old one still opens what was
    sealed to it as long as two of its officials are left.
    """

    __tablename__ = "call_key"
    __table_args__ = (UniqueConstraint("call_id", "purpose", "generation"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    purpose: Mapped[Purpose] = words(Purpose)
    generation: Mapped[int]
    public_key: Mapped[bytes]
    made_at: Mapped[Instant]
    opened_at: Mapped[Instant | None]

    layers: Mapped[list["KeyLayer"]] = relationship(back_populates="key", cascade="all, delete-orphan")

    @property
    def bound_to(self) -> tuple[object, ...]:
        return "call key", self.id, self.call_id, self.purpose.value, self.generation

    def opens_without(self, leaving: OpenerKey | None) -> bool:
        """Are two of its officials left once `leaving` is retired (none: as things are)?"""
        return len([key for key in self.holders if key is not leaving]) >= OPEN_TOGETHER

    @property
    def superseded_at(self) -> datetime:
        """When a newer generation took its place; now, when it is the newest."""
        newer = select(CallKey.made_at).filter_by(call_id=self.call_id, purpose=self.purpose)
        newer = newer.where(CallKey.generation > self.generation).order_by(CallKey.generation)
        return db.session.scalars(newer.limit(1)).first() or clock.now()

    @property
    def holders(self) -> list[OpenerKey]:
        """The keys of officials to whom it is sealed and that were not retired since."""
        found = {layer.outer_id: layer.outer for layer in self.layers}
        return [key for key in found.values() if key.retired_at is None]


class KeyLayer(Row):
    """The private half of a call key, sealed to `inner`, and that again to `outer`. `peeled`: what was left when the
    official of `outer` took the outer layer off; only `inner` can open it."""

    __tablename__ = "key_layer"
    __table_args__ = (UniqueConstraint("key_id", "outer_id", "inner_id"),)

    key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call_key.id"))
    outer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opener_key.id"))
    inner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opener_key.id"))
    sealed: Mapped[bytes]
    peeled: Mapped[bytes | None]

    key: Mapped[CallKey] = relationship(back_populates="layers")
    outer: Mapped[OpenerKey] = relationship(foreign_keys=outer_id)
    inner: Mapped[OpenerKey] = relationship(foreign_keys=inner_id)


def key_of(call: "Call", user: Any) -> OpenerKey | None:
    """The key with which `user` opens, if it was made and not retired."""
    if user.id is None or all(member.user_id != user.id for member in call.committee):
        return None  # nobody else has one, so nothing is asked
    return next((key for key in call.opener_keys if key.user_id == user.id and key.retired_at is None), None)


def current_key(call: "Call", purpose: Purpose) -> CallKey | None:
    """The one that is sealed to now: the newest generation."""
    found = select(CallKey).filter_by(call_id=call.id, purpose=purpose).order_by(CallKey.generation.desc())
    return db.session.scalars(found.limit(1)).first()


def keys_of(call: "Call", purpose: Purpose) -> list[CallKey]:
    """Every generation, the oldest first."""
    found = select(CallKey).filter_by(call_id=call.id, purpose=purpose).order_by(CallKey.generation)
    return list(db.session.scalars(found))

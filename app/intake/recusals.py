"""Whose case an assessor leaves to a colleague. It closes everything about that person to the assessor at once."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.access.roles import Role
from app.core.models import Row, append_only
from app.extensions import db
from app.people.models import User


@append_only
class Recusal(Row):
    """`user` has a conflict of interest about this participant: knows the person, or has to do with the help."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("participant_id", "user_id"),)

    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)


def left_to_others(user: Any) -> Select[Any]:
    """Ids of the participants whose case `user` may not judge."""
    return select(Recusal.participant_id).where(Recusal.user_id == user.id)


def not_recused(people: Iterable[User], participant_id: uuid.UUID) -> list[User]:
    """Of these, who still has to do with the case of this participant."""
    left = set(db.session.scalars(select(Recusal.user_id).where(Recusal.participant_id == participant_id)))
    return [one for one in people if one.id not in left]


def unless_recused(roles: set[Role], participant_id: uuid.UUID, user: Any) -> set[Role]:
    """`roles` towards a row about this person; read once per transaction, as hats are (programmes.roles_in)."""
    if Role.ASSESSOR not in roles:
        return roles
    kept = db.session().info.setdefault("hats", {})
    key = ("recused", user.id)
    if key not in kept:
        kept[key] = set(db.session.scalars(left_to_others(user)))
    return roles - {Role.ASSESSOR} if participant_id in kept[key] else roles

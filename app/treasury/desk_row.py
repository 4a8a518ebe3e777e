"""What belongs to the desk of one bond: the intermediary works with it, the auditor reads it."""

from typing import Any

from sqlalchemy import Select, select

from app.access.roles import Role
from app.core.models import Row
from app.programmes.models import Part, programmes_of


class DeskRow(Row):
    __abstract__ = True

    @classmethod
    def visible_to(cls, user: Any) -> Select[Any]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR)))  # type: ignore[attr-defined]

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)  # type: ignore[attr-defined,no-any-return]

"""What happened lately: the notices of one person, those of one act on many things of a bond in one line."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from app.core.addresses import address
from app.core.format import number
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Programme
from app.workspace.words import TOGETHER

READ, SHOWN = 60, 8  # notices looked at, and lines made of them
TOGETHER_FOR = timedelta(days=7)  # an act of a month ago is another piece of work


@dataclass(slots=True)
class Line:
    """`count` notices of one act in one bond; the newest gives the line its title, moment and way."""

    notice: uuid.UUID
    action: str
    programme_id: uuid.UUID | None
    bond: str | None
    newest_title: str
    created_at: datetime
    is_new: bool
    locale: str
    count: int = 1

    def is_of_many_claims(self) -> bool:
        return self.count > 1 and self.action in TOGETHER and self.programme_id is not None

    def title(self) -> Any:
        if self.is_of_many_claims():
            return str(TOGETHER[self.action][0]) % {"bond": self.bond, "count": number(self.count)}
        return self.newest_title

    def more(self) -> int:
        """How many more notices of this act stand in the inbox."""
        return 0 if self.is_of_many_claims() else self.count - 1

    def url(self) -> str:
        if self.is_of_many_claims():
            state = TOGETHER[self.action][1].value
            return address("outcomes.claims", id=self.programme_id) + f"?state={state}"
        return address("notifications.show", id=self.notice)

    def url_of_all(self) -> str:
        return address("notifications.index") + f"?like={self.notice}"


_LATEST = (
    select(
        Notification.id,
        Notification.action,
        Notification.programme_id,
        Programme.title.label("bond"),
        Notification.title,
        Notification.created_at,
        Notification.read_at,
        Notification.locale,
    )
    .outerjoin(Programme, Programme.id == Notification.programme_id)
    .where(Notification.user_id == bindparam("me"))
    .order_by(Notification.created_at.desc(), Notification.id)
    .limit(READ)
)


def latest_of(user: Any) -> list[Line]:
    """The newest first; a notice that belongs to no bond stands alone."""
    found: list[Line] = []
    lines: dict[Any, Line] = {}  # the one to which the next notice of an act in a bond belongs
    for key, action, programme_id, bond, title, created_at, read_at, locale in db.session.execute(
        _LATEST, {"me": user.id}
    ):
        together = (action, programme_id) if programme_id is not None else key
        line = lines.get(together)
        if line is not None and line.created_at - created_at <= TOGETHER_FOR:
            line.count += 1
            line.is_new = line.is_new or read_at is None
        elif len(found) < SHOWN:
            lines[together] = Line(key, action, programme_id, bond, title, created_at, read_at is None, locale)
            found.append(lines[together])
    return found

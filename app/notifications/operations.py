from sqlalchemy import update

from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import User


@housekeeping
def read_notice(notice: Notification) -> None:
    notice.read_at = notice.read_at or clock.now()


@housekeeping
def read_all_notices(reader: User) -> None:
    unread = update(Notification).where(Notification.user_id == reader.id, Notification.read_at.is_(None))
    db.session.execute(unread.values(read_at=clock.now()))

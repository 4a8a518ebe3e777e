"""Who was told of an act, by address; what the trail holds of it."""

from typing import Any

from app.audit.models import AuditEntry, AuditFacts
from app.extensions import db
from app.notifications.models import Notification
from tests.browser import soup


def told(action: str) -> set[str]:
    return set(db.session.scalars(db.select(Notification.address).where(Notification.action == action)))


def words_told(action: str) -> str:
    found = db.session.execute(
        db.select(Notification.title, Notification.body).where(Notification.action == action)
    ).all()
    return "\n".join(f"{title}\n{body}" for title, body in found)


def recorded(action: str) -> list[Any]:
    """The facts of each entry of this action, oldest first."""
    found = db.select(AuditFacts.body).join(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)
    return list(db.session.scalars(found))


def body_told(action: str, user: Any) -> str:
    """What one person read of this action; exactly one notice."""
    found = db.select(Notification.body).where(Notification.action == action, Notification.user_id == user.id)
    return db.session.scalars(found).one()


def acts_shown(browser: Any, url: str) -> list[tuple[str, str]]:
    """Of a page the rows of "Who did each step": the step, and who."""
    return [(step, who) for step, who, _when in acts_timed(browser, url)]


def acts_timed(browser: Any, url: str) -> list[tuple[str, str, str]]:
    for one in soup(browser.get_ok(url)).select("main table"):
        if one.caption and one.caption.text == "Who did each step":
            rows = one.select("tbody tr")
            return [tuple(cell.get_text(strip=True) for cell in row.select("th, td")) for row in rows]  # type: ignore[misc]
    return []

import uuid
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Boolean, Uuid, column, select, table

from app.access.actions import Action
from app.access.guard import public, requires, requires_self
from app.core.paging import paged
from app.core.web import done, page
from app.extensions import db
from app.notifications import mail, operations
from app.notifications.models import Notification

bp = Blueprint("notifications", __name__)

# A mail brings its own styles and nothing from anywhere; it is shown alone, without rights.
# The bond stands above notices and is read by name: only whether its amounts were made up.
_bond = table("programme", column("id", Uuid), column("illustrative", Boolean))
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'; base-uri 'none'"


@bp.get("/inbox")
@requires_self(Action.ACCOUNT_READ)
def index() -> Any:
    """All notices, or with `?like=` those of the same act in the same bond as this one of the reader's own."""
    shown = (Notification.id, Notification.title, Notification.body, Notification.locale)
    mine = select(*shown, Notification.created_at, Notification.read_at, _bond.c.illustrative)
    mine = mine.outerjoin(_bond, _bond.c.id == Notification.programme_id).where(Notification.user_id == current_user.id)
    like = request.args.get("like", type=uuid.UUID)
    if like is not None:
        one = select(Notification.action, Notification.programme_id).where(Notification.id == like)
        chosen = db.session.execute(one.where(Notification.user_id == current_user.id)).one_or_none() or abort(404)
        mine = mine.where(Notification.action == chosen.action, Notification.programme_id == chosen.programme_id)
    found = paged(mine.order_by(Notification.created_at.desc(), Notification.id), size=25)
    return page("notifications/index.html", found=found, is_part=like is not None)


@bp.get("/inbox/<uuid:id>")
@requires(Action.NOTICE_READ, Notification)
def show(notice: Notification) -> Any:
    """To the very page that the notice tells of."""
    path = notice.path
    if notice.read_at is None:
        operations.read_notice(notice)
    return redirect(path or url_for("notifications.index"), 303)


@bp.post("/inbox/read")
@requires_self(Action.ACCOUNT_READ)
def read_all() -> Any:
    operations.read_all_notices(current_user)
    return done(url_for("notifications.index"), _("All notices are read."))


@bp.get("/dev/mail")
@public
def caught() -> Any:
    """All mail of the demonstration, which is never sent."""
    _only_in_demonstration()
    columns = (Notification.id, Notification.title, Notification.address, Notification.created_at)
    found = paged(select(*columns).order_by(Notification.created_at.desc(), Notification.id), size=25)
    return page("notifications/caught.html", found=found)


@bp.get("/dev/mail/<uuid:id>")
@public
def caught_mail(id: uuid.UUID) -> Any:
    notice = _caught(id)
    return page(
        "notifications/caught_mail.html",
        notice=notice,
        text=mail.text_of(notice),
        headers=list(mail.message(notice).items()),
        link=mail.link_of(notice),
    )


@bp.get("/dev/mail/<uuid:id>/html")
@public
def caught_html(id: uuid.UUID) -> Any:
    """The HTML part as a mail program would show it."""
    return Response(mail.html_of(_caught(id)), headers={"Content-Security-Policy": MAIL_POLICY})


def _caught(id: uuid.UUID) -> Notification:
    _only_in_demonstration()
    return db.get_or_404(Notification, id)


def _only_in_demonstration() -> None:
    if not current_app.config["DEMO"]:
        abort(404)

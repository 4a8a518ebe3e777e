"""Pages for what went wrong: always a way on, never a traceback."""

import secrets
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.access.guard import NotSignedIn
from app.access.permissions import PERMISSIONS
from app.access.roles import Role
from app.accounts import kept
from app.core.errors import NotNow, NotYours, Refused
from app.core.web import page
from app.extensions import db

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    app.register_error_handler(NotSignedIn, _sign_in)
    app.register_error_handler(NotYours, lambda e: _answer(403, _("This is not yours to do"), e.message))
    app.register_error_handler(NotNow, lambda e: _answer(409, _("Not now"), e.message))
    app.register_error_handler(Refused, lambda e: _answer(422, _("This cannot be done"), e.message))
    app.register_error_handler(CSRFError, _stale_page)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _answer(code: int, title: str, explanation: Any, reference: str | None = None) -> Any:
    return page("errors/error.html", status=code, code=code, title=title, explanation=explanation, reference=reference)


def _sign_in(_error: Exception) -> Any:
    """To the sign-in page, and from there back to this page; a form that was sent is kept and comes back filled in."""
    if request.method == "POST":
        is_kept = kept.keep()
        words = _("What you typed is kept for half an hour.") if is_kept else ""
        flash(" ".join([_("You were signed out meanwhile. Sign in to go on."), words]).strip(), "info")
    return redirect(url_for("security.login", next=_way_back()), 303)


def _way_back() -> str:
    """A page that can be read: this one, or the one with the button that was pressed."""
    if request.method != "POST":
        return request.full_path.rstrip("?")
    if request.url_rule is not None and "GET" in (request.url_rule.methods or ()):
        return request.path
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else "/home"


def _stale_page(_error: Exception) -> Any:
    """The check against forged requests failed; mostly because the session, which holds its key, has ended."""
    if request.endpoint == "security.logout":
        return redirect("/", 303)
    if request.endpoint == "security.login":
        flash(_("The sign-in page was open too long. Try again."), "info")
        return redirect(url_for("security.login", next=request.form.get("next") or None), 303)
    if not current_user.is_authenticated and not _is_for_anyone():
        return _sign_in(_error)
    return _answer(400, _("This page was open too long"), _("Go back, reload the page and try again."))


def _is_for_anyone() -> bool:
    action = getattr(current_app.view_functions.get(request.endpoint or ""), "declared_action", None)
    return action is None or Role.ANYONE in PERMISSIONS.get(action, ())


def _http(error: HTTPException) -> Any:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    words = {
        403: (_("This is not yours to do"), _("Your part in this bond does not allow this.")),
        404: (_("This page does not exist"), _("It may have moved, or it may not be for you to see.")),
        405: (_("This cannot be done here"), _("Go back and use the buttons of the page.")),
        413: (_("This is too large"), _("A form may hold 2 MB, a file 10 MB.")),
        429: (_("Too many attempts"), _("Wait a quarter of an hour and try again.")),
    }
    title, explanation = words.get(code, (_("This request was not understood"), _("Go back and try again.")))
    return _answer(code, title, explanation)


def _fault(error: Exception) -> Any:
    reference = secrets.token_hex(4)
    # The message of an exception may hold what somebody typed: only its kind and place are logged.
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/app/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("fault", reference=reference, kind=type(error).__name__, at=frames[-6:], endpoint=request.endpoint)
    db.session.rollback()
    return _answer(500, _("Something went wrong on our side"), _("Nothing was changed. Try again."), reference)

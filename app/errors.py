"""Pages for what went wrong: always a way on, never a traceback."""

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, flash, g, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.access.guard import NotSignedIn, may
from app.access.permissions import PERMISSIONS
from app.access.roles import Role
from app.accounts import kept
from app.core import clock
from app.core.errors import FirstThis, NotNow, NotYours, Refused
from app.core.format import moment
from app.core.web import page, told_lately
from app.extensions import db

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    app.register_error_handler(NotSignedIn, _sign_in)
    app.register_error_handler(NotYours, lambda e: _answer(403, _("This is not yours to do"), e.message))
    app.register_error_handler(NotNow, _not_now)
    app.register_error_handler(FirstThis, _first_this)
    app.register_error_handler(Refused, lambda e: _answer(422, _("This cannot be done"), e.message))
    app.register_error_handler(CSRFError, _stale_page)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _not_now(error: NotNow) -> Any:
    """With who was first, where the thing is past this step."""
    return _answer(409, _("Not now"), error.message, told=" ".join(told_lately() if _is_past() else []))


def _is_past() -> bool:
    subject = g.get("subject")
    steps = getattr(getattr(subject, "FLOW", None), "steps", {})
    return g.get("action") in steps and subject.state not in steps[g.action].sources


def _first_this(error: FirstThis) -> Any:
    """Straight to what comes first, with the reason; nothing that was typed is thrown away by it."""
    if request.method != "GET" or "HX-Request" in request.headers:
        return _answer(409, _("Not now"), error.message, first=[(error.path, error.label)])
    flash(str(error.message), "info")
    return redirect(error.path, 303)


def _answer(
    code: int, title: str, explanation: Any, reference: str | None = None, first: Any = (), told: str = ""
) -> Any:
    links = [("/", _("To the start page"))] if code >= 500 else [*first, *_ways_on()]
    words = {"code": code, "title": title, "explanation": explanation, "reference": reference, "links": links}
    answer = page("errors/error.html", status=code, next=told, **words)
    if "HX-Request" in request.headers and request.method == "GET":
        answer.headers["HX-Reswap"] = "none"  # a part that looks itself up stays what it was
    return answer


def _ways_on() -> list[tuple[str, str]]:
    """The thing that this address belongs to, the page where the person was, and home; never one they may not see."""
    ways = []
    thing, path = _thing_here()
    if thing is not None:
        ways.append((path, _("Back to %(thing)s", thing=getattr(thing, "title", None) or _("where you were"))))
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc == request.host and came_from.path not in (request.path, path, "/login"):
        back = came_from.path + (f"?{came_from.query}" if came_from.query else "")
        ways.append((back, _("Back to the page where you were")))
    if current_user.is_authenticated:
        return [*ways, ("/home", _("To your home page"))]
    return [*ways, ("/", _("To the start page"))]


def _thing_here() -> tuple[Any, str]:
    """(thing, its path): the nearest page above this address that shows a thing this person may read."""
    parts = request.path.strip("/").split("/")
    for length in range(len(parts) - 1, 1, -1):
        path = "/" + "/".join(parts[:length])
        model, action, key = _shown_at(path)
        if model is None:
            continue
        seen = db.session.scalars(model.visible_to(current_user).where(model.id == key)).unique().one_or_none()
        if seen is not None and may(action, seen, current_user):
            return seen, path
    return None, ""


def _shown_at(path: str) -> tuple[Any, Any, Any]:
    """(model, action, id) of the page at this path, where it is one that shows a thing."""
    try:
        endpoint, values = current_app.url_map.bind_to_environ(request.environ).match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None, None, None
    view = current_app.view_functions[endpoint]
    model, action = getattr(view, "declared_model", None), getattr(view, "declared_action", None)
    if model is None or not str(action).endswith(".read") or set(values) != {"id"}:
        return None, None, None
    return model, action, values["id"]


def _sign_in(_error: Exception) -> Any:
    """To the sign-in page, and from there back to this page; a form that was sent is kept and comes back filled in."""
    if request.method == "POST":
        is_kept = kept.keep()
        words = _("What you typed is kept for half an hour.") if is_kept else ""
        flash(" ".join([_("You were signed out meanwhile. Sign in to go on."), words]).strip(), "info")
    url = url_for("security.login", next=_way_back())
    if "HX-Request" not in request.headers:
        return redirect(url, 303)
    # A script would follow a redirect and look for a part of this page in the sign-in page.
    return make_response("", 200, {"HX-Redirect": url}) if request.method == "POST" else make_response("", 204)


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
        403: (_("This is not yours to do"), _("Your account does not allow this.")),
        404: (_("This page does not exist"), _("It may have moved, or it may not be for you to see.")),
        405: (_("This cannot be done here"), _("Go back and use the buttons of the page.")),
        413: (_("This is too large"), _("A form may hold 2 MB, a file 10 MB.")),
        414: (_("This address is too long"), _("Search for less, or begin at the start page.")),
        429: (_("Too many attempts"), _too_many(error)),
    }
    title, explanation = words.get(code, (_("This request was not understood"), _("Go back and try again.")))
    answer = _answer(code, title, explanation)
    if code == 429 and getattr(error, "retry_after", None):
        answer.headers["Retry-After"] = str(error.retry_after)  # type: ignore[attr-defined]
    return answer


def _too_many(error: HTTPException) -> str:
    seconds = getattr(error, "retry_after", None)
    if not isinstance(seconds, int):
        return _("Wait a quarter of an hour and try again.")
    until = moment(clock.now() + timedelta(seconds=seconds + 59))  # shown in whole minutes
    return _("This guards accounts against guessing. You can try again from %(moment)s.", moment=until)


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

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, request, session, url_for
from flask_login import current_user

from app.access.guard import public
from app.core.operation import housekeeping
from app.core.web import page

bp = Blueprint("workspace", __name__)


@bp.get("/")
@public
def landing() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("workspace.home"))
    return page("workspace/landing.html")


@bp.get("/home")
@public
def home() -> Any:
    return page("workspace/home.html")


@bp.get("/language/<code>")
@public
def speak(code: str) -> Any:
    """Choose the language; changes nothing that another site could gain from, so a link suffices."""
    if code not in current_app.config["LANGUAGES"]:
        abort(404)
    session["locale"] = code
    if current_user.is_authenticated:
        choose_locale(current_user, code)
    came_from = urlsplit(request.referrer or "")
    here = came_from.netloc == request.host
    return redirect(f"{came_from.path}?{came_from.query}".rstrip("?") if here else "/", 303)


@housekeeping
def choose_locale(user: Any, code: str) -> None:
    user.locale = code

from typing import Any

from flask import Blueprint, redirect, request, session, url_for
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


@bp.post("/language/<code>")
@public
def speak(code: str) -> Any:
    from flask import abort, current_app

    if code not in current_app.config["LANGUAGES"]:
        abort(404)
    session["locale"] = code
    if current_user.is_authenticated:
        choose_locale(current_user, code)
    back = request.form.get("next", "/")
    return redirect(back if back.startswith("/") and not back.startswith("//") else "/", 303)


@housekeeping
def choose_locale(user: Any, code: str) -> None:
    user.locale = code

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, request, session, url_for
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import public, reader, requires_self
from app.core.operation import housekeeping
from app.core.web import page
from app.workspace import queries
from app.workspace.drawing import phases
from app.workspace.latest import latest_of
from app.workspace.suggestions import suggestions_of

bp = Blueprint("workspace", __name__)
bp.add_app_template_filter(phases)


@bp.get("/")
@public
def landing() -> Any:
    if current_user.is_authenticated:
        return redirect(url_for("workspace.home"))
    return page(
        "workspace/landing.html",
        calls=queries.open_calls(),
        bonds=queries.public_bonds(),
        queries=queries,
        known_views=current_app.view_functions,
    )


@bp.get("/home")
@requires_self(Action.ACCOUNT_READ)
def home() -> Any:
    """What waits for me, where does each bond stand, what happened lately."""
    user = reader()
    bonds = queries.bonds_of(user)
    return page(
        "workspace/home.html",
        tasks=queries.tasks_of(user, bonds),
        suggestions=[] if bonds else list(suggestions_of(user)),
        bonds=bonds,
        latest=latest_of(user),
    )


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

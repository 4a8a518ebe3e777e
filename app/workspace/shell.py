"""What stands on every page around its contents."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, has_request_context, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.guard import can
from app.extensions import db
from app.notifications.models import Notification


@dataclass
class Shell:
    nav: list[tuple[str, str, bool]]
    unread: int
    locales: list[tuple[str, str, str, bool]]
    demo: bool
    lang: str
    account: list[tuple[str, str]]


def shell() -> Shell:
    here = str(get_locale())
    return Shell(
        nav=_nav(),
        unread=_unread(),
        locales=[
            (code, label, url_for("workspace.speak", code=code), code == here)
            for code, label in current_app.config["LANGUAGES"].items()
        ],
        demo=current_app.config["DEMO"],
        lang=here.replace("_", "-"),
        account=_account(),
    )


def _account() -> list[tuple[str, str]]:
    """The menu under the reader's name."""
    if not current_user.is_authenticated:
        return []
    entries = [("accounts.profile", _("Profile"))]
    if can(Action.ORGANISATION_LIST):
        entries.append(("accounts.organisations", _("Organisations")))
    if can(Action.ACCOUNT_BLOCK):
        entries.append(("accounts.people", _("People")))
    entries.append(("unit_costs.index", _("Register of unit costs")))
    entries.append(("accounts.permissions", _("Who may do what")))
    if current_app.config["DEMO"]:
        entries.append(("notifications.caught", _("Caught mail")))
    return [(url_for(endpoint), label) for endpoint, label in entries]


def _nav() -> list[tuple[str, str, bool]]:
    blueprint = request.blueprint or ""
    if current_user.is_authenticated:
        entries = [("workspace.home", _("Home")), ("programmes.index", _("Bonds")), ("calls.index", _("Calls"))]
    else:
        entries = [("programmes.index", _("Bonds")), ("calls.index", _("Calls")), ("reports.index", _("Results"))]
    known = current_app.view_functions
    return [
        (url_for(endpoint), label, endpoint.split(".")[0] == blueprint)
        for endpoint, label in entries
        if endpoint in known
    ]


def _unread() -> int:
    if not current_user.is_authenticated:
        return 0
    found = select(func.count()).where(Notification.user_id == current_user.id, Notification.read_at.is_(None))
    return db.session.scalar(found) or 0


def chosen_locale() -> str:
    """A person's choice rules; else this browser's, else what it asks for."""
    languages = current_app.config["LANGUAGES"]
    if not has_request_context():
        return current_app.config["BABEL_DEFAULT_LOCALE"]
    if current_user and current_user.is_authenticated and current_user.locale in languages:
        return current_user.locale
    if session.get("locale") in languages:
        return session["locale"]
    wanted = request.accept_languages.best_match([code.replace("_", "-") for code in languages])
    return (wanted or current_app.config["BABEL_DEFAULT_LOCALE"]).replace("-", "_")


def init_app(app: Flask) -> None:
    @app.context_processor
    def _shell() -> dict[str, Any]:
        return {
            "shell": shell(),
            "htmx_url": app.config["HTMX_URL"],
            "htmx_integrity": app.config["HTMX_INTEGRITY"],
        }

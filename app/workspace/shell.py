"""What stands on every page around its contents."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import bindparam, func, select

from app.access.actions import Action
from app.access.guard import can, reader
from app.core.addresses import address
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
    here, user = str(get_locale()), reader()
    return Shell(
        nav=_nav(user),
        unread=_unread(user),
        locales=[
            (code, label, address("workspace.speak", code=code), code == here)
            for code, label in current_app.config["LANGUAGES"].items()
        ],
        demo=current_app.config["DEMO"],
        lang=here.replace("_", "-"),
        account=_account(user),
    )


def _account(user: Any) -> list[tuple[str, str]]:
    """The menu under the reader's name."""
    if not user.is_authenticated:
        return []
    entries = [("accounts.profile", _("Profile"))]
    if can(Action.ORGANISATION_LIST, user=user):
        entries.append(("accounts.organisations", _("Organisations")))
    if can(Action.ACCOUNT_BLOCK, user=user):
        entries.append(("accounts.people", _("People")))
    entries.append(("unit_costs.index", _("Register of unit costs")))
    entries.append(("profiles.index", _("Service providers")))
    entries.append(("accounts.permissions", _("Who may do what")))
    if current_app.config["DEMO"]:
        entries.append(("notifications.caught", _("Caught mail")))
    return [(address(endpoint), label) for endpoint, label in entries]


def _nav(user: Any) -> list[tuple[str, str, bool]]:
    blueprint = request.blueprint or ""
    if user.is_authenticated:
        entries = [("workspace.home", _("Home")), ("programmes.index", _("Bonds")), ("calls.index", _("Calls"))]
    else:
        entries = [("programmes.index", _("Bonds")), ("calls.index", _("Calls")), ("reports.index", _("Results"))]
    known = current_app.view_functions
    return [
        (address(endpoint), label, endpoint.split(".")[0] == blueprint)
        for endpoint, label in entries
        if endpoint in known
    ]


_UNREAD = select(func.count()).where(Notification.user_id == bindparam("me"), Notification.read_at.is_(None))


def _unread(user: Any) -> int:
    return db.session.scalar(_UNREAD, {"me": user.id}) or 0 if user.is_authenticated else 0


def chosen_locale() -> str:
    """A person's choice rules; else this browser's, else what it asks for."""
    languages = current_app.config["LANGUAGES"]
    if not has_request_context():
        return current_app.config["BABEL_DEFAULT_LOCALE"]
    user = reader() if current_user else None
    if user is not None and user.is_authenticated and user.locale in languages:
        return user.locale
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

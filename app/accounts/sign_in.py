"""The sign-in library, set up for this portal."""

from typing import Any

from flask import Flask
from flask_security import SQLAlchemyUserDatastore

from app.extensions import db, security
from app.people.models import Anonymous, User


def init_app(app: Flask) -> None:
    app.config.from_mapping(settings(app))
    # Global roles do not exist here, so the library gets no role model.
    store = SQLAlchemyUserDatastore(db, User, None)  # type: ignore[arg-type]
    security.init_app(app, store)
    app.login_manager.anonymous_user = Anonymous  # type: ignore[attr-defined]


def settings(app: Flask) -> dict[str, Any]:
    return {
        "SECURITY_URL_PREFIX": None,
        "SECURITY_LOGIN_URL": "/login",
        "SECURITY_LOGOUT_URL": "/logout",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/home",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_TRACKABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_JOIN_USER_ROLES": False,
    }

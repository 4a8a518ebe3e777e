"""What gunicorn and `flask --app wsgi` load."""

import os
import secrets
import sys

import click

from app import create_app
from app.config import MissingSetting

WITH_VALUE = ("--app", "-A", "--env-file", "-e")


def asked_for() -> str | None:
    """The command on the command line of `flask`; None under a server."""
    if click.get_current_context(silent=True) is None:
        return None
    words = iter(sys.argv[1:])
    for word in words:
        if word in WITH_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def environ() -> dict[str, str]:
    """`flask replay` reads one file, signs nothing and stores nothing: anybody may check a settlement with it."""
    found = dict(os.environ)
    if asked_for() == "replay" and not found.get("SECRET_KEY") and found.get("DEMO") != "1":
        found |= {"SECRET_KEY": secrets.token_urlsafe(48), "DATABASE_URL": "sqlite://"}
    return found


try:
    app = create_app(environ=environ())
except MissingSetting as missing:
    if asked_for() is None:
        raise
    fault = click.ClickException(str(missing))
    fault.exit_code = 2
    raise fault from None

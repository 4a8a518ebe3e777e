"""Bewezen: the portal in which a social impact bond is made, run and paid."""

import importlib.util
from functools import cache
from typing import Any

import click
from flask import Flask
from werkzeug.local import LocalProxy

from app import errors
from app.access import guard
from app.config import Config
from app.core import addresses, format, headers
from app.demonstration import loopback
from app.extensions import babel, csrf, db
from app.workspace import shell

# In the order of the pipeline: each package imports only what stands before it.
FEATURES = (
    "accounts",
    "notifications",
    "programmes",
    "unit_costs",
    "readers",
    "pricing",
    "capital",
    "profiles",
    "calls",
    "board",
    "consortia",
    "proposals",
    "evaluation",
    "awards",
    "direct",
    "agreements",
    "intake",
    "evidence",
    "outcomes",
    "verification",
    "settlement",
    "treasury",
    "bank",
    "progress",
    "reports",
    "scenarios",
    "workspace",
    "health",
    "demonstration",
)


def create_app(overrides: dict[str, Any] | None = None, environ: dict[str, str] | None = None) -> Flask:
    """Build the portal; `overrides` win over the environment (tests)."""
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_mapping(Config(environ).as_dict() | (overrides or {}))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["zip"] = zip

    headers.init_app(app)
    addresses.init_app(app)
    db.init_app(app)
    load_models()
    bind_migrations(app)
    csrf.init_app(app)

    from app.accounts import sign_in

    sign_in.init_app(app)
    babel.init_app(app, locale_selector=shell.chosen_locale, default_translation_directories="translations")
    format.init_app(app)
    guard.init_app(app)
    shell.init_app(app)
    errors.init_app(app)
    loopback.init_app(app)
    register_routes(app)
    register_commands(app)
    register_due_work(app)
    register_closing_checks(app)
    register_after_end(app)
    guard.refuse_undeclared(app)
    return app


def bind_migrations(app: Flask) -> None:
    """`flask db` finds its settings here. Bound when first asked for: a worker never migrates, and would carry ten
    megabytes for it."""

    @cache
    def bound() -> Any:
        from flask_migrate import Migrate

        Migrate(app, db, directory="migrations", render_as_batch=True)
        return app.extensions["migrate"]

    app.extensions["migrate"] = LocalProxy(bound)
    app.cli.add_command(migrate)


@click.command("db", context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def migrate(ctx: click.Context, args: tuple[str, ...]) -> Any:
    """Bring the database to the newest migration, or back: `upgrade`, `downgrade`, `current`."""
    from flask_migrate.cli import db as group  # the library adds it by itself only where it is bound at the start

    with group.make_context("db", list(args), parent=ctx.parent, help_option_names=["--help"]) as inner:
        return group.invoke(inner)


def load_models() -> None:
    """Every table, so that migrations and relationships know them all."""
    for package in ("people", "audit", "ledger", *FEATURES):
        _module(package, "models")


def register_routes(app: Flask) -> None:
    """Each feature brings `bp` in `routes.py`."""
    for package in FEATURES:
        routes = _module(package, "routes")
        if routes is not None:
            app.register_blueprint(routes.bp)


def register_commands(app: Flask) -> None:
    """Each package may bring `commands` in `cli.py`."""
    for package in ("access", "audit", "ledger", *FEATURES):
        brought = _module(package, "cli")
        for command in getattr(brought, "commands", ()):
            app.cli.add_command(command)


def register_due_work(app: Flask) -> None:
    """Each feature may bring `run_due` in `due.py`: what happens when its time has come; the worker calls it."""
    found = {package: _module(package, "due") for package in FEATURES}
    app.extensions["due work"] = {package: due.run_due for package, due in found.items() if due is not None}


def register_closing_checks(app: Flask) -> None:
    """Each feature may bring `checks` in `before_closing.py`: what must be so before a bond can be closed."""
    found = (_module(package, "before_closing") for package in FEATURES)
    app.extensions["closing checks"] = [brought.checks for brought in found if brought is not None]


def register_after_end(app: Flask) -> None:
    """Each feature may bring `follow` in `after_end.py`: what an early end changes for it, in the same act."""
    found = (_module(package, "after_end") for package in FEATURES)
    app.extensions["after end"] = [brought.follow for brought in found if brought is not None]


def _module(package: str, name: str) -> Any | None:
    """`app.<package>.<name>` where the package has it; a fault inside it is not hidden."""
    full = f"app.{package}.{name}"
    if importlib.util.find_spec(f"app.{package}") is None or importlib.util.find_spec(full) is None:
        return None
    return importlib.import_module(full)

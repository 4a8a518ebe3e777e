"""`flask show-permissions`: who may do what, four eyes, and when, as one text to read and to compare."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.access.actions import Action
from app.access.four_eyes import FOUR_EYES
from app.access.permissions import PERMISSIONS
from app.access.roles import Role
from app.core.flow import Flow


@click.command("show-permissions")
@with_appcontext
def show_permissions() -> None:
    """Print the table of actions and hats, the four-eyes pairs and every flow."""
    for line in lines():
        click.echo(line)


def lines() -> Iterator[str]:
    yield "# Who: action, hats"
    for action in Action:
        hats = [str(role) for role in Role if role in PERMISSIONS.get(action, ())]
        yield f"{action:24} {', '.join(hats) or 'nobody'}"
    yield ""
    yield "# Four eyes: the act, and what the same person may not have done before"
    for action, earlier in FOUR_EYES.items():
        yield f"{action:24} {', '.join(sorted(earlier))}"
    for name, flow in flows():
        yield ""
        yield f"# When: {name}: action, from, to (* on a condition)"
        for step, source, target in flow.rows():
            condition = " *" if flow.steps[step].unless else ""
            yield f"{step:24} {source} -> {target}{condition}"


def flows() -> Iterator[tuple[str, Flow]]:
    """Every flow of every package, by name."""
    for file in sorted(Path(__file__).parents[1].glob("*/states.py")):
        package = file.parent.name
        for name, value in vars(importlib.import_module(f"app.{package}.states")).items():
            if isinstance(value, Flow) and not name.startswith("_"):
                yield f"{package}.{name}", value


commands = [show_permissions]

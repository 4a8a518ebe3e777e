"""`flask create-admin`: the first account of a portal."""

import click
from flask.cli import with_appcontext

from app.accounts.operations import create_administrator
from app.core.errors import Refused


@click.command("create-admin")
@click.argument("email")
@click.argument("name")
@click.password_option()
@with_appcontext
def create_admin(email: str, name: str, password: str) -> None:
    """Make an administrator, who creates organisations and invites their managers."""
    try:
        create_administrator(name, email, password)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(f"{email} can sign in.")


commands = [create_admin]

import click
from flask.cli import with_appcontext

from app.audit import trail


@click.command("verify-trail")
@with_appcontext
def verify_trail() -> None:
    """Recompute the hash chain of the audit trail; exit 1 with a line per fault."""
    faults = list(trail.verify())
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The trail is whole.")


commands = [verify_trail]

import click
from flask.cli import with_appcontext

from app.settlement.invariants import settlements_recompute


@click.command("recompute-settlements")
@with_appcontext
def recompute_settlements() -> None:
    """Compute every settlement again from its inputs; exit 1 and a line per difference."""
    found = list(settlements_recompute())
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo("Every settlement equals its inputs")


commands = (recompute_settlements,)

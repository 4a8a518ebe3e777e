import click
from flask.cli import with_appcontext

from app.settlement.invariants import settlements_recompute, what_was_paid_is_what_was_settled


@click.command("recompute-settlements")
@with_appcontext
def recompute_settlements() -> None:
    """Compute every settlement again from its inputs, and hold it against what was booked and paid; exit 1 and a line
    per difference."""
    found = [*settlements_recompute(), *what_was_paid_is_what_was_settled()]
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo("Every settlement equals its inputs and what was paid")


commands = (recompute_settlements,)

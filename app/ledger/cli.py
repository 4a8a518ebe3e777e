import click
from flask.cli import with_appcontext

from app.ledger.checking import faults, invariants


@click.command("check-books")
@with_appcontext
def check_books() -> None:
    """Check every invariant of the books; exit 1 and a line per fault."""
    found = faults()
    for line in found:
        click.echo(line)
    if found:
        raise SystemExit(1)
    click.echo(f"{len(list(invariants()))} invariants hold")


commands = (check_books,)

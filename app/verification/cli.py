import json
from typing import IO

import click

from app.verification.repeating import faults_of


@click.command("repeat-draw")
@click.argument("published", type=click.File("r", encoding="utf-8"))
def repeat_draw(published: IO[str]) -> None:
    """Make the draw of a published list (JSON) again, without a database; exit 1 with a line per fault."""
    try:
        file = json.load(published)
        faults = list(faults_of(file))
    except (ValueError, KeyError, TypeError) as bad:
        raise click.ClickException("this file cannot be read as a published list") from bad
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("The seed draws the same claims from the list that was locked.")


commands = [repeat_draw]

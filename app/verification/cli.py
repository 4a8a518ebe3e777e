import json
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

from app.verification import seal
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


@click.command("make-seal")
@with_appcontext
def make_seal() -> None:
    """Make the key and the certificate with which this portal seals statements; exit 1 where they are there already."""
    try:
        seal.make_seal(current_app.config["SEAL_KEY_FILE"], current_app.config["SEAL_CERTIFICATE"])
    except FileExistsError as there:
        raise click.ClickException(f"{there.filename} is there already, and is left as it is") from there
    click.echo(f"The certificate has the fingerprint (SHA-256) {seal.current_seal().fingerprint}.")


commands = [repeat_draw, make_seal]

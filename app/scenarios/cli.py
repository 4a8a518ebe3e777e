"""The commands `replay` and `export-bond`; the application adds them to its own."""

import json
import sys
import uuid
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.programmes.models import Programme
from app.scenarios.check import differences
from app.scenarios.live_file import bond_file
from app.scenarios.replay import compute, read
from app.scenarios.result import result_of
from app.scenarios.strict_json import Refused
from app.scenarios.table import table_of


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON (replay-result/1).")
@click.option("--lines", is_flag=True, help="Explain every line, step by step.")
@click.option("--check", is_flag=True, help="Compare with what the file expects; exit 1 on a difference.")
@click.pass_context
def replay(context: click.Context, file: Path, as_json: bool, lines: bool, check: bool) -> None:
    """Compute a whole bond from FILE (replay/1; - for standard input) with the code that settles live bonds.

    Exit status 0: computed; 1: differs from what the file expects; 2: the file breaks a rule, a line per fault.
    """
    try:
        bond = read(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
        result = result_of(compute(bond, lines), lines)
    except OSError as error:
        click.echo(f"file: cannot be read: {error.strerror}", err=True)
        context.exit(2)
    except Refused as refused:
        for fault in refused.faults:
            click.echo(fault, err=True)
        context.exit(2)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        click.echo(table_of(bond, result))
    found = differences(bond.expected, result) if check else []
    for line in found:
        click.echo(line, err=True)
    context.exit(1 if found else 0)


@click.command("export-bond")
@click.argument("programme", type=click.UUID)
@with_appcontext
@click.pass_context
def export_bond(context: click.Context, programme: uuid.UUID) -> None:
    """Write a living bond as a file (replay/1) that an auditor replays and checks: what was agreed, proven and paid.

    Exit status 2 where there is no such bond, or where it did what the format cannot say: the rule is named.
    """
    found = db.session.get(Programme, programme)
    if found is None:
        click.echo("There is no such bond.", err=True)
        context.exit(2)
    try:
        click.echo(json.dumps(bond_file(found, clock.today()), ensure_ascii=False, indent=2))
    except NotNow as refused:
        click.echo(refused.message, err=True)
        context.exit(2)


commands = [replay, export_bond]

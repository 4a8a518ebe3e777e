"""The command `replay`; the application adds it to its own."""

import json
import sys
from pathlib import Path

import click

from app.scenarios.check import differences
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


commands = [replay]

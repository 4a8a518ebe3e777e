from pathlib import Path

import click
from flask.cli import with_appcontext

from app.reports.checking import Verdict, check_archive


@click.command("verify-call-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def verify_call_file(file: Path) -> None:
    """Say whether the archive of a call is genuine, differs from what was exported, or is unknown to this portal: exit
    0, 1 or 2, and a line per fault."""
    checked = check_archive(file.read_bytes())
    click.echo(checked.verdict.value)
    for fault in checked.faults:
        click.echo(fault)
    for one in checked.exports:
        click.echo(f"exported {one.created_at:%Y-%m-%d %H:%M:%S} UTC, kept until {one.kept_until}")
    raise SystemExit([Verdict.GENUINE, Verdict.DIFFERS, Verdict.UNKNOWN].index(checked.verdict))


commands = (verify_call_file,)

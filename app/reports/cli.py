from pathlib import Path

import click

from app.reports.call_file import faults_in


@click.command("verify-call-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_call_file(file: Path) -> None:
    """Compare every file in the archive of a call with its manifest; exit 1 and a line per fault."""
    faults = faults_in(file.read_bytes())
    for fault in faults:
        click.echo(fault)
    if faults:
        raise SystemExit(1)
    click.echo("The file of the call is whole")


commands = (verify_call_file,)

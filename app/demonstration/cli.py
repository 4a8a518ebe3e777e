"""`flask run-demo`: what `make run` starts."""

import signal
import socket
import subprocess
import sys
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from app.config import ROOT
from app.demonstration import load
from app.demonstration.people import PASSWORD, SIGN_INS


@click.command("run-demo")
@with_appcontext
def run_demo() -> None:
    """Migrate, load the demonstration into an empty database, start portal and worker on loopback."""
    from flask_migrate import upgrade  # heavy, and needed nowhere else

    if not current_app.config["DEMO"]:
        raise click.ClickException("this is only for the demonstration: set DEMO=1")
    port = current_app.config["PORT"]
    _refuse_busy(port)
    upgrade()
    if load.is_empty():
        click.echo("Loading the demonstration bond: half a minute of months ...")
        load.demonstration()
    _say_where(port)
    raise SystemExit(_serve(port))


def _refuse_busy(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise click.ClickException(f"port {port} is in use; try PORT={port + 1} make run") from None


def _say_where(port: int) -> None:
    click.echo(f"\nBewezen runs at http://127.0.0.1:{port} (stop with Ctrl-C)")
    click.echo(f"Sign in at http://127.0.0.1:{port}/login with the password {PASSWORD}:")
    for address, who in SIGN_INS:
        click.echo(f"  {address:30} {who}")


def _serve(port: int) -> int:
    """Portal and worker side by side; when one ends, so does the other."""
    worker = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    portal = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"]
    portal += ["--no-control-socket", "--limit-request-line", "8190", "--log-level", "warning", "wsgi:app"]
    running = [subprocess.Popen(command, cwd=ROOT) for command in (worker, portal)]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    code = running[1].wait()
    stop(0, None)
    running[0].wait()
    return max(code, 0)


commands = [run_demo]

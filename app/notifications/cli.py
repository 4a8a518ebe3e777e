"""`flask worker`: sends mail and does what is due, until it is told to stop."""

import contextlib
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.core import clock
from app.notifications.delivery import deliver
from app.notifications.post import Post, WrongMailUrl
from app.notifications.sign import sign_of_life

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
DUE_EVERY = timedelta(seconds=20)
MAILS_A_TURN = 200  # then look at due work and at the order to stop


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now and stop, for cron.")
@with_appcontext
def worker(once: bool) -> None:
    """Send waiting mail, do due work, give a sign of life. May run twice at once."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stop = threading.Event()
    if not once:
        _stop_on_signal(stop)
    post, due_at = _post(app), clock.now()
    with post or contextlib.nullcontext():
        while True:
            if clock.now() >= due_at:
                _safely(app, sign_of_life)
                for package, run_due in app.extensions["due work"].items():
                    _safely(app, run_due, package)
                due_at = clock.now() + DUE_EVERY
            sent = _safely(app, lambda: deliver(post, MAILS_A_TURN)) if post is not None else 0
            if once and not sent:
                return
            if not once and stop.wait(0 if sent == MAILS_A_TURN else PAUSE_SECONDS):
                return


def _post(app: Flask) -> Post | None:
    if app.config["DEMO"]:
        return None  # mail is caught when it is made
    if not app.config["MAIL_URL"]:
        log.warning("MAIL_URL is not set: mail waits")
        return None
    try:
        return Post(app.config["MAIL_URL"])
    except WrongMailUrl as wrong:
        raise click.ClickException(str(wrong)) from None


def _safely(app: Flask, work: Callable[[], int | None], package: str = "") -> int:
    """Each piece of work in a context of its own; what fails today is tried again, and stops nothing else."""
    try:
        with app.app_context():
            return work() or 0
    except Exception as fault:
        trace = fault.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        line = f"{trace.tb_frame.f_code.co_filename.rsplit('/app/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
        log.error("work failed", package=package, kind=type(fault).__name__, at=line)
        return 0


def _stop_on_signal(stop: threading.Event) -> None:
    """Finish the mail in hand, then stop."""

    def order(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, order)
    signal.signal(signal.SIGINT, order)


commands = [worker]

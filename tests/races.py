"""Several people who do one thing at once: each in a thread, on a connection and with a context of its own."""

import threading
import uuid
from collections.abc import Callable, Sequence

from flask import Flask

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.people.models import User


def rush(app: Flask, people: Sequence[uuid.UUID], act: Callable[[User], object]) -> list[str]:
    """Everybody does `act(user)` at once; what each heard, sorted: it was "done", or why not was "told"."""
    heard, start = [], threading.Barrier(len(people))

    def run(user_id: uuid.UUID) -> None:
        with app.app_context():
            user = db.session.get_one(User, user_id)
            start.wait()
            try:
                act(user)
                heard.append("done")
            except (Refused, NotNow):
                heard.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(heard)

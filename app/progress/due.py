"""What the worker does: look after the bonds that are delivered once an hour, and remind."""

from datetime import timedelta

from flask import current_app

from app.core import clock
from app.extensions import db
from app.programmes.models import Programme
from app.progress.guarding import delivered_bonds, look_after, remind

LOOK_EVERY = timedelta(hours=1)


def run_due() -> int:
    """How many bonds had something new, and how many reminders went out. Two workers at once tell each thing once."""
    looked = current_app.extensions.get("progress looked")
    if looked is not None and timedelta(0) <= clock.now() - looked < LOOK_EVERY:
        return remind()
    current_app.extensions["progress looked"] = clock.now()
    return sum(look_after(db.session.get_one(Programme, id)) for id in delivered_bonds()) + remind()

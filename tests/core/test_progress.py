"""A page that follows a long act looks for what it ended with, on a database that shows a request one moment only."""

import uuid

from app.core import progress
from app.extensions import db
from app.people.models import User
from tests.beside import nobody_else_writes
from tests.factories.people import make_user


def test_who_finds_the_act_ended_finds_what_it_made(app_beside):
    """SQLite shows a request what was there when its first reading began. The act ends after that, and before the look
    at how far it is: what it made must be found, or the page would answer that there is nothing."""
    with app_beside.app_context():
        person = make_user()
        db.session.commit()
        reads_from_here_on = db.session.get_one(User, person.id)
        assert reads_from_here_on.name != "made by the act"
        with nobody_else_writes(app_beside) as act:
            act.execute("UPDATE user SET name = 'made by the act' WHERE id = ?", (person.id.hex,))
        assert db.session.scalar(db.select(User.name).where(User.id == person.id)) != "made by the act", "one moment"
        assert progress.how_far(uuid.uuid4()) is None
        assert db.session.scalar(db.select(User.name).where(User.id == person.id)) == "made by the act"

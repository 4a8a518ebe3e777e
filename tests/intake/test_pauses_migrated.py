"""A pause that the exit ended bore the day of the exit. On both databases the migration knows it from a pause that
somebody ended on that very day."""

import uuid
from datetime import date

import pytest
from alembic import command
from flask import current_app

from app.extensions import db
from app.intake.models import ExitReason, Pause
from app.intake.operations import exit_participant, pause_participant, resume_participant
from tests.factories.outcomes import make_delivery, make_participant

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture
def app(own_database):
    with own_database.app_context():
        yield own_database


def test_down_and_up_with_pauses_in_it(app):
    bond = make_delivery()
    left, ended, still = (make_participant(bond) for _ in range(3))
    for person in (left, ended, still):
        pause_participant(person, JUNE, actor=bond.provider, once=uuid.uuid4())
    resume_participant(ended, JULY, actor=bond.provider)
    for person in (left, ended):
        exit_participant(person, JULY, ExitReason.STOPPED, actor=bond.provider)
    people = [left.id, ended.id, still.id]
    assert ends(people) == [None, JULY, None]
    db.session.commit()
    config = current_app.extensions["migrate"].migrate.get_config()
    command.downgrade(config, "0060")
    assert ends(people) == [JULY, JULY, None]
    db.session.commit()
    command.upgrade(config, "head")
    assert ends(people) == [None, JULY, None]


def ends(people):
    found = dict(db.session.execute(db.select(Pause.participant_id, Pause.until_on)).all())
    return [found[id] for id in people]

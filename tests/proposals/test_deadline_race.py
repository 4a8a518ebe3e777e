"""Fifty hand in around the deadline: each is judged once, by the database's clock read before it waited for its turn.

Who was in time and had to wait is in time; who came at the deadline or later is told so. Accepted plans are whole.
"""

import random
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app import create_app
from app.calls.key_operations import unlock_opening_key
from app.calls.models import Duty
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import _ONE_WRITER
from app.evaluation.models import OpenedProposal
from app.evaluation.opening_operations import consent_to_open
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import User
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from app.proposals.submit_operations import submit_proposal
from tests.conftest import SETTINGS
from tests.factories.calls import make_call
from tests.factories.consortia import make_consortium
from tests.factories.keys import passphrase_of
from tests.factories.proposals import SECRET_WORDS, make_proposal

EARLY, AROUND = 20, 30
WAIT_FOR_THE_PEN = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture
def portal(own_postgres):
    """With a connection for everybody at once, as several servers together have."""
    pool = {"SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 60, "pool_timeout": 600}}
    url = {"SQLALCHEMY_DATABASE_URI": own_postgres}
    app = create_app(SETTINGS | pool | url, environ={"SECRET_KEY": "only for tests"})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.postgres
def test_fifty_hand_in_around_the_deadline(portal, monkeypatch):
    """The deadline lies an hour away until all of the first twenty wait for the pen, however long a slow machine takes;
    then the clock of the database is told to be a second before it."""
    real_now, ahead = clock.database_now, [timedelta(0)]
    monkeypatch.setattr(clock, "database_now", lambda: real_now() + ahead[0])
    call = make_call()
    plans = [make_proposal(make_consortium(call, name=f"Consortium {n}")) for n in range(EARLY + AROUND)]
    bidders = [(plan.id, plan.consortium.lead.people()[0].id) for plan in plans]
    call.deadline = clock.database_now() + timedelta(hours=1)
    db.session.commit()
    deadline, outcomes = call.deadline, {}

    def hand_in(number: int, wait: float) -> None:
        time.sleep(wait)
        with portal.app_context():
            proposal, lead = db.session.get(Proposal, bidders[number][0]), db.session.get(User, bidders[number][1])
            try:
                submit_proposal(proposal, passphrase_of(proposal), actor=lead)
                outcomes[number] = "accepted"
            except NotNow as late:
                outcomes[number] = str(late.message)
            db.session.remove()

    db.session.commit()
    with db.engine.connect() as pen:  # somebody writes, from before the deadline until after it
        pen.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_WRITER})
        threads = [threading.Thread(target=hand_in, args=(number, 0)) for number in range(EARLY)]
        for thread in threads:
            thread.start()
        while pen.scalar(text(WAIT_FOR_THE_PEN)) < EARLY:
            time.sleep(0.05)
        ahead[0] = deadline - real_now() - timedelta(seconds=1)
        late = [
            threading.Thread(target=hand_in, args=(EARLY + number, 1 + random.uniform(-0.6, 0.6)))
            for number in range(AROUND)
        ]
        for thread in late:
            thread.start()
        until = deadline + timedelta(seconds=0.5)
        while clock.database_now() < until:
            time.sleep(0.05)
        assert not outcomes or "accepted" not in outcomes.values()  # nobody got the pen yet
        pen.rollback()
    for thread in threads + late:
        thread.join()

    assert len(outcomes) == EARLY + AROUND  # each is told
    db.session.expire_all()
    for number, (key, lead_id) in enumerate(bidders):
        proposal = db.session.get(Proposal, key)
        if outcomes[number] == "accepted":
            assert proposal.state == ProposalState.SUBMITTED
            assert proposal.submitted_at < deadline
            told = db.select(Notification).filter_by(action="proposal.submit", user_id=lead_id)
            assert proposal.digest in db.session.scalars(told).one().body
        else:
            assert outcomes[number].startswith("The deadline has passed")
            assert (proposal.state, proposal.submitted_at, proposal.plan) == (ProposalState.DRAFT, None, b"")
            assert proposal.consortium.draft_key is not None  # nothing is lost
    assert [outcomes[number] for number in range(EARLY)] == ["accepted"] * EARLY
    with clock.at(until):
        _whole(call, [bidders[number][0] for number in range(EARLY + AROUND) if outcomes[number] == "accepted"])


def _whole(call: Any, accepted: list[Any]) -> None:
    """Every accepted plan opens, and no other one."""
    first, second, _third = (member.user for member in call.on_committee(Duty.OPENER))
    for official in (first, second):
        assert unlock_opening_key(call, passphrase_of(official), actor=official)
        evaluation = consent_to_open(call, passphrase_of(official), actor=official)
    opened = db.session.scalars(db.select(OpenedProposal).filter_by(evaluation_id=evaluation.id)).all()
    assert {one.proposal_id for one in opened} == set(accepted)
    assert {one.content["answers"]["approach"] for one in opened} == {SECRET_WORDS}

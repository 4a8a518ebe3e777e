"""The deadline counts to the second, whatever the worker does (art. 2.108 Aw)."""

from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.due import close_calls
from app.calls.operations import close_call
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_call


def test_due_work_closes_what_has_passed_and_nothing_else(app):
    first = make_call()
    second = make_call(first.programme, table=first.table, deadline=first.deadline + timedelta(seconds=1))
    with clock.at(first.deadline - timedelta(seconds=1)):
        assert close_calls() == 0
    with clock.at(first.deadline):
        assert close_calls() == 1
        assert close_calls() == 0
    assert (first.state, second.state) == (CallState.CLOSED, CallState.PUBLISHED)
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.actor_id) == ("call.close", None)
    openers = {member.user.email for member in first.on_committee("opener")}
    assert openers <= set(db.session.scalars(db.select(Notification.address)))


def test_nobody_closes_before_the_deadline(app):
    call = make_call()
    with clock.at(call.deadline - timedelta(microseconds=1)), pytest.raises(NotNow):
        close_call(call)

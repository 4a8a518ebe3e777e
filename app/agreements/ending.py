"""What the end of an agreement does to the bond: nobody comes in after the last day and no effect counts after it."""

import uuid
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete

from app.access.actions import Action
from app.access.record import record
from app.agreements import amendment_notices as notices
from app.agreements.amendment_states import FLOW, AmendmentState
from app.agreements.models import Agreement
from app.agreements.termination_models import Termination
from app.agreements.termination_states import Ground, TerminationState
from app.core import clock
from app.core.errors import Refused
from app.core.format import day
from app.extensions import db
from app.people.models import User


def check_last_day(agreement: Agreement, last_day: date, field: str = "last_day") -> None:
    """The bond ends earlier than it would, not in the past and not before it began."""
    programme = agreement.programme
    if last_day < clock.today():
        raise Refused(_("This day has passed: an end is for what is still to come."), field)
    if last_day >= programme.tail_until:
        until = day(programme.tail_until)
        raise Refused(_("Effects accrue until %(day)s anyway: choose an earlier day.", day=until), field)
    if last_day <= programme.starts_on:
        raise Refused(_("The bond begins on %(day)s: choose a later day.", day=day(programme.starts_on)), field)


def end_on(
    agreement: Agreement, ground: Ground, reason: str, last_day: date, actor: User, *, amendment: Any = None
) -> Termination:
    """The end that all parties agreed on. A declaration that still waited for a second person is overtaken by it."""
    for earlier in agreement.terminations:
        if earlier.state == TerminationState.DECLARED:
            earlier.state = TerminationState.WITHDRAWN
    db.session.flush()
    programme = agreement.programme
    termination = Termination(
        agreement=agreement,
        programme_id=programme.id,
        amendment_id=amendment.id,
        ground=ground,
        reason=reason,
        last_day=last_day,
        ended_on=programme.ends_on,
        accrued_until=programme.tail_until,
        declared_by=actor,
    )
    db.session.add(termination)
    take_effect(termination)
    return termination


def take_effect(termination: Termination) -> None:
    """Shorten the bond: intake, effects, milestones and the last settlement all go by these days.

    An amendment that still waits lapses: it was written for a bond that would go on. What stands above agreements
    follows in the same act (`after_end.py` of a package).
    """
    termination.state, termination.given_at = TerminationState.GIVEN, clock.now()
    programme = termination.agreement.programme
    programme.ends_on = min(programme.ends_on, termination.last_day)
    programme.tail_until = termination.last_day
    _forget_later(programme.id, termination.last_day)
    for amendment in termination.agreement.amendments:
        if amendment.state == AmendmentState.PROPOSED:
            FLOW.advance(amendment, Action.AMENDMENT_LAPSE)
            record(Action.AMENDMENT_LAPSE, amendment, None, number=amendment.number)
            notices.tell_lapsed(amendment, termination.last_day)
    db.session.flush()
    for follow in current_app.extensions["after end"]:
        follow(programme)


def _forget_later(programme_id: uuid.UUID, last_day: date) -> None:
    """Nobody is reminded of an effect that would only be reached after the end; its table stands above agreements."""
    due = db.metadata.tables["milestone"]
    db.session.execute(delete(due).where(due.c.programme_id == programme_id, due.c.due_on > last_day))

"""The caseload of a provider, cut in the database."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.paging import Paged, paged
from app.extensions import db
from app.intake.models import Participant
from app.intake.pseudonym import as_typed
from app.outcomes.caseline import LAPSES_WITHIN, SOON, Standing
from app.outcomes.models import Claim, Milestone
from app.outcomes.states import ClaimState
from app.programmes.models import Programme

PER_PAGE = 20


def caseload_of(programme: Programme, user: Any, standing: Standing | None, q: str) -> Paged:
    """The participants of the organisations of `user`, a page of them; who has what is most pressing stands first."""
    found = select(Participant).where(
        Participant.programme_id == programme.id, Participant.provider_id.in_(user.organisation_ids)
    )
    if q:
        found = found.where(Participant.code == as_typed(q))
    if standing is None:
        found = found.order_by(Participant.started_on.desc(), Participant.code)
    else:
        pressing = _milestones(programme, user, standing)
        first = pressing.with_only_columns(Milestone.participant_id, func.min(Milestone.due_on).label("due"))
        urgent = first.group_by(Milestone.participant_id).subquery()
        found = found.join(urgent, urgent.c.participant_id == Participant.id).order_by(urgent.c.due, Participant.code)
    return paged(found.options(joinedload(Participant.payer)), size=PER_PAGE, entities=True)


def counts_of(programme: Programme, user: Any) -> dict[Standing, int]:
    """How many effects stand where, over the whole caseload."""
    return {
        standing: db.session.scalar(_milestones(programme, user, standing).with_only_columns(func.count())) or 0
        for standing in (Standing.LAPSES, Standing.NOW, Standing.SOON, Standing.LAPSED)
    }


def _milestones(programme: Programme, user: Any, standing: Standing) -> Select[Any]:
    today = clock.today()
    soon, late = today + SOON, today + LAPSES_WITHIN
    due, lapses = Milestone.due_on, Milestone.lapses_on
    where = {
        Standing.LAPSED: (lapses < today,),
        Standing.LAPSES: (due <= today, lapses >= today, lapses <= late),
        Standing.NOW: (due <= today, lapses > late),
        Standing.SOON: (due > today, due <= soon, lapses >= today),
        Standing.LATER: (due > soon,),
    }[standing]
    own = Milestone.provider_id.in_(user.organisation_ids)
    return select(Milestone).where(own, Milestone.programme_id == programme.id, *where)


def registered_between(programme: Programme, user: Any, first: date, last: date) -> Sequence[Claim]:
    """Claims of the organisations of `user` that wait to be submitted, achieved in a period (both days included)."""
    found = select(Claim).join(Participant, Claim.participant_id == Participant.id)
    found = found.where(
        Claim.programme_id == programme.id,
        Claim.state == ClaimState.REGISTERED,
        Claim.achieved_on.between(first, last),
        Participant.provider_id.in_(user.organisation_ids),
    )
    return db.session.scalars(found.order_by(Claim.achieved_on, Claim.id)).unique().all()

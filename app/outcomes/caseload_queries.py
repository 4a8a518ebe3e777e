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
from app.programmes.models import Part, Programme

PER_PAGE = 20
MOST = 2_000  # who looks further back searches by code


def caseload_of(programme: Programme, user: Any, standing: Standing | None, q: str, most: int) -> Paged:
    """The participants of the organisation of `user`, a page of them: who started last stands first; of those with an
    effect that stands at `standing`, whose effect was reached first, or whose evidence lapses first where that is what
    presses. `most`: how many effects stand there."""
    found = select(Participant).where(
        Participant.programme_id == programme.id, _own(Participant.provider_id, programme, user)
    )
    if q:
        found = found.where(Participant.code == as_typed(q))
    found = found.options(joinedload(Participant.payer))
    if standing is None:
        latest = found.order_by(Participant.started_on.desc(), Participant.code.desc())
        return paged(latest, size=PER_PAGE, entities=True, count=_count(found.with_only_columns(Participant.id)))
    one = _milestones(programme, user, standing).subquery()
    days = [one.c.due_on, one.c.lapses_on]  # the order of an index
    order = reversed(days) if standing in (Standing.LAPSES, Standing.LAPSED) else days
    found = found.join(one, one.c.participant_id == Participant.id).order_by(*order, one.c.id)
    return paged(found, size=PER_PAGE, entities=True, count=most)


def counts_of(programme: Programme, user: Any) -> dict[Standing, int]:
    """How many effects stand where, over the whole caseload; `MOST` stands for that many or more."""
    return {
        standing: _count(_milestones(programme, user, standing).with_only_columns(Milestone.id))
        for standing in (Standing.LAPSES, Standing.NOW, Standing.SOON, Standing.LAPSED)
    }


def _count(found: Select[Any]) -> int:
    """Counting stops at `MOST`: a caseload of hundreds of thousands takes no longer than a large one."""
    return db.session.scalar(select(func.count()).select_from(found.limit(MOST).subquery())) or 0


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
    own = _own(Milestone.provider_id, programme, user)
    return select(Milestone).where(own, Milestone.programme_id == programme.id, *where)


def _own(column: Any, programme: Programme, user: Any) -> Any:
    """Of the organisations for which this person works in this bond; mostly one, so that an index orders them."""
    own = [one.id for one in programme.organisations(Part.PROVIDER) if one.id in user.organisation_ids]
    return column == own[0] if len(own) == 1 else column.in_(own)


def registered_between(programme: Programme, user: Any, first: date, last: date) -> Sequence[Claim]:
    """Claims of the organisations of `user` that wait to be submitted, achieved in a period (both days included)."""
    found = select(Claim).join(Participant, Claim.participant_id == Participant.id)
    found = found.where(
        Claim.programme_id == programme.id,
        Claim.state == ClaimState.REGISTERED,
        Claim.achieved_on.between(first, last),
        _own(Participant.provider_id, programme, user),
    )
    return db.session.scalars(found.order_by(Claim.achieved_on, Claim.id)).unique().all()

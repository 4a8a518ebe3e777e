"""The caseload of a provider, cut in the database."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from app.core import clock
from app.core.paging import Paged, asked_page, paged
from app.extensions import db
from app.intake.models import Participant
from app.intake.tally_models import StartTally
from app.outcomes.caseline import LAPSES_WITHIN, SOON, Standing
from app.outcomes.models import Claim, Milestone, MilestoneTally
from app.outcomes.states import ClaimState
from app.programmes.models import Part, Programme
from app.programmes.pseudonym import as_typed

PER_PAGE = 20
MOST = 2_000  # who looks further back searches by code
LISTED = (Standing.LAPSES, Standing.NOW, Standing.SOON, Standing.LAPSED)


def caseload_of(programme: Programme, user: Any, standing: Standing | None, q: str, most: int) -> Paged:
    """The participants of the organisation of `user`, a page of them, by what presses; of those with an effect that
    stands at `standing`, whose effect was reached first, or whose evidence lapses first where that is what presses.
    `most`: how many effects stand there."""
    people = select(Participant).options(joinedload(Participant.payer))
    found = people.where(Participant.programme_id == programme.id, _own(Participant.provider_id, programme, user))
    if q:
        return paged(found.where(Participant.code == as_typed(q)), size=PER_PAGE, entities=True)
    if standing is None:
        return _by_what_presses(programme, user, people, found)
    own = _milestones(Milestone, programme, user)
    one = select(Milestone).where(*own, *_stands_at(Milestone, standing)).subquery()
    days = [one.c.due_on, one.c.lapses_on]  # the order of an index
    order = reversed(days) if standing in (Standing.LAPSES, Standing.LAPSED) else days
    found = found.join(one, one.c.participant_id == Participant.id).order_by(*order, one.c.id)
    return paged(found, size=PER_PAGE, entities=True, count=min(most, MOST))


def _by_what_presses(programme: Programme, user: Any, people: Select[Any], found: Select[Any]) -> Paged:
    """Everybody once: first whose evidence lapses soonest, so that what lapses soon stands before all else that can be
    claimed now; then who has an effect that is due soon; then all others, who started last first.

    Each part is read in the order of an index and no further than the page reaches, at most `MOST`.
    """
    count = min(_how_many(programme, user), MOST)
    number, pages = asked_page(count, PER_PAGE)
    first, last = (number - 1) * PER_PAGE, number * PER_PAGE
    pressing: list[uuid.UUID] = []
    for part in (_claimable_first(programme, user), _due_soon_first(programme, user)):
        pressing += db.session.scalars(part.limit(last - len(pressing)))  # none, when the page is full: as many asked
    here = pressing[first:last]
    # By their ids alone: of more conditions SQLite takes the index of the whole caseload.
    by_id = {one.id: one for one in db.session.scalars(people.where(Participant.id.in_(here)))}
    others = found.where(~_presses(Participant.id))
    others = others.order_by(Participant.started_on.desc(), Participant.code.desc())
    others = others.limit(PER_PAGE - len(here)).offset(max(0, first - len(pressing)))
    rows = [*(by_id[id] for id in here), *db.session.scalars(others)]
    return Paged(rows, number, pages, count)


def _claimable_first(programme: Programme, user: Any) -> Select[Any]:
    """Who has an effect that can be claimed now, by the day on which the first of them lapses."""
    one, other = Milestone, aliased(Milestone)
    days = MilestoneTally.lapses_on
    # Without its end the index would be read past all that is still to come.
    last = select(func.max(days)).where(*_milestones(MilestoneTally, programme, user), MilestoneTally.number != 0)
    found = select(one.participant_id).where(*_milestones(one, programme, user), *_claimable(one))
    found = found.where(one.lapses_on <= last.where(*_claimable(MilestoneTally)).scalar_subquery())
    sooner = tuple_(other.lapses_on, other.due_on, other.id) < tuple_(one.lapses_on, one.due_on, one.id)
    earlier = select(other.id).where(other.participant_id == one.participant_id, *_claimable(other), sooner)
    return found.where(~earlier.exists()).order_by(one.lapses_on, one.due_on, one.id)


def _due_soon_first(programme: Programme, user: Any) -> Select[Any]:
    """Who has nothing of the sort, and an effect that is due soon: by the day of the first of them."""
    one, other = Milestone, aliased(Milestone)
    found = select(one.participant_id).where(*_milestones(one, programme, user), *_stands_at(one, Standing.SOON))
    sooner = tuple_(other.due_on, other.lapses_on, other.id) < tuple_(one.due_on, one.lapses_on, one.id)
    before = or_(and_(*_claimable(other)), and_(*_stands_at(other, Standing.SOON), sooner))
    earlier = select(other.id).where(other.participant_id == one.participant_id, before)
    return found.where(~earlier.exists()).order_by(one.due_on, one.lapses_on, one.id)


def _presses(person: Any) -> Any:
    one = aliased(Milestone)
    presses = or_(and_(*_claimable(one)), and_(*_stands_at(one, Standing.SOON)))
    return select(one.id).where(one.participant_id == person, presses).exists()


def _claimable(one: Any) -> tuple[Any, ...]:
    """A clock made it and its evidence is not too late: on the home page too (`workspace.delivery_waiting`)."""
    today = clock.today()
    return one.due_on <= today, one.lapses_on >= today


def counts_of(programme: Programme, user: Any) -> dict[Standing, int]:
    """How many effects stand where, over the whole caseload."""
    number = MilestoneTally.number
    sums = [func.sum(case((and_(*_stands_at(MilestoneTally, one)), number), else_=0)) for one in LISTED]
    found = db.session.execute(select(*sums).where(*_milestones(MilestoneTally, programme, user))).one()
    return {standing: int(count or 0) for standing, count in zip(LISTED, found, strict=True)}


def _how_many(programme: Programme, user: Any) -> int:
    """As the database keeps it: a caseload of hundreds of thousands takes no longer than a small one."""
    own = StartTally.programme_id == programme.id, _own(StartTally.provider_id, programme, user)
    return db.session.scalar(select(func.sum(StartTally.number)).where(*own)) or 0


def _stands_at(one: Any, standing: Standing) -> tuple[Any, ...]:
    """Of `Milestone` or its tally. What lapses soon can be claimed now as well: the list and the home of a provider
    count the same."""
    today = clock.today()
    soon, late = today + SOON, today + LAPSES_WITHIN
    due, lapses = one.due_on, one.lapses_on
    return {
        Standing.LAPSED: (lapses < today,),
        Standing.LAPSES: (*_claimable(one), lapses <= late),
        Standing.NOW: _claimable(one),
        Standing.SOON: (due > today, due <= soon, lapses >= today),
        Standing.LATER: (due > soon,),
    }[standing]


def _milestones(one: Any, programme: Programme, user: Any) -> tuple[Any, ...]:
    return _own(one.provider_id, programme, user), one.programme_id == programme.id


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

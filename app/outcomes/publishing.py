"""Publishing the figures of a bond: once a month, and once more when it is closed.

What fewer than five people changed waits for the next month, so that the difference of two publications is never about
one person alone. Which sums may be shown is decided by who reads (`disclosure.py`). Source: the domain, section 9.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import exists, func, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.intake.publication_models import CLOSED, Publication
from app.intake.states import PublishedKind
from app.intake.suppression import is_small
from app.intake.tally_models import StartTally
from app.outcomes.disclosure import STAGE_OF, kept_rows
from app.programmes.models import Part, Party, Programme
from app.programmes.states import Phase

Cells = list[list[Any]]


def month_now() -> str:
    return clock.today().strftime("%Y-%m")


def to_publish() -> list[uuid.UUID]:
    """Bonds of which this month, or their end, was not published yet."""
    done = exists().where(Publication.programme_id == Programme.id)
    open_ = (Programme.phase == Phase.DELIVERY) & ~done.where(Publication.month == month_now())
    closed = (Programme.phase == Phase.CLOSED) & ~done.where(Publication.month == CLOSED)
    return list(db.session.scalars(select(Programme.id).where(open_ | closed)))


def publish(programme: Programme) -> list[Publication]:
    """Counted first, so that nobody waits to write meanwhile."""
    shared = several_provide(programme)
    return publish_figures(programme, people_now(programme, shared), effects_now(programme, shared))


@operation
def publish_figures(programme: Programme, people: Cells, effects: Cells) -> list[Publication]:
    """Lay down who takes part and what was claimed, proven and paid, as everybody reads it until the next month."""
    month = CLOSED if programme.phase == Phase.CLOSED else month_now()
    last = {row.kind: row for row in db.session.scalars(_newest(programme))}
    if any(row.month == month for row in last.values()):  # another worker was first
        return []
    return [
        _publish(programme, PublishedKind.PEOPLE, month, people, last),
        _publish(programme, PublishedKind.EFFECTS, month, effects, last),
    ]


def _newest(programme: Programme) -> Any:
    """Oldest first, so that the last of a kind is the one that stands."""
    return select(Publication).where(Publication.programme_id == programme.id).order_by(Publication.created_at)


def _publish(programme: Programme, kind: PublishedKind, month: str, now: Cells, last: dict[Any, Publication]) -> Any:
    before, as_of, cells = last.get(kind), clock.now(), json.dumps(now, separators=(",", ":"))
    if before is not None and month != CLOSED and is_small(changed(json.loads(before.cells), now)):
        as_of, cells = before.as_of, before.cells
    made = Publication(programme=programme, kind=kind, month=month, as_of=as_of, cells=cells)
    db.session.add(made)
    record(Action.FIGURES_PUBLISH, made, None, kind=str(kind), month=month, as_of=clock.day_of(as_of).isoformat())
    return made


def changed(before: Cells, now: Cells) -> int:
    """How many came or stand in another cell than before, or are gone, whichever is more."""
    numbers: dict[tuple[Any, ...], int] = {}
    for sign, rows in ((-1, before), (1, now)):
        for row in rows:
            key, number = _counted(row)
            numbers[key] = numbers.get(key, 0) + sign * number
    more, fewer = (sum(sign * n for n in numbers.values() if sign * n > 0) for sign in (1, -1))
    return max(more, fewer)


def _counted(row: list[Any]) -> tuple[tuple[Any, ...], int]:
    """What one row counts: of people [municipality, provider, number]; of effects as `effects_now` has them."""
    if len(row) == 3:
        return (row[0], row[1]), row[2]
    return tuple(_as_kept(part) for part in (*row[:7], row[9])), row[7]


def _as_kept(part: str | None) -> str | None:
    """Each database writes an id its own way, and for "no batch" there is an id as well."""
    plain = (part or "").replace("-", "")
    return plain if plain.strip("0") else None


def several_provide(programme: Programme) -> bool:
    found = select(func.count(Party.organisation_id.distinct())).where(
        Party.programme_id == programme.id, Party.part == Part.PROVIDER
    )
    took_in = select(func.count(StartTally.provider_id.distinct()))
    took_in = took_in.where(StartTally.programme_id == programme.id, StartTally.number != 0)
    return max(db.session.scalar(found) or 0, db.session.scalar(took_in) or 0) > 1


def people_now(programme: Programme, by_provider: bool) -> Cells:
    """[municipality, provider where several are, how many started]."""
    keys = [StartTally.payer_id, *([StartTally.provider_id] if by_provider else [])]
    found = select(*keys, func.sum(StartTally.number)).where(StartTally.programme_id == programme.id)
    found = found.where(StartTally.number != 0).group_by(*keys)
    rows = ((*row[:-1], None, row[-1]) if len(row) == 2 else tuple(row) for row in db.session.execute(found))
    return _sorted(rows)


def effects_now(programme: Programme, by_provider: bool) -> Cells:
    """[effect, municipality, stage, batch, settlement, state of its statement, settlement that took it first, number,
    minor units, provider where several are]; rows without a settlement hold all, those with one what it took or pays
    later. As the database keeps it: no claim is read."""
    return _sorted(_staged(kept_rows(programme.id, by_provider)))


def _staged(rows: Iterable[Sequence[Any]]) -> Iterable[tuple[Any, ...]]:
    """By stage instead of state, for that is all that is told; and of a statement only whether it was paid."""
    sums: dict[tuple[Any, ...], tuple[int, int]] = {}
    for effect, payer, state, batch, settlement, owed, first, number, paid, provider in rows:
        key = (effect, payer, STAGE_OF.get(state, state), batch, settlement, _is_paid(owed), first, provider)
        before = sums.get(key, (0, 0))
        sums[key] = (before[0] + number, before[1] + int(paid))
    return ((*key[:7], *counted, key[7]) for key, counted in sums.items())


def _is_paid(state: Any) -> str | None:
    return "paid" if state == "paid" else None


def _sorted(rows: Iterable[Sequence[Any]]) -> Cells:
    plain = [[str(part) if isinstance(part, uuid.UUID | str) else part for part in row] for row in rows]
    return sorted(plain, key=lambda row: [str(part) for part in row])

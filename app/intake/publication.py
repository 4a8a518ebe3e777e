"""What was last published of a bond. Everybody who may see no rows reads figures of that day, so that they move once a
month and not with every person; who may see rows reads what is so now."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.intake.publication_models import CLOSED, Publication
from app.intake.states import PublishedKind

Starts = dict[tuple[uuid.UUID, uuid.UUID | None], int]  # (municipality, provider that took them in): how many


@dataclass(frozen=True, slots=True)
class Published:
    """`starts`: who took part at `people_on`; `effects`: the cells of claims and measurements (JSON) at `effects_on`.

    Empty, and without a day, before anything was published; `is_final` once the bond was closed and that was published.
    """

    starts: Starts = field(default_factory=dict)
    people_on: datetime | None = None
    effects: str = "[]"
    effects_on: datetime | None = None
    is_final: bool = False


NOTHING = Published()


class _One(NamedTuple):
    """Of one kind what was published last."""

    cells: str
    as_of: datetime
    month: str


def published(programme_id: uuid.UUID) -> Published:
    """Of one bond; read once per transaction."""
    kept = db.session().info.setdefault("hats", {})
    key = ("published", programme_id)
    if key not in kept:
        kept[key] = published_of([programme_id])[programme_id]
    return kept[key]  # type: ignore[no-any-return]


def published_of(programme_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Published]:
    """The same of several bonds, in one statement."""
    newest: dict[tuple[uuid.UUID, PublishedKind], _One] = {}
    for programme_id, kind, *found in db.session.execute(_newest(programme_ids)):
        newest[programme_id, kind] = _One(*found)
    return {id: _published(*(newest.get((id, kind)) for kind in PublishedKind)) for id in programme_ids}


def _newest(programme_ids: Sequence[uuid.UUID]) -> Any:
    other = aliased(Publication)
    last = select(func.max(other.created_at)).where(
        other.programme_id == Publication.programme_id, other.kind == Publication.kind
    )
    found = select(Publication.programme_id, Publication.kind, Publication.cells, Publication.as_of, Publication.month)
    found = found.where(Publication.programme_id.in_(programme_ids))
    return found.where(Publication.created_at == last.scalar_subquery())


def _published(people: _One | None, effects: _One | None) -> Published:
    starts, people_on = (_starts(people.cells), people.as_of) if people is not None else ({}, None)
    is_final = all(one is not None and one.month == CLOSED for one in (people, effects))
    cells, effects_on = (effects.cells, effects.as_of) if effects is not None else ("[]", None)
    return Published(starts, people_on, cells, effects_on, is_final)


@lru_cache(maxsize=256)
def _starts(cells: str) -> Starts:
    return {(uuid.UUID(payer), as_id(provider)): int(number) for payer, provider, number in json.loads(cells)}


def as_id(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None

"""How many came in, as each reader may know it (domain, section 9)."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.access.roles import Role
from app.extensions import db
from app.intake.models import is_shared
from app.intake.suppression import Figure, Shown, shown
from app.intake.tally_models import StartTally
from app.people.models import Organisation
from app.programmes.models import Programme, roles_in


def sees_rows(programme_id: uuid.UUID, user: Any) -> bool:
    """The assessor, and a provider that took everybody in, see the rows of all participants: they know each number."""
    roles = roles_in(programme_id, user)
    return Role.ASSESSOR in roles or (Role.PROVIDER in roles and not is_shared(programme_id, user))


def sees_some_rows(programme_id: uuid.UUID, user: Any) -> bool:
    """A provider of a consortium sees the rows of whom it took in; of the others what all parties see."""
    return Role.PROVIDER in roles_in(programme_id, user) and not sees_rows(programme_id, user)


def intake(programme: Programme, user: Any) -> list[tuple[Organisation | None, int, Figure]]:
    """Per municipality: its places, and how many started, as `user` may see it; at the end the whole."""
    payers = {share.organisation_id: share for share in programme.shares}
    started = started_by(programme, payers)
    knows = set(payers) if sees_rows(programme.id, user) else user.organisation_ids
    rows: list[tuple[Organisation | None, int, Figure]] = [
        (share.organisation, share.cohort_size, intake_figure(started, payer, known=payer in knows))
        for payer, share in payers.items()
    ]
    whole = intake_figure(started, known=set(payers) <= set(knows))
    return [*rows, (None, programme.cohort_size, whole)]


def started_by(programme: Programme, payers: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Participants by the municipality that they lived in at intake."""
    kept = select(StartTally.payer_id, StartTally.number).where(StartTally.programme_id == programme.id)
    found: dict[uuid.UUID, int] = dict(iter(db.session.execute(kept)))  # type: ignore[arg-type]
    return {payer: found.get(payer, 0) for payer in payers}


def disclosed_intake(started: dict[uuid.UUID, int]) -> Shown:
    """The municipalities whose number of participants may be shown to everybody; None for the number of all."""
    offered: list[tuple[Any, list[uuid.UUID]]] = [(None, list(started))]
    offered += [(payer, [payer]) for payer in sorted(started, key=lambda payer: (-started[payer], str(payer)))]
    return shown(started, {payer: payer for payer in started}, offered)


def intake_figure(started: dict[uuid.UUID, int], payer: uuid.UUID | None = None, *, known: bool = False) -> Figure:
    """How many started, of one municipality or of all, to everybody or to a reader to whom it is `known`."""
    count = sum(started.values()) if payer is None else started[payer]
    of = f"intake;payer={str(payer)[:8]}" if payer else "intake"
    return disclosed_intake(started).figure(payer, count, known=known, of=of)

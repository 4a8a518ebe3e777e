"""How many came in, as each reader may know it (domain, section 9)."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import func, select

from app.access.roles import Role
from app.extensions import db
from app.intake.models import is_shared
from app.intake.publication import Published, Starts, published
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


def published_to(programme_id: uuid.UUID, user: Any) -> Published | None:
    """What a page says of the day of its figures; None to a reader who reads all of them as they are now."""
    return None if sees_rows(programme_id, user) else published(programme_id)


def intake(programme: Programme, user: Any) -> list[tuple[Organisation | None, int, Figure]]:
    """Per municipality: its places, and how many started, as `user` may see it; at the end the whole.

    Now, to whom it is known; to everybody else as it was published last.
    """
    payers = {share.organisation_id: share for share in programme.shares}
    knows = set(payers) if sees_rows(programme.id, user) else user.organisation_ids & set(payers)
    now = started_by(programme, payers) if knows else {}
    starts = published(programme.id).starts

    def figure(payer: uuid.UUID | None, of: Collection[uuid.UUID]) -> Figure:
        if set(of) <= knows:
            return Figure(sum(now[one] for one in of), of=_words(payer))
        return intake_figure(starts, payer)

    rows: list[tuple[Organisation | None, int, Figure]] = [
        (share.organisation, share.cohort_size, figure(payer, [payer])) for payer, share in payers.items()
    ]
    return [*rows, (None, programme.cohort_size, figure(None, payers))]


def started_by(programme: Programme, payers: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Participants by the municipality that they lived in at intake, now."""
    kept = select(StartTally.payer_id, func.sum(StartTally.number)).where(StartTally.programme_id == programme.id)
    kept = kept.group_by(StartTally.payer_id)
    found: dict[uuid.UUID, int] = dict(iter(db.session.execute(kept)))  # type: ignore[arg-type]
    return {payer: found.get(payer, 0) for payer in payers}


def disclosed_intake(starts: Starts) -> Shown:
    """The municipalities whose number of participants may be shown to everybody; None for the number of all. A
    municipality knows its own residents, a provider whom it took in."""
    payers = {payer for payer, _ in starts}
    sums = {payer: sum(number for key, number in starts.items() if key[0] == payer) for payer in payers}
    offered: list[tuple[Any, list[Any]]] = [(None, list(starts))]
    for payer in sorted(payers, key=lambda payer: (-sums[payer], str(payer))):
        offered.append((payer, [key for key in starts if key[0] == payer]))
    return shown(starts, {key: [one for one in key if one is not None] for key in starts}, offered)


def intake_figure(starts: Starts, payer: uuid.UUID | None = None) -> Figure:
    """How many started, of one municipality or of all, to everybody."""
    count = sum(number for key, number in starts.items() if payer in (None, key[0]))
    return disclosed_intake(starts).figure(payer, count, of=_words(payer))


def _words(payer: uuid.UUID | None) -> str:
    return f"intake;payer={str(payer)[:8]}" if payer else "intake"

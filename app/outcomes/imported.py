"""Which row of an imported file got which code. Who imported needs it for the key, which lies outside the portal, so it
can be opened again: the id of each participant follows from the import and the number of its row."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.extensions import db
from app.intake.models import Participant
from app.pricing.files.upload import MOST_ROWS
from app.programmes.models import Programme


def id_of_row(once: uuid.UUID, number: int) -> uuid.UUID:
    """Of what row `number` becomes, the first of the file is 1; `once` is that of the form that was sent."""
    return uuid.uuid5(once, str(number))


def rows_of_import(programme: Programme, once: uuid.UUID, user: Any) -> Sequence[tuple[int, Participant]]:
    """(number of the row, who it became), in the order of the file, of those that `user` may read."""
    numbers = {id_of_row(once, number): number for number in range(1, MOST_ROWS + 1)}
    found = Participant.visible_to(user).where(Participant.programme_id == programme.id, Participant.id.in_(numbers))
    return sorted(((numbers[one.id], one) for one in db.session.scalars(found).unique()), key=lambda row: row[0])

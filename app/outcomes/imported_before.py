"""Was this file imported before, or are these people registered already?

A file that is chosen anew would register everybody twice, each under another code; a place is then taken for nobody.
Two people may well start on one day with the same facts, so whoever holds the key decides: refused by default, and
imported when that person says that they are others.
"""

import uuid
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.intake.models import Participant
from app.outcomes.import_models import ImportedFile
from app.outcomes.imported import id_of_row
from app.people.models import Organisation, User
from app.pricing.files.upload import MOST_ROWS
from app.programmes.models import Programme


def import_of_same(programme: Programme, provider: Organisation, sha256: str, once: uuid.UUID) -> ImportedFile | None:
    """The last import of this very file by this provider into this bond, but for the one that `once` is."""
    found = select(ImportedFile).filter_by(programme_id=programme.id, provider_id=provider.id, sha256=sha256)
    found = found.where(ImportedFile.id != once).order_by(ImportedFile.created_at.desc())
    return db.session.scalars(found.limit(1)).unique().first()


def keep_import(programme: Programme, provider: Organisation, sha256: str, once: uuid.UUID, actor: User) -> None:
    if db.session.get(ImportedFile, once) is None:
        made = {"programme_id": programme.id, "provider_id": provider.id, "sha256": sha256}
        db.session.add(ImportedFile(id=once, imported_by_id=actor.id, **made))


def registered_before(
    programme: Programme, provider: Organisation, once: uuid.UUID, days: Collection[date]
) -> Callable[[Participant], bool]:
    """Whether somebody of this import equals, in everything that a file tells, one whom the provider registered before.
    Asked within the act that registers; a referral starts nobody twice, so that one is passed over.
    `days`: those on which the people of the file started."""
    known: set[Any] = set()
    own = {id_of_row(once, number) for number in range(1, MOST_ROWS + 1)}

    def learn() -> None:
        columns = (Participant.id, *(getattr(Participant, name) for name in FACTS))
        found = select(*columns).where(
            Participant.programme_id == programme.id,
            Participant.provider_id == provider.id,
            Participant.started_on.in_(days),
        )
        known.update(tuple(row[1:]) for row in db.session.execute(found) if row[0] not in own)
        known.add(None)

    def is_known(one: Participant) -> bool:
        if not known:
            learn()
        return one.referral_id is None and _facts_of(one) in known

    return is_known


FACTS = ("payer_id", "age_band", "started_on", "informed_on", "lot_id")


def _facts_of(one: Participant) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in FACTS)

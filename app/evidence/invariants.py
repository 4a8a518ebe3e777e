"""What must always hold of documents; each function yields a line per fault."""

from collections.abc import Iterator

from sqlalchemy import select

from app.evidence import storage
from app.evidence.models import EvidenceFile
from app.evidence.states import FileState
from app.extensions import db


def files_have_keys() -> Iterator[str]:
    """A document is kept with its key, or gone with none."""
    odd = select(EvidenceFile.id).where((EvidenceFile.state == FileState.KEPT) != EvidenceFile.key.is_not(None))
    for id in db.session.scalars(odd):
        yield f"evidence file {id}: its state and its key do not agree"


def files_lie_in_the_store() -> Iterator[str]:
    """What is kept can be fetched; a store that was lost or not restored shows here."""
    kept = select(EvidenceFile.id, EvidenceFile.stored_as).where(EvidenceFile.state == FileState.KEPT)
    for id, name in db.session.execute(kept):
        if not storage.holds(name):
            yield f"evidence file {id}: it does not lie in the store"

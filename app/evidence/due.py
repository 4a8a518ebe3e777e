"""What the worker does: destroy documents whose audit window ended, and clear the store of what nobody refers to."""

from sqlalchemy import Select, select

from app.core import clock
from app.core.errors import NotNow
from app.core.operation import forget_deleted, housekeeping
from app.evidence import storage
from app.evidence.models import EvidenceFile
from app.evidence.operations import delete_file, lengthen
from app.evidence.states import FileState
from app.extensions import db

AT_ONCE = 500


def run_due() -> int:
    """How many documents went. Two workers at once destroy each of them once."""
    due = select(EvidenceFile).where(EvidenceFile.state == FileState.KEPT, EvidenceFile.keep_until < clock.today())
    gone = 0
    _lengthen(due)
    for file in db.session.scalars(due.limit(AT_ONCE)).unique().all():
        try:
            delete_file(file)
        except NotNow:
            continue  # the other worker was first
        gone += 1
    clear_store()
    if gone:
        forget_deleted()
    return gone


@housekeeping
def _lengthen(due: Select[EvidenceFile]) -> None:
    """First, so that documents of a bond that settled late hold up no others."""
    for file in db.session.scalars(due.limit(AT_ONCE)).unique().all():
        lengthen(file)


def clear_store() -> None:
    """What lies in the store and has no key any more, or never got a row because its act failed."""
    names = list(storage.old_names())
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        kept = select(EvidenceFile.stored_as).where(
            EvidenceFile.stored_as.in_(some), EvidenceFile.state == FileState.KEPT
        )
        for name in set(some) - set(db.session.scalars(kept)):
            storage.discard(name)

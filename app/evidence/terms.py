"""What the agreement says about documents: whether the portal keeps them, and for how long."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Uuid, column, func, select, table

from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.models import Moment
from app.extensions import db
from app.programmes.models import Programme

# Settlement stands above this package and is not imported; its table is read by name.
_settlement = table("settlement", column("programme_id", Uuid), column("created_at", Moment), column("state"))


@dataclass(frozen=True, slots=True)
class FileTerms:
    """Documents are kept for `kept_days` days: the audit window. It begins when effects accrue no more, or later, with
    the last settlement or the day on which a document came in; till then a paid effect could not be audited."""

    kept_days: int


def file_terms(agreement: Agreement | None) -> FileTerms | None:
    """None where the agreement does not say so: then the portal keeps nothing but the fingerprint."""
    said = agreement.terms.get("evidence") if agreement is not None else None
    return FileTerms(said["kept_days"]) if said and said.get("files") else None


def kept_until(programme_id: uuid.UUID, handed_in: date) -> date | None:
    """The last day of the audit window of a document that came in then, as far as it is known today; None where the
    agreement in force keeps none."""
    terms = file_terms(db.session.scalar(agreement_in_force(programme_id)))
    if terms is None:
        return None
    return window_begins(programme_id, handed_in) + timedelta(days=terms.kept_days)


def window_begins(programme_id: uuid.UUID, handed_in: date) -> date:
    """The latest of the day on which it came in, that until which effects accrue, and that of the last settlement."""
    tail = db.session.scalar(select(Programme.tail_until).where(Programme.id == programme_id))
    last = select(func.max(_settlement.c.created_at)).where(
        _settlement.c.programme_id == programme_id, _settlement.c.state != "discarded"
    )
    settled = db.session.scalar(last)
    days = [handed_in, tail or handed_in]
    return max([*days, clock.day_of(settled)] if settled is not None else days)

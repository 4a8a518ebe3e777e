"""What becomes of an effect that is proven after the last settlement: paid by a closing one, never after the close."""

from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.format import day
from app.extensions import db
from app.pricing.models import Effect
from app.programmes.models import Programme


def last_claims_on(programme: Programme) -> date:
    """An effect of the last day may be proven for as long as its evidence may be dated: the longest of the table, for
    that of one effect would tell of one person."""
    agreed = agreement_in_force(programme.id).with_only_columns(Agreement.table_id)
    days = db.session.scalar(select(func.max(Effect.evidence_days)).where(Effect.table_id.in_(agreed)))
    return programme.tail_until + timedelta(days=days or 0)


def told_of_late(programme: Programme) -> list[str]:
    """In words, for whoever makes, checks, approves or pays a closing settlement (domain 3.9: effects accrue in the
    tail, then the final settlement). What was reached by the last day counts whenever it was proven; the bond is not
    closed while a claim can come or a proven effect is not settled (`treasury.closing_checks`)."""
    until, last = day(programme.tail_until), last_claims_on(programme)
    told = [
        _(
            "An effect that was reached by %(until)s and is signed off only now is paid too, by the same table and the "
            "same maxima.",
            until=until,
        )
    ]
    if clock.today() <= last:
        told.append(
            _(
                "Claims may still come: evidence may be dated until %(last)s. What is signed off after this "
                "settlement is paid by another closing settlement.",
                last=day(last),
            )
        )
    else:
        told.append(
            _("What is signed off after this settlement, such as by an appeal, is paid by another closing settlement.")
        )
    return [*told, _("The bond is closed only when nothing can be proven or claimed any more; after that nothing is.")]

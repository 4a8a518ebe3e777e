"""A settlement does not wait until the term of appeal is over: whoever makes, checks or approves one is told what of it
can still be appealed, until when, and what becomes of a correction (domain, section 7: claw-back to the next one)."""

import uuid
from collections import Counter
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app.agreements.verification_models import appeal_days
from app.core import clock
from app.core.format import day, number
from app.extensions import db
from app.intake.suppression import SMALLEST
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.states import ClaimState
from app.programmes.models import Programme
from app.settlement.models import Settlement, SettlementLine
from app.settlement.queries import reads_exactly
from app.settlement.states import LineKind
from app.verification.appeal_models import Appeal
from app.verification.appeal_states import AppealState


def told_of_appeals(programme: Programme, user: Any, settlement: Settlement | None = None) -> list[str]:
    """In words, of this settlement, or of what waits for one; nothing where no term runs. Who reads the amounts exactly
    reads how many; the others the term of the newest sign-off of the bond alone, which tells of nobody."""
    terms = _running(programme)
    if not terms:
        return []
    if reads_exactly(programme.id, user):
        found = _numbers(programme, settlement)
        open_terms = [terms[batch] for batch in found if batch in terms]
        if not open_terms:
            return []
        told = _how_many(sum(found[batch] for batch in found if batch in terms), sum(found.values()), max(open_terms))
    else:
        told = _(
            "What was signed off lately can still be appealed: of the newest sign-off of this bond until %(until)s.",
            until=day(max(terms.values())),
        )
    return [told, _after(settlement)]


def _running(programme: Programme) -> dict[uuid.UUID, date]:
    """The sign-offs of the bond against which an appeal can still come, each with the last day for it."""
    days, place = appeal_days(programme.id), programme.jurisdiction
    found = db.session.execute(select(Batch.id, Batch.created_at).where(Batch.programme_id == programme.id))
    last = {id: clock.term_end(clock.day_of(at), days, place) for id, at in found}
    return {id: until for id, until in last.items() if until >= clock.today()}


def _numbers(programme: Programme, settlement: Settlement | None) -> Counter[Any]:
    """How many effects per sign-off, without those of which an appeal was dismissed: none comes about them again."""
    found: Counter[Any] = Counter()
    for proof, about, line in (
        (Claim, Appeal.claim_id, SettlementLine.claim_id),
        (Measurement, Appeal.measurement_id, SettlementLine.measurement_id),
    ):
        query = select(proof.batch_id, func.count()).where(proof.programme_id == programme.id)
        if settlement is None:
            query = query.where(proof.state == ClaimState.SIGNED_OFF)
        else:
            query = query.join(SettlementLine, line == proof.id)
            query = query.where(SettlementLine.settlement_id == settlement.id, SettlementLine.kind == LineKind.FIRST)
        over = select(Appeal.id).where(about == proof.id, Appeal.state == AppealState.DISMISSED, ~Appeal.by_provider)
        for batch, count in db.session.execute(query.where(~over.exists()).group_by(proof.batch_id)):
            found[batch] += count
    return found


def _how_many(still: int, whole: int, until: date) -> str:
    """A part that would tell a number of 1 to 4, there or in what is left, is told in words (domain, section 9)."""
    if still == whole:
        told = _("Every effect of it can still be appealed, the last until %(until)s.", until=day(until))
    elif min(still, whole - still) < SMALLEST:
        told = _("Some effects of it can still be appealed, the last until %(until)s.", until=day(until))
    else:
        told = ngettext(
            "%(number)s effect of it can still be appealed, the last until %(until)s.",
            "%(number)s effects of it can still be appealed, the last until %(until)s.",
            still,
            number=number(still),
            until=day(until),
        )
    return told


def _after(settlement: Settlement | None) -> str:
    if settlement is not None and (settlement.is_final or settlement.is_closing):
        return _("You need not wait for it: a correction goes into a closing settlement after this one.")
    return _("You need not wait for it: a correction goes into the next settlement.")

"""Signs of risk that need more than a column: in SQL over Claim joined with Participant. Signs, no proof."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, exists, extract, false, func, or_, select

from app.agreements.models import agreement_in_force
from app.evidence.models import EvidenceFile
from app.evidence.terms import file_terms
from app.extensions import db
from app.intake.models import BaselineScore, Participant
from app.outcomes.clock_models import ClockRun
from app.outcomes.clocks import chain_of
from app.outcomes.issuers import ISSUED_BY, IssuerClass
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.pricing.models import Effect, Lasts, PriceTable
from app.verification.appeal_models import Appeal, Reopening
from app.verification.appeal_states import AppealState, ReopenReason

DAY = 86_400  # seconds
SOON = 14  # days
OTHERS, IN_ONE_GO = 4, 600  # seconds: that many rows of a file are registered well within them
ISSUERS = [one.value for one in IssuerClass]


def falsified_people(programme_id: uuid.UUID) -> Any:
    """Ids of the participants of whom an effect was reopened because its evidence was falsified, unless the provider
    was right on appeal."""
    found = select(Claim.participant_id).join(Reopening, Reopening.claim_id == Claim.id)
    found = found.where(Reopening.programme_id == programme_id, Reopening.reason == ReopenReason.FALSIFIED)
    return found.where(Claim.id.not_in(_upheld(programme_id)))


def rejected_people(programme_id: uuid.UUID) -> Any:
    """Ids of the participants of whom a claim was rejected, unless the provider was right on appeal."""
    found = select(Claim.participant_id).where(Claim.programme_id == programme_id, Claim.state == ClaimState.REJECTED)
    return found.where(Claim.id.not_in(_upheld(programme_id)))


def _upheld(programme_id: uuid.UUID) -> Any:
    """Few beside all claims of a bond: read once, and not for each."""
    found = select(Appeal.claim_id).where(Appeal.programme_id == programme_id, Appeal.claim_id.is_not(None))
    return found.where(Appeal.by_provider, Appeal.state == AppealState.UPHELD)


def odd_issuer() -> Any:
    """The kind of evidence names another issuer (`issuers.is_odd_issuer`); what was typed before there was a list
    passes."""
    of_kind = [and_(Claim.evidence_type == kind, Claim.evidence_issuer.not_in(by)) for kind, by in ISSUED_BY.items()]
    return and_(Claim.evidence_issuer.in_(ISSUERS), or_(*of_kind))


def too_early(programme_id: uuid.UUID) -> Any:
    """An effect that lasts was achieved before a clock can have made it: the first one that was noted, or else one from
    the start of the participant on. Source: the domain, sections 4 (D4) and 5."""
    found = select(Effect).join(PriceTable).where(PriceTable.programme_id == programme_id, Effect.lasts > 0)
    effects = db.session.scalars(found).unique().all()
    return or_(false(), *(and_(Claim.effect_id == one.id, _before(one)) for one in effects))


def _before(effect: Effect) -> Any:
    first = select(func.min(ClockRun.started_on)).where(
        ClockRun.participant_id == Claim.participant_id, ClockRun.chain == chain_of(effect).code
    )
    start = func.coalesce(first.scalar_subquery(), Participant.started_on)
    if effect.lasts_unit != Lasts.MONTHS:
        days = effect.lasts * (7 if effect.lasts_unit == Lasts.WEEKS else 1)
        return extract("epoch", Claim.achieved_on) - extract("epoch", start) < days * DAY
    passed = _month(Claim.achieved_on) - _month(start)
    achieved, began = extract("day", Claim.achieved_on), extract("day", start)
    # In the month itself: before the same day, or before its last one where it is shorter (`clocks.after`).
    short = and_(achieved < began, achieved < _length(Claim.achieved_on))
    return or_(passed < effect.lasts, and_(passed == effect.lasts, short))


def _month(day: Any) -> Any:
    return extract("year", day) * 12 + extract("month", day)


def _length(day: Any) -> Any:
    """Days in its month; every fourth year is a leap year until 2100."""
    month, leap = extract("month", day), extract("year", day) % 4 == 0
    return case((month.in_([4, 6, 9, 11]), 30), (and_(month == 2, leap), 29), (month == 2, 28), else_=31)


def before_registered() -> Any:
    """Achieved before the day, in UTC, on which the portal first knew of the person: who is entered once it succeeded
    is picked for it. Source: the domain, section 9: the baseline is frozen at intake."""
    return extract("epoch", Claim.achieved_on) + DAY <= extract("epoch", Participant.created_at)


def no_baseline() -> Any:
    """Nobody noted where the person stood at the start; a baseline is of all life domains at once."""
    return ~exists().where(BaselineScore.participant_id == Claim.participant_id)


def no_document(programme_id: uuid.UUID) -> Any:
    """The agreement says that documents are kept, and the portal keeps none of this claim."""
    if file_terms(db.session.scalar(agreement_in_force(programme_id))) is None:
        return false()
    return ~exists().where(EvidenceFile.claim_id == Claim.id, EvidenceFile.key.is_not(None))


def soon(programme_id: uuid.UUID) -> Any:
    """Achieved within days of the start, of an effect that lasts for nothing (`too_early` looks at the others)."""
    found = select(Effect.id).join(PriceTable).where(PriceTable.programme_id == programme_id, Effect.lasts == 0)
    passed = extract("epoch", Claim.achieved_on) - extract("epoch", Participant.started_on)
    return and_(Claim.effect_id.in_(found), passed <= SOON * DAY)


def together(programme_id: uuid.UUID) -> Any:
    """Of those that wait: registered in one go with `OTHERS` or more that have the same days."""
    at, of = extract("epoch", Claim.created_at), (Claim.registered_by_id, Claim.achieved_on, Claim.evidence_on)
    beside = func.count().over(partition_by=of, order_by=at, range_=(-IN_ONE_GO, IN_ONE_GO))
    counted = select(Claim.id, beside.label("number"))
    counted = counted.where(Claim.programme_id == programme_id, Claim.state == ClaimState.SUBMITTED)
    found = counted.correlate(None).subquery()
    return Claim.id.in_(select(found.c.id).where(found.c.number > OTHERS))


def is_together(claim: Claim) -> bool:
    """The same of one claim, whatever became of the others."""
    about, window = claim.created_at, timedelta(seconds=IN_ONE_GO)
    found = select(func.count()).where(
        Claim.programme_id == claim.programme_id,
        Claim.created_at.between(about - window, about + window),
        Claim.registered_by_id == claim.registered_by_id,
        Claim.achieved_on == claim.achieved_on,
        Claim.evidence_on == claim.evidence_on,
    )
    return (db.session.scalar(found) or 0) > OTHERS

"""The intake against its plan: who came per month and municipality, and what is missing.

A referral counts for the municipality that made it, unless the screening found that the person does not fit, does not
want to or cannot be found; want of a place is the provider's. Somebody whom the provider found fills a place too.
Source: the domain, section 3: intake shortfall is the most common real failure.
"""

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select

from app.agreements.intake_clause import IntakeClause, clause_now, months_of
from app.core import clock
from app.extensions import db
from app.intake.models import DeclineReason, ExitReason, Participant, Referral
from app.intake.rules import agreement_of
from app.intake.states import ParticipantState, ReferralState
from app.programmes.models import Programme

PLACES = "places"  # filled: referred, or found by the provider itself
TURNED_AWAY = "turned_away"  # referred, and the provider had no place: neither filled nor missing
STARTED = "started"
LATE = "late"  # of those who started: registered so long after it that a reason is asked
FILLS = (ReferralState.REFERRED, ReferralState.ADMITTED, ReferralState.STARTED)
NO_PLACE = Referral.decline_reason == DeclineReason.NO_PLACE


@dataclass(frozen=True, slots=True)
class Flow:
    """Of some municipalities: how many places were filled and how many people started, by municipality and day."""

    months: list[str]
    clause: IntakeClause | None
    days: Counter[tuple[str, uuid.UUID, date]] = field(default_factory=Counter)

    def planned(self, payers: Collection[uuid.UUID], until: str) -> int:
        return sum(self.clause.total(payer, until) for payer in payers) if self.clause else 0

    def came(self, kind: str, payers: Collection[uuid.UUID], until: date) -> int:
        """Places filled or people started up to and including `until`."""
        return sum(n for (what, payer, on), n in self.days.items() if what == kind and payer in payers and on <= until)


def flow_of(programme: Programme, payers: Collection[uuid.UUID]) -> Flow:
    """By month of the period in which people may start."""
    agreement = agreement_of(programme)
    flow = Flow(months_of(programme), clause_now(agreement) if agreement else None)
    turned_away = case((NO_PLACE, 1), else_=0)
    referred = select(Referral.payer_id, Referral.referred_on, turned_away, func.count())
    referred = referred.where(or_(Referral.state.in_(FILLS), NO_PLACE))
    referred = referred.where(Referral.programme_id == programme.id, Referral.payer_id.in_(payers))
    started: Any = select(Participant.payer_id, Participant.started_on, Participant.referral_id.is_(None), func.count())
    started = started.add_columns(func.sum(case((Participant.is_late(), 1), else_=0)))
    started = started.where(Participant.programme_id == programme.id, Participant.payer_id.in_(payers))
    asked = referred.group_by(Referral.payer_id, Referral.referred_on, turned_away)
    for payer, on, away, count in db.session.execute(asked):
        flow.days[TURNED_AWAY if away else PLACES, payer, on] += count
    by = (Participant.payer_id, Participant.started_on, Participant.referral_id.is_(None))
    for payer, on, found_itself, count, late in db.session.execute(started.group_by(*by)):
        flow.days[STARTED, payer, on] += count
        flow.days[LATE, payer, on] += late
        flow.days[PLACES, payer, on] += count if found_itself else 0
    return flow


def last_day(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def last_full_month(today: date) -> date:
    """The last day of the month before this one: only whole months are compared with the plan."""
    return today.replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What one municipality did not fill up to and including `until`.

    `guaranteed` is what was planned less what may be missing; `missing` is never below zero. Who was referred and
    `turned_away`, since the provider had no place, fills none and is not missed. `late`: how many of those who started
    were registered more than thirty days after it; they fill places that were missing before.
    """

    until: date
    planned: int
    tolerated: int
    filled: int
    turned_away: int = 0
    late: int = 0

    @property
    def guaranteed(self) -> int:
        return self.planned - self.tolerated

    @property
    def missing(self) -> int:
        return max(0, self.guaranteed - self.filled - self.turned_away)


def shortfall_of(flow: Flow, payer: uuid.UUID) -> Shortfall:
    """Up to the last whole month. The tolerance is rounded down to whole places, in favour of the provider."""
    until = last_full_month(clock.today())
    planned = flow.planned([payer], until.strftime("%Y-%m"))
    tolerated = planned * flow.clause.tolerance_bp // 10_000 if flow.clause else 0
    filled, away, late = (flow.came(kind, [payer], until) for kind in (PLACES, TURNED_AWAY, LATE))
    return Shortfall(until, planned, tolerated, filled, away, late)


@dataclass(frozen=True, slots=True)
class Funnel:
    """Where everybody stands: referrals by state and reason, participants by state and why they left."""

    referrals: Counter[ReferralState]
    declined: Counter[DeclineReason]
    participants: Counter[ParticipantState]
    left: Counter[ExitReason]


def funnel_of(programme: Programme, payers: Collection[uuid.UUID]) -> Funnel:
    funnel = Funnel(Counter(), Counter(), Counter(), Counter())
    for state, reason, count in _counted(Referral, Referral.decline_reason, programme, payers):
        funnel.referrals[state] += count
        if reason is not None:
            funnel.declined[reason] += count
    for state, reason, count in _counted(Participant, Participant.exit_reason, programme, payers):
        funnel.participants[state] += count
        if reason is not None:
            funnel.left[reason] += count
    return funnel


def _counted(kind: Any, reason: Any, programme: Programme, payers: Collection[uuid.UUID]) -> Any:
    found = select(kind.state, reason, func.count()).where(kind.programme_id == programme.id, kind.payer_id.in_(payers))
    return db.session.execute(found.group_by(kind.state, reason))

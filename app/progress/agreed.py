"""The milestones that follow from the agreement, and the facts by which the portal sees that one is met.

Whatever is told here every party of the bond may know: sign-offs and settlements by their being there. The intake is
decided on exact counts, of whole months: that the milestone is met and in which month is told to everybody, never how
many started nor the day, which would tell of one person (domain, section 9).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import clock
from app.core.format import day
from app.extensions import db
from app.intake.models import Participant
from app.intake.plan import last_day, last_full_month
from app.outcomes.models import Batch
from app.people.models import Organisation
from app.programmes.models import Part, Programme
from app.progress.plan import SIGNED_WITHIN, Setting, come_in
from app.settlement.models import Settlement, Statement
from app.settlement.states import SettlementState

SETTLED_WITHIN = timedelta(days=90)  # after a half-year ended
HALF, FULL, SIGNED, SETTLED = "intake-half", "intake-full", "signed-", "settled-"


@dataclass(frozen=True, slots=True)
class Agreed:
    """A milestone of the agreement: who answers for it, and by when."""

    code: str
    owner: Organisation
    due_on: date


def agreed_milestones(programme: Programme, setting: Setting) -> list[Agreed]:
    """Half and all of the intake, and of each half-year the sign-off and the settlement."""
    assessors, desks = programme.organisations(Part.ASSESSOR), programme.organisations(Part.INTERMEDIARY)
    found = list(_of_intake(programme, setting))
    for end in programme.settlement_days:
        if assessors:
            found.append(Agreed(f"{SIGNED}{end}", assessors[0], end + SIGNED_WITHIN))
        if desks:
            found.append(Agreed(f"{SETTLED}{end}", desks[0], end + SETTLED_WITHIN))
    return found


def _of_intake(programme: Programme, setting: Setting) -> Iterator[Agreed]:
    """The municipalities refer, led by one; none for people who would only come in after an early end."""
    whole = setting.places
    for code, wanted in ((HALF, (whole + 1) // 2), (FULL, whole)):
        months = (month for month in sorted(setting.starts) if come_in(setting.starts, month) >= wanted)
        month = next(months, None)
        if month is not None and whole:
            yield Agreed(code, programme.lead, last_day(month))


def name_of(code: str) -> str:
    """What a milestone of the agreement is called, in the language of the reader."""
    if code == HALF:
        return _("Half of the participants have started")
    if code == FULL:
        return _("All participants have started")
    if code.startswith(SIGNED):
        return _("Effects up to %(day)s are signed off", day=day(date.fromisoformat(code[len(SIGNED) :])))
    return _("Effects up to %(day)s are settled", day=day(date.fromisoformat(code[len(SETTLED) :])))


def is_of_intake(code: str | None) -> bool:
    """Whether it is met in a month, of which no day is told: its `met_on` is the first day of that month."""
    return code in (HALF, FULL)


@dataclass(frozen=True, slots=True)
class Seen:
    """Facts of a bond: how many started per whole month (its first day), when was signed off, until when settled."""

    started: Sequence[tuple[date, int]]  # the earliest month first
    places: int
    signed_on: list[date]
    settled: list[tuple[date, date]]  # until when, and the day on which that was approved

    def met_on(self, code: str) -> date | None:
        """The day on which the milestone was met, of the intake the first day of that month; None: not yet."""
        if is_of_intake(code):
            return self._month_of(self.places if code == FULL else (self.places + 1) // 2)
        if code.startswith(SIGNED):
            end = date.fromisoformat(code[len(SIGNED) :])
            return min((on for on in self.signed_on if on > end), default=None)
        end = date.fromisoformat(code[len(SETTLED) :])
        return min((on for until, on in self.settled if until >= end), default=None)

    def _month_of(self, wanted: int) -> date | None:
        """The month in which `wanted` people had started."""
        there = 0
        for month, number in self.started:
            there += number
            if there >= wanted:
                return month
        return None


def seen_of(programme: Programme) -> Seen:
    signed = db.session.scalars(select(Batch.created_at).where(Batch.programme_id == programme.id))
    return Seen(
        _started(programme),
        programme.cohort_size,
        [clock.day_of(one) for one in signed],
        list(_settled(programme)),
    )


def _started(programme: Programme) -> list[tuple[date, int]]:
    """Up to the last whole month: met in the middle of one, the hour at which it is seen would tell of one person."""
    found = select(Participant.started_on, func.count()).where(
        Participant.programme_id == programme.id, Participant.started_on <= last_full_month(clock.today())
    )
    months: Counter[date] = Counter()
    for on, number in db.session.execute(found.group_by(Participant.started_on)):
        months[on.replace(day=1)] += number
    return sorted(months.items())


def _settled(programme: Programme) -> Iterator[tuple[date, date]]:
    """Settlements that every municipality has approved, on the day of the last approval."""
    approved = (SettlementState.APPROVED, SettlementState.PAID)
    found: Any = select(Settlement.period_to, func.max(func.coalesce(Statement.approved_at, Settlement.created_at)))
    found = found.outerjoin(Statement, Statement.settlement_id == Settlement.id)
    found = found.where(Settlement.programme_id == programme.id, Settlement.state.in_(approved))
    for until, moment in db.session.execute(found.group_by(Settlement.id, Settlement.period_to)):
        yield until, clock.day_of(moment)

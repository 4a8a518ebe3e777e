"""What home and landing read: few statements, columns and not rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actions import Action as A
from app.access.guard import can
from app.bank.reconciling import DAYS_WITHOUT, days
from app.calls.models import Call
from app.calls.states import CallState
from app.capital.models import Round
from app.capital.states import RoundState
from app.consortia.models import Consortium, Partner
from app.consortia.parts import part_of, unfinished_part
from app.consortia.states import PartnerState
from app.core import clock
from app.core.addresses import address
from app.core.money import Money
from app.extensions import db
from app.outcomes.owners import OF_OWNER, own_number
from app.outcomes.shortfall import readable
from app.outcomes.states import ClaimState
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import Part, Party, Programme
from app.programmes.states import Phase, ProgrammeState, Route
from app.proposals.models import Proposal
from app.proposals.operations import unfinished
from app.reports.queries import Headline, headlines
from app.verification.appeal_models import Appeal
from app.verification.deciders import deciders_of
from app.workspace import waiting
from app.workspace.bank_waiting import NEVER_CAME, PAYMENT_WAITS
from app.workspace.delivery_waiting import NO_DECIDER, PAY
from app.workspace.rows import NOW, ORGANISATIONS
from app.workspace.words import COUNTED, SHOWN, WORDS


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that this very person may do now; `due` is what is to be paid, at the latest on `due_on`."""

    label: Any
    about: str
    url: str
    count: int | None = None
    until: datetime | None = None
    due: Money | None = None
    due_on: date | None = None
    is_illustrative: bool = False

    def last_day(self) -> date:
        return self.due_on or (clock.day_of(self.until) if self.until else date.max)


@dataclass(frozen=True, slots=True)
class Bond:
    id: uuid.UUID
    title: str
    phase: Phase
    route: Route
    investors_stand: bool
    parts: list[Part]


_IN_CONSORTIUM = (
    select(Call.programme_id)
    .join(Consortium, Consortium.call_id == Call.id)
    .join(Partner, Partner.consortium_id == Consortium.id)
    .where(Partner.organisation_id.in_(ORGANISATIONS))
    .where(Partner.state.in_([PartnerState.INVITED, PartnerState.ACCEPTED]))
)
_INVESTORS_STAND = (
    select(Round.id)
    .where(Round.programme_id == Programme.id, Round.state == RoundState.STANDING)
    .exists()
    .label("investors_stand")
)
_BONDS = (
    select(Programme.id, Programme.title, Programme.phase, Programme.route, _INVESTORS_STAND, Party.part)
    .outerjoin(Party, (Party.programme_id == Programme.id) & Party.organisation_id.in_(ORGANISATIONS))
    .where(Party.id.is_not(None) | Programme.id.in_(_IN_CONSORTIUM))
    .order_by(Programme.created_at.desc(), Programme.id)
    .limit(60)
)


def bonds_of(user: Any) -> list[Bond]:
    """Where my organisations have a part, or take part in a consortium for the call."""
    found: dict[uuid.UUID, Bond] = {}
    for row in db.session.execute(_BONDS, {"me": user.id}):
        bond = found.setdefault(row.id, Bond(row.id, row.title, row.phase, row.route, row.investors_stand, []))
        if row.part is not None:
            bond.parts.append(row.part)
    return list(found.values())


def tasks_of(user: Any, bonds: list[Bond]) -> list[Task]:
    """What waits, the soonest deadline first."""
    parts = frozenset(part for bond in bonds for part in bond.parts)
    statement = waiting.statement(parts, user.kinds(vetted=True) | _bidding(user))
    found = db.session.execute(statement, {"me": user.id, "now": clock.now(), **_days()})
    rows = [row for row in found if WORDS[row.kind][1] in current_app.view_functions and _is_open(row, user)]
    to_vet = [row for row in rows if row.kind == A.ORGANISATION_VET]
    if len(to_vet) > 1:
        rows = [row for row in rows if row.kind != A.ORGANISATION_VET]
    tasks = sorted((_task(row, user) for row in rows), key=Task.last_day)
    return [*tasks, _vet_them(len(to_vet))] if len(to_vet) > 1 else tasks


def _days() -> dict[str, Any]:
    long_ago = clock.today() - timedelta(days=DAYS_WITHOUT)
    return {"today": clock.today(), "long_ago": long_ago, "then": clock.local(long_ago + timedelta(days=1), 0)}


def _is_open(row: Any, user: Any) -> bool:
    """What a partner writes and confirms is sealed, so whether it still must is asked of the few plans themselves. Of
    the few appeals is asked who is left to decide them, of who agreed on a compensation whether places are missing, of
    measurements whether any is this provider's to go on with, of payments and receipts that no line shows whether the
    bank moved less than was booked."""
    if row.kind == A.CONSORTIUM_EDIT_PART:
        consortium = db.session.get_one(Consortium, row.key)
        mine = [p.organisation_id for p in consortium.taking_part if p.organisation_id in user.organisation_ids]
        return any(unfinished_part(part_of(consortium, key)) for key in mine if key != consortium.lead_id)
    if row.kind == A.SHORTFALL_CLAIM:
        programme = db.session.get_one(Programme, row.key)
        return bool(can(A.SHORTFALL_CLAIM, programme, user)) and any(one.due for one in readable(programme, user))
    if row.kind in OF_OWNER:
        return _number(row, user) > 0
    if row.kind == NO_DECIDER:
        return not deciders_of(db.session.get_one(Appeal, row.key))
    if row.kind == PAYMENT_WAITS:
        return any(day.late_payments for day in days(row.key, newest=1))
    if row.kind == NEVER_CAME:
        return any(day.unshown for day in days(row.key, newest=1))
    if row.kind != A.PROPOSAL_CONFIRM:
        return True
    plan = db.session.get_one(Proposal, row.key)
    confirmed = plan.confirmed_by()
    own = [p for p in plan.consortium.taking_part if p.organisation_id in user.organisation_ids]
    return any(p.organisation_id not in confirmed for p in own) and not unfinished(plan)


def _number(row: Any, user: Any) -> int:
    """Whose a measurement is says the agreement, which no SQL reads."""
    if row.kind not in OF_OWNER:
        return int(row.count)
    return own_number(db.session.get_one(Programme, row.key), ClaimState(SHOWN[row.kind]), user)


def _bidding(user: Any) -> frozenset[OrganisationKind]:
    """A provider that is not vetted yet can write a plan, so it hears of it."""
    return user.kinds() & {OrganisationKind.PROVIDER}


def _vet_them(count: int) -> Task:
    return Task(_l("Organisations to vet"), "", address("accounts.organisations"), count)


# Art. 4(3) of Directive 2011/7 on late payment: a public authority pays within 30 calendar days.
TERM_OF_PAYMENT = timedelta(days=30)


def _task(row: Any, user: Any) -> Task:
    label, endpoint = WORDS[row.kind]
    url = address(endpoint, **{"token" if row.kind == A.CONSORTIUM_CLAIM else "id": row.key})
    if row.kind in SHOWN:
        url += f"?state={SHOWN[row.kind].value}"
    number = _number(row, user) if row.kind in COUNTED else None
    due = None if row.amount_minor is None else Money(row.amount_minor, row.currency)
    until, due_on = row.until, row.due_on
    if row.kind in (A.QUESTION_ANSWER, A.NOTA_PUBLISH):
        until = db.session.get_one(Call, row.key).answers_until  # counted in days of the calendar, as no SQL does
    if row.kind == PAY:
        until, due_on = None, clock.day_of(row.until) + TERM_OF_PAYMENT
    return Task(label, row.about, url, number, until, due, due_on, row.illustrative)


# --- The public ------------------------------------------------------------------------------------------------------

_OPEN_CALLS = (
    select(Call.id, Call.title, Call.deadline, Call.questions_until, Programme.title.label("bond"))
    .join(Programme, Programme.id == Call.programme_id)
    .where(Call.state == CallState.PUBLISHED, Call.deadline > NOW)
    .order_by(Call.deadline)
    .limit(4)
)


def open_calls() -> list[Any]:
    return list(db.session.execute(_OPEN_CALLS, {"now": clock.now()}))


_PUBLIC_BONDS = (
    select(
        Programme.id,
        Programme.title,
        Programme.problem,
        Programme.phase,
        Programme.route,
        _INVESTORS_STAND,
        Programme.illustrative,
        Programme.cohort_size,
        Programme.starts_on,
        Programme.ends_on,
        Programme.currency,
        Organisation.name.label("lead"),
    )
    .join(Organisation, Organisation.id == Programme.lead_id)
    .where(Programme.state == ProgrammeState.APPROVED)
    .order_by(Programme.created_at.desc(), Programme.id)
    .limit(3)
)


def public_bonds() -> list[tuple[Any, Headline]]:
    """The latest approved bonds with what they brought so far; those that brought something stand first."""
    bonds = db.session.execute(_PUBLIC_BONDS).all()
    found = headlines([bond.id for bond in bonds])
    return sorted(((bond, found[bond.id]) for bond in bonds), key=lambda pair: pair[1].participants.count == 0)

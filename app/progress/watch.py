"""Early warnings: what follows from the facts of a bond, who may read it, and who of them must act.

A warning is read only by organisations that see the figures from which it follows: the intake of one municipality by
itself and by a service provider that took everybody in, that of the whole bond by everybody where its number is shown
(domain, section 9). Computed, never kept: what is kept is only that it was told (`EarlyWarning`).
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, or_, select

from app.core import clock
from app.core.format import day, money, number
from app.core.format import month as named_month
from app.extensions import db
from app.intake.figures import intake_figure
from app.intake.models import took_in
from app.intake.plan import flow_of, shortfall_of
from app.intake.publication import published
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import ClaimState
from app.people.models import Organisation
from app.programmes.models import Part, Programme
from app.programmes.states import Phase
from app.progress.cash import first_short
from app.progress.cash_plan import cash_plan
from app.progress.models import CorrectiveAction, ProgressMilestone
from app.progress.plan import TOLERATED_PERCENT, Setting, come_in, effect_lines, is_behind, month_of, planned_until
from app.progress.states import CorrectiveState, MilestoneState, WarningKind
from app.settlement.invoice_models import Invoice
from app.settlement.models import Statement
from app.settlement.states import OWED
from app.treasury.default import InvestorDefault, parts_in_default
from app.treasury.models import DUE_ON, CapitalCall, CapitalCallPart
from app.treasury.states import CapitalCallState, DefaultState

WAITS_DAYS = 30  # after which a claim waits too long for the assessor
CASH_MONTHS = 3  # for which the money must suffice, this month included
Words = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Warned:
    """`readers` may see it (organisations), `acts` of them must do something; `words` says it in their language."""

    kind: WarningKind
    about: str
    readers: frozenset[uuid.UUID]
    acts: frozenset[uuid.UUID]
    words: Words = field(compare=False)
    told_of: uuid.UUID | None = None  # the row of which the parties were told apart from this warning

    def standing(self, programme: Programme) -> str:
        """By which it is told once."""
        return f"{programme.id}:{self.kind}:{self.about}"


@dataclass(frozen=True, slots=True)
class Parties:
    """The organisations of a bond by part."""

    by_part: dict[Part, frozenset[uuid.UUID]]
    lead: uuid.UUID

    def of(self, *parts: Part) -> frozenset[uuid.UUID]:
        return frozenset().union(*(self.by_part.get(part, frozenset()) for part in parts or tuple(Part)))


def parties_of(programme: Programme) -> Parties:
    by_part: dict[Part, set[uuid.UUID]] = {}
    for party in programme.parties:
        by_part.setdefault(party.part, set()).add(party.organisation_id)
    return Parties({part: frozenset(found) for part, found in by_part.items()}, programme.lead_id)


def warnings_of(programme: Programme, setting: Setting | None) -> list[Warned]:
    """Everything that holds now, for every reader; none before the bond is delivered or after it is closed."""
    if setting is None or programme.phase != Phase.DELIVERY:
        return []
    parties = parties_of(programme)
    found = (_intake, _effects, _milestones, _cash, _claims, _statements, _capital, _defaults, _actions)
    return [one for rule in found for one in rule(programme, setting, parties)]


def readable(warnings: Iterable[Warned], user: Any) -> list[Warned]:
    return [one for one in warnings if one.readers & set(user.organisation_ids)]


def _intake(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """Fewer places are filled than agreed, less what may be missing; of the bond, fewer people started."""
    providers = _who_took_all_in(programme, parties)
    payers = {share.organisation_id: share.organisation for share in programme.shares}
    flow = flow_of(programme, set(payers))
    for payer, municipality in payers.items() if setting.is_agreed else ():
        short = shortfall_of(flow, payer)
        if short.missing:
            words = _short_of(municipality.name, short.planned, short.filled, short.until)
            both = providers | {payer}
            yield Warned(WarningKind.INTAKE_BEHIND, str(payer), both, both, words)
    yield from _started(programme, setting, parties, payers)


def _started(
    programme: Programme, setting: Setting, parties: Parties, payers: Mapping[uuid.UUID, Organisation]
) -> Iterator[Warned]:
    """By what was published last, so that everybody may be warned: of each municipality, and of the bond."""
    until = planned_until()
    figures = published(programme.id)
    if figures.people_on is None:
        return
    for payer, municipality in payers.items():
        planned = setting.clause.total(payer, month_of(until))
        if is_behind(intake_figure(figures.starts, payer), planned, setting.tolerated_percent):
            acts = parties.of(Part.INTERMEDIARY) | {payer}
            words = _few_started_of(municipality.name, planned, until)
            yield Warned(WarningKind.INTAKE_BEHIND, f"started:{payer}", parties.of(), acts, words)
    planned = come_in(setting.starts, month_of(until))
    whole = intake_figure(figures.starts)
    if is_behind(whole, planned, setting.tolerated_percent):
        acts = parties.of(Part.INTERMEDIARY) | {parties.lead}
        yield Warned(WarningKind.INTAKE_BEHIND, "all", parties.of(), acts, _few_started(planned, until))


def _who_took_all_in(programme: Programme, parties: Parties) -> frozenset[uuid.UUID]:
    """The providers, unless several took people in: then none of them may know how many came to the others."""
    providers = parties.of(Part.PROVIDER)
    return providers if len(took_in(programme.id)) < 2 else frozenset()


def _short_of(name: str, planned: int, filled: int, until: date) -> Words:
    return lambda: _(
        "%(name)s: %(filled)s of %(planned)s places were filled up to %(day)s, fewer than was agreed.",
        name=name,
        filled=number(filled),
        planned=number(planned),
        day=day(until),
    )


def _few_started_of(name: str, planned: int, until: date) -> Words:
    return lambda: _(
        "%(name)s: fewer people started than the plan of %(planned)s up to %(day)s allows for.",
        name=name,
        planned=number(planned),
        day=day(until),
    )


def _few_started(planned: int, until: date) -> Words:
    return lambda: _(
        "Fewer people started than the plan of %(planned)s up to %(day)s allows for.",
        planned=number(planned),
        day=day(until),
    )


def _effects(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """By the figures that are shown to everybody, so that everybody may be warned."""
    acts = parties.of(Part.PROVIDER, Part.INTERMEDIARY)
    if published(programme.id).effects_on is None:
        return
    for line in effect_lines(programme, setting, None):
        if is_behind(line.proven, line.planned, TOLERATED_PERCENT):
            words = _few_proven(line.effect.name, line.planned)
            yield Warned(WarningKind.EFFECT_BEHIND, line.effect.code, parties.of(), acts, words)


def _few_proven(name: str, planned: int) -> Words:
    return lambda: _(
        "%(effect)s: by plan %(planned)s are proven by now; it is more than %(percent)d %% behind.",
        effect=name,
        planned=number(planned),
        percent=TOLERATED_PERCENT,
    )


def _milestones(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    late = select(ProgressMilestone).filter_by(programme_id=programme.id, state=MilestoneState.OPEN)
    for one in db.session.scalars(late.where(ProgressMilestone.due_on < clock.today())):
        acts = parties.of(Part.INTERMEDIARY) | {one.owner_id}
        yield Warned(WarningKind.MILESTONE_LATE, str(one.id), parties.of() | acts, acts, _late(one))


def _actions(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    late = select(CorrectiveAction).filter_by(programme_id=programme.id, state=CorrectiveState.AGREED)
    for one in db.session.scalars(late.where(CorrectiveAction.due_on < clock.today())):
        acts = parties.of(Part.INTERMEDIARY) | {one.owner_id}
        yield Warned(WarningKind.CORRECTIVE_LATE, str(one.id), parties.of() | acts, acts, _late(one))


def _late(one: Any) -> Words:
    return lambda: _(
        "%(what)s: was to be done by %(day)s, by %(owner)s.",
        what=one.title,
        day=day(one.due_on),
        owner=one.owner.name,
    )


def _cash(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """Without counting on a single effect that is not settled yet."""
    desk = parties.of(Part.INTERMEDIARY)
    short = first_short(cash_plan(programme).months, CASH_MONTHS)
    if short is not None:
        words = _out_of_money(short.first, -short.closing, programme.currency)
        yield Warned(WarningKind.CASH_SHORT, "all", desk | parties.of(Part.AUDITOR), desk, words)


def _out_of_money(month: date, lacking: int, currency: str) -> Words:
    return lambda: _(
        "In %(month)s the account falls %(amount)s short of what must be paid. Call capital, or plan again.",
        month=named_month(month_of(month)),
        amount=money(lacking, currency),
    )


def _claims(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """How many wait is told to nobody: it is a count of people."""
    before = clock.now() - timedelta(days=WAITS_DAYS)
    late = (
        exists().where(
            proof.programme_id == programme.id, proof.state == ClaimState.SUBMITTED, proof.submitted_at < before
        )
        for proof in (Claim, Measurement)
    )
    if db.session.scalar(select(or_(*late))):
        acts = parties.of(Part.ASSESSOR)
        readers = acts | parties.of(Part.PROVIDER, Part.INTERMEDIARY)
        yield Warned(WarningKind.CLAIMS_WAIT, "all", readers, acts | parties.of(Part.INTERMEDIARY), _claims_wait)


def _claims_wait() -> str:
    return _("Claims wait for the assessor for more than %(days)d days.", days=WAITS_DAYS)


def _statements(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """Each municipality's own, and the desk's."""
    due_on = select(func.min(Invoice.due_on)).where(Invoice.statement_id == Statement.id).scalar_subquery()
    found = select(Statement, due_on).where(Statement.programme_id == programme.id, Statement.state.in_(OWED))
    for statement, due in db.session.execute(found.where(due_on < clock.today())).unique():
        if due is not None and statement.is_payable and statement.outstanding_minor > 0:
            acts = parties.of(Part.INTERMEDIARY) | {statement.payer_id}
            words = _unpaid(statement.reference, statement.payer.name, due)
            readers = acts | parties.of(Part.AUDITOR)
            yield Warned(WarningKind.STATEMENT_LATE, str(statement.id), readers, acts, words)


def _unpaid(reference: str, name: str, due: date) -> Words:
    return lambda: _(
        "Statement %(reference)s of %(name)s was to be paid by %(day)s.", reference=reference, name=name, day=day(due)
    )


def _capital(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """Each investor's own, and the desk's; until its default is confirmed, which says more."""
    late = select(CapitalCallPart).join(CapitalCall).where(CapitalCall.programme_id == programme.id)
    late = late.where(CapitalCall.state == CapitalCallState.CALLED, clock.today() > DUE_ON)
    late = late.where(CapitalCallPart.received_on.is_(None), CapitalCallPart.id.not_in(parts_in_default()))
    for part in db.session.scalars(late).unique():
        acts = parties.of(Part.INTERMEDIARY) | {part.organisation_id}
        readers = acts | parties.of(Part.AUDITOR)
        yield Warned(WarningKind.CAPITAL_LATE, str(part.id), readers, acts, _not_paid_in(part))


def _defaults(programme: Programme, setting: Setting, parties: Parties) -> Iterator[Warned]:
    """Every party works with this money; whose default it is reads only who reads that default."""
    found = select(InvestorDefault).filter_by(programme_id=programme.id, state=DefaultState.CONFIRMED)
    for one in db.session.scalars(found.order_by(InvestorDefault.decided_at)).unique():
        words = _falls_out(one.lost_minor, programme.currency)
        kind, desk = WarningKind.CAPITAL_LOST, parties.of(Part.INTERMEDIARY)
        yield Warned(kind, str(one.id), parties.of(), desk, words, told_of=one.id)


def _falls_out(minor: int, currency: str) -> Words:
    return lambda: _(
        "An investor is in default: %(amount)s of the capital that was promised does not come in for the time being. "
        "The intermediary guards what follows.",
        amount=money(minor, currency),
    )


def _not_paid_in(part: CapitalCallPart) -> Words:
    return lambda: _(
        "%(call)s: %(name)s was to pay in by %(day)s.",
        call=part.capital_call.title,
        name=part.organisation.name,
        day=day(part.due_on),
    )

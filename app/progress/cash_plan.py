"""What is known and planned of a bond's money, for `cash`: read from the books, the agreement and the lines by hand.

Certain: capital that was called, costs and distributions that wait for a second person, statements of municipalities.
Planned: the capital calls, costs and distributions that the intermediary writes down, and the budgets of the winning
plans (without a tender: of the agreement) for the years in which it wrote no costs. Expected: payments for effects as
the price table expects them (gate C5), wholly, by half or not at all, some time after each half-year; the last is the
one that warnings go by.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.agreements.intake_clause import agreed_end
from app.agreements.models import BY_LAW_DAYS, Agreement
from app.agreements.running_costs import budget_of
from app.capital.models import standing_round
from app.core import clock
from app.core.format import day
from app.extensions import db
from app.intake.rules import agreement_of
from app.ledger.balances import sums_of
from app.ledger.models import AccountKind
from app.pricing.budget import is_sound
from app.pricing.plausible import expectation
from app.pricing.terms_of import valuation_terms
from app.pricing.valuation import value
from app.programmes.models import Programme
from app.progress.agreed import SETTLED_WITHIN
from app.progress.cash import Expected, Month, months_of, spread
from app.progress.models import CashLine
from app.progress.states import CashKind
from app.settlement.invoice_models import Invoice
from app.settlement.models import Settlement, Statement
from app.settlement.queries import is_refused
from app.settlement.states import STANDING, StatementState
from app.treasury import flows
from app.treasury.default import parts_in_default
from app.treasury.models import DUE_ON, CapitalCall, CapitalCallPart, CostPayment, Distribution
from app.treasury.returned import ReturnedPayment
from app.treasury.states import CapitalCallState, PaymentState

SUCCESS = (0, 50, 100)  # per cent of what the price table expects


@dataclass(frozen=True, slots=True)
class CashPlan:
    """`opening` is on the account now, less VAT, which belongs to the tax authority. `percent` of the effects that the
    price table expects is counted on."""

    opening: int
    vat: int
    months: list[Month]
    lines: Sequence[CashLine]
    percent: int
    undrawn: int  # what can still be called from the investors
    called: int  # of which the lines plan so much
    without_costs: Sequence[int] = ()  # years of the bond in which no running costs are known or planned

    @property
    def too_much(self) -> int:
        """Planned to be called above what can be called; it is not counted on."""
        return max(0, self.called - self.undrawn)


def cash_plan(programme: Programme, percent: int = 0) -> CashPlan:
    books = sums_of(programme.id)
    vat = books.total(AccountKind.VAT)
    opening = books.total(AccountKind.BANK) - vat
    agreement = agreement_of(programme)
    lines = db.session.scalars(select(CashLine).filter_by(programme_id=programme.id).order_by(CashLine.month)).all()
    undrawn = undrawn_minor(programme)
    expected = [
        *_called(programme),
        *_waiting(programme),
        *_again(programme),
        *_owed(programme, _days(agreement)),
        *_planned(lines, undrawn),
        *_budgeted(programme, agreement, lines),
        *(_effects(programme, agreement, percent) if percent else ()),
    ]
    last = max(programme.tail_until, clock.today())
    months = months_of(opening, expected, clock.today(), last)
    without = _without_costs(months, programme)
    return CashPlan(opening, vat, months, lines, percent, undrawn, called_by(lines), without)


def _without_costs(months: Sequence[Month], programme: Programme) -> list[int]:
    """Nobody works for nothing: a year without costs is a plan that is not made yet."""
    years = range(clock.today().year, programme.tail_until.year + 1)
    costs = {month.first.year for month in months if month.moved[CashKind.COSTS]}
    spent = _spent(programme)
    return [year for year in years if year not in costs and not spent.get(year)]


def called_by(lines: Iterable[CashLine]) -> int:
    return sum(line.amount_minor for line in lines if line.kind == CashKind.CAPITAL)


def _days(agreement: Agreement | None) -> timedelta:
    terms: dict[str, Any] = (agreement.terms if agreement else {}) or {}
    return timedelta(days=int(terms.get("payment", {}).get("days", BY_LAW_DAYS)))


def _called(programme: Programme) -> Iterator[Expected]:
    """Capital that investors still have to pay in; not what is in default, since nobody can count on that."""
    found = select(CapitalCall.id, DUE_ON, func.sum(CapitalCallPart.amount_minor)).join(CapitalCallPart)
    found = found.where(CapitalCall.programme_id == programme.id, CapitalCall.state == CapitalCallState.CALLED)
    found = found.where(CapitalCallPart.received_on.is_(None), CapitalCallPart.id.not_in(parts_in_default()))
    left = db.session.execute(found.group_by(CapitalCall.id, DUE_ON).order_by(DUE_ON)).all()
    ids = [id for id, _due, _amount in left]
    calls = {one.id: one for one in db.session.scalars(select(CapitalCall).where(CapitalCall.id.in_(ids))).unique()}
    for id, due, amount in left:
        yield Expected(CashKind.CAPITAL, due, int(amount), calls[id].title, certain=True)


def _waiting(programme: Programme) -> Iterator[Expected]:
    """Costs and distributions that a second person has still to approve."""
    for kind, model in ((CashKind.COSTS, CostPayment), (CashKind.DISTRIBUTIONS, Distribution)):
        found: Any = select(model).filter_by(programme_id=programme.id, state=PaymentState.PREPARED)
        for one in db.session.scalars(found).unique():
            what = one.description if kind == CashKind.COSTS else one.title
            yield Expected(kind, clock.today(), one.amount_minor, what, certain=True)


def _again(programme: Programme) -> Iterator[Expected]:
    """Payments that the bank gave back: the money is on the account, and is to be paid again this month."""
    found = select(ReturnedPayment).where(ReturnedPayment.programme_id == programme.id, *ReturnedPayment.waiting())
    for one in db.session.scalars(found.order_by(ReturnedPayment.created_at)).unique():
        origin = one.origin
        kind = CashKind.COSTS if isinstance(origin, CostPayment) else CashKind.DISTRIBUTIONS
        yield Expected(kind, clock.today(), one.amount_minor, one.title, certain=True)


def _owed(programme: Programme, days: timedelta) -> Iterator[Expected]:
    """Statements that are not paid yet, without VAT: on the day of the invoice, or what the agreement gives from
    today on."""
    due_on = select(func.min(Invoice.due_on)).where(Invoice.statement_id == Statement.id).scalar_subquery()
    found = select(Statement, due_on).join(Settlement, Settlement.id == Statement.settlement_id)
    found = found.where(Statement.programme_id == programme.id, Settlement.state.in_(STANDING), ~is_refused())
    found = found.where(Statement.state.not_in((StatementState.PAID, StatementState.REFUSED)))
    for statement, due in db.session.execute(found).unique():
        owed, left = statement.owed_minor, statement.outstanding_minor
        net = left * (owed - statement.owed_vat_minor) // owed if owed > 0 else 0
        if net > 0:
            yield Expected(CashKind.EFFECTS, due or clock.today() + days, net, statement.title, certain=True)


def _planned(lines: Iterable[CashLine], undrawn: int) -> Iterator[Expected]:
    """By month; of capital no more than can still be called, for nobody pays in what was never promised."""
    for line in lines:
        amount = min(line.amount_minor, undrawn) if line.kind == CashKind.CAPITAL else line.amount_minor
        undrawn -= amount if line.kind == CashKind.CAPITAL else 0
        if amount:
            yield Expected(line.kind, line.month, amount, line.description)


def _budgeted(programme: Programme, agreement: Agreement | None, lines: Sequence[CashLine]) -> Iterator[Expected]:
    """What the budgets still leave for a year, evenly over the months that are left of it."""
    budget = _budget(agreement)
    by_hand = {line.month.year for line in lines if line.kind == CashKind.COSTS}
    today = clock.today()
    spent = _spent(programme)
    tendered = agreement is not None and agreement.evaluation is not None
    for year, amount in sorted(budget.items()):
        if year < today.year or year in by_hand:
            continue
        first = today.month if year == today.year else 1
        months = [date(year, month, 1) for month in range(first, 13) if date(year, month, 1) <= programme.tail_until]
        for month, part in spread(_until_the_end(amount, year, agreement) - spent.get(year, 0), months):
            told = _("Budget of the plan for %(year)d") if tendered else _("Budget of the agreement for %(year)d")
            yield Expected(CashKind.COSTS, month, part, told % {"year": year})


def _until_the_end(amount: int, year: int, agreement: Agreement | None) -> int:
    """Of the budget of a year the part for the months that are left of it after an early end."""
    if agreement is None:
        return amount
    last, agreed = agreement.programme.tail_until, agreed_end(agreement, "tail_until")
    left, whole = (min(12, max(0, (day.year - year) * 12 + day.month)) for day in (last, agreed))
    return amount * left // whole if whole else amount


def _budget(agreement: Agreement | None) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in budget_of(agreement):
        found[line.year] = found.get(line.year, 0) + line.amount_minor
    return found


def _spent(programme: Programme) -> dict[int, int]:
    """Running costs by year, those that wait for a second person as well."""
    counted = (PaymentState.PREPARED, PaymentState.APPROVED)
    found = select(CostPayment.decided_at, CostPayment.amount_minor)
    found = found.where(CostPayment.programme_id == programme.id, CostPayment.state.in_(counted))
    spent: dict[int, int] = {}
    for moment, amount in db.session.execute(found):
        year = (moment or clock.now()).astimezone(clock.LOCAL).year
        spent[year] = spent.get(year, 0) + int(amount)
    return spent


def _effects(programme: Programme, agreement: Agreement | None, percent: int) -> Iterator[Expected]:
    """Of each half-year what is not settled yet, when it may be expected to be paid."""
    if agreement is None or not is_sound(agreement.table):
        return
    table, shares = agreement.table, programme.shares
    facts = expectation(table, shares)
    if not facts:
        return
    settled = _settled(programme)
    last, before = max(settled, default=date.min), date.min
    for one in value(valuation_terms(table, shares), facts, programme.settlement_days).statements:
        if one.on > last:
            amount = one.net * percent // 100
            expected = _("Effects up to %(day)s", day=day(one.on))
            if last > before:  # a part of this half-year is settled: it is owed or paid, and not expected any more
                amount -= sum(net for on, net in settled.items() if before < on)
                expected = _("Effects up to %(day)s, beyond what is settled", day=day(one.on))
            if amount > 0:
                yield Expected(CashKind.EFFECTS, one.on + SETTLED_WITHIN + _days(agreement), amount, expected)
        before = one.on


def _settled(programme: Programme) -> dict[date, int]:
    """Net of VAT (minor units), by the last day of the settlement."""
    found = (
        select(Settlement.period_to, func.sum(Statement.amount_minor - Statement.vat_minor))
        .join(Statement, Statement.settlement_id == Settlement.id)
        .where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING), ~is_refused())
        .group_by(Settlement.period_to)
    )
    return {on: int(net) for on, net in db.session.execute(found)}


def undrawn_minor(programme: Programme) -> int:
    """What can still be called from the investors."""
    round = db.session.scalar(standing_round(programme.id))
    return flows.undrawn_minor(round) if round is not None else 0

"""The only code that moves money. Who prepared a payment never approves it; the table of four eyes sees to that."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.capital.models import Commitment, Round, standing_round
from app.core import clock
from app.core.errors import Changed, NotNow, Refused
from app.core.money import share
from app.core.operation import operation
from app.core.progress import Tell, silent
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import bank_minor, waiting_for
from app.ledger.models import Account, AccountKind
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme
from app.settlement.dispute_operations import settle_state
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import STATEMENT_FLOW
from app.treasury import notices
from app.treasury.budget import why_over
from app.treasury.call_facts import CallFacts, check_notice, check_parts, check_reason
from app.treasury.curing import cure_default
from app.treasury.flows import owed_apart, own_minor, undrawn_of, what_is_due
from app.treasury.in_hand import free_minor
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution
from app.treasury.plan import plan_distribution
from app.treasury.receipts import book_receipt, booking_day, check_amount, part_of
from app.treasury.recycling import check_recycling
from app.treasury.setting_aside import book_set_aside, set_aside
from app.treasury.states import (
    CAPITAL_CALL_FLOW,
    COST_FLOW,
    DISTRIBUTION_FLOW,
    CapitalCallState,
    PaymentState,
)


@operation
def prepare_capital_call(programme: Programme, facts: CallFacts, *, actor: User, once: uuid.UUID) -> CapitalCall:
    """Ask for capital, pro rata to what each investor was allotted and not yet called, by largest remainder.

    Refused above what is undrawn, with less notice than `LEAST_NOTICE_DAYS`, with a due day inside the notice days, and
    where somebody would be asked for less than `LEAST_PART_MINOR` and still owe more; once the bond is over, without a
    reason. Nothing is asked until a second person approves.
    """
    existing = db.session.get(CapitalCall, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    round = _standing(programme)
    held, undrawn = undrawn_of(round)
    if facts.amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    if facts.amount_minor > sum(undrawn):
        left = notices.shown(sum(undrawn), programme)
        raise Refused(_("More than the investors still owe the bond: %(left)s.", left=left), "amount")
    amounts = share(facts.amount_minor, undrawn)
    check_parts(programme, amounts, undrawn)
    check_notice(facts.due_on, facts.notice_days)
    check_reason(programme, facts)
    number = _next_number(CapitalCall, programme)
    call = CapitalCall(
        id=once,
        programme=programme,
        number=number,
        amount_minor=facts.amount_minor,
        purpose=facts.purpose,
        notice_days=facts.notice_days,
        due_on=facts.due_on,
        after_end_because=facts.after_end_because.strip(),
    )
    db.session.add(call)
    for position, (commitment, amount) in enumerate(zip(held, amounts, strict=True), start=1):
        if amount:
            _ask(call, position, commitment, amount)
    record(
        Action.CAPITAL_CALL_PREPARE, call, actor, on_behalf_of=programme, amount=facts.amount_minor, due=facts.due_on
    )
    notices.tell_prepared(call, Action.CAPITAL_CALL_PREPARE, "treasury.capital_call", actor)
    return call


def _ask(call: CapitalCall, position: int, commitment: Commitment, amount_minor: int) -> None:
    part_id = uuid.uuid4()
    db.session.add(
        CapitalCallPart(
            id=part_id,
            capital_call=call,
            commitment=commitment,
            organisation=commitment.organisation,
            amount_minor=amount_minor,
            reference=f"C{call.number:02d}-{position:04d}-{part_id.hex[:8].upper()}",
        )
    )


@operation
def approve_capital_call(call: CapitalCall, *, actor: User, version: int | None = None) -> None:
    """A second person approves: each investor hears its own amount, reference and due day."""
    call.expect_version(version)
    CAPITAL_CALL_FLOW.advance(call, Action.CAPITAL_CALL_APPROVE)
    check_notice(call.due_on, call.notice_days)
    held, undrawn = undrawn_of(_standing(call.programme))
    room = {commitment.id: left for commitment, left in zip(held, undrawn, strict=True)}
    # The call itself counts as called by now.
    if any(room[part.commitment_id] < 0 for part in call.parts):
        raise NotNow(_("Another call took this capital meanwhile. Reject this one and prepare it anew."))
    record(Action.CAPITAL_CALL_APPROVE, call, actor, amount=call.amount_minor)
    notices.tell_called(call)


@operation
def reject_capital_call(call: CapitalCall, reason: str, *, actor: User) -> None:
    """The call is not made."""
    CAPITAL_CALL_FLOW.advance(call, Action.CAPITAL_CALL_REJECT)
    call.rejected_because = reason
    record(Action.CAPITAL_CALL_REJECT, call, actor, reason=reason)
    notices.tell_rejected(call, Action.CAPITAL_CALL_REJECT, "treasury.capital_call", reason)


@operation
def receive_capital(
    part: CapitalCallPart,
    on: date,
    amount_minor: int | None = None,
    *,
    actor: User,
    once: uuid.UUID | None = None,
) -> CapitalCallPart:
    """The investor's money was on the bank account on the day `on`: BANK debit, INVESTOR_CAPITAL credit; the row that
    was received.

    `amount_minor` is what the bank shows, at most what is still owed; none: all of that. What is less is received as a
    row of its own, and the rest stays owed with the same reference. The same `once` again is the same receipt. It is
    booked with the day after the last distribution when it came in on or before that (`booking_day`).
    """
    known = db.session.get(CapitalCallPart, once) if once is not None else None
    if known is not None:
        return known
    call = part.capital_call
    CAPITAL_CALL_FLOW.advance(call, Action.CAPITAL_CALL_RECEIVE)
    if part.received_on is not None:
        raise NotNow(_("This part was received already."))
    _check_received(on)
    if on < clock.day_of(call.created_at):
        raise Refused(_("The money cannot have come in before it was called."), "on")
    if amount_minor is not None:
        part = part_of(part, amount_minor, once or uuid.uuid4())
    part.received_on = booking_day(call.programme, on)
    posting.post(
        _account(call.programme, AccountKind.BANK),
        _account(call.programme, AccountKind.INVESTOR_CAPITAL, part.organisation_id),
        part.amount_minor,
        part,
        entered_by=actor,
        once=posting.once_more(part, "received"),
        reference=part.reference,
    )
    cure_default(part)
    db.session.flush()
    awaited = select(CapitalCallPart.id).filter_by(capital_call_id=call.id, received_on=None)
    if db.session.scalar(awaited.limit(1)) is None:
        call.state = CapitalCallState.FUNDED
    record(
        Action.CAPITAL_CALL_RECEIVE,
        call,
        actor,
        organisation=part.organisation.name,
        amount=part.amount_minor,
        arrived_on=on,
        booked_with=part.received_on,
    )
    notices.tell_capital_received(part)
    return part


@operation
def prepare_cost(
    programme: Programme,
    organisation: Organisation,
    amount_minor: int,
    description: str,
    over_budget_because: str = "",
    *,
    actor: User,
    once: uuid.UUID,
) -> CostPayment:
    """Set `amount_minor` aside for a provider of the bond. Refused above the bank balance less what is pending, and
    above what is left of the budget of its plan without a reason, which who approves reads."""
    existing = db.session.get(CostPayment, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    if organisation not in programme.organisations(Part.PROVIDER):
        raise Refused(_("Choose a service provider of this bond."), "organisation")
    if amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    _check_in_hand(programme, amount_minor)
    check_recycling(_standing(programme), amount_minor)
    over = why_over(programme, organisation, amount_minor)
    because = over_budget_because.strip() if over is not None else ""
    if over is not None and not because:
        raise Refused(over, "over_budget_because")
    cost = CostPayment(
        id=once,
        programme=programme,
        organisation=organisation,
        amount_minor=amount_minor,
        description=description,
        over_budget_because=because,
    )
    db.session.add(cost)
    posting.prepare(
        _account(programme, AccountKind.RUNNING_COSTS, organisation.id),
        _account(programme, AccountKind.BANK),
        amount_minor,
        cost,
        entered_by=actor,
        once=uuid.uuid5(cost.id, "prepared"),
    )
    told: dict[str, Any] = {"over_budget_because": because} if because else {}
    paid = organisation.name
    record(
        Action.COST_PREPARE, cost, actor, on_behalf_of=programme, organisation=paid, amount=amount_minor, **told
    )
    notices.tell_prepared(cost, Action.COST_PREPARE, "treasury.cost", actor)
    return cost


def _check_in_hand(programme: Programme, amount_minor: int) -> None:
    free = free_minor(programme.id)
    if amount_minor > free:
        shown = notices.shown(free, programme)
        raise Refused(_("More than is in hand and not promised to somebody: %(free)s.", free=shown), "amount")


@operation
def approve_cost(cost: CostPayment, *, actor: User, version: int | None = None) -> None:
    """A second person approves: the money leaves the bank account, RUNNING_COSTS debit, BANK credit."""
    cost.expect_version(version)
    COST_FLOW.advance(cost, Action.COST_APPROVE)
    if cost.amount_minor > bank_minor(cost.programme_id):
        raise NotNow(_("The bank account does not hold this amount any more."))
    cost.decided_at = clock.now()
    _resolve(posting.post_all_pending, actor, cost)
    record(Action.COST_APPROVE, cost, actor, amount=cost.amount_minor)
    notices.tell_cost_paid(cost)


@operation
def reject_cost(cost: CostPayment, reason: str, *, actor: User) -> None:
    """The payment is not made; what was set aside is free again."""
    COST_FLOW.advance(cost, Action.COST_REJECT)
    cost.decided_at, cost.rejected_because = clock.now(), reason
    _resolve(posting.void_all_pending, actor, cost)
    record(Action.COST_REJECT, cost, actor, reason=reason)
    notices.tell_rejected(cost, Action.COST_REJECT, "treasury.cost", reason)


@operation
def receive_payment(
    statement: Statement,
    on: date | None = None,
    amount_minor: int | None = None,
    *,
    actor: User,
    once: uuid.UUID | None = None,
) -> None:
    """A municipality paid (a part of) its approved statement on the day `on`: BANK debit, RECEIVABLE credit.

    `amount_minor` is what the bank shows, at most what is still to be paid; none: all of that. When every statement of
    the settlement is paid, the settlement is. The same `once` again is the same payment.
    """
    if once is not None and db.session.get(StatementPayment, once) is not None:
        return
    STATEMENT_FLOW.advance(statement, Action.PAYMENT_RECEIVE)
    on = on or clock.today()
    _check_received(on)
    if statement.approved_at is not None and on < clock.day_of(statement.approved_at):
        raise Refused(_("The money cannot have come in before the municipality approved."), "on")
    amount = statement.outstanding_minor if amount_minor is None else amount_minor
    check_amount(statement, amount)
    receipt = book_receipt(statement, amount, on, actor, once or uuid.uuid4()) if amount else None
    settle_state(statement)
    record(Action.PAYMENT_RECEIVE, statement, actor, amount=amount, on=on)
    notices.tell_payment_received(statement, amount, receipt)


@operation
def prepare_distribution(
    programme: Programme,
    reserve_minor: int = 0,
    *,
    actor: User,
    once: uuid.UUID,
    seen: str | None = None,
    tell: Tell = silent,
) -> Distribution:
    """Set aside what each investor gets by the agreed order of payment; nothing is paid until a second person approves.

    `seen`: the figures that the person was shown; when others would be made, it is told that they changed. `tell` hears
    how many parts are set aside.
    """
    existing = db.session.get(Distribution, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    _standing(programme)
    plan = plan_distribution(programme, reserve_minor)
    if seen is not None and seen != plan.figures():
        raise Changed
    distribution = Distribution(
        id=once,
        programme=programme,
        number=_next_number(Distribution, programme),
        on=plan.on,
        amount_minor=plan.amount_minor,
        reserve_minor=reserve_minor,
        guarantee_minor=plan.guarantee_minor,
        apart=plan.apart,
    )
    db.session.add(distribution)
    set_aside(distribution, plan.paying, actor, tell)
    record(
        Action.DISTRIBUTION_PREPARE,
        distribution,
        actor,
        on_behalf_of=programme,
        amount=plan.amount_minor,
        reserve=reserve_minor,
    )
    notices.tell_prepared(distribution, Action.DISTRIBUTION_PREPARE, "treasury.distribution", actor)
    return distribution


@operation
def approve_distribution(
    distribution: Distribution, *, actor: User, version: int | None = None, tell: Tell = silent
) -> None:
    """A second person approves: every part leaves the bank account, capital and return apart. `tell` hears how many.

    Not now when the money is no longer there, or when the engine no longer gives what was shown.
    """
    distribution.expect_version(version)
    programme = distribution.programme
    if distribution.state == PaymentState.PREPARED:
        on, money = distribution.on, (own_minor(distribution), distribution.guarantee_minor)
        due = [d for d in what_is_due(programme, on, *money, apart=owed_apart(programme, on)) if d.amount_minor]
        shown = [(p.commitment_id, p.principal_minor, p.return_minor) for p in distribution.parts]
        if [(d.commitment.id, d.principal_minor, d.return_minor) for d in due] != shown:
            raise NotNow(_("Money moved since this was prepared. Reject it and prepare it anew."))
    DISTRIBUTION_FLOW.advance(distribution, Action.DISTRIBUTION_APPROVE)
    if distribution.amount_minor > bank_minor(programme.id):
        raise NotNow(_("The bank account does not hold this amount any more."))
    distribution.decided_at = clock.now()
    book_set_aside(distribution, actor, tell)
    record(Action.DISTRIBUTION_APPROVE, distribution, actor, amount=distribution.amount_minor)
    notices.tell_distributed(distribution)


@operation
def reject_distribution(distribution: Distribution, reason: str, *, actor: User) -> None:
    """The distribution is not made; what was set aside is free again."""
    DISTRIBUTION_FLOW.advance(distribution, Action.DISTRIBUTION_REJECT)
    distribution.decided_at, distribution.rejected_because = clock.now(), reason
    _resolve(posting.void_all_pending, actor, *distribution.parts)
    record(Action.DISTRIBUTION_REJECT, distribution, actor, reason=reason)
    notices.tell_rejected(distribution, Action.DISTRIBUTION_REJECT, "treasury.distribution", reason)


def _standing(programme: Programme) -> Round:
    found = db.session.scalar(standing_round(programme.id))
    if found is None:
        raise NotNow(_("The consortium of investors does not stand yet."))
    return found


def _account(programme: Programme, kind: AccountKind, organisation_id: uuid.UUID | None = None) -> Account:
    return posting.account(programme.id, kind, organisation_id, programme.currency)


def _next_number(model: Any, programme: Programme) -> int:
    return (db.session.scalar(select(func.max(model.number)).where(model.programme_id == programme.id)) or 0) + 1


def _check_received(on: date) -> None:
    if on > clock.today():
        raise Refused(_("Money cannot have come in on a day that is still to come."), "on")


def _resolve(how: Any, actor: User, *causes: Any) -> None:
    how(waiting_for(causes[0].__tablename__, *(cause.id for cause in causes)), entered_by=actor)

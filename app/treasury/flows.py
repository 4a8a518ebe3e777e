"""The bond's real money through the engine: what a distribution on a day gives to whom.

Drawdowns, receipts, costs and earlier distributions are read from what was booked and put through
`capital.waterfall`, the same code as `flask replay`. The engine gives away all cash in hand; what the intermediary
kept in hand on a day is therefore a cost of that day that comes back on the next.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload, load_only

from app.agreements.models import Agreement, agreement_in_force
from app.capital.apart import paid_at_other_times
from app.capital.models import Commitment, Round, standing_round
from app.capital.scenario import guarantee_of, tranche_terms
from app.capital.states import CommitmentState
from app.capital.terms import Capital, Flow, Guarantee, Investor
from app.capital.waterfall import Outcome, distribute
from app.core import clock
from app.extensions import db
from app.pricing.models import PriceTable
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.treasury.assignment import Assignment
from app.treasury.charge import BankCharge
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.other_receipt import OtherReceipt
from app.treasury.owed_back import costs_owed_back
from app.treasury.remittance import Remittance
from app.treasury.states import (
    AssignmentState,
    CapitalCallState,
    ChargeKind,
    OtherReceiptKind,
    PaymentState,
    RemittanceKind,
)

CALLED = (CapitalCallState.CALLED, CapitalCallState.FUNDED)
Booked = Mapping[date, Mapping[str, tuple[int, int]]]  # by day and commitment, capital and return (minor units)


@dataclass(frozen=True, slots=True)
class Due:
    """What the holder of one commitment gets (minor units)."""

    commitment: Commitment
    principal_minor: int
    return_minor: int

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.return_minor


@dataclass(frozen=True, slots=True)
class Given:
    """A distribution that was made (minor units)."""

    on: date
    amount_minor: int
    reserve_minor: int
    guarantee_minor: int


@dataclass(frozen=True, slots=True)
class Flows:
    """All money of a bond up to a day, as it was booked."""

    drawdowns: tuple[Flow, ...]
    receipts: tuple[Flow, ...]
    costs: tuple[Flow, ...]
    distributions: tuple[Given, ...]

    def in_hand(self, on: date) -> int:
        """Cash at the end of a day, before that day's distribution (minor units)."""
        came = sum(f.amount for f in (*self.drawdowns, *self.receipts) if f.on <= on)
        went = sum(f.amount for f in self.costs if f.on <= on)
        return came - went - sum(own_minor(d) for d in self.distributions if d.on < on)


def own_minor(distribution: Distribution | Given) -> int:
    """What a distribution took of the bond's own money: what the guarantor paid in is none of its receipts."""
    return distribution.amount_minor - distribution.guarantee_minor


def real_flows(programme: Programme, on: date) -> Flows:
    """What was booked for `programme` up to and including `on`."""
    costs = select(CostPayment.decided_at, CostPayment.amount_minor).where(
        CostPayment.programme_id == programme.id, CostPayment.state == PaymentState.APPROVED
    )
    given = (
        select(Distribution.on, Distribution.amount_minor, Distribution.reserve_minor, Distribution.guarantee_minor)
        .where(Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED)
        .where(Distribution.on <= on)
        .order_by(Distribution.on)
    )
    left = select(Remittance.decided_at, Remittance.amount_minor).where(
        Remittance.programme_id == programme.id,
        Remittance.state == PaymentState.APPROVED,
        Remittance.kind == RemittanceKind.EXCESS,  # VAT and the guarantor's money were never among the receipts
    )
    spent = [(clock.day_of(moment), amount) for moment, amount in db.session.execute(costs.union_all(left)) if moment]
    taken, paid = _of_the_bank(programme)
    came_back, went_again = _paid_back(programme)
    spent += [*taken, *went_again]
    earned = [Flow(day, amount) for day, amount in [*paid, *came_back] if day <= on]
    return Flows(
        drawdowns=_drawdowns(programme, on),
        receipts=(*_receipts(programme, on), *earned),
        costs=tuple(Flow(day, amount) for day, amount in [*spent, *costs_owed_back(programme)] if day <= on and amount),
        distributions=tuple(Given(*row) for row in db.session.execute(given)),
    )


def _drawdowns(programme: Programme, on: date) -> tuple[Flow, ...]:
    """What investors paid in, up to and including `on`."""
    parts = (
        select(CapitalCallPart.received_on, CapitalCallPart.amount_minor, Commitment.tranche_id, Commitment.id)
        .join(CapitalCall)
        .join(Commitment, Commitment.id == CapitalCallPart.commitment_id)
        .where(CapitalCall.programme_id == programme.id, CapitalCallPart.received_on <= on)
        .order_by(CapitalCallPart.received_on, CapitalCallPart.reference)
    )
    return tuple(
        Flow(day or on, amount, str(tranche), str(commitment))
        for day, amount, tranche, commitment in db.session.execute(parts)
    )


def _of_the_bank(programme: Programme) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """(what the bank took, what it paid). A reversal is the opposite on its own day, so that no distribution between
    the two comes out another way."""
    columns = BankCharge.on, BankCharge.kind, BankCharge.amount_minor, BankCharge.reversed_on
    taken: list[tuple[date, int]] = []
    paid: list[tuple[date, int]] = []
    for day, kind, amount, reversed_on in db.session.execute(
        select(*columns).where(BankCharge.programme_id == programme.id)
    ):
        there, back = (taken, paid) if kind == ChargeKind.COSTS else (paid, taken)
        there.append((day, amount))
        if reversed_on is not None:
            back.append((reversed_on, amount))
    return taken, paid


def _receipts(programme: Programme, on: date) -> Iterator[Flow]:
    """What municipalities paid, less the VAT in it, which is not the investors'. A part of a statement holds its part
    of the VAT; rounded down until the last, so that all parts together hold all of it."""
    paid = (
        select(StatementPayment, Statement)
        .join(Statement, Statement.id == StatementPayment.statement_id)
        .where(Statement.programme_id == programme.id, StatementPayment.received_on <= on)
        .order_by(StatementPayment.received_on, StatementPayment.created_at, StatementPayment.id)
    )
    before: dict[uuid.UUID, int] = {}
    for payment, statement in db.session.execute(paid).unique():
        earlier = before.get(statement.id, 0)
        before[statement.id] = together = earlier + payment.amount_minor
        of_all = statement.vat_minor, statement.amount_minor
        vat = of_all[0] * together // of_all[1] - of_all[0] * earlier // of_all[1]
        yield Flow(payment.received_on, payment.amount_minor - vat)


def _paid_back(programme: Programme) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """(running costs that a provider paid back, what of it the books took back): a reversal as in `_of_the_bank`."""
    columns = OtherReceipt.received_on, OtherReceipt.amount_minor, OtherReceipt.reversed_at
    came: list[tuple[date, int]] = []
    went: list[tuple[date, int]] = []
    found = select(*columns).filter_by(programme_id=programme.id, kind=OtherReceiptKind.COSTS_BACK)
    for day, amount, reversed_at in db.session.execute(found):
        came.append((day, amount))
        if reversed_at is not None:
            went.append((clock.day_of(reversed_at), amount))
    return came, went


def what_is_due(
    programme: Programme, on: date, distributable_minor: int, guarantee_minor: int = 0, *, apart: bool
) -> list[Due]:
    """What `distributable_minor` gives to each commitment on `on`, by rank and terms; less where no more is owed.

    `guarantee_minor`: what the guarantor paid in besides, for the capital that its tranche still lacks after that.
    `apart`: each investor is owed on its own (`owed_apart`), beside what was booked for it before; what was booked is
    read too where the guarantor's money was given out before, which is none of the bond's own.
    """
    round = db.session.scalar(standing_round(programme.id))
    if round is None:
        return []
    held = allotted(round)
    flows = real_flows(programme, on)
    before = [d for d in flows.distributions if d.on < on]
    given = [(d.on, own_minor(d)) for d in before] + [(on, distributable_minor)]
    booked = booked_parts(programme, on) if apart or any(d.guarantee_minor for d in before) else None
    outcome = run(round, held, flows, given, guarantee_on(round, guarantee_minor), booked, apart=apart)
    had = given_back(programme, on - timedelta(days=1))
    due = []
    for commitment, position, returned in zip(held, outcome.investors, _within_paid_in(held, outcome), strict=True):
        principal, further = had.get(commitment.id, (0, 0))
        due.append(Due(commitment, returned - principal, position.interest - further))
    if any(one.principal_minor < 0 or one.return_minor < 0 for one in due):
        raise RuntimeError(f"bond {programme.id}: what was distributed before {on} is not what the terms give")
    return due


def owed_apart(programme: Programme, on: date, ahead: Sequence[Flow] = (), drawn: Sequence[Flow] | None = None) -> bool:
    """Is each investor owed on its own on `on`, and after `ahead` came in? It is once capital came in at other times
    than that of others of its tranche (a call paid late, a default), or a commitment changed hands: by what each paid
    in, the one whose money was out for less long would come above the cap of its return. `drawn`: what came in, where
    that was read already."""
    passed_on = select(Assignment.id).filter_by(programme_id=programme.id, state=AssignmentState.DONE)
    before = select(Distribution.id).filter_by(programme_id=programme.id, apart=True, state=PaymentState.APPROVED)
    if db.session.scalar(select(passed_on.exists() | before.where(Distribution.on < on).exists())):
        return True
    return paid_at_other_times([*(_drawdowns(programme, on) if drawn is None else drawn), *ahead])


def booked_parts(programme: Programme, before: date) -> Booked:
    """By day and commitment, the capital and the return that were given before a day (minor units)."""
    parts = (
        select(
            Distribution.on,
            DistributionPart.commitment_id,
            DistributionPart.principal_minor,
            DistributionPart.return_minor,
        )
        .join(Distribution)
        .where(Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED)
        .where(Distribution.on < before)
    )
    found: dict[date, dict[str, tuple[int, int]]] = {}
    for on, commitment, principal, further in db.session.execute(parts):
        found.setdefault(on, {})[str(commitment)] = principal, further
    return found


def guarantee_on(round: Round, amount_minor: int) -> Guarantee | None:
    """`amount_minor` for the tranche of the round that has a guarantee; there is one at most."""
    covered = guarantee_of(round.tranches)
    return Guarantee(amount_minor, covered.tranche) if covered is not None and amount_minor else None


def given_back(programme: Programme, until: date) -> dict[uuid.UUID, tuple[int, int]]:
    """By commitment, the capital and the return given back up to and including a day (minor units)."""
    sums = (
        select(
            DistributionPart.commitment_id,
            func.sum(DistributionPart.principal_minor),
            func.sum(DistributionPart.return_minor),
        )
        .join(Distribution)
        .where(Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED)
        .where(Distribution.on <= until)
        .group_by(DistributionPart.commitment_id)
    )
    return {id: (int(principal), int(further)) for id, principal, further in db.session.execute(sums)}


def _within_paid_in(held: Sequence[Commitment], outcome: Outcome) -> list[int]:
    """Capital returned to each commitment in all (minor units), never more than it paid in.

    The engine splits a tranche's capital by what was paid in. Cents of many distributions, or a part that came in
    late, could give one investor more capital than it brought; that goes to the others of the tranche.
    """
    fitted = [min(position.principal, position.paid_in) for position in outcome.investors]
    for tranche in {commitment.tranche_id for commitment in held}:
        members = [n for n, commitment in enumerate(held) if commitment.tranche_id == tranche]
        over = sum(outcome.investors[n].principal - fitted[n] for n in members)
        for n in members:
            more = min(over, outcome.investors[n].paid_in - fitted[n])
            fitted[n] += more
            over -= more
    return fitted


def allotted(round: Round, *, named: bool = True) -> list[Commitment]:
    """The commitments that make up the consortium, in the order in which they were made. Not `named`: only what is
    reckoned with, for whoever shows none of them."""
    found = select(Commitment).where(*_allotted_in(round))
    if not named:
        reckoned = load_only(Commitment.tranche_id, Commitment.organisation_id, Commitment.allotted_minor)
        found = found.options(reckoned, lazyload(Commitment.tranche), lazyload(Commitment.organisation))
    return list(db.session.scalars(found.order_by(Commitment.created_at, Commitment.id)))


def _allotted_in(round: Round) -> tuple[Any, ...]:
    state = Commitment.state == CommitmentState.ALLOTTED
    return Commitment.round_id == round.id, state, Commitment.allotted_minor > 0


def undrawn_minor(round: Round) -> int:
    """What may still be called of all investors together (minor units), added up by the database."""
    held = _allotted_in(round)
    promised = select(func.coalesce(func.sum(Commitment.allotted_minor), 0)).where(*held)
    called = (
        select(func.coalesce(func.sum(CapitalCallPart.amount_minor), 0))
        .join(CapitalCall)
        .join(Commitment, Commitment.id == CapitalCallPart.commitment_id)
        .where(CapitalCall.programme_id == round.programme_id, CapitalCall.state.in_(CALLED), *held)
    )
    whole = db.session.scalar(select(promised.scalar_subquery() - called.scalar_subquery()))
    return int(whole or 0)


def undrawn_of(round: Round, *, named: bool = True) -> tuple[list[Commitment], list[int]]:
    """Each allotted commitment and what may still be called of it (minor units); `named` as for `allotted`."""
    held = allotted(round, named=named)
    called = dict(
        db.session.execute(
            select(CapitalCallPart.commitment_id, func.sum(CapitalCallPart.amount_minor))
            .join(CapitalCall)
            .where(CapitalCall.programme_id == round.programme_id, CapitalCall.state.in_(CALLED))
            .group_by(CapitalCallPart.commitment_id)
        ).all()
    )
    return held, [commitment.allotted_minor - int(called.get(commitment.id, 0)) for commitment in held]


def run(
    round: Round,
    held: Sequence[Commitment],
    flows: Flows,
    given: Sequence[tuple[date, int]],
    guarantee: Guarantee | None = None,
    booked: Booked | None = None,
    *,
    apart: bool,
) -> Outcome:
    """The engine over real flows, giving away exactly `given` (day, minor units), the last on the last day.

    `guarantee` only where that day is the end of the bond: it makes up for capital that did not come back by then.
    `booked`: what each commitment was given before; `apart`: each is owed on its own.
    """
    kept = [(on, flows.in_hand(on) - amount) for on, amount in given]
    capital = Capital(
        tranches=tuple(tranche_terms(tranche) for tranche in round.tranches),
        investors=tuple(Investor(str(c.id), str(c.tranche_id), c.allotted_minor) for c in held),
        drawdowns=flows.drawdowns,
        costs=(*flows.costs, *(Flow(on, amount) for on, amount in kept)),
        guarantee=guarantee,
        apart=apart,
        booked=booked or {},
    )
    back = [Flow(on + timedelta(days=1), amount) for on, amount in kept[:-1]]
    days, step = [on for on, _ in given], _step_of(round.programme)
    return distribute(capital, [*flows.receipts, *back], days, step, rates=False)


def _step_of(programme: Programme) -> int:
    """The smallest payable step of the bond (minor units): it rounds interest and shares as it rounds what is settled.
    Source: replay/1, `rounding`."""
    agreed = agreement_in_force(programme.id).join(Agreement.table).with_only_columns(PriceTable.step_minor)
    return db.session.scalar(agreed) or 1

"""What an investor may still get, kept apart from what it got: the real money so far, then three assumptions.

The assumptions are those from before committing (`capital.scenario`): nobody, half or everybody reaches every effect.
All capital, also what is called and not yet received and what can still be called, is used up by the work; what the
municipalities pay in the end, less what was distributed already, comes in on the last day on which effects accrue, so
that no projection counts on early money. After that day, while the bond is not closed, it comes in `AFTER_TAIL` from
now. A guarantee is counted for the capital that is lacking then.
Nothing here follows from payments that were not distributed yet: from those an investor could tell single effects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.capital.models import Commitment, Round, standing_round
from app.capital.returns import multiple, xirr
from app.capital.scenario import SUCCESS, guarantee_of, outcome_minor, without_vat_minor
from app.capital.terms import Flow, Guarantee
from app.capital.waterfall import Position
from app.core import clock, format
from app.extensions import db
from app.pricing.models import PriceTable, table_in_force
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.treasury.call_facts import LEAST_NOTICE_DAYS, is_over
from app.treasury.closing_checks import nothing_comes
from app.treasury.default import parts_in_default
from app.treasury.flows import (
    CALLED,
    Booked,
    Flows,
    booked_parts,
    owed_apart,
    own_minor,
    real_flows,
    run,
    undrawn_of,
)
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import DUE_ON, CapitalCall, CapitalCallPart
from app.treasury.plan import guarantee_paid_out
from app.treasury.queries import Holding
from app.treasury.states import GuaranteeState

AFTER_TAIL = timedelta(days=30)  # by law the term of an invoice (Directive 2011/7/EU, art. 4)


@dataclass(frozen=True, slots=True)
class Projected:
    """How it may end for one investor. Amounts in minor units; `rate` (XIRR) a year, None: not defined. `percent` of
    the participants who reach every effect; None: nothing more comes than what was distributed already."""

    percent: int | None
    paid_in: int
    distributed: int
    multiple: str | None
    rate: Decimal | None

    @property
    def reached(self) -> str:
        return _("nothing more comes") if self.percent is None else _("%(percent)d %%", percent=self.percent)


def projections(programme: Programme, holding: Holding) -> list[Projected]:
    """0 %, 50 % and 100 % success, as far as they can still happen; none when the bond is closed, or the investor holds
    nothing. What was distributed is proven, and stays: it stands in the place of 0 %, and of every share of success by
    which less would have been paid. It alone is left once nothing can come any more."""
    round = db.session.scalar(standing_round(programme.id))
    table = db.session.scalar(table_in_force(programme.id))
    today, last = clock.today(), comes_on(programme)
    if round is None or table is None or programme.phase == Phase.CLOSED:
        return []
    held, undrawn = undrawn_of(round, named=False)
    own = {str(one.id) for one in held if one.organisation_id == holding.organisation.id}
    if not own:
        return []
    flows = real_flows(programme, today)
    tomorrow = today + timedelta(days=1)
    callable = _calls(held, undrawn, tomorrow) if can_be_called(programme) else []
    calls = [*_awaited(programme, tomorrow, last), *callable]
    booked = booked_parts(programme, last) if owed_apart(programme, today, calls, flows.drawdowns) else None
    ahead = [flow for flow in calls if flow.investor in own]
    given, covered = sum(own_minor(one) for one in flows.distributions), _guarantee_left(round)
    found = []
    for percent, whole in _reachable(programme, table, given):
        ended = _run_to_the_end(round, held, flows, calls, (last, whole), booked, covered)
        found.append(_projected(percent, [one for one in ended if one.id in own], holding, ahead, last))
    return found


def _reachable(programme: Programme, table: PriceTable, given: int) -> Iterator[tuple[int | None, int]]:
    """Each share of success that can still be, and what the municipalities pay by it in all (minor units, without VAT);
    `given`: what was distributed of it, less than which it cannot become."""
    if given:
        yield None, given
    if is_over(programme) and (guarantee_paid_out(programme) or nothing_comes(programme)):
        if not given:
            yield 0, 0
        return
    for percent in SUCCESS:
        paid = outcome_minor(table, programme.shares, programme.cohort_size * percent // 100)
        whole = without_vat_minor(table, paid)
        if whole > given or not given:
            yield percent, whole


def can_be_called(programme: Programme) -> bool:
    """Capital is called for the work, and comes in by the end of the bond; after it only with a reason, which no sum
    foresees."""
    return clock.today() + timedelta(days=LEAST_NOTICE_DAYS) <= programme.tail_until


def _guarantee_left(round: Round) -> Guarantee | None:
    """Less what was given up because the guarantor does not pay."""
    covered = guarantee_of(round.tranches)
    if covered is None:
        return None
    lost = select(func.coalesce(func.sum(GuaranteeCall.amount_minor), 0)).where(
        GuaranteeCall.programme_id == round.programme_id, GuaranteeCall.state == GuaranteeState.GIVEN_UP
    )
    return replace(covered, amount=max(0, covered.amount - int(db.session.scalar(lost) or 0)))


def comes_on(programme: Programme) -> date:
    """The day on which a projection lets come in what municipalities still pay."""
    today = clock.today()
    ahead = today + timedelta(days=1) < programme.tail_until
    return programme.tail_until if ahead else today + AFTER_TAIL


def assumption(programme: Programme) -> str:
    """What a projection rests on, in words; on the page too."""
    return " ".join(part for part in _assumed(programme) if part)


def _assumed(programme: Programme) -> Iterator[str]:
    round = db.session.scalar(standing_round(programme.id))
    day = format.day(comes_on(programme))
    if can_be_called(programme):
        yield _(
            "If nobody, half or everybody reaches every effect of the price table. All capital, also what was called "
            "and is not yet received and what can still be called, is used up by the work; what the municipalities "
            "pay, less what was distributed already, comes in on %(day)s. These are sums, no forecast.",
            day=day,
        )
    else:
        yield _(
            "If half or everybody reaches every effect of the price table, or nothing more comes. No call that "
            "is still to come is counted; what was called, received or not, is used up by the work. What the "
            "municipalities pay, less what was distributed already, comes in on %(day)s. These are sums, no forecast.",
            day=day,
        )
    yield _("What cannot be any more is left out: what was distributed stays so, and it cannot become less.")
    yield _("Half is not what is expected: it means that half of the participants reach every effect, each one.")
    if round is not None and guarantee_of(round.tranches) is not None:
        yield _(
            "The guarantee is counted as far as it is left: it makes up for capital of its tranche that would not come "
            "back."
        )
    if clock.today() > programme.tail_until:
        yield _(
            "Since %(day)s no effect can be reached any more. What was proven and is not distributed yet is told when "
            "it is distributed, for it could tell of single people; it lies between nobody and everybody.",
            day=format.day(programme.tail_until),
        )


def _calls(held: Sequence[Commitment], undrawn: Sequence[int], on: date) -> list[Flow]:
    """Whatever can still be called, of each investor."""
    left = zip(held, undrawn, strict=True)
    return [Flow(on, amount, str(one.tranche_id), str(one.id)) for one, amount in left if amount > 0]


def _awaited(programme: Programme, tomorrow: date, last: date) -> list[Flow]:
    """Whatever was called and is not received yet, on its due day; not what an investor is in default with."""
    parts = (
        select(DUE_ON, CapitalCallPart.amount_minor, Commitment.tranche_id, Commitment.id)
        .join(CapitalCall)
        .join(Commitment, Commitment.id == CapitalCallPart.commitment_id)
        .where(CapitalCall.programme_id == programme.id, CapitalCall.state.in_(CALLED))
        .where(CapitalCallPart.received_on.is_(None), CapitalCallPart.id.not_in(parts_in_default()))
        .order_by(CapitalCallPart.reference)
    )
    return [
        Flow(min(max(due, tomorrow), last), amount, str(tranche), str(commitment))
        for due, amount, tranche, commitment in db.session.execute(parts)
    ]


def _run_to_the_end(
    round: Round,
    held: Sequence[Commitment],
    flows: Flows,
    calls: Sequence[Flow],
    comes: tuple[date, int],
    booked: Booked | None,
    covered: Guarantee | None,
) -> list[Position]:
    """`comes`: the last day, and what the municipalities will have paid by then in all, less the VAT in it."""
    last, whole_minor = comes
    given = [(one.on, own_minor(one)) for one in flows.distributions]
    still = max(0, whole_minor - sum(amount for _, amount in given))
    drawdowns = (*flows.drawdowns, *calls)
    in_hand = sum(f.amount for f in (*drawdowns, *flows.receipts)) - sum(f.amount for f in flows.costs)
    spent_on = max((flow.on for flow in calls), default=clock.today() + timedelta(days=1))
    spent = Flow(spent_on, in_hand - sum(amount for _, amount in given))
    ahead = replace(
        flows, drawdowns=drawdowns, receipts=(*flows.receipts, Flow(last, still)), costs=(*flows.costs, spent)
    )
    return run(round, held, ahead, [*given, (last, still)], covered, booked, apart=booked is not None).investors


def _projected(
    percent: int | None, mine: Sequence[Position], holding: Holding, ahead: Sequence[Flow], last: date
) -> Projected:
    """All commitments of the investor together: its real flows, its calls to come, and what comes at the end."""
    paid_in = sum(position.paid_in for position in mine)
    distributed = sum(position.distributed for position in mine)
    moved: dict[date, int] = dict(holding.flows)
    for flow in ahead:
        moved[flow.on] = moved.get(flow.on, 0) - flow.amount
    moved[last] = moved.get(last, 0) + distributed - holding.distributed
    rate = xirr(moved, distributed)[0]
    return Projected(
        percent, paid_in, distributed, multiple(paid_in, distributed), None if rate is None else Decimal(rate)
    )

"""What the pages of the desk and of an investor read, when it is more than one select."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.capital.models import Commitment, Tranche, counted_minor, standing_round
from app.capital.returns import multiple, xirr
from app.capital.states import CommitmentState
from app.extensions import db
from app.ledger.balances import sums_of
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.outcomes.queries import PER_PAGE, Listed
from app.people.models import Organisation
from app.programmes.models import Part, Programme
from app.programmes.states import Phase
from app.settlement.models import Settlement, Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.queries import is_refused
from app.settlement.states import OWED, STANDING, StatementState
from app.treasury.assignment import Assignment
from app.treasury.default import InvestorDefault
from app.treasury.flows import undrawn_minor
from app.treasury.guarantee import GuaranteeCall
from app.treasury.in_hand import free_of
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.remittance import Remittance
from app.treasury.states import CapitalCallState, DefaultState, PaymentState


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a bond's money is; all amounts in minor units."""

    bank: int
    pending: int
    paid_in: int
    undrawn: int
    receivable: int
    received: int
    costs: int
    principal: int
    returned: int
    vat: int
    bank_costs: int
    guaranteed: int
    excess: int
    payer_credit: int  # owed back to municipalities and investors, less what is set aside for it
    free: int


def desk(programme: Programme) -> Desk:
    """The figures of the intermediary's desk, from the books."""
    sums = sums_of(programme.id)
    total = partial(sums.total, closed=False)
    round = db.session.scalar(standing_round(programme.id))
    paid_in = _paid_in(programme)
    return Desk(
        bank=total(AccountKind.BANK),
        pending=sums.pending(),
        paid_in=paid_in,
        undrawn=undrawn_minor(round) if round else 0,
        receivable=total(AccountKind.RECEIVABLE),
        received=_received(programme),
        vat=sums.vat(),
        costs=total(AccountKind.RUNNING_COSTS),
        principal=paid_in - total(AccountKind.INVESTOR_CAPITAL),
        returned=total(AccountKind.INVESTOR_RETURN),
        bank_costs=total(AccountKind.BANK_COSTS),
        guaranteed=total(AccountKind.GUARANTEE),
        excess=total(AccountKind.EXCESS),
        payer_credit=sums.payer_credit(),
        free=free_of(programme.id, sums),
    )


def _paid_in(programme: Programme) -> int:
    found = select(func.coalesce(func.sum(CapitalCallPart.amount_minor), 0)).join(CapitalCall)
    found = found.where(CapitalCall.programme_id == programme.id, CapitalCallPart.received_on.is_not(None))
    return int(db.session.scalar(found) or 0)


def _received(programme: Programme) -> int:
    """From municipalities, VAT included, less what closing statements owe back to them."""
    found = select(func.coalesce(func.sum(StatementPayment.amount_minor), 0)).join(Statement)
    back = select(func.coalesce(func.sum(Statement.amount_minor), 0))
    back = back.where(Statement.amount_minor < 0, Statement.state == StatementState.PAID)
    mine = [one.where(Statement.programme_id == programme.id).scalar_subquery() for one in (found, back)]
    return sum(int(one) for one in db.session.execute(select(*mine)).one())


def peak_exposure_minor(programme: Programme, on: date) -> int:
    """The most that investors ever had in the bond at once: paid in less distributed. Within a day money comes in
    before it goes out, as in `capital.waterfall`."""
    came = select(CapitalCallPart.received_on, func.sum(CapitalCallPart.amount_minor)).join(CapitalCall)
    came = came.where(CapitalCall.programme_id == programme.id, CapitalCallPart.received_on <= on)
    went = select(Distribution.on, func.sum(Distribution.amount_minor - Distribution.guarantee_minor)).where(
        Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED, Distribution.on <= on
    )
    moves: list[Any] = [
        (day, 0, int(minor)) for day, minor in db.session.execute(came.group_by(CapitalCallPart.received_on))
    ]
    moves += [(day, 1, -int(minor)) for day, minor in db.session.execute(went.group_by(Distribution.on))]
    return peak_of(moves)


def peak_of(moves: Iterable[tuple[date, int, int]]) -> int:
    """The highest point of a running sum of (day, order within the day, minor units)."""
    in_it = peak = 0
    for _day, _order, amount in sorted(moves):
        in_it += amount
        peak = max(peak, in_it)
    return peak


Beside = tuple[str, Any, int]  # the endpoint of its page, the row, minor units


@dataclass(frozen=True, slots=True)
class Lists:
    """What stands at the desk, newest first."""

    calls: Sequence[CapitalCall]
    costs: Sequence[CostPayment]
    distributions: Sequence[Distribution]
    statements: Sequence[Statement]
    beside: Sequence[Beside]


def lists(programme: Programme, newest: int = 50) -> Lists:
    """Calls, costs, distributions and the statements that municipalities have approved or paid; none of a settlement
    that was refused or discarded, by which nobody owes anything."""

    def of(model: Any) -> Any:
        return select(model).where(model.programme_id == programme.id).limit(newest)

    counts = select(Settlement.id).where(Settlement.state.in_(STANDING), ~is_refused())
    statements = of(Statement).where(Statement.state.in_((*OWED, StatementState.PAID)))
    statements = statements.where(Statement.settlement_id.in_(counts))
    statements = statements.options(selectinload(Statement.invoices))  # what is late is read from them
    return Lists(
        calls=db.session.scalars(of(CapitalCall).order_by(CapitalCall.number.desc())).unique().all(),
        costs=db.session.scalars(of(CostPayment).order_by(CostPayment.created_at.desc())).unique().all(),
        distributions=db.session.scalars(of(Distribution).order_by(Distribution.number.desc())).unique().all(),
        statements=db.session.scalars(statements.order_by(Statement.created_at.desc())).unique().all(),
        beside=_beside(of),
    )


def _beside(of: Any) -> list[Beside]:
    """What is no call, cost or distribution: guarantee, VAT, what is left, defaults; newest first."""
    found: list[Beside] = []
    for model, endpoint in (
        (GuaranteeCall, "treasury.guarantee"),
        (Remittance, "treasury.remittance"),
        (InvestorDefault, "treasury.default"),
    ):
        for one in db.session.scalars(of(model).order_by(model.created_at.desc())).unique():
            found.append((endpoint, one, one.part.amount_minor if model is InvestorDefault else one.amount_minor))
    return sorted(found, key=lambda row: row[1].created_at, reverse=True)


def transfers_of(causes: Sequence[Any]) -> dict[uuid.UUID, list[Transfer]]:
    """The transfers that moved money for each of these rows, by the id of the row."""
    found: dict[uuid.UUID, list[Transfer]] = defaultdict(list)
    rows = select(Transfer).where(
        Transfer.cause_id.in_([cause.id for cause in causes]),
        Transfer.kind.not_in((TransferKind.PENDING, TransferKind.VOID_PENDING)),
    )
    for transfer in db.session.scalars(rows.options(joinedload(Transfer.debit)).order_by(Transfer.created_at)):
        found[transfer.cause_id].append(transfer)
    return found


def defaults_for(parts: Sequence[CapitalCallPart], user: Any) -> dict[uuid.UUID, InvestorDefault]:
    """The default of each part, as far as this person may read it, by the id of the part."""
    found = InvestorDefault.visible_to(user).where(
        InvestorDefault.part_id.in_([part.id for part in parts]), InvestorDefault.state != DefaultState.REJECTED
    )
    return {one.part_id: one for one in db.session.scalars(found).unique()}


WITH_TRANCHE = joinedload(CapitalCallPart.commitment).joinedload(Commitment.tranche)
AS_ASKED = (CapitalCallPart.reference, CapitalCallPart.created_at, CapitalCallPart.id)
PARTS: dict[type[Any], tuple[Any, Any, tuple[Any, ...]]] = {  # of what an investor has a part: it, its key, its order
    CapitalCall: (CapitalCallPart, CapitalCallPart.capital_call_id, AS_ASKED),
    Distribution: (DistributionPart, DistributionPart.distribution_id, (DistributionPart.position,)),
}


def parts_for(thing: CapitalCall | Distribution, user: Any, all_of_them: bool) -> Select[Any]:
    """The parts that this person may read: an investor its own, the desk all."""
    part, key, order = PARTS[type(thing)]
    found = select(part).where(key == thing.id).order_by(*order)
    if part is CapitalCallPart:
        found = found.options(WITH_TRANCHE)
    return found if all_of_them else found.where(part.organisation_id.in_(user.organisation_ids))


def parts_listed(found: Select[Any], number: int, url: Callable[[int], str], total: int | None = None) -> Listed:
    """One page of them: investors may be ten thousand. `total`: how many there are, where that is known."""
    if total is None:
        total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    rows = db.session.scalars(found.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).unique().all()
    return Listed(list(rows), total, number, url)


def part_count(distribution: Distribution) -> int:
    found = select(func.count()).select_from(DistributionPart)
    return db.session.scalar(found.where(DistributionPart.distribution_id == distribution.id)) or 0


def investor_count(programme: Programme) -> int:
    """How many organisations have a part in the bond as investors."""
    found = select(func.count()).select_from(programme.having(Part.INVESTOR).order_by(None).subquery())
    return db.session.scalar(found) or 0


def parts_whole(found: Select[Any]) -> tuple[int, tuple[int, int]]:
    """How many parts of a distribution, and their (capital, return) together (minor units), also where a page shows
    some of them."""
    sums = (func.count(), func.sum(DistributionPart.principal_minor), func.sum(DistributionPart.return_minor))
    number, principal, further = db.session.execute(found.with_only_columns(*sums).order_by(None)).one()
    return number, (int(principal or 0), int(further or 0))


def tranches_of(found: Select[Any]) -> Sequence[Tranche]:
    """Those that the parts of a distribution are of, by rank."""
    ids = found.with_only_columns(DistributionPart.tranche_id).order_by(None)
    return db.session.scalars(select(Tranche).where(Tranche.id.in_(ids)).order_by(Tranche.rank, Tranche.name)).all()


# --- What an investor has --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Holding:
    """One investor's money in one bond, in minor units; `rate` is the realised XIRR a year (actual/365)."""

    organisation: Organisation
    committed: int = 0
    called: int = 0
    paid_in: int = 0
    principal: int = 0
    returned: int = 0
    multiple: str | None = None
    rate: Decimal | None = None
    flows: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    calls: list[CapitalCallPart] = field(default_factory=list)
    distributions: list[DistributionPart] = field(default_factory=list)
    is_over: bool = False  # the bond is closed

    @property
    def outstanding(self) -> int:
        return 0 if self.is_over else self.paid_in - self.principal

    @property
    def lost(self) -> int:
        """Capital that did not come back when the bond was closed."""
        return self.paid_in - self.principal if self.is_over else 0

    @property
    def distributed(self) -> int:
        return self.principal + self.returned

    def peak_exposure(self) -> int:
        """The most this investor ever had in the bond at once; within a day money comes in before it goes out."""
        moves = [(part.received_on, 0, part.amount_minor) for part in self.calls if part.received_on is not None]
        moves += [(d.distribution.on, 1, -d.principal_minor - d.return_minor) for d in self.distributions]
        return peak_of(moves)


def investors_of(programme: Programme, user: Any, all_of_them: bool) -> Select[Organisation]:
    """The investors whose holding this person may read."""
    found = programme.having(Part.INVESTOR)
    return found if all_of_them else found.where(Organisation.id.in_(user.organisation_ids))


def holding(programme: Programme, organisation: Organisation) -> Holding:
    """What `organisation` committed, paid in and got back, realised only: nothing here is a forecast."""
    found = Holding(organisation, is_over=programme.phase == Phase.CLOSED)
    committed = select(func.coalesce(func.sum(counted_minor()), 0)).where(
        Commitment.programme_id == programme.id,
        Commitment.organisation_id == organisation.id,
        Commitment.state.in_((CommitmentState.COMMITTED, CommitmentState.ALLOTTED)),
    )
    found.committed = int(db.session.scalar(committed) or 0)
    found.calls = _calls_of(programme, organisation)
    for part in found.calls:
        found.called += part.amount_minor
        if part.received_on is not None:
            found.paid_in += part.amount_minor
            found.flows[part.received_on] -= part.amount_minor
    found.distributions = _distributions_of(programme, organisation)
    for given in found.distributions:
        found.principal += given.principal_minor
        found.returned += given.return_minor
        found.flows[given.distribution.on] += given.principal_minor + given.return_minor
    found.multiple = multiple(found.paid_in, found.distributed)
    # With capital outstanding the realised flow alone would read as a loss that nobody has had yet: until the bond is
    # closed a guarantee, a late payment or a closing settlement may still bring it back.
    whole = (found.distributed and not found.outstanding) or found.is_over
    earned = xirr(found.flows, found.distributed)[0] if whole else None
    found.rate = None if earned is None else Decimal(earned)
    return found


def commitments_of(programme: Programme, organisation: Organisation) -> Sequence[Commitment]:
    """What the investor still holds of the round that stands."""
    held = select(Commitment).filter_by(
        programme_id=programme.id, organisation_id=organisation.id, state=CommitmentState.ALLOTTED
    )
    return db.session.scalars(held.order_by(Commitment.created_at)).unique().all()


def assignments_of(programme: Programme, organisation: Organisation) -> Sequence[Assignment]:
    """Transfers of commitments from or to this investor, newest first."""
    either = or_(Assignment.giver_id == organisation.id, Assignment.receiver_id == organisation.id)
    found = select(Assignment).where(Assignment.programme_id == programme.id, either)
    return db.session.scalars(found.order_by(Assignment.created_at.desc())).unique().all()


def _calls_of(programme: Programme, organisation: Organisation) -> list[CapitalCallPart]:
    called = (CapitalCallState.CALLED, CapitalCallState.FUNDED)
    found = (
        select(CapitalCallPart)
        .join(CapitalCall)
        .options(joinedload(CapitalCallPart.capital_call), WITH_TRANCHE)
        .where(CapitalCall.programme_id == programme.id, CapitalCall.state.in_(called))
        .where(CapitalCallPart.organisation_id == organisation.id)
    )
    return list(db.session.scalars(found.order_by(CapitalCall.number, *AS_ASKED)).unique())


def _distributions_of(programme: Programme, organisation: Organisation) -> list[DistributionPart]:
    found = (
        select(DistributionPart)
        .join(Distribution)
        .options(joinedload(DistributionPart.distribution))
        .where(Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED)
        .where(DistributionPart.organisation_id == organisation.id)
    )
    return list(db.session.scalars(found.order_by(Distribution.number)).unique())

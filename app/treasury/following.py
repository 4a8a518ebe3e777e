"""Follow this cent: from a transfer to what caused it, back to the receipts, statements, lines, claims and sign-offs
behind it, and forward to where the money went, as far as the reader's rights go."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.access.actions import Action
from app.access.guard import may
from app.access.roles import Role
from app.agreements.models import Agreement
from app.core.paging import Paged, cut
from app.extensions import db
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.tally_models import LineTally
from app.pricing.models import Effect, PriceTable
from app.settlement.group_models import SettlementGroup
from app.settlement.groups import groups_behind
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.queries import in_order
from app.settlement.states import STANDING, LineKind, StatementState
from app.settlement.sum_models import SettlementSum
from app.treasury.at_bank import is_bank_read
from app.treasury.behind import Behind, Shared, effects_behind, effects_for_investors, effects_shared
from app.treasury.credits import set_offs
from app.treasury.models import BookedTransfer, CostPayment, Distribution, DistributionPart
from app.treasury.movements import Share, around
from app.treasury.on_its_way import gone_out
from app.treasury.paid_from import paid_from
from app.treasury.queries import parts_for
from app.treasury.remittance import RemittancePart
from app.treasury.returned import ReturnedPayment

LINES = 100  # on one page; the settlement's own page has them all
PAYMENTS = {one.__tablename__ for one in (CostPayment, DistributionPart, RemittancePart, ReturnedPayment)}
FEW = 50  # payments or receipts that are shown one by one; of more a page, and their sums


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Money that came in before or went out after: how much of it is this cent's, and its own page where it may be
    read. `kind` says what it was; `party` only to the desk."""

    amount_minor: int
    kind: AccountKind
    party: str | None = None
    transfer_id: uuid.UUID | None = None
    reference: str = ""
    set_off: bool = False  # no money moved for it


@dataclass(frozen=True, slots=True)
class KindSum:
    """All money of one kind together; one receipt may have paid ten thousand investors."""

    kind: AccountKind
    number: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A page of them in the order of the books; of more than `FEW` the largest first, with the `sums` of them all."""

    page: Paged
    sums: list[KindSum] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Owed:
    """How far what a municipality owes by a statement was paid (minor units); `owed` is after corrections."""

    owed_minor: int
    corrected_minor: int
    came_minor: int  # on the bank account
    set_off_minor: int
    still_minor: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything behind and after one transfer, for one reader."""

    transfer: BookedTransfer
    desk: bool
    sources: Neighbours
    uses: Neighbours
    statements: list[Statement]
    lines: list[SettlementLine]
    alike: list[SettlementGroup]
    signed: list[Batch]
    taken_back: dict[uuid.UUID, list[SettlementLine]]
    effects: list[Behind]
    shares: list[Shared]
    tables: list[PriceTable]
    answer: Transfer | None
    origin: Any = None  # a part's remittance; of a payment that came back: the cost, distribution or remittance
    effect_names: list[str] = field(default_factory=list)  # paid for by then, without how many
    owed: Owed | None = None
    set_off: bool = False
    on_its_way: bool = False  # approved and booked, and no line of the bank shows it yet
    bank_is_read: bool = True
    left_minor: int = 0  # of this money still on the account

    @property
    def undoes(self) -> bool:
        """It books back what was booked: together they are no money."""
        return self.transfer.kind == TransferKind.REVERSAL

    @property
    def undone(self) -> bool:
        return self.answer is not None and self.answer.kind == TransferKind.REVERSAL


def follow(transfer: BookedTransfer, user: Any) -> Story:
    """Tell the story of a transfer to `user`: the desk sees parties and which lines are alike, a payer its own lines
    (its case owners, one by one), others sums."""
    desk = may(Action.TREASURY_READ, transfer.programme, user)
    answer = db.session.scalar(select(Transfer).where(Transfer.pending_id == transfer.id))
    is_money = transfer.kind != TransferKind.REVERSAL and (answer is None or answer.kind != TransferKind.REVERSAL)
    through = _same_money(transfer) if is_money else {transfer.id}
    sources, uses, left_minor = around(transfer.programme_id, through)
    statements = _statements(_caused_by_statements(transfer, sources))
    named = bool(statements) and all(may(Action.STATEMENT_READ, one, user) for one in statements)
    detailed = named and all(sees_lines(one, user) for one in statements)
    by_row = detailed and all(one.payer_id in user.resident_ids for one in statements)
    lines = _lines(statements) if by_row else []
    amounts = _of_each_statement(transfer, sources) if is_money and detailed else {}
    return Story(
        transfer=transfer,
        desk=desk,
        sources=_shown(sources, desk, "came"),
        uses=_shown(uses, desk, "went"),
        statements=statements if named else [],
        lines=lines,
        alike=groups_behind([one.id for one in statements], LINES) if detailed and not by_row else [],
        signed=_signed(statements) if detailed and not by_row else [],
        taken_back=_taken_back(lines),
        effects=_effects(transfer, statements, detailed) if is_money and not amounts else [],
        shares=effects_shared(amounts),
        effect_names=_paid_by_then(transfer) if is_money and statements and not detailed else [],
        tables=_tables(statements),
        answer=answer,
        origin=_origin(transfer),
        owed=_owed(transfer),
        set_off=is_set_off(transfer),
        on_its_way=transfer.cause_type in PAYMENTS and not gone_out([transfer.cause_id]),
        bank_is_read=is_bank_read(transfer.programme_id),
        left_minor=left_minor,
    )


def _owed(transfer: BookedTransfer) -> Owed | None:
    if transfer.cause_type != Statement.__tablename__ or transfer.debit.kind != AccountKind.RECEIVABLE:
        return None
    statement = db.session.get_one(Statement, transfer.cause_id)
    offs = set(db.session.scalars(set_offs().where(Transfer.cause_id == statement.id)))
    off = sum(one.amount_minor for one in statement.payments if one.id in offs)
    corrected = sum(one.amount_minor for one in statement.corrections)
    return Owed(statement.owed_minor, corrected, statement.received_minor - off, off, statement.outstanding_minor)


def _origin(transfer: BookedTransfer) -> Any:
    if transfer.cause_type == RemittancePart.__tablename__:
        return db.session.get_one(RemittancePart, transfer.cause_id).remittance
    if transfer.cause_type != ReturnedPayment.__tablename__:
        return None
    return db.session.get_one(ReturnedPayment, transfer.cause_id).origin


def receipts_of(distribution: Distribution, user: Any, minor: int) -> Neighbours:
    """What a distribution pays out: the receipts to the desk; to an investor, of its own parts, which come to `minor`,
    sums by kind."""
    desk = may(Action.TREASURY_READ, distribution.programme, user)
    whole, own = (
        parts_for(distribution, user, all_of_them).with_only_columns(DistributionPart.id).order_by(None)
        for all_of_them in (True, False)
    )
    return _shown(paid_from(distribution.programme_id, whole, None if desk else own, minor), desk, "came")


def sees_lines(statement: Statement, user: Any) -> bool:
    """The desk, and the municipality about its own residents; the auditor reads neither effects nor their numbers."""
    return Role.INTERMEDIARY in statement.roles_of(user) or statement.payer_id in user.organisation_ids


def _effects(transfer: BookedTransfer, statements: Sequence[Statement], detailed: bool) -> list[Behind]:
    """Those of these statements. To who reads sums only, those of the whole bond, as on every other page: from the
    difference between two pages nobody learns a small number. None where more was paid for after this money moved,
    since those are not what is behind it."""
    if detailed:
        return effects_behind([one.id for one in statements])
    if not statements or _paid_since(transfer):
        return []
    return effects_for_investors(transfer.programme)


def _paid_since(transfer: BookedTransfer) -> bool:
    """Did a municipality pay after this money moved?"""
    later = select(StatementPayment.id).join(Statement, Statement.id == StatementPayment.statement_id)
    later = later.where(Statement.programme_id == transfer.programme_id)
    return bool(db.session.scalar(select(later.where(StatementPayment.created_at > transfer.created_at).exists())))


def _paid_by_then(transfer: BookedTransfer) -> list[str]:
    """The effects that municipalities had paid for when this money moved, by name only."""
    found = (
        select(Effect.name, Effect.position)
        .join(SettlementSum, SettlementSum.effect_id == Effect.id)
        .join(Statement, Statement.settlement_id == SettlementSum.settlement_id)
        .join(StatementPayment, StatementPayment.statement_id == Statement.id)
        .where(Statement.programme_id == transfer.programme_id, Statement.payer_id == SettlementSum.payer_id)
        .where(StatementPayment.created_at <= transfer.created_at)
        .distinct()
        .order_by(Effect.position)
    )
    return [name for name, _position in db.session.execute(found)]


def _same_money(transfer: BookedTransfer) -> set[uuid.UUID]:
    """The transfer itself; and of what a municipality owes whatever paid it: both are one story."""
    if transfer.cause_type != Statement.__tablename__ or transfer.debit.kind != AccountKind.RECEIVABLE:
        return {transfer.id}
    return set(db.session.scalars(select(Transfer.id).where(Transfer.cause_id == transfer.cause_id)))


def _caused_by_statements(transfer: BookedTransfer, sources: Sequence[Share]) -> set[uuid.UUID]:
    """The statements that this money is for: what a municipality pays is booked against what it owes, what it gets back
    against what a closing settlement owes to it."""
    owed = [one for one, kind, _amount in sources if kind == AccountKind.RECEIVABLE]
    found = select(Transfer.cause_id).where(Transfer.id.in_([transfer.id, *owed]))
    if transfer.debit.kind == AccountKind.PAYER_CREDIT:
        found = select(Transfer.cause_id).where(Transfer.id == transfer.id)
    caused = set(db.session.scalars(found.where(Transfer.cause_type == Statement.__tablename__)))
    overpaid = is_set_off(transfer) and sum(amount for *_rest, amount in sources) >= transfer.amount_minor
    if transfer.debit.kind != AccountKind.PAYER_CREDIT or overpaid:
        return caused
    return caused | _owed_back(transfer)


def _of_each_statement(transfer: BookedTransfer, sources: Sequence[Share]) -> dict[uuid.UUID, int]:
    """How much of this money each statement was, where it was owed or paid by one (minor units)."""
    if transfer.cause_type == Statement.__tablename__:
        is_owed = AccountKind.RECEIVABLE in (transfer.debit.kind, transfer.credit.kind)
        return {transfer.cause_id: transfer.amount_minor} if is_owed else {}
    owed = {id: amount for id, kind, amount in sources if kind == AccountKind.RECEIVABLE}
    found = select(Transfer.id, Transfer.cause_id).where(Transfer.id.in_(owed))
    sums: dict[uuid.UUID, int] = {}
    for id, cause in db.session.execute(found.where(Transfer.cause_type == Statement.__tablename__)):
        sums[cause] = sums.get(cause, 0) + owed[id]
    return sums


def _owed_back(transfer: BookedTransfer) -> set[uuid.UUID]:
    """What is paid back to a municipality was owed to it by its statements below zero."""
    found = select(Statement.id).where(
        Statement.programme_id == transfer.programme_id,
        Statement.payer_id == transfer.debit.organisation_id,
        Statement.amount_minor < 0,
        Statement.state == StatementState.PAID,
    )
    return set(db.session.scalars(found))


def _shown(found: Sequence[Share], desk: bool, key: str) -> Neighbours:
    """One by one to the desk, in pages that `key` numbers; to others sums per kind, without parties or numbers."""
    if not desk:
        return Neighbours(cut([Neighbour(one.amount_minor, one.kind) for one in _sums(found)], key=key))
    many = len(found) > FEW
    page = cut(sorted(found, key=lambda one: -one[2]) if many else found, size=FEW, key=key)
    known = _transfers([id for id, _kind, _amount in page.rows])
    rows = [_neighbour(known[id], amount) for id, _kind, amount in page.rows]
    return Neighbours(replace(page, rows=rows), _sums(found) if many else [])


def _sums(found: Sequence[Share]) -> list[KindSum]:
    sums: dict[AccountKind, list[int]] = {}
    for _id, kind, amount in found:
        sums.setdefault(kind, []).append(amount)
    return [KindSum(kind, len(amounts), sum(amounts)) for kind, amounts in sums.items()]


def _transfers(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Transfer]:
    found = select(Transfer).where(Transfer.id.in_(ids))
    found = found.options(joinedload(Transfer.debit), joinedload(Transfer.credit))
    return {row.id: row for row in db.session.scalars(found)}


def _neighbour(one: Transfer, amount_minor: int) -> Neighbour:
    other = _other_side(one)
    party = other.organisation.name if other.organisation else None
    return Neighbour(amount_minor, other.kind, party, one.id, one.reference, is_set_off(one))


def _other_side(one: Transfer) -> Account:
    return one.debit if one.credit.kind == AccountKind.BANK else one.credit


def is_set_off(one: Transfer | BookedTransfer) -> bool:
    """What the bond owed to a municipality paid what that owed."""
    return one.debit.kind == AccountKind.PAYER_CREDIT and one.credit.kind == AccountKind.RECEIVABLE


def _statements(ids: Collection[uuid.UUID]) -> list[Statement]:
    found = in_order(select(Statement).where(Statement.id.in_(ids)))
    loaded = joinedload(Statement.settlement).joinedload(Settlement.agreement).joinedload(Agreement.table)
    return list(db.session.scalars(found.options(loaded)).unique())


def _lines(statements: Sequence[Statement]) -> list[SettlementLine]:
    """The lines of these statements with claim, sign-off and effect, the first `LINES` of them."""
    found = (
        select(SettlementLine)
        .join(Statement, Statement.settlement_id == SettlementLine.settlement_id)
        .where(Statement.payer_id == SettlementLine.payer_id, Statement.id.in_([one.id for one in statements]))
        .options(joinedload(SettlementLine.first_settlement))
        .options(joinedload(SettlementLine.claim).joinedload(Claim.batch))
        .options(joinedload(SettlementLine.measurement).joinedload(Measurement.batch))
        .order_by(SettlementLine.settlement_id, SettlementLine.position)
    )
    return list(db.session.scalars(found.limit(LINES)).unique())


def _signed(statements: Sequence[Statement]) -> list[Batch]:
    """The sign-offs behind these statements, without how many effects of each: a sign-off may hold few."""
    owed = (Statement.settlement_id == LineTally.settlement_id) & (Statement.payer_id == LineTally.owing_id)
    behind = select(LineTally.batch_id).join(Statement, owed).where(LineTally.number != 0)
    behind = behind.where(Statement.id.in_([one.id for one in statements]))
    return list(db.session.scalars(select(Batch).where(Batch.id.in_(behind)).order_by(Batch.number)).unique())


def _taken_back(lines: Sequence[SettlementLine]) -> dict[uuid.UUID, list[SettlementLine]]:
    """By effect, where its money was taken back since, in settlements that the parties have before them."""
    proof = func.coalesce(SettlementLine.claim_id, SettlementLine.measurement_id)
    found = (
        select(SettlementLine)
        .join(SettlementLine.settlement)
        .where(proof.in_([line.proof_id for line in lines]), SettlementLine.kind == LineKind.CLAWED_BACK)
        .where(Settlement.state.in_(STANDING), Settlement.checked_by_id.is_not(None))
        .options(joinedload(SettlementLine.settlement))
        .order_by(Settlement.number)
    )
    known: dict[uuid.UUID, list[SettlementLine]] = {}
    for line in db.session.scalars(found).unique():
        known.setdefault(line.proof_id, []).append(line)
    return known


def _tables(statements: Sequence[Statement]) -> list[PriceTable]:
    found = {one.settlement.agreement.table.id: one.settlement.agreement.table for one in statements}
    return sorted(found.values(), key=lambda table: table.number)

"""What must be true of every settlement at any moment. Each function yields a line per fault."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased

from app.core.collector import collector_resting
from app.extensions import db
from app.intake.models import Participant
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import ClaimState
from app.pricing.caps import PERIODS
from app.programmes.models import Programme
from app.settlement.group_models import SettlementGroup
from app.settlement.groups import GROUPED, grouped
from app.settlement.history import history, stored_lines
from app.settlement.invoice_models import Invoice
from app.settlement.invoicing import digest_of
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.states import OWED, STANDING, InvoiceKind, LineKind, SettlementState, StatementState
from app.settlement.sum_models import SettlementSum
from app.settlement.sums import KEYS, added_up
from app.settlement.valuing import recompute, terms_of
from app.verification.appeal_models import Reopening


def settlements_recompute() -> Iterator[str]:
    """Computed again from its inputs, every settlement equals what was stored, to the cent."""
    with collector_resting():
        for programme in db.session.scalars(select(Programme)).unique().all():
            yield from _recomputed(programme)


def _recomputed(programme: Programme) -> Iterator[str]:
    found = select(Settlement).where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    made = db.session.scalars(found.order_by(Settlement.number)).unique().all()
    with_vat = any(terms_of(one.agreement).vat_rate is not None for one in made)
    past = history(programme, with_vat) if made else []
    for place, (settlement, own) in enumerate(zip(made, past, strict=True)):
        yield from recompute(settlement, own, past[:place], stored_lines(settlement.id))


def statements_sum_their_lines() -> Iterator[str]:
    """A municipality owes the sum of the lines of its own residents."""
    summed = select(SettlementLine.settlement_id, SettlementLine.payer_id, func.sum(SettlementLine.paid_minor))
    lines = {
        (settlement, payer): int(paid)
        for settlement, payer, paid in db.session.execute(
            summed.group_by(SettlementLine.settlement_id, SettlementLine.payer_id)
        )
    }
    owed = select(Statement.settlement_id, Statement.payer_id, Statement.amount_minor, Statement.reference)
    for settlement, payer, amount, reference in db.session.execute(owed):
        if lines.pop((settlement, payer), None) != amount:
            yield f"statement {reference}: does not sum its lines"
    for settlement, payer in lines:
        yield f"settlement {settlement}: {payer} has lines and no statement"


def sums_are_of_their_lines() -> Iterator[str]:
    """What was kept when a settlement was made is what its lines come to."""
    kept = select(*(getattr(SettlementSum, name) for name in (*KEYS, "lines", "paid_minor")))
    stored, found = ({_kept(row) for row in db.session.execute(rows)} for rows in (kept, added_up()))
    for settlement in sorted({str(row[0]) for row in stored ^ found}):
        yield f"settlement {settlement}: the sums that were kept are not those of its lines"


def _kept(row: Any) -> tuple[Any, ...]:
    """Sums come back as other kinds of numbers from one database than from another."""
    return (*row[:-2], int(row[-2]), int(row[-1]))


def lines_that_are_alike_stand_together() -> Iterator[str]:
    """What is read in the place of lines is what the lines say: how many, by the table, to pay, and why."""
    for id in db.session.scalars(select(Settlement.id)):
        kept = db.session.scalars(select(SettlementGroup).where(SettlementGroup.settlement_id == id)).unique()
        found = grouped(id)
        stored = [{name: getattr(one, name) for name in GROUPED} for one in kept]
        if sorted(map(_in_words, stored)) != sorted(map(_in_words, found)):
            yield f"settlement {id}: lines that are alike do not come to its lines"


def _in_words(group: Mapping[str, Any]) -> str:
    return str([group[name] for name in GROUPED])


def what_was_paid_is_what_was_settled() -> Iterator[str]:
    """A statement owes in the books, and when it is paid was paid, what its lines give less its corrections."""
    account = aliased(Account)
    mirrored = case((Transfer.kind == TransferKind.REVERSAL, -Transfer.amount_minor), else_=Transfer.amount_minor)
    owing = case((Transfer.kind == TransferKind.REVERSAL, Transfer.credit_id), else_=Transfer.debit_id)
    booked = (
        select(Transfer.cause_id, func.sum(mirrored))
        .join(account, account.id == owing)
        .where(Transfer.cause_type == Statement.__tablename__, account.kind == AccountKind.RECEIVABLE)
        .group_by(Transfer.cause_id)
    )
    owed = {id: int(minor) for id, minor in db.session.execute(booked)}
    for statement in _anew(select(Statement)):
        stands = statement.settlement.state in STANDING and not statement.settlement.is_refused
        counts = stands and statement.state in (*OWED, StatementState.PAID)
        expected = max(statement.owed_minor, 0) if counts else 0
        if owed.get(statement.id, 0) != expected:
            yield f"statement {statement.reference}: {owed.get(statement.id, 0)} booked as owed, not {expected}"
        if statement.outstanding_minor < 0:
            yield f"statement {statement.reference}: more was paid than is owed"
        if statement.state == StatementState.PAID and statement.outstanding_minor:
            yield f"statement {statement.reference}: counts as paid, {statement.outstanding_minor} is not"


def invoices_say_what_is_owed() -> Iterator[str]:
    """Invoices less credit notes are what a statement owes; numbers have no gap; a document fits its fingerprint."""
    sums: dict[uuid.UUID, int] = defaultdict(int)
    last: dict[tuple[uuid.UUID, int], int] = defaultdict(int)
    for one in db.session.scalars(select(Invoice).order_by(Invoice.issuer_id, Invoice.year, Invoice.sequence)).unique():
        sums[one.statement_id] += one.amount_minor if one.kind == InvoiceKind.INVOICE else -one.amount_minor
        series = (one.issuer_id, one.year)
        last[series] += 1
        if one.sequence != last[series]:
            yield f"invoice {one.number}: the number before it is missing"
        if digest_of(one.content) != one.digest:
            yield f"invoice {one.number}: its fingerprint does not fit what it says"
    for statement in _anew(select(Statement).where(Statement.id.in_(sums))):
        if sums[statement.id] != statement.owed_minor:
            yield f"statement {statement.reference}: invoiced {sums[statement.id]}, owed {statement.owed_minor}"


def _anew(found: Select[Statement]) -> Iterable[Statement]:
    """As the database holds them, whatever this session read before."""
    return db.session.scalars(found.execution_options(populate_existing=True)).unique()


def lines_name_the_provider() -> Iterator[str]:
    """A line is read by the provider that its participant is with; of a measurement it names none."""
    of_person = select(Participant.provider_id).join(Claim, Claim.participant_id == Participant.id)
    now = of_person.where(Claim.id == SettlementLine.claim_id).scalar_subquery()
    for id in db.session.scalars(select(SettlementLine.id).where(SettlementLine.provider_id.is_distinct_from(now))):
        yield f"line {id}: names another provider than its participant is with"


def no_claim_is_settled_twice() -> Iterator[str]:
    """A claim or measurement stands in one settlement that counts at the most, and only when it was signed off."""
    for name, proof in (("claim", Claim), ("measurement", Measurement)):
        seen: dict[object, int] = defaultdict(int)
        found = select(proof.id, proof.state, Settlement.state).select_from(SettlementLine)  # type: ignore[attr-defined]
        found = found.join(getattr(SettlementLine, name)).join(SettlementLine.settlement)
        found = found.where(Settlement.state.in_(STANDING), SettlementLine.kind == LineKind.FIRST)
        for id, state, settlement_state in db.session.execute(found):
            seen[id] += 1
            if seen[id] > 1:
                yield f"{name} {id}: settled twice"
            done = settlement_state in (SettlementState.APPROVED, SettlementState.PAID)
            if state not in (ClaimState.SETTLED if done else ClaimState.SIGNED_OFF, ClaimState.REOPENED):
                yield f"{name} {id}: is {state} in a settlement that is {settlement_state}"


def what_is_paid_later_is_owed_from_before() -> Iterator[str]:
    """A later line pays for a proof that the settlement it names took; carried over is no more than was cut there."""
    own, first = aliased(SettlementLine), aliased(Settlement)
    proof = func.coalesce(SettlementLine.claim_id, SettlementLine.measurement_id)
    same = func.coalesce(own.claim_id, own.measurement_id) == proof
    found = (
        select(SettlementLine, Settlement.number, first.number, first.state, own.steps)
        .join(Settlement, Settlement.id == SettlementLine.settlement_id)
        .join(first, first.id == SettlementLine.first_settlement_id)
        .outerjoin(own, (own.settlement_id == first.id) & (own.kind == LineKind.FIRST) & same)
        .where(Settlement.state.in_(STANDING))
    )
    paid: dict[object, int] = defaultdict(int)
    for line, number, first_number, state, steps in db.session.execute(found):
        name = f"settlement {number}: line {line.position}, {line.kind} from settlement {first_number},"
        if state not in STANDING or steps is None or first_number > number:
            yield f"{name} has no first line there"
        elif line.kind == LineKind.CARRIED:
            paid[line.proof_id] += line.paid_minor
            cut = sum(int(s["before_minor"]) - int(s["after_minor"]) for s in steps if s["rule"] == PERIODS)
            if line.gross_minor or paid[line.proof_id] > cut:
                yield f"{name} pays more than was carried over"


def what_is_taken_back_was_paid() -> Iterator[str]:
    """Only what was reopened is taken back, in every settlement prepared after that, and never more than was paid; no
    statement but a closing one is below zero."""
    found_of = select(_proof_of(Reopening), Reopening.created_at)
    reopened: dict[object, Any] = dict(iter(db.session.execute(found_of)))  # type: ignore[arg-type]
    settled: dict[object, int] = defaultdict(int)
    waiting: dict[object, int] = {}
    found = (
        select(_proof_of(SettlementLine), SettlementLine.kind, SettlementLine.paid_minor, Settlement)
        .join(SettlementLine.settlement)
        .where(Settlement.state.in_(STANDING), Settlement.programme_id.in_(_concerned()))
        .order_by(Settlement.programme_id, Settlement.number, SettlementLine.position)
    )
    for proof_id, kind, paid, settlement in db.session.execute(found):
        settled[proof_id] += paid
        if kind == LineKind.FIRST:
            waiting[proof_id] = settlement.number
        if kind == LineKind.CLAWED_BACK:
            waiting.pop(proof_id, None)
        if kind == LineKind.CLAWED_BACK and proof_id not in reopened:
            yield f"settlement {settlement.number}: takes back {proof_id}, which was not reopened"
        if settled[proof_id] < 0:
            yield f"settlement {settlement.number}: takes more back of {proof_id} than was paid"
    for proof_id, number in waiting.items():
        later = _prepared_after(proof_id, number, reopened.get(proof_id))
        if later is not None:
            yield f"settlement {later}: does not take back {proof_id}, which was reopened before it"
    below = select(Statement.reference).where((Statement.amount_minor < 0) | (Statement.vat_minor < 0))
    for reference in db.session.scalars(below.join(Statement.settlement).where(~Settlement.is_closing)):
        yield f"statement {reference}: is below zero"


def _concerned() -> Any:
    """The bonds in which something was reopened, or is taken back."""
    back = select(Settlement.programme_id).join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
    return select(Reopening.programme_id).union(back.where(SettlementLine.kind == LineKind.CLAWED_BACK))


def _proof_of(model: type[Reopening] | type[SettlementLine]) -> Any:
    return func.coalesce(model.claim_id, model.measurement_id)


def _prepared_after(proof_id: object, number: int, reopened_at: Any) -> int | None:
    """The first settlement of the same bond after `number` that was prepared when the proof was reopened already."""
    if reopened_at is None:
        return None
    bond = select(Reopening.programme_id).where(_proof_of(Reopening) == proof_id).scalar_subquery()
    later = select(func.min(Settlement.number)).where(
        Settlement.programme_id == bond,
        Settlement.number > number,
        Settlement.created_at > reopened_at,
        Settlement.state.in_(STANDING),
    )
    return db.session.scalar(later)

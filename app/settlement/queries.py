"""What the pages of settlement read; sums are made in the database."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, case, func, select, union_all
from sqlalchemy.orm import aliased, joinedload

from app.access.roles import Role
from app.extensions import db
from app.intake.figures import sees_rows
from app.intake.models import Participant
from app.intake.suppression import Figure
from app.ledger.models import Transfer
from app.outcomes.disclosure import Disclosure, Key, Later, disclosure
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.queries import PER_PAGE, Listed
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.programmes.models import BudgetYear, MunicipalityShare, Programme, roles_in
from app.settlement.dispute_models import Correction
from app.settlement.group_models import SettlementGroup
from app.settlement.groups import groups_of
from app.settlement.invoice_models import Invoice
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import STANDING, SettlementState, StatementState
from app.settlement.sum_models import SettlementSum
from app.settlement.sums import line_count
from app.verification.statement_models import PreparedSignature

_first = aliased(Settlement)  # the one that took a proof for which another pays later
_second = aliased(User)  # who counter-signed the batch, where the bond asks two signatures


def reads_exactly(programme_id: uuid.UUID, user: Any) -> bool:
    """Who settles, and whoever sees the rows of all participants: not a provider that took in some of them."""
    return Role.INTERMEDIARY in roles_in(programme_id, user) or sees_rows(programme_id, user)


def reads_cash(programme_id: uuid.UUID, user: Any) -> bool:
    """The auditor besides: it reads the books, and with them what each municipality pays in all."""
    return Role.AUDITOR in roles_in(programme_id, user) or reads_exactly(programme_id, user)


@dataclass(frozen=True, slots=True)
class Told:
    """One settlement in the list: `paid_minor` is the cash of all municipalities where the reader may know it exactly,
    `figure` the range otherwise; `own` are the statements of the reader's municipality. `owed_minor` is what is owed
    after corrections, where the reader knows the cash: to others a correction is known to its own municipality alone.
    """

    row: Any
    paid_minor: int | None
    figure: Figure
    own: list[Any]
    owed_minor: int | None = None


def settlements(programme: Programme, user: Any) -> list[Told]:
    """Each settlement, and what is to be paid for it as `user` may read it (minor units)."""
    found = select(
        Settlement.id,
        Settlement.number,
        Settlement.period_from,
        Settlement.period_to,
        Settlement.paid_minor,
        Settlement.state,
        Settlement.is_final,
        Settlement.is_closing,
        is_refused().label("is_refused"),
    )
    found = found.where(Settlement.id.in_(Settlement.visible_to(user).with_only_columns(Settlement.id)))
    rows = db.session.execute(found.where(Settlement.programme_id == programme.id).order_by(Settlement.number)).all()
    keys = {row.id: Key(settlement=row.id) for row in rows}
    if reads_cash(programme.id, user):
        lower = _corrected(programme)
        return [
            Told(row, row.paid_minor, Figure(None, of=keys[row.id].words), [], row.paid_minor - lower.get(row.id, 0))
            for row in rows
        ]
    told, own = disclosure(programme.id), _own_statements(programme, user)
    found_of = {row.id: told.figure(keys[row.id]) for row in rows if row.state in STANDING}
    of_all = {key: found_of.get(key, Figure(None, of=of.words)) for key, of in keys.items()}
    return [Told(row, of_all[row.id].amount_minor, of_all[row.id], own.get(row.id, [])) for row in rows]


def _corrected(programme: Programme) -> dict[uuid.UUID, int]:
    """By settlement, what corrections took off (minor units)."""
    found = select(Statement.settlement_id, func.sum(Correction.amount_minor)).join(Statement)
    found = found.where(Statement.programme_id == programme.id).group_by(Statement.settlement_id)
    return {id: int(minor) for id, minor in db.session.execute(found)}


def _own_statements(programme: Programme, user: Any) -> dict[uuid.UUID, list[Statement]]:
    """Of the reader's own municipalities, by settlement."""
    found = Statement.visible_to(user).where(Statement.programme_id == programme.id)
    by_settlement: dict[uuid.UUID, list[Statement]] = {}
    for one in db.session.scalars(found.where(Statement.payer_id.in_(user.organisation_ids))):
        by_settlement.setdefault(one.settlement_id, []).append(one)
    return by_settlement


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and amounts of a settlement, or of one statement, as one reader may see them.

    By effect, by municipality, and of all; `effects` are (id, name). `paid_minor` and `gross_minor` are the cash;
    `later_minor` is the part of it for effects that earlier settlements counted, None where the reader may not know it.
    """

    effects: list[tuple[uuid.UUID, str]]
    by_effect: dict[uuid.UUID, Figure]
    by_payer: dict[uuid.UUID, Figure]
    whole: Figure
    paid_minor: int | None
    gross_minor: int | None
    later_minor: int | None

    def bars(self) -> tuple[list[str], list[int]]:
        """Effects and what is paid for them, or taken back (below zero), where both may be shown."""
        shown = [(name, self.by_effect[effect].amount_minor) for effect, name in self.effects]
        drawn = [(name, paid) for name, paid in shown if paid is not None]
        return [name for name, _ in drawn], [paid for _, paid in drawn]

    def all(self) -> list[Figure]:
        return [*self.by_effect.values(), *self.by_payer.values(), self.whole]


def figures(settlement: Settlement, user: Any, payer_id: uuid.UUID | None = None) -> Figures:
    """Of a settlement, or of the one statement of `payer_id`. Small numbers are hidden from whoever sees no rows."""
    keys = (Effect.id, Effect.name, SettlementSum.payer_id, SettlementSum.first_settlement_id)
    found = select(*keys, func.sum(SettlementSum.lines), func.sum(SettlementSum.paid_minor)).join(SettlementSum.effect)
    found = found.where(SettlementSum.settlement_id == settlement.id)
    if payer_id is not None:
        found = found.where(SettlementSum.payer_id == payer_id)
    found = found.group_by(*keys, Effect.position).order_by(Effect.position)
    rows: list[Any] = list(db.session.execute(found))
    exact = reads_exactly(settlement.programme_id, user)
    own = _own_figures(settlement, rows, exact)

    def figure(effect: uuid.UUID | None, payer: uuid.UUID | None) -> Figure:
        key = Key(effect, payer or payer_id, settlement=settlement.id)
        return own.figure(key, knows=user.organisation_ids, exact=exact)

    whole = figure(None, None)
    by_effect = {row[0]: figure(row[0], None) for row in rows}
    # What the table says of them tells more than what was paid, unless the number of each kind is told.
    told_by_table = settlement.gross_minor == settlement.paid_minor or not any(one.hidden for one in by_effect.values())
    cash = payer_id is not None or reads_cash(settlement.programme_id, user)
    paid_minor = settlement.paid_minor if payer_id is None else sum(int(row[5]) for row in rows)
    return Figures(
        list(dict.fromkeys((row[0], row[1]) for row in rows)),
        by_effect,
        {row[2]: figure(None, row[2]) for row in rows},
        whole,
        paid_minor if cash else whole.amount_minor,
        settlement.gross_minor if cash or (whole.amount_minor is not None and told_by_table) else None,
        sum(own.later.values()) if exact or payer_id in user.organisation_ids else None,
    )


def _own_figures(settlement: Settlement, rows: Sequence[Any], exact: bool) -> Disclosure:
    """The lines of a settlement by effect and payer: what it counts, and what it pays later for earlier effects.

    Who reads it `exact` needs no decision about what may be shown."""
    cells, later = {}, {}
    for effect, _, payer, first, count, paid in rows:
        key = Key(effect, payer, settlement=settlement.id)
        if first is None:
            cells[key] = (int(count), int(paid))
        else:
            later[Later(key, first)] = int(paid)
    own = Disclosure(cells, later=later)
    if not exact and settlement.state in STANDING:  # a discarded one tells nothing: its effects stand in another one
        public = disclosure(settlement.programme_id).public
        return replace(own, told=public.told) if public.holds(settlement=settlement.id) else own
    return own


def with_proofs(found: Any) -> Any:
    """A select over lines, joined to the claim or the measurement of each and to the effect that was proven."""
    found = found.outerjoin(SettlementLine.claim).outerjoin(SettlementLine.measurement)
    return found.join(Effect, Effect.id == func.coalesce(Claim.effect_id, Measurement.effect_id))


def lines(
    settlement: Settlement, user: Any, number: int, url: Callable[[int], str], payer_id: uuid.UUID | None = None
) -> Listed | None:
    """Line by line for the provider and for case owners of the resident's municipality.

    None for everybody else, the intermediary too: see `alike`. `code` is empty where it is no claim; `quantity` where
    something else than a number was measured.
    """
    roles = roles_in(settlement.programme_id, user)
    if not roles & {Role.PROVIDER, Role.CASE_OWNER}:
        return None
    total, cut = _cut(settlement, user, roles, payer_id, number)
    found = select(SettlementLine.position, SettlementLine.claim_id, SettlementLine.measurement_id)
    found = found.add_columns(
        Effect.name.label("effect"),
        Batch.id.label("batch_id"),
        Batch.number.label("batch_number"),
        Batch.created_at.label("signed_at"),
        User.name.label("signed_by"),
        _second.name.label("counter_signed_by"),
        Organisation.name.label("municipality"),
        func.coalesce(Claim.achieved_on, Measurement.achieved_on).label("achieved_on"),
        func.coalesce(Claim.quantity, Measurement.quantity).label("quantity"),
        Effect.unit,
        SettlementLine.gross_minor,
        SettlementLine.paid_minor,
        SettlementLine.steps,
        SettlementLine.kind,
        _first.id.label("first_id"),
        _first.number.label("first_number"),
        _first.period_to.label("first_until"),
        Participant.code,
    )
    found = with_proofs(found.select_from(SettlementLine)).outerjoin(Claim.participant)
    found = found.outerjoin(Batch, Batch.id == func.coalesce(Claim.batch_id, Measurement.batch_id)).outerjoin(
        User, User.id == Batch.signed_by_id
    )
    found = found.outerjoin(PreparedSignature, PreparedSignature.batch_id == Batch.id)
    found = found.outerjoin(_second, _second.id == PreparedSignature.counter_signed_by_id)
    found = found.join(Organisation, SettlementLine.payer_id == Organisation.id)
    found = found.outerjoin(_first, _first.id == SettlementLine.first_settlement_id)
    found = found.where(SettlementLine.settlement_id == settlement.id, SettlementLine.position.in_(cut))
    rows = db.session.execute(found.order_by(SettlementLine.position)).all()
    return Listed(list(rows), total, _page(number, total), url)


def _cut(
    settlement: Settlement, user: Any, roles: set[Role], payer_id: uuid.UUID | None, number: int
) -> tuple[int, list[int]]:
    """How many lines this reader has, and the places of those on a page: found by one index, before anything is joined,
    since a settlement may hold a million. Places follow one another, so that who reads all lines needs no search."""
    payers = {payer_id} if payer_id is not None else set(user.resident_ids)
    every = Role.PROVIDER in roles and _is_only_provider(settlement, user)
    if every and payer_id is None:
        total = line_count(settlement.id)
        last = min(_page(number, total) * PER_PAGE, total)
        return total, list(range((_page(number, total) - 1) * PER_PAGE + 1, last + 1))
    found = select(SettlementLine.position).where(SettlementLine.settlement_id == settlement.id)
    if payer_id is not None:
        found = found.where(SettlementLine.payer_id == payer_id)
    if every or Role.PROVIDER not in roles:
        mine = payers if every else payers & user.resident_ids
        found, total = found.where(SettlementLine.payer_id.in_(mine)), line_count(settlement.id, mine)
    else:
        found = _of_providers(found, user)
        total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    start = (_page(number, total) - 1) * PER_PAGE
    return total, list(db.session.scalars(found.order_by("position").limit(PER_PAGE).offset(start)))


def _of_providers(found: Select[Any], user: Any) -> Any:
    """Of `found` (a line's place), the lines of these providers' people, of cohorts, and of their own residents. Each
    part is read from an index in order: one condition for all three would read every line."""
    line, own = SettlementLine, user.organisation_ids
    each = [found.where(line.provider_id == one) for one in sorted(own)]
    residents = line.payer_id.in_(user.resident_ids), line.provider_id.is_not(None), line.provider_id.not_in(own)
    return union_all(*each, found.where(line.provider_id.is_(None)), found.where(*residents))


def alike(settlement: Settlement, user: Any, payer_id: uuid.UUID | None = None) -> list[SettlementGroup]:
    """Lines that are alike, together: to the intermediary, and to a municipality of its own residents, for whom they
    settle and pay without seeing a row about a person."""
    payers = None if payer_id is None else {payer_id}
    if Role.INTERMEDIARY not in roles_in(settlement.programme_id, user):
        own = user.organisation_ids - user.resident_ids
        payers = own if payers is None else payers & own
    return groups_of(settlement.id, payers) if payers is None or payers else []


def _is_only_provider(settlement: Settlement, user: Any) -> bool:
    """Nobody in the bond is with another provider: then all lines are about its own people."""
    others = select(Participant.id).where(
        Participant.programme_id == settlement.programme_id, Participant.provider_id.not_in(user.organisation_ids)
    )
    return db.session.scalar(others.limit(1)) is None


def _page(number: int, total: int) -> int:
    return min(max(number, 1), max(1, -(-total // PER_PAGE)))


def invoices_of(programme: Programme, user: Any) -> Select[Invoice]:
    """Invoices and credit notes of a bond, newest first: all to the desk and the auditor, to others their own."""
    found = Invoice.visible_to(user).where(Invoice.programme_id == programme.id)
    return found.options(joinedload(Invoice.corrects)).order_by(Invoice.year.desc(), Invoice.sequence.desc())


def is_refused() -> Any:
    """SQL: a municipality refused its statement of the settlement in the query, which can only be discarded."""
    refused = select(Statement.settlement_id).where(Statement.state == StatementState.REFUSED)
    return Settlement.id.in_(refused) & (Settlement.state == SettlementState.CHECKED)


def outstanding() -> Any:
    """SQL: what is still to be paid of the statement in the query, after corrections and payments (minor units)."""
    payments, corrections = (
        select(func.coalesce(func.sum(model.amount_minor), 0))
        .where(model.statement_id == Statement.id)
        .correlate(Statement)
        .scalar_subquery()
        for model in (StatementPayment, Correction)
    )
    return case((Statement.amount_minor > 0, Statement.amount_minor), else_=0) - payments - corrections


def in_order(found: Select[Any]) -> Select[Any]:
    """Statements as a person reads them: by settlement, then by the name of the municipality. The references begin with
    check digits, by which no order is that of anything."""
    found = found.join(Settlement, Settlement.id == Statement.settlement_id)
    found = found.join(Organisation, Organisation.id == Statement.payer_id)
    return found.order_by(Settlement.number, Organisation.name, Statement.id)


def standing(programme: Programme) -> list[Settlement]:
    """Every settlement of the bond that was not discarded, oldest first, with its lines and what they value."""
    claims = joinedload(Settlement.lines).joinedload(SettlementLine.claim)
    measurements = joinedload(Settlement.lines).joinedload(SettlementLine.measurement)
    found = select(Settlement).where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    return list(db.session.scalars(found.options(claims, measurements).order_by(Settlement.number)).unique())


def transfers_of(statement: Statement) -> list[Transfer]:
    """What was booked for a statement: owed, booked back, paid; each has a page that follows its cents."""
    found = select(Transfer).where(Transfer.cause_id == statement.id).order_by(Transfer.created_at)
    return list(db.session.scalars(found.options(joinedload(Transfer.debit), joinedload(Transfer.credit))))


def room(statement: Statement) -> tuple[int, int]:
    """(reserved by the municipality over all years, taken by its settlements before this one, less what corrections
    took off), minor units."""
    reserved = select(func.coalesce(func.sum(BudgetYear.reserved_minor), 0)).join(BudgetYear.share)
    reserved = reserved.where(
        MunicipalityShare.programme_id == statement.programme_id,
        MunicipalityShare.organisation_id == statement.payer_id,
    )
    off = select(func.coalesce(func.sum(Correction.amount_minor), 0)).where(Correction.statement_id == Statement.id)
    owed = Statement.amount_minor - off.correlate(Statement).scalar_subquery()
    taken = select(func.coalesce(func.sum(owed), 0)).join(Statement.settlement)
    taken = taken.where(
        Statement.programme_id == statement.programme_id,
        Statement.payer_id == statement.payer_id,
        Settlement.state.in_(STANDING),
        Settlement.number < statement.settlement.number,
    )
    return int(db.session.scalar(reserved) or 0), int(db.session.scalar(taken) or 0)

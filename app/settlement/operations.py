"""The only code that changes settlements and statements."""

import uuid
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, insert, select, update

from app.access.actions import Action
from app.access.record import record
from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.core.progress import Tell, silent, told
from app.extensions import db
from app.intake.models import Participant
from app.ledger.models import Transfer, TransferKind
from app.ledger.posting import owed_by_municipality, reverse
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import OPEN, ClaimState
from app.people.models import User
from app.pricing.models import Effect, PriceTable
from app.pricing.terms import Terms
from app.programmes.models import Programme
from app.settlement import notices
from app.settlement.history import Past, Proven, history
from app.settlement.invoicing import issue_invoice
from app.settlement.made import Made
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.reference import reference_of
from app.settlement.states import (
    SETTLEMENT_FLOW,
    STANDING,
    STATEMENT_FLOW,
    WITH_PARTIES,
    LineKind,
    SettlementState,
    StatementState,
)
from app.settlement.sums import keep_sums
from app.settlement.valuing import (
    Period,
    Proof,
    digest_of,
    made_lines,
    out_in,
    owed_of,
    period_of,
    terms_of,
    totals_of,
    value_periods,
    vat_of,
)

AT_ONCE = 10_000  # rows read or written in one go
PASSES = 3  # over the effects: they are read, valued and written down


@operation
def prepare_settlement(
    programme: Programme,
    period_to: date,
    *,
    is_final: bool = False,
    actor: User,
    once: uuid.UUID,
    tell: Tell = silent,
) -> Settlement:
    """Value every signed-off effect achieved up to and including `period_to` that no settlement took yet.

    `is_final`: it is the bond's last, at which cohorts are pooled. Not now while another settlement is with the
    parties, without an agreement, or after the last one. Refused for a day in the future or not after the last
    settlement, when there is nothing to settle, and as the last one while effects may still come. `tell` hears how many
    effects were read, then valued, then written down.
    """
    existing = db.session.get(Settlement, once)
    if existing is not None:
        return existing
    agreement, first = check_turn(programme, period_to)
    terms = terms_of(agreement)
    before = history(programme, terms.vat_rate is not None)
    proofs: list[Proof] = [
        *_claims_to_settle(programme, period_to, tell),
        *_measurements_to_settle(programme, period_to),
    ]
    if is_final:
        _check_final(programme, period_to, proofs)
    proofs.sort(key=lambda proof: (max(proof.achieved_on, first), proof.achieved_on, proof.created_at, proof.id.hex))
    periods = [*map(period_of, before), Period(first, period_to, proofs)]
    made, totals = _value(once, terms, periods, before, is_final, tell)
    if not proofs and not any(line.paid_minor for line in made):
        raise Refused(_("No effect signed off up to this day waits for settlement."), "period_to")
    settlement = Settlement(
        id=once,
        programme=programme,
        agreement=agreement,
        number=_next_number(programme),
        period_from=first,
        period_to=period_to,
        gross_minor=totals[0],
        paid_minor=totals[1],
        digest="",
        is_final=is_final,
        prepared_by_id=actor.id,
    )
    db.session.add(settlement)
    settlement.digest = digest_of(settlement, made)
    _add_statements(settlement, made)
    _add_lines(settlement, made, tell)
    keep_sums(settlement.id)
    record(Action.SETTLEMENT_PREPARE, settlement, actor, number=settlement.number, digest=settlement.digest)
    notices.tell_prepared(settlement, actor)
    return settlement


def check_turn(programme: Programme, period_to: date) -> tuple[Agreement, date]:
    """The agreement in force, and the first day of the settlement that runs to `period_to`; `NotNow` and refused as for
    preparing it."""
    agreement = db.session.scalar(agreement_in_force(programme.id))
    if agreement is None:
        raise NotNow(_("Settlement begins when the agreement is in force."))
    found = select(Settlement).where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    last = db.session.scalars(found.order_by(Settlement.number.desc()).limit(1)).unique().first()
    if last is not None and last.state in WITH_PARTIES:
        raise NotNow(_("%(title)s must be approved or discarded first.", title=last.title))
    if last is not None and last.is_final:
        raise NotNow(_("%(title)s was the last one of this bond.", title=last.title))
    first = last.period_to + timedelta(days=1) if last is not None else programme.starts_on
    _check_period(first, period_to)
    return agreement, first


def count_to_settle(programme: Programme, period_to: date) -> int:
    """How many claims a settlement up to that day would take, those included that wait for another one."""
    return db.session.scalar(select(func.count()).select_from(Claim).where(*_signed_off(programme, period_to))) or 0


def _signed_off(programme: Programme, period_to: date) -> tuple[Any, ...]:
    state = Claim.state == ClaimState.SIGNED_OFF
    return Claim.programme_id == programme.id, state, Claim.achieved_on <= period_to


def _check_period(first: date, period_to: date) -> None:
    if period_to > clock.today():
        raise Refused(_("A settlement cannot run into the future."), "period_to")
    if period_to < first:
        raise Refused(_("This must be %(first)s or later.", first=day(first)), "period_to")


def _check_final(programme: Programme, period_to: date, proofs: Iterable[Proof]) -> None:
    """Nothing may come after the last settlement: no effect that still accrues, none that is not decided."""
    if period_to < programme.tail_until:
        until = day(programme.tail_until)
        raise Refused(
            _("Effects still accrue until %(day)s: the last settlement runs to that day.", day=until), "is_final"
        )
    taken = {proof.id for proof in proofs}
    for kind in (Claim, Measurement):
        waiting = select(kind.id).where(
            kind.programme_id == programme.id, kind.state.in_([*OPEN, ClaimState.SIGNED_OFF])
        )
        if set(db.session.scalars(waiting)) - taken:
            raise Refused(_("Some effects are not signed off yet: settle them before the last settlement."), "is_final")


def _claims_to_settle(programme: Programme, period_to: date, tell: Tell) -> list[Proven]:
    """Signed-off effects up to the day; one whose required effect is still undecided waits for it."""
    columns = (Claim.id, Claim.achieved_on, Claim.created_at, Claim.quantity, Effect.code, Claim.participant_id)
    found = (
        select(*columns, Participant.code, Participant.payer_id, Participant.lot_id)
        .join(Claim.effect)
        .join(Claim.participant)
        .where(*_signed_off(programme, period_to))
        .execution_options(yield_per=AT_ONCE)
    )
    seen: dict[Any, Any] = {}  # days, codes and people occur again and again: one object of each is enough
    claims = [Proven(*(seen.setdefault(one, one) for one in row)) for row in told(db.session.execute(found), tell)]
    del seen
    effects = select(Effect.code, Effect.requires).join(PriceTable).where(PriceTable.programme_id == programme.id)
    requires: dict[str, set[str]] = {}
    for code, needed in db.session.execute(effects):
        requires.setdefault(code, set()).update(needed)
    return _without_waiting(programme, claims, {code: needed for code, needed in requires.items() if needed})


def _without_waiting(programme: Programme, claims: list[Proven], requires: dict[str, set[str]]) -> list[Proven]:
    """`requires`: the codes that an effect asks for first, by its own code."""
    needed = {code for codes in requires.values() for code in codes}
    others = select(Claim.participant_id, Effect.code, Claim.state).join(Claim.effect).where(Effect.code.in_(needed))
    others = others.where(Claim.programme_id == programme.id, Claim.state.in_([*OPEN, ClaimState.SETTLED]))
    rows = db.session.execute(others).all() if needed else []
    settled = {(who, code) for who, code, state in rows if state == ClaimState.SETTLED}
    waiting = {(who, code) for who, code, state in rows if state != ClaimState.SETTLED} - settled
    while waiting:
        waiting -= {(claim.participant_id, claim.effect) for claim in claims}
        held = {
            claim.id: (claim.participant_id, claim.effect)
            for claim in claims
            if any((claim.participant_id, code) in waiting for code in requires.get(claim.effect, ()))
        }
        if not held:
            break
        waiting |= set(held.values())
        claims = [claim for claim in claims if claim.id not in held]
    return claims


def _measurements_to_settle(programme: Programme, period_to: date) -> list[Measurement]:
    found = select(Measurement).where(
        Measurement.programme_id == programme.id,
        Measurement.state == ClaimState.SIGNED_OFF,
        Measurement.achieved_on <= period_to,
    )
    return list(db.session.scalars(found).unique())


def _next_number(programme: Programme) -> int:
    highest = select(func.coalesce(func.max(Settlement.number), 0)).where(Settlement.programme_id == programme.id)
    return int(db.session.scalar(highest) or 0) + 1


def _value(
    settlement_id: uuid.UUID,
    terms: Terms,
    periods: list[Period],
    before: list[Past],
    is_final: bool,
    tell: Tell,
) -> tuple[list[Made], tuple[int, int]]:
    """The lines of the new settlement, and (by the table, to pay)."""
    out = out_in(before) | reopened_in(before)
    valued = value_periods(terms, periods, final=is_final, out=out)
    made = made_lines(settlement_id, terms, valued, before, out, tell)
    return made, totals_of(valued, made)


def _add_lines(settlement: Settlement, made: list[Made], tell: Tell) -> None:
    """In portions and past the session: a settlement may hold a million lines. `returning` makes each portion few
    statements, so that the database adds up what it keeps of lines a few times and not for each of them."""
    db.session.flush()
    table: Any = SettlementLine.__table__
    names = [one.name for one in fields(Made)]
    for first in range(0, len(made), AT_ONCE):
        rows = [{name: getattr(line, name) for name in names} for line in made[first : first + AT_ONCE]]
        for row in rows:
            row["settlement_id"] = settlement.id
        db.session.execute(insert(table).returning(table.c.id), rows).close()
        tell((PASSES - 1) * len(made) + first)
    db.session.expire(settlement, ["lines"])


def reopened_in(settlements: Iterable[Past]) -> set[uuid.UUID]:
    """The effects that these settled and that were reopened since, taken back already or not."""
    taken = (line.proof for one in settlements for line in one.lines if line.kind == LineKind.FIRST)
    return {proof.id for proof in taken if proof.state == ClaimState.REOPENED}


def _add_statements(settlement: Settlement, made: list[Made]) -> None:
    """One per municipality with residents among the lines, also when its ceiling leaves it nothing to pay."""
    payers = sorted(settlement.programme.shares, key=lambda share: share.organisation.name)
    owed, vat = owed_of(made), vat_of(made)
    for place, share in enumerate(payers, 1):
        if share.organisation_id in owed:
            statement = Statement(
                programme_id=settlement.programme.id,
                payer=share.organisation,
                amount_minor=owed[share.organisation_id],
                vat_minor=vat[share.organisation_id],
                reference=reference_of(settlement.programme.id, settlement.number, place),
            )
            settlement.statements.append(statement)


@operation
def check_settlement(settlement: Settlement, *, actor: User) -> None:
    """A second person of the intermediary (four eyes) sends the statements to the municipalities."""
    SETTLEMENT_FLOW.advance(settlement, Action.SETTLEMENT_CHECK)
    _expect_all_count(settlement)
    settlement.checked_by_id = actor.id
    record(Action.SETTLEMENT_CHECK, settlement, actor, digest=settlement.digest)
    notices.tell_checked(settlement)


def _expect_all_count(settlement: Settlement) -> None:
    """Nobody asks or agrees to pay for an effect that was reopened since the settlement was prepared."""
    taken = (SettlementLine.settlement_id == settlement.id, SettlementLine.kind == LineKind.FIRST)
    claims = select(Claim.id).join(SettlementLine, SettlementLine.claim_id == Claim.id)
    measurements = select(Measurement.id).join(SettlementLine, SettlementLine.measurement_id == Measurement.id)
    found = [
        claims.where(*taken, Claim.state == ClaimState.REOPENED),
        measurements.where(*taken, Measurement.state == ClaimState.REOPENED),
    ]
    if any(db.session.scalar(one.limit(1)) for one in found):
        raise NotNow(_("It holds an effect that was reopened since: discard it and prepare it anew."))


@operation
def discard_settlement(settlement: Settlement, *, actor: User) -> None:
    """Take back a settlement that is not approved by all; its effects wait for the next one.

    What a municipality that had approved owed is reversed in the books.
    """
    sent = settlement.state != SettlementState.PREPARED
    SETTLEMENT_FLOW.advance(settlement, Action.SETTLEMENT_DISCARD)
    record(Action.SETTLEMENT_DISCARD, settlement, actor)
    for statement in settlement.statements:
        owed = select(Transfer).where(Transfer.cause_id == statement.id, Transfer.kind == TransferKind.POSTED)
        for transfer in db.session.scalars(owed):
            reverse(transfer, statement, entered_by=actor)
    notices.tell_discarded(settlement, sent)


@operation
def approve_statement(statement: Statement, *, actor: User, version: int | None = None) -> None:
    """A municipality agrees to pay for its own residents. With the last approval the effects are settled."""
    statement.expect_version(version)
    STATEMENT_FLOW.advance(statement, Action.STATEMENT_APPROVE)
    _expect_all_count(statement.settlement)
    statement.approved_by_id, statement.approved_at = actor.id, clock.now()
    record(Action.STATEMENT_APPROVE, statement, actor, amount=statement.amount_minor, reference=statement.reference)
    owed_by_municipality(statement, entered_by=actor)
    settlement = statement.settlement
    everybody = all(one.state == StatementState.APPROVED for one in settlement.statements)
    if everybody:
        _settle(settlement)
    notices.tell_approved(statement, everybody)


def _settle(settlement: Settlement) -> None:
    settlement.state = SettlementState.APPROVED
    for kind in (Claim, Measurement):
        _settle_proofs(kind, settlement)
    for statement in sorted(settlement.statements, key=lambda one: one.payer.name):  # the numbers go by name
        if statement.amount_minor:
            issue_invoice(statement)
        else:  # there is nothing to ask, and nothing to wait for
            statement.state, statement.paid_on = StatementState.PAID, clock.today()
    if all(statement.state == StatementState.PAID for statement in settlement.statements):
        settlement.state = SettlementState.PAID


def _settle_proofs(kind: Any, settlement: Settlement) -> None:
    """What it took is settled, in one statement; what it pays later for an earlier proof is settled already."""
    db.session.flush()
    column = SettlementLine.claim_id if kind is Claim else SettlementLine.measurement_id
    taken = select(column).where(SettlementLine.settlement_id == settlement.id, column.is_not(None))
    taken = taken.where(SettlementLine.kind == LineKind.FIRST)
    other = select(kind.id).where(kind.id.in_(taken), kind.state != ClaimState.SIGNED_OFF)
    if db.session.scalar(other.limit(1)) is not None:
        raise NotNow(_("It holds an effect that does not wait for settlement any more: discard it."))
    settled = update(kind).where(kind.id.in_(taken)).values(state=ClaimState.SETTLED, version=kind.version + 1)
    db.session.execute(settled, execution_options={"synchronize_session": False})
    for row in [one for one in db.session.identity_map.values() if isinstance(one, kind)]:
        db.session.expire(row)


@operation
def refuse_statement(statement: Statement, reason: str, *, actor: User) -> None:
    """A municipality does not agree, for `reason`; the intermediary discards the settlement and prepares it anew."""
    STATEMENT_FLOW.advance(statement, Action.STATEMENT_REFUSE)
    if holds_national_id(reason):
        raise Refused(_("A national number may not stand here."), "reason")
    statement.refused_because = reason
    record(Action.STATEMENT_REFUSE, statement, actor)
    notices.tell_refused(statement)

"""The only code that changes settlements and statements."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from app.access.actions import Action
from app.access.record import record
from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.bulk import add_rows
from app.core.collector import collector_resting
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.core.progress import Tell, silent
from app.extensions import db
from app.ledger.posting import owed_by_municipality, owed_no_more, owed_to_municipality
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import OPEN, ClaimState
from app.people.models import User
from app.pricing.terms import Terms
from app.programmes.models import Programme
from app.programmes.told_codes import refuse_code
from app.settlement import notices
from app.settlement.groups import ids_named, keep_groups
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
from app.settlement.sums import keep_sums, line_count
from app.settlement.to_settle import claims_to_settle, measurements_to_settle
from app.settlement.valuing import (
    VALUING,
    Period,
    Proof,
    digest_of,
    made_lines,
    out_in,
    owed_of,
    period_of,
    pools,
    terms_of,
    totals_of,
    value_periods,
    vat_of,
)

SETTLED_AT_ONCE = 2_000  # so few that the database looks each of them up
PASSES = 1 + VALUING + 2  # over the effects: they are read, valued, explained and written down


@operation
@collector_resting()
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
    before = history(programme, with_vat=agreement.table.vat_bp is not None)
    proofs: list[Proof] = [
        *claims_to_settle(programme, period_to, tell),
        *measurements_to_settle(programme, period_to),
    ]
    if is_final:
        _check_final(programme, period_to, proofs)
    proofs.sort(key=lambda proof: (max(proof.achieved_on, first), proof.achieved_on, proof.created_at, proof.id.hex))
    period = Period(first, period_to, proofs)
    made = make(programme, agreement, period, before, is_final=is_final, actor=actor, once=once, tell=tell)
    if made is None:
        raise Refused(_("No effect signed off up to this day waits for settlement."), "period_to")
    return made


def make(
    programme: Programme,
    agreement: Agreement,
    period: Period,
    before: list[Past],
    *,
    is_final: bool = False,
    actor: User,
    once: uuid.UUID,
    tell: Tell = silent,
) -> Settlement | None:
    """The settlement after those `before` that takes the proofs of `period`, with its statements, lines and sums;
    nothing where there is nothing to settle. Inside the operation that prepares it."""
    periods = [*map(period_of, before), period]
    made, totals = _value(once, terms_of(agreement), periods, before, is_final, tell)
    _name_providers(made, periods)
    if not period.proofs and not any(line.paid_minor for line in made):
        return None
    settlement = Settlement(
        id=once,
        programme=programme,
        agreement=agreement,
        number=_next_number(programme),
        period_from=period.first,
        period_to=period.last,
        gross_minor=totals[0],
        paid_minor=totals[1],
        digest="",
        is_final=is_final,
        is_closing=period.is_closing,
        prepared_by_id=actor.id,
    )
    db.session.add(settlement)
    settlement.digest = digest_of(settlement, made)
    _add_statements(settlement, made)
    _add_lines(settlement, made, tell)
    keep_sums(settlement.id)
    keep_groups(settlement.id)
    record(Action.SETTLEMENT_PREPARE, settlement, actor, number=settlement.number, digest=settlement.digest)
    notices.tell_prepared(settlement, actor)
    return settlement


def check_turn(programme: Programme, period_to: date) -> tuple[Agreement, date]:
    """The agreement in force, and the first day of the settlement that runs to `period_to`; `NotNow` and refused as for
    preparing it."""
    agreement = db.session.scalar(agreement_in_force(programme.id))
    if agreement is None:
        raise NotNow(_("Settlement begins when the agreement is in force."))
    last = last_settlement(programme)
    if last is not None and (last.is_final or last.is_closing):
        raise NotNow(_("%(title)s was the last one of this bond.", title=last.title))
    first = last.period_to + timedelta(days=1) if last is not None else programme.starts_on
    _check_period(first, period_to)
    return agreement, first


def last_settlement(programme: Programme) -> Settlement | None:
    """The newest that was not discarded; `NotNow` while it is with the parties."""
    found = select(Settlement).where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    last = db.session.scalars(found.order_by(Settlement.number.desc()).limit(1)).unique().first()
    if last is not None and last.state in WITH_PARTIES:
        raise NotNow(_("%(title)s must be approved or discarded first.", title=last.title))
    return last


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
    valued = value_periods(terms, periods, final=pools(before, is_final), out=out, tell=tell)
    made = made_lines(settlement_id, terms, valued, before, out, tell)
    return made, totals_of(valued, made)


def _name_providers(made: list[Made], periods: list[Period]) -> None:
    """Of each claim its participant's, so that nobody has to search a million lines for its own."""
    claims = (proof for period in periods for proof in period.proofs if isinstance(proof, Proven))
    provider_of: dict[uuid.UUID | None, uuid.UUID] = {claim.id: claim.provider_id for claim in claims}
    for line in made:
        line.provider_id = provider_of.get(line.claim_id)


def _add_lines(settlement: Settlement, made: list[Made], tell: Tell) -> None:
    """Past the session: a settlement may hold a million lines."""
    db.session.flush()
    names, of = [one.name for one in fields(Made)], {"settlement_id": settlement.id}
    for added in add_rows(SettlementLine, (of | {name: getattr(line, name) for name in names} for line in made)):
        tell((PASSES - 1) * len(made) + added)
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
def discard_settlement(settlement: Settlement, reason: str, *, actor: User) -> None:
    """Take back a settlement that is not approved by all, for `reason`, which whoever reads it may know; its effects
    wait for the next one.

    What a municipality that had approved owed is reversed in the books.
    """
    sent = settlement.state != SettlementState.PREPARED
    SETTLEMENT_FLOW.advance(settlement, Action.SETTLEMENT_DISCARD)
    _check_reason(reason)
    settlement.discarded_because = reason
    record(Action.SETTLEMENT_DISCARD, settlement, actor, reason=reason)
    for statement in settlement.statements:
        owed_no_more(statement, entered_by=actor)
    notices.tell_discarded(settlement, sent)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Fill this in."), "reason")
    if holds_national_id(reason):
        raise Refused(_("A national number may not stand here."), "reason")
    refuse_code(reason=reason)


@operation
def approve_statement(statement: Statement, *, actor: User, version: int | None = None, tell: Tell = silent) -> None:
    """A municipality agrees to pay for its own residents. With the last approval the effects are settled; `tell` hears
    how many lines of the settlement were."""
    statement.expect_version(version)
    STATEMENT_FLOW.advance(statement, Action.STATEMENT_APPROVE)
    _expect_all_count(statement.settlement)
    statement.approved_by_id, statement.approved_at = actor.id, clock.now()
    record(Action.STATEMENT_APPROVE, statement, actor, amount=statement.amount_minor, reference=statement.reference)
    if statement.amount_minor > 0:
        owed_by_municipality(statement, entered_by=actor)
    settlement = statement.settlement
    everybody = all(one.state == StatementState.APPROVED for one in settlement.statements)
    if everybody:
        _settle(settlement, actor, tell)
    notices.tell_approved(statement, everybody)


def _settle(settlement: Settlement, actor: User, tell: Tell) -> None:
    settlement.state = SettlementState.APPROVED
    for kind in (Claim, Measurement):
        _settle_proofs(kind, settlement, tell)
    for statement in sorted(settlement.statements, key=lambda one: one.payer.name):  # the numbers go by name
        if statement.amount_minor:
            issue_invoice(statement)
        if statement.amount_minor < 0:
            owed_to_municipality(statement, entered_by=actor)
        if statement.amount_minor <= 0:  # there is nothing to ask, and nothing to wait for
            statement.state, statement.paid_on = StatementState.PAID, clock.today()
    if all(statement.state == StatementState.PAID for statement in settlement.statements):
        settlement.state = SettlementState.PAID


def _settle_proofs(kind: Any, settlement: Settlement, tell: Tell) -> None:
    """What it took is settled, a portion of its lines at a time; what it pays later for an earlier proof is settled
    already."""
    db.session.flush()
    column = SettlementLine.claim_id if kind is Claim else SettlementLine.measurement_id
    taken = select(column).where(SettlementLine.settlement_id == settlement.id, column.is_not(None))
    taken = taken.where(SettlementLine.kind == LineKind.FIRST)
    for first in range(1, line_count(settlement.id) + 1, SETTLED_AT_ONCE):
        some = taken.where(SettlementLine.position.between(first, first + SETTLED_AT_ONCE - 1))
        waits = kind.id.in_(some), kind.state == ClaimState.SIGNED_OFF
        settled: Any = db.session.execute(
            update(kind).where(*waits).values(state=ClaimState.SETTLED, version=kind.version + 1),
            execution_options={"synchronize_session": False},
        )
        if settled.rowcount != db.session.scalar(select(func.count()).select_from(some.subquery())):
            raise NotNow(_("It holds an effect that does not wait for settlement any more: discard it."))
        tell(first)
    for row in [one for one in db.session.identity_map.values() if isinstance(one, kind)]:
        db.session.expire(row)


@operation
def refuse_statement(statement: Statement, reason: str, about: Collection[str] = (), *, actor: User) -> None:
    """A municipality does not agree, for `reason`, and may name the groups of lines that it is `about`; the
    intermediary discards the settlement and prepares it anew.

    From now on no municipality owes anything by it: what was booked for those that had approved is reversed.
    """
    STATEMENT_FLOW.advance(statement, Action.STATEMENT_REFUSE)
    _check_reason(reason)
    statement.refused_because, statement.refused_about = reason, ids_named(statement, about)
    record(Action.STATEMENT_REFUSE, statement, actor)
    for one in statement.settlement.statements:
        owed_no_more(one, entered_by=actor)
    notices.tell_refused(statement)

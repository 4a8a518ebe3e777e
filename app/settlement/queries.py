"""What the pages of settlement read; sums are made in the database."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import false, func, or_, select

from app.access.roles import Role
from app.extensions import db
from app.outcomes.models import Claim, Participant
from app.outcomes.queries import PER_PAGE, Listed
from app.outcomes.suppression import Grid
from app.people.models import Organisation
from app.pricing.models import Effect
from app.programmes.models import BudgetYear, MunicipalityShare, Programme, roles_in
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.states import STANDING

EXACT = frozenset({Role.INTERMEDIARY, Role.PROVIDER, Role.ASSESSOR})


def settlements(programme: Programme) -> list[Any]:
    found = select(
        Settlement.id,
        Settlement.number,
        Settlement.period_from,
        Settlement.period_to,
        Settlement.paid_minor,
        Settlement.state,
    )
    return list(db.session.execute(found.where(Settlement.programme_id == programme.id).order_by(Settlement.number)))


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and amounts per effect and municipality as one reader may see them; both as (id, name)."""

    grid: Grid
    effects: list[tuple[uuid.UUID, str]]
    payers: list[tuple[uuid.UUID, str]]

    def bars(self) -> tuple[list[str], list[int]]:
        """Effects and what was paid for them, where both may be shown."""
        shown = [(name, self.grid.figure(effect).amount_minor) for effect, name in self.effects]
        return [name for name, paid in shown if paid is not None], [paid for _, paid in shown if paid is not None]


def figures(settlement: Settlement, user: Any, payer_id: uuid.UUID | None = None) -> Figures:
    """Of a settlement, or of the one statement of `payer_id`. Small numbers are hidden from whoever sees no rows."""
    found = select(Effect.id, Effect.name, Organisation.id, Organisation.name, func.count())
    found = found.add_columns(func.sum(SettlementLine.paid_minor)).select_from(SettlementLine)
    found = found.join(SettlementLine.claim).join(Claim.effect)
    found = found.join(Organisation, SettlementLine.payer_id == Organisation.id)
    found = found.where(SettlementLine.settlement_id == settlement.id)
    if payer_id is not None:
        found = found.where(SettlementLine.payer_id == payer_id)
    found = found.group_by(Effect.id, Effect.position, Effect.name, Organisation.id, Organisation.name)
    rows: list[Any] = list(db.session.execute(found.order_by(Effect.position, Organisation.name)))
    effects = list(dict.fromkeys((row[0], row[1]) for row in rows))
    payers = sorted({(row[2], row[3]) for row in rows}, key=lambda payer: payer[1])
    cells = {(row[0], row[2]): (int(row[4]), int(row[5])) for row in rows}
    exact = bool(roles_in(settlement.programme_id, user) & EXACT)
    ids = [effect for effect, _ in effects], [payer for payer, _ in payers]
    return Figures(Grid(*ids, cells, known=user.organisation_ids, exact=exact), effects, payers)


def lines(
    settlement: Settlement, user: Any, number: int, url: Callable[[int], str], payer_id: uuid.UUID | None = None
) -> Listed | None:
    """Line by line for the intermediary (by number of the claim), the provider and the resident's municipality.

    None for everybody else. `code` is empty where the reader may not know the participant.
    """
    roles = roles_in(settlement.programme_id, user)
    desk = Role.INTERMEDIARY in roles
    mine: Any = SettlementLine.payer_id.in_(user.organisation_ids)
    if Role.PROVIDER in roles:
        mine = or_(mine, Participant.provider_id.in_(user.organisation_ids))
    if not desk and not roles & {Role.PROVIDER, Role.OFFICIAL}:
        return None
    found = select(SettlementLine.position, SettlementLine.claim_id, Effect.name.label("effect"))
    found = found.add_columns(
        Organisation.name.label("municipality"),
        Claim.achieved_on,
        Claim.quantity,
        Effect.unit,
        SettlementLine.gross_minor,
        SettlementLine.paid_minor,
        SettlementLine.steps,
        (select(Participant.code).where(false()) if desk else select(Participant.code))
        .where(Participant.id == Claim.participant_id)
        .correlate(Claim)
        .scalar_subquery()
        .label("code"),
    )
    found = found.select_from(SettlementLine).join(SettlementLine.claim).join(Claim.effect).join(Claim.participant)
    found = found.join(Organisation, SettlementLine.payer_id == Organisation.id)
    found = found.where(SettlementLine.settlement_id == settlement.id)
    if not desk:
        found = found.where(mine)
    if payer_id is not None:
        found = found.where(SettlementLine.payer_id == payer_id)
    return _listed(found, number, url)


def _listed(found: Any, number: int, url: Callable[[int], str]) -> Listed:
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    number = min(max(number, 1), max(1, -(-total // PER_PAGE)))
    rows = found.order_by(SettlementLine.position).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return Listed(list(db.session.execute(rows).all()), total, number, url)


def room(statement: Statement) -> tuple[int, int]:
    """(reserved by the municipality over all years, taken by its settlements before this one), minor units."""
    reserved = select(func.coalesce(func.sum(BudgetYear.reserved_minor), 0)).join(BudgetYear.share)
    reserved = reserved.where(
        MunicipalityShare.programme_id == statement.programme_id,
        MunicipalityShare.organisation_id == statement.payer_id,
    )
    taken = select(func.coalesce(func.sum(Statement.amount_minor), 0)).join(Statement.settlement)
    taken = taken.where(
        Statement.programme_id == statement.programme_id,
        Statement.payer_id == statement.payer_id,
        Settlement.state.in_(STANDING),
        Settlement.number < statement.settlement.number,
    )
    return int(db.session.scalar(reserved) or 0), int(db.session.scalar(taken) or 0)

"""What a what-if starts from: the bond's tables, payers, reservations, round and the reader's own commitments."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access.actions import Action
from app.access.guard import may
from app.agreements.models import Agreement
from app.agreements.states import AgreementState
from app.capital.models import Commitment, Round, Tranche
from app.capital.scenario import tranche_terms
from app.capital.states import CommitmentState, RoundState
from app.core.money import DIGITS
from app.extensions import db
from app.pricing.models import PriceTable
from app.pricing.states import TableState
from app.pricing.terms import Terms
from app.pricing.terms_of import valuation_terms
from app.programmes.models import MunicipalityShare, Programme

COUNTED = (CommitmentState.COMMITTED, CommitmentState.ALLOTTED)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the reader may build on. Amounts in minor units; `own` and `capital` by the id of a tranche.

    `agreed` is the id of the table in the agreement, once the parties know it: from the offer on.
    """

    programme: Programme
    shares: list[MunicipalityShare]
    tables: list[PriceTable]
    table: PriceTable | None
    terms: Terms | None
    tranches: list[Tranche]
    capital: dict[str, int]
    own: dict[str, int]
    agreed: uuid.UUID | None = None

    @property
    def minor_per_major(self) -> int:
        return 10 ** DIGITS[self.programme.currency]

    @property
    def illustrative(self) -> bool:
        return self.programme.illustrative or bool(self.table and self.table.illustrative)

    def effect_name(self, effect: str) -> str:
        named = {one.code: one.name for one in self.table.effects} if self.table else {}
        return named.get(effect, effect)

    def payer_name(self, payer: str) -> str:
        return {str(one.organisation_id): one.organisation.name for one in self.shares}.get(payer, payer)


def setting_of(programme: Programme, user: Any, wanted: str | None = None) -> Setting:
    """`wanted`: the id of the table that was picked; else that of the agreement, the one in force or the newest."""
    found = PriceTable.visible_to(user).where(PriceTable.programme_id == programme.id)
    found = found.options(selectinload(PriceTable.effects)).order_by(PriceTable.number.desc())
    tables = list(db.session.scalars(found).unique())
    agreed = _agreed(programme)
    in_force = next((one for one in tables if one.state == TableState.PUBLISHED), tables[0] if tables else None)
    usual = next((one for one in tables if one.id == agreed), in_force)
    table = next((one for one in tables if str(one.id) == wanted), usual)
    shares = list(programme.shares)
    round = _round_of(programme, user)
    tranches = list(round.tranches) if round is not None else []
    capital, own = _capital(round, user) if round is not None and tranches else ({}, {})
    terms = valuation_terms(table, shares) if table is not None and shares else None
    return Setting(programme, shares, tables, table, terms, tranches, capital, own, agreed)


def _agreed(programme: Programme) -> uuid.UUID | None:
    offered = select(Agreement.table_id).where(Agreement.programme_id == programme.id)
    return db.session.scalar(offered.where(Agreement.state != AgreementState.DRAFT))


def _round_of(programme: Programme, user: Any) -> Round | None:
    found = Round.visible_to(user).where(Round.programme_id == programme.id, Round.state != RoundState.FAILED)
    found = found.options(selectinload(Round.tranches)).order_by(Round.created_at.desc()).limit(1)
    return db.session.scalars(found).unique().first()


def _capital(round: Round, user: Any) -> tuple[dict[str, int], dict[str, int]]:
    """The target over the tranches: what the reader may know was committed, and the rest in the tranche served first.

    Who reads other investors' commitments sees them counted; an investor only its own.
    """
    rows = db.session.scalars(
        select(Commitment).where(Commitment.round_id == round.id, Commitment.state.in_(COUNTED))
    ).unique()
    known = [one for one in rows if may(Action.COMMITMENT_READ, one, user)]
    capital = {str(tranche.id): 0 for tranche in round.tranches}
    own: dict[str, int] = {}
    for one in known:
        amount = one.counted_now_minor()
        capital[str(one.tranche_id)] += amount
        if one.organisation_id in user.organisation_ids:
            own[str(one.tranche_id)] = own.get(str(one.tranche_id), 0) + amount
    senior = min(round.tranches, key=lambda tranche: (tranche.rank, tranche.name))
    capital[str(senior.id)] += max(0, round.target_minor - sum(capital.values()))
    return capital, own


def tranches_of(setting: Setting) -> list[Any]:
    """As the waterfall knows them."""
    return [tranche_terms(tranche) for tranche in setting.tranches]


def short(id: uuid.UUID | str) -> str:
    """Names a row in an address."""
    return str(id)[:8]

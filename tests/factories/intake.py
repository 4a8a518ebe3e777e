"""Referrals and the clause about intake, laid directly."""

import uuid
from typing import Any

from app.agreements.intake_clause import IntakeClause, stored
from app.core import clock
from app.extensions import db
from app.intake.models import AgeBand, Intake, Referral
from app.people.models import Organisation
from app.pricing.models import EffectKind
from app.pricing.states import TableState
from app.programmes.pseudonym import new_code
from tests.factories.outcomes import Delivery
from tests.factories.pricing import make_effect, make_table

MISSING = "missing-place"


def intake_of(bond: Delivery) -> Intake:
    return db.session.scalars(db.select(Intake).filter_by(programme_id=bond.programme.id)).unique().one()


def make_referral(bond: Delivery, payer: Organisation | None = None, **facts: Any) -> Referral:
    defaults: dict[str, Any] = {"code": new_code(), "age_band": AgeBand.FROM_18, "referred_on": clock.today()}
    referral = Referral(
        programme=bond.programme, payer=payer or bond.enschede, referred_by_id=bond.official.id, **(defaults | facts)
    )
    db.session.add(referral)
    db.session.commit()
    return referral


def agree_on_intake(
    bond: Delivery, plan: dict[uuid.UUID, dict[str, int]], *, tolerance_bp: int = 0, paid: bool = True
) -> None:
    """Put a plan in the signed terms, with (`paid`) a fee of 500.00 for a missing place in the table."""
    if paid:
        _price_a_missing_place(bond)
    clause = IntakeClause(plan, tolerance_bp, MISSING if paid else "")
    bond.agreement.terms = bond.agreement.terms | {"intake": stored(clause)}
    db.session.commit()


def _price_a_missing_place(bond: Delivery) -> None:
    """A table that is published never changes, so the bond gets another one."""
    table = make_table(bond.programme, state=TableState.DRAFT)
    fee: dict[str, Any] = {"kind": EffectKind.FEE, "price_minor": 50_000, "deadweight_bp": 0, "max_per_person": None}
    make_effect(table, MISSING, name="Missing place", **fee)
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    bond.table.state = TableState.SUPERSEDED
    bond.agreement.table, bond.table = table, table
    db.session.commit()

from typing import Any

from app.core import clock
from app.extensions import db
from app.pricing.models import Effect, EvidenceType, PriceTable
from app.pricing.states import PUBLIC, TableState
from app.programmes.models import LifeDomain, Programme
from app.unit_costs.models import SavingClass
from tests.factories.programmes import make_programme


def make_effect(table: PriceTable, code: str = "work-13w", **facts: Any) -> Effect:
    """An effect that passes every gate: employed for thirteen weeks, 2,500.00 each."""
    defaults = {
        "position": len(table.effects) + 1,
        "name": "Thirteen weeks of work",
        "life_domain": LifeDomain.WORK,
        "who": "A participant without work at intake",
        "definition": "Has an employment contract of at least 12 hours a week.",
        "sustained": "13 weeks in a row",
        "price_minor": 250_000,
        "deadweight_bp": 2_000,
        "evidence_type": EvidenceType.EMPLOYER,
        "saving_minor": 425_700,
        "saving_class": SavingClass.AVOIDED,
        "saving_source": "Unit cost of a year without work or school",
    }
    effect = Effect(table=table, code=code, **(defaults | facts))
    db.session.add(effect)
    db.session.commit()
    return effect


def make_table(
    programme: Programme | None = None, *, state: TableState = TableState.PUBLISHED, effects: int = 1, **facts: Any
) -> PriceTable:
    """A table of `effects` effects. A published one gets its rows first, then its state: the database demands it."""
    programme = programme or make_programme()
    number = db.session.query(PriceTable).filter_by(programme_id=programme.id).count() + 1
    defaults = {"number": number, "cap_contract_minor": 100_000_000, "cap_per_person_minor": 1_000_000}
    table = PriceTable(programme=programme, illustrative=programme.illustrative, **(defaults | facts))
    db.session.add(table)
    db.session.commit()
    codes = ["work-13w", *(f"effect-{n}" for n in range(2, effects + 1))][:effects]
    for code in codes:
        make_effect(table, code)
    if state in PUBLIC:
        table.published_at = clock.now()
    table.state = state
    db.session.commit()
    return table

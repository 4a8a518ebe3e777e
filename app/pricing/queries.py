"""What the pages of a table look for: published tables and effects of any bond, and figures of the register."""

from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.access.actions import Action
from app.access.guard import may, why_not_same_person
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import Effect, PriceTable
from app.pricing.states import PUBLIC
from app.programmes.models import Programme
from app.unit_costs.models import UnitCost

MOST_FOUND, MOST_FIGURES = 20, 200  # figures: the form says so when there are more


def published_tables(programme: Programme, q: str) -> Select[PriceTable]:
    """Published tables in the currency of `programme` whose bond, municipality, note or effects hold `q`."""
    found = select(PriceTable).join(Programme, Programme.id == PriceTable.programme_id)
    found = found.join(Organisation, Organisation.id == Programme.lead_id)
    holds = [column.icontains(q, autoescape=True) for column in (Programme.title, Organisation.name, PriceTable.note)]
    named = PriceTable.effects.any(Effect.name.icontains(q, autoescape=True))
    found = found.where(PriceTable.state.in_(PUBLIC), Programme.currency == programme.currency)
    found = found.options(selectinload(PriceTable.effects)).where(or_(*holds, named))
    return found.order_by(PriceTable.published_at.desc(), PriceTable.id)


def published_effects(table: PriceTable, q: str) -> Select[Effect]:
    """Effects of all other published tables in the same currency whose name, code or definition holds `q`."""
    found = select(Effect).join(PriceTable, PriceTable.id == Effect.table_id)
    found = found.join(Programme, Programme.id == PriceTable.programme_id)
    holds = [column.icontains(q, autoescape=True) for column in (Effect.name, Effect.code, Effect.definition)]
    holds.append(Programme.title.icontains(q, autoescape=True))
    found = found.where(PriceTable.state.in_(PUBLIC), Programme.currency == table.programme.currency, or_(*holds))
    found = found.options(joinedload(Effect.table))
    return found.order_by(PriceTable.published_at.desc(), PriceTable.id, Effect.position)


def figures_for(table: PriceTable, chosen: Any = None) -> Select[UnitCost]:
    """Figures of the register in the currency of the table, and the one that was chosen before."""
    found = select(UnitCost).where(or_(_offered(table), UnitCost.id == chosen) if chosen else _offered(table))
    first = [(UnitCost.id == chosen).desc()] if chosen else []
    return found.order_by(*first, UnitCost.name, UnitCost.price_year.desc(), UnitCost.id).limit(MOST_FIGURES)


def figures_not_offered(table: PriceTable) -> tuple[int, int]:
    """How many figures the form of an effect leaves out: of another currency, and because there are too many."""
    own = func.sum(case((UnitCost.currency == table.programme.currency, 1), else_=0))
    counted = db.session.execute(select(func.count(), own).where(UnitCost.withdrawn.is_(False))).one()
    every, same = counted[0], counted[1] or 0
    return every - same, max(0, same - MOST_FIGURES)


def _offered(table: PriceTable) -> ColumnElement[bool]:
    return (UnitCost.currency == table.programme.currency) & UnitCost.withdrawn.is_(False)


def approvers_of(table: PriceTable, submitter: User) -> list[User]:
    """Who may approve once `submitter` asked for it: officials of the leading municipality who took no step before."""
    action = Action.TABLE_APPROVE
    colleagues = [person for person in table.programme.lead.people() if person.id != submitter.id]
    return [p for p in colleagues if may(action, table, p) and why_not_same_person(action, table, p) is None]

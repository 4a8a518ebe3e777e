"""The register as it is searched, cut in the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import LifeDomain
from app.unit_costs.models import SavingClass, UnitCost


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader looks for; empty means all."""

    q: str = ""
    life_domain: str = ""
    saving_class: str = ""
    year: int | None = None


def search_unit_costs(wanted: Wanted) -> Select[UnitCost]:
    """Figures that are offered and hold `q` in their name, source or the organisation that filled them in, by name."""
    found = select(UnitCost).join(Organisation, Organisation.id == UnitCost.organisation_id)
    found = found.where(UnitCost.withdrawn.is_(False))
    if wanted.q:
        places = (UnitCost.name, UnitCost.source, Organisation.name)
        found = found.where(or_(*(place.icontains(wanted.q, autoescape=True) for place in places)))
    if wanted.life_domain in set(LifeDomain):
        found = found.where(UnitCost.life_domain == LifeDomain(wanted.life_domain))
    if wanted.saving_class in set(SavingClass):
        found = found.where(UnitCost.saving_class == SavingClass(wanted.saving_class))
    if wanted.year is not None:
        found = found.where(UnitCost.price_year == wanted.year)
    return found.order_by(UnitCost.name, UnitCost.price_year.desc(), UnitCost.id)


def price_years() -> Sequence[int]:
    """The price years that occur, the newest first."""
    found = select(UnitCost.price_year).where(UnitCost.withdrawn.is_(False)).distinct()
    return db.session.scalars(found.order_by(UnitCost.price_year.desc())).all()

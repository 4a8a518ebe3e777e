from typing import Any

from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import LifeDomain
from app.unit_costs.models import Bearer, SavingClass, UnitCost
from tests.factories.people import make_organisation


def make_unit_cost(organisation: Organisation | None = None, **facts: Any) -> UnitCost:
    """A year in a night shelter, 7,900.00, in prices of 2021."""
    defaults = {
        "name": "A year in a night shelter",
        "life_domain": LifeDomain.HOME,
        "value_minor": 790_000,
        "unit": "year",
        "price_year": 2021,
        "country": "NL",
        "bearer": Bearer.MUNICIPALITY,
        "saving_class": SavingClass.CASHABLE,
        "source": "Annual accounts of the shelter",
        "licence": "CC BY 4.0",
    }
    figure = UnitCost(organisation=organisation or make_organisation(), **(defaults | facts))
    db.session.add(figure)
    db.session.commit()
    return figure

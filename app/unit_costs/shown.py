"""How a figure of the register is named where one is chosen."""

from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from app.core.format import money
from app.core.units import unit
from app.unit_costs.models import UnitCost


def as_choice(figure: UnitCost) -> SelectChoice:
    """Such as "Night shelter: €7,900.00 per year, prices of 2011"."""
    told = _(
        "%(name)s: %(value)s per %(unit)s, prices of %(year)d",
        name=figure.name,
        value=money(figure.value_minor, figure.currency),
        unit=unit(figure.unit),
        year=figure.price_year,
    )
    return SelectChoice(str(figure.id), told)

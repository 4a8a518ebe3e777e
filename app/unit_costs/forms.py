from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from app.core.forms import Form, amount, choice, choices_of, long_text, text, whole_number
from app.core.money import DIGITS
from app.people.models import Organisation
from app.programmes.models import LifeDomain
from app.unit_costs.models import Bearer, SavingClass
from app.unit_costs.operations import FigureFacts


class FigureForm(Form):
    organisation = choice(_l("On behalf of"))
    name = text(_l("What it is the cost of"), longest=120)
    life_domain = choice(_l("Life domain"), LifeDomain, required=False)
    currency = SelectField(_l("Currency"), choices=[SelectChoice(code, code) for code in DIGITS], default="EUR")
    value_minor = amount(_l("Value"))
    unit = text(_l("Per"), longest=40)
    price_year = whole_number(_l("Price year"), least=1950, most=2200)
    country = text(_l("Country where it was measured"), longest=2, default="NL")
    bearer = choice(_l("In whose budget it falls"), Bearer)
    saving_class = choice(_l("Kind of saving"), SavingClass)
    source = text(_l("Source"), longest=500)
    address = text(_l("Address of the source"), required=False, longest=500)
    licence = text(_l("Licence"), longest=120)
    note = long_text(_l("Note"), required=False, longest=2_000)
    illustrative = BooleanField(_l("This figure is illustrative"))

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """On whose behalf; where it is one organisation, it is chosen."""
        rows = list(organisations)
        self.organisation.choices = choices_of((row.id, row.name) for row in rows)
        if len(rows) == 1 and not self.organisation.data:
            self.organisation.data = str(rows[0].id)

    def facts(self) -> FigureFacts:
        texts = ("name", "unit", "source", "licence", "address", "note", "currency")
        return FigureFacts(
            **{name: self[name].data or "" for name in texts},  # type: ignore[arg-type]
            value_minor=self.value_minor.data,
            price_year=self.price_year.data,
            country=(self.country.data or "").upper(),
            bearer=Bearer(self.bearer.data),
            saving_class=SavingClass(self.saving_class.data),
            life_domain=LifeDomain(self.life_domain.data) if self.life_domain.data else None,
            illustrative=self.illustrative.data,
        )

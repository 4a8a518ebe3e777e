from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired

from app.agreements.models import BY_LAW_DAYS, MOST_DAYS
from app.core.forms import Form, choice, long_text, whole_number
from app.pricing.models import Effect


class DraftForm(Form):
    payment_days = whole_number(
        _l("Municipalities pay an invoice within, in calendar days"), least=1, most=MOST_DAYS, default=BY_LAW_DAYS
    )
    text = long_text(_l("Text of the agreement"), longest=100_000)

    def volumes(self, effects: Iterable[Effect]) -> dict[str, int]:
        """By the code of the effect."""
        return {one.code: self[f"volume_{one.id.hex}"].data or 0 for one in effects if one.is_counted}


def form_of_volumes(effects: Iterable[Effect]) -> type[DraftForm]:
    """The same with a number per effect, for a bond without a plan to take them from."""
    volumes = {f"volume_{one.id.hex}": whole_number(one.name, required=False) for one in effects if one.is_counted}
    return type("DraftFormOfVolumes", (DraftForm,), volumes)


class SignForm(Form):
    digest = HiddenField()
    organisation = choice(_l("You sign for"))
    password = PasswordField(_l("Your password, again"), validators=[InputRequired(_l("Fill this in."))])

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from app.core.forms import Form, choice, choices_of, long_text
from app.pricing.gate_words import WORDS
from app.pricing.gates import JUDGES
from app.pricing.models import PriceTable


class OverrideForm(Form):
    gate = choice(_l("Gate"))
    effect_code = choice(_l("Effect"), required=False)
    reason = long_text(_l("Reason"), longest=2_000)

    def offer(self, table: PriceTable) -> Any:
        """The gates that an official may let pass, and the effects of the table."""
        self.gate.choices = choices_of((code, f"{code} {WORDS[code][0]}") for code in JUDGES)
        effects = [SelectChoice(effect.code, effect.name) for effect in table.effects]
        self.effect_code.choices = [SelectChoice("", _("the whole table")), *effects]
        return self

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from app.core.forms import Form, choice, choices_of, long_text
from app.pricing.gate import Gate
from app.pricing.gate_words import WORDS
from app.pricing.models import PriceTable


class OverrideForm(Form):
    gate = choice(_l("Gate"))
    effect_code = choice(_l("Effect"), required=False)
    reason = long_text(_l("Reason"), longest=2_000)

    def offer(self, table: PriceTable, gates: Iterable[Gate]) -> Any:
        """Of `gates` those that fail and that an official may let pass; of the effects those that fail one of them."""
        failing = [gate for gate in gates if gate.may_be_overridden and gate.open_faults]
        self.gate.choices = choices_of((gate.code, f"{gate.code} {WORDS[gate.code][0]}") for gate in failing)
        concerned = {fault.effect.code for gate in failing for fault in gate.open_faults if fault.effect}
        effects = [SelectChoice(effect.code, effect.name) for effect in table.effects if effect.code in concerned]
        self.effect_code.choices = [SelectChoice("", _("the whole table")), *effects]
        return self

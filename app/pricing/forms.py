import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import flask_babel
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from app.core.forms import Form, amount, choice, long_text, text, whole_number
from app.pricing.models import Effect, EffectKind, EvidenceType
from app.pricing.operations import EffectFacts, TableFacts
from app.programmes.models import LifeDomain
from app.unit_costs.models import SavingClass


class PercentField(Field):
    """A percentage with at most two decimals as people type it ("12,5"); `data` is basis points (int)."""

    widget = TextInput()
    data: int | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        typed = f"{Decimal(self.data).scaleb(-2):.2f}".rstrip("0").rstrip(".")
        return typed.replace(".", ",") if str(flask_babel.get_locale()).startswith("nl") else typed

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].replace("%", "").strip() if valuelist else ""
        if not typed:
            self.data = 0
            return
        if not re.fullmatch(r"[0-9]{1,2}([.,][0-9]{1,2})?", typed):
            self.data = None
            raise ValueError(_("Give a percentage from 0 to 99.99."))
        self.data = int(Decimal(typed.replace(",", ".")).scaleb(2))


class TableForm(Form):
    note = long_text(_l("What is new in this version"), required=False, longest=2_000)
    cap_per_person_minor = amount(_l("Maximum per participant"), required=False)
    cap_contract_minor = amount(_l("Maximum for the whole contract"), required=False)
    illustrative = BooleanField(_l("These prices are illustrative"))

    def facts(self) -> TableFacts:
        return TableFacts(
            note=self.note.data or "",
            cap_per_person_minor=self.cap_per_person_minor.data,
            cap_contract_minor=self.cap_contract_minor.data,
            illustrative=self.illustrative.data,
        )


class EffectForm(Form):
    name = text(_l("Name of the effect"), longest=120)
    code = text(_l("Code"), longest=30)
    life_domain = choice(_l("Life domain"), LifeDomain)
    who = text(_l("For whom it counts"), required=False, longest=300)
    definition = long_text(_l("What is proven, with its threshold"), longest=2_000)
    sustained = text(_l("How long it must last"), required=False)
    kind = choice(_l("How it is counted"), EffectKind, default=EffectKind.PER_PERSON)
    unit = text(_l("Unit"), required=False, longest=40)
    price_minor = amount(_l("Price"))
    deadweight_bp = PercentField(_l("Would have happened anyway"), default=0)
    max_per_person = whole_number(_l("At most per participant"), least=1, most=1_000, required=False, default=1)
    requires = SelectMultipleField(
        _l("Only after other effects"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    evidence_type = choice(_l("Evidence"), EvidenceType)
    evidence_days = whole_number(_l("Evidence dated at most, days later"), least=1, most=730, default=90)
    saving_minor = amount(_l("Saving behind the price"), required=False)
    saving_class = choice(_l("Kind of saving"), SavingClass, required=False)
    saving_source = text(_l("Source of the saving"), required=False, longest=500)

    def offer(self, effects: Iterable[Effect]) -> None:
        """The effects that this one may require."""
        self.requires.choices = [SelectChoice(effect.code, effect.name) for effect in effects]

    def facts(self) -> EffectFacts:
        plain = ("code", "name", "definition", "price_minor", "deadweight_bp", "max_per_person", "evidence_days")
        words = ("who", "unit", "sustained", "saving_source")
        typed: dict[str, Any] = {name: self[name].data for name in plain}
        typed |= {name: self[name].data or "" for name in words}
        return EffectFacts(
            **typed,
            requires=list(self.requires.data or []),
            life_domain=LifeDomain(self.life_domain.data),
            kind=EffectKind(self.kind.data),
            evidence_type=EvidenceType(self.evidence_type.data),
            saving_minor=self.saving_minor.data,
            saving_class=SavingClass(self.saving_class.data) if self.saving_class.data else None,
        )


class ReturnForm(Form):
    reason = long_text(_l("What must change"), longest=2_000)

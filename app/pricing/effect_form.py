"""The form of an effect: every column of `Effect`; the fields that a kind does not have are taken out of it."""

import uuid
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.forms import Form, MoneyField, amount, choice, long_text, text, whole_number
from app.pricing.fields import MOST_ROWS, DecimalField, PercentField, RowForm, chosen, complete, count_in, lay_rows
from app.pricing.meanwhile import StoodField
from app.pricing.models import (
    COUNTED,
    CompanionView,
    Counterfactual,
    Effect,
    EffectKind,
    EvidenceType,
    Lasts,
    PriceTable,
)
from app.pricing.operations import EffectFacts
from app.pricing.rules import PRICED_BY_UNIT, faults_in, faults_in_group
from app.pricing.shown import LABELS
from app.programmes.models import LifeDomain, MunicipalityShare
from app.unit_costs.models import Bearer, SavingClass, UnitCost
from app.unit_costs.shown import as_choice

K = EffectKind
# The kinds that a field is for; what is not named is for all of them.
ONLY_FOR: dict[str, tuple[EffectKind, ...]] = {
    "price_minor": PRICED_BY_UNIT,
    "payer_rows": (K.PER_PERSON, K.PER_UNIT),
    "tier_rows": (K.PER_PERSON,),
    "step_rows": (K.STEPS,),
    "between": (K.STEPS,),
    "band_rows": (K.BANDS,),
    "threshold": (K.BANDS, K.DIFFERENCE),
    "pooled_threshold": (K.DIFFERENCE,),
    "share_bp": (K.SHARE,),
    "until_minor": (K.SHARE,),
    "share_after_bp": (K.SHARE,),
    "deadweight_bp": tuple(kind for kind in K if kind != K.FEE),
    "max_per_person": (K.PER_PERSON,),
    "requires": (K.PER_PERSON,),
    "best_of": (K.PER_PERSON,),
    "after_units": (K.PER_UNIT,),
    "retroactive": (K.PER_UNIT,),
    "max_count": (*COUNTED, K.DIFFERENCE),
}
# Where a rule's fault is shown when the form says it in rows.
ROWS_OF = {"tiers": ("tier_rows",), "scale": ("step_rows", "band_rows"), "payer_prices": ("payer_rows",)}
SAVING = ("minor", "class", "source", "year", "bearer", "licence")


class KindField(HiddenField):
    """How the effect is counted: chosen before the form, since it decides which fields there are."""

    def process_formdata(self, valuelist: Any) -> None:
        with suppress(ValueError, IndexError):
            self.data = EffectKind(valuelist[0])


class TierRow(RowForm):
    needed = ("price",)
    up_to = whole_number(_l("Up to number"), least=1, required=False)
    price = amount(_l("Price each"), required=False)
    most = amount(_l("Together at most"), required=False)


class StepRow(RowForm):
    needed = ("at", "paid")
    at = DecimalField(_l("From the value"))
    paid = amount(_l("Is paid"), required=False, least=0)


class BandRow(RowForm):
    needed = ("start", "end", "per_point")
    start = DecimalField(_l("From"))
    end = DecimalField(_l("To"))
    per_point = amount(_l("Per point"), required=False, least=0)


class PayerRow(RowForm):
    needed = ("price",)
    hidden = ("payer",)
    payer = HiddenField()
    price = amount(_l("Price"), required=False)


def _rows(form: Any, name: str) -> FieldList:
    return FieldList(FormField(form), LABELS[name], max_entries=MOST_ROWS)


class EffectForm(Form):
    kind = KindField(default=EffectKind.PER_PERSON)
    stood = StoodField()

    name = text(LABELS["name"], longest=120)
    code = text(LABELS["code"], longest=30)
    life_domain = choice(LABELS["life_domain"], LifeDomain)
    who = text(LABELS["who"], required=False, longest=300)
    definition = long_text(LABELS["definition"], longest=2_000)
    sustained = text(LABELS["sustained"], required=False)
    lasts = whole_number(LABELS["lasts"], most=1_000, required=False)
    lasts_unit = choice(LABELS["lasts_unit"], Lasts, default=Lasts.DAYS)
    achieved_when = text(LABELS["achieved_when"], required=False, longest=300)
    resets = text(LABELS["resets"], required=False, longest=300)

    unit = text(LABELS["unit"], required=False, longest=40)
    price_minor = amount(LABELS["price_minor"], required=False)
    payer_rows = _rows(PayerRow, "payer_prices")
    tier_rows = _rows(TierRow, "tiers")
    step_rows = FieldList(FormField(StepRow), _l("Steps"), max_entries=MOST_ROWS)
    between = choice(
        LABELS["between"],
        default="step",
    )
    band_rows = FieldList(FormField(BandRow), _l("Bands"), max_entries=MOST_ROWS)
    threshold = DecimalField(LABELS["threshold"])
    pooled_threshold = DecimalField(LABELS["pooled_threshold"])
    share_bp = PercentField(LABELS["share_bp"], whole=True)
    until_minor = amount(LABELS["until_minor"], required=False)
    share_after_bp = PercentField(LABELS["share_after_bp"], empty=None, whole=True)
    deadweight_bp = PercentField(LABELS["deadweight_bp"], default=0)

    max_per_person = whole_number(LABELS["max_per_person"], least=1, most=1_000, required=False, default=1)
    requires = SelectMultipleField(
        LABELS["requires"], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    best_of = text(LABELS["best_of"], required=False, longest=60)
    after_units = whole_number(LABELS["after_units"], required=False)
    retroactive = BooleanField(LABELS["retroactive"])
    max_count = whole_number(LABELS["max_count"], least=1, most=100_000_000, required=False)
    max_amount_minor = amount(LABELS["max_amount_minor"], required=False)

    evidence_type = choice(LABELS["evidence_type"], EvidenceType)
    evidence_holder = text(LABELS["evidence_holder"], required=False)
    evidence_days = whole_number(LABELS["evidence_days"], least=1, most=730, default=90)
    companion = text(LABELS["companion"], required=False, longest=500)
    companion_view = choice(LABELS["companion_view"], CompanionView, required=False)

    baseline_n = whole_number(LABELS["baseline_n"], least=1, most=100_000_000, required=False)
    baseline_count = whole_number(LABELS["baseline_count"], most=100_000_000, required=False)
    baseline_period = text(LABELS["baseline_period"], required=False)
    baseline_source = text(LABELS["baseline_source"], required=False, longest=500)
    counterfactual = choice(LABELS["counterfactual"], Counterfactual, required=False)
    difference_bp = PercentField(LABELS["difference_bp"], empty=None, whole=True)

    gaming = long_text(LABELS["gaming"], required=False, longest=1_000)
    countermeasure = long_text(LABELS["countermeasure"], required=False, longest=1_000)
    double_payment = long_text(LABELS["double_payment"], required=False, longest=1_000)
    legal_basis = long_text(LABELS["legal_basis"], required=False, longest=1_000)

    unit_cost_id = choice(_l("A figure from the register"), required=False)
    saving_minor = amount(LABELS["saving_minor"], required=False)
    saving_class = choice(LABELS["saving_class"], SavingClass, required=False)
    saving_source = text(LABELS["saving_source"], required=False, longest=500)
    saving_year = whole_number(LABELS["saving_year"], least=1900, most=2200, required=False)
    saving_bearer = choice(LABELS["saving_bearer"], Bearer, required=False)
    saving_licence = text(LABELS["saving_licence"], required=False)
    saving_occupancy_bp = PercentField(LABELS["saving_occupancy_bp"], empty=None, whole=True)
    saving_waiting_list = BooleanField(LABELS["saving_waiting_list"])
    saving_note = text(LABELS["saving_note"], required=False, longest=500)

    expected_count = whole_number(LABELS["expected_count"], most=100_000_000, required=False)
    months_after = whole_number(LABELS["months_after"], most=240, required=False, default=0)

    others: tuple[Effect, ...] = ()
    groups: tuple[str, ...] = ()
    other_currency = too_many = 0  # figures of the register that are not offered

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **more: Any) -> None:
        """The kind first: it says whether a threshold is a value or a percentage."""
        self.kind.process(self.meta.wrap_formdata(self, formdata), getattr(obj, "kind", EffectKind.PER_PERSON))
        self._read_thresholds_by_kind()
        super().process(formdata, obj, data, **more)

    def _read_thresholds_by_kind(self) -> None:
        self.threshold.as_percent = self.kind.data == EffectKind.DIFFERENCE
        self.pooled_threshold.as_percent = True

    def prepare(self, table: PriceTable, figures: Iterable[UnitCost], effect: Effect | None = None) -> None:
        """Offer what there is to choose from, lay the rows, and take out what the kind does not have."""
        # a second click finds the row that the first one made, which is no other row
        itself = {self.once.data} if effect is None else {self.once.data, effect.id}
        others = [other for other in table.effects if other.id not in itself]
        self._read_thresholds_by_kind()
        self.others = tuple(others)
        self.groups = tuple(sorted({other.best_of for other in others if other.best_of}))
        self.requires.choices = [SelectChoice(other.code, other.name) for other in others]
        self.between.choices = [
            SelectChoice("step", _("the amount of the step that is reached")),
            SelectChoice("linear", _("the amount rises evenly between two steps")),
        ]
        self.unit_cost_id.choices = [SelectChoice("", "–"), *(as_choice(figure) for figure in figures)]
        self.other_fields(table.programme.currency, table.programme.shares, effect)
        for name, kinds in ONLY_FOR.items():
            if self.kind.data not in kinds:
                del self[name]

    def other_fields(self, currency: str, shares: Iterable[MunicipalityShare], effect: Effect | None) -> None:
        """The rows: of each municipality of the bond its price, and what is stored of tiers, steps or bands."""
        tiers = effect.tiers if effect else []
        stored = effect.payer_prices if effect else {}
        scale = effect.scale if effect else []
        lay_rows(
            self.tier_rows,
            ({"up_to": t["up_to"], "price": t["price_minor"], "most": t.get("max_amount_minor")} for t in tiers),
        )
        steps = [{"at": row["at"], "paid": row["amount_minor"]} for row in scale if "at" in row]
        bands = [
            {"start": row["from"], "end": row["to"], "per_point": row["per_point_minor"]}
            for row in scale
            if "from" in row
        ]
        lay_rows(self.step_rows, steps)
        lay_rows(self.band_rows, bands)
        self._lay_payers({str(share.organisation_id): share.organisation.name for share in shares}, stored)
        for rows in (self.tier_rows, self.step_rows, self.band_rows, self.payer_rows):
            count_in(rows, currency)
        for field in self:
            if isinstance(field, MoneyField):
                field.currency = currency

    def _lay_payers(self, names: dict[str, str], stored: dict[str, int]) -> None:
        if not len(self.payer_rows.entries):
            for payer in names:
                self.payer_rows.append_entry({"payer": payer, "price": stored.get(payer)})
        for entry in self.payer_rows.entries:
            entry.form.payer_name = names.get(entry.form.payer.data, "–")
            entry.form.is_known = entry.form.payer.data in names

    def validate(self, extra_validators: Any = None) -> bool:
        """Every fault at once, each on its field: of shape first, then of the rules of the kind."""
        valid = super().validate(extra_validators)
        told = {field.name for field in self if field.errors}
        facts = self.facts()
        for fault in (*faults_in(facts, [other.code for other in self.others]), *faults_in_group(facts, self.others)):
            names = ROWS_OF.get(fault.field, (fault.field,))
            field = next((self[name] for name in names if name in self), None)
            if field is None:
                self.form_errors.append(fault.message)
            elif field.name not in told:
                field.errors = [*field.errors, fault.message]
            valid = False
        return valid

    def use_figure(self, figure: UnitCost) -> None:
        """Copy a figure of the register into the fields of the saving; nothing is saved yet."""
        values = (
            figure.value_minor,
            figure.saving_class.value,
            figure.source,
            figure.price_year,
            figure.bearer.value,
            figure.licence,
        )
        for name, value in zip(SAVING, values, strict=True):
            field = self[f"saving_{name}"]
            field.raw_data, field.data = None, value

    @property
    def states_no_saving(self) -> bool:
        return self.saving_minor.data is None and not self.saving_minor.errors and not self.saving_source.data

    def facts(self) -> EffectFacts:
        """What was typed; what is missing or wrong (and told on its field) has the value of an empty answer."""
        return EffectFacts(
            **self._texts(),
            **self._numbers(),
            life_domain=chosen(LifeDomain, self.life_domain.data) or LifeDomain.WORK,
            kind=self.kind.data,
            evidence_type=chosen(EvidenceType, self.evidence_type.data) or EvidenceType.SELF_REPORT,
            companion_view=chosen(CompanionView, self.companion_view.data),
            counterfactual=chosen(Counterfactual, self.counterfactual.data),
            saving_class=chosen(SavingClass, self.saving_class.data),
            saving_bearer=chosen(Bearer, self.saving_bearer.data),
            lasts_unit=chosen(Lasts, self.lasts_unit.data) or Lasts.DAYS,
            between=self._typed("between") or "step",
            requires=list(self._typed("requires") or []),
            retroactive=bool(self._typed("retroactive")),
            saving_waiting_list=bool(self.saving_waiting_list.data),
            unit_cost_id=uuid.UUID(self.unit_cost_id.data) if self.unit_cost_id.data else None,
            payer_prices={row.payer.data: row.price.data for row in self._complete("payer_rows") if row.is_known},
            tiers=[
                {"up_to": row.up_to.data, "price_minor": row.price.data, "max_amount_minor": row.most.data}
                for row in self._complete("tier_rows")
            ],
            scale=[
                *({"at": row.at.data, "amount_minor": row.paid.data} for row in self._complete("step_rows")),
                *(
                    {"from": row.start.data, "to": row.end.data, "per_point_minor": row.per_point.data}
                    for row in self._complete("band_rows")
                ),
            ],
        )

    def _texts(self) -> dict[str, Any]:
        names = (
            *("name", "code", "who", "definition", "sustained", "achieved_when", "resets", "unit", "best_of"),
            *("threshold", "pooled_threshold", "evidence_holder", "companion", "baseline_period", "baseline_source"),
            *("gaming", "countermeasure", "double_payment", "legal_basis"),
            *("saving_source", "saving_licence", "saving_note"),
        )
        return {name: self._typed(name) or "" for name in names}

    def _numbers(self) -> dict[str, Any]:
        zero = ("price_minor", "share_bp", "deadweight_bp", "after_units", "months_after", "lasts")
        none = (
            *("share_after_bp", "until_minor", "max_per_person", "max_count", "max_amount_minor"),
            *("baseline_n", "baseline_count", "difference_bp"),
            *("saving_minor", "saving_year", "saving_occupancy_bp", "expected_count"),
        )
        numbers: dict[str, Any] = {name: self._typed(name) or 0 for name in zero}
        numbers |= {name: self._typed(name) for name in none}
        return numbers | {"evidence_days": self.evidence_days.data or 90}

    def _typed(self, name: str) -> Any:
        return self[name].data if name in self else None

    def _complete(self, name: str) -> list[Any]:
        return complete(self[name]) if name in self else []

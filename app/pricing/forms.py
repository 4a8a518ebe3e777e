from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.core.flow import Labelled
from app.core.forms import Form, amount, day, long_text
from app.pricing.fields import MOST_ROWS, PercentField, RowForm, chosen, complete, count_in, lay_rows
from app.pricing.meanwhile import StoodField
from app.pricing.models import Overshoot, PriceTable, Reduce
from app.pricing.operations import TableFacts
from app.pricing.periods import left_open
from app.pricing.rules import faults_in_table
from app.pricing.shown import TABLE_LABELS as LABELS
from app.programmes.models import Programme

NOTHING, IN_FORCE = "nothing", "in_force"


def one_of(label: Any, words: type[Labelled], default: Labelled) -> RadioField:
    """One of a few long words, which a list to open would cut off on a phone."""
    choices = [SelectChoice(word.value, word.label) for word in words]
    return RadioField(label, choices=choices, default=default.value, validators=[InputRequired(_l("Choose one."))])


class PeriodRow(RowForm):
    needed = ("start", "end", "cap")
    start = day(_l("From"), required=False)
    end = day(_l("Up to and including"), required=False)
    cap = amount(_l("Maximum"), required=False)


class TableForm(Form):
    note = long_text(LABELS["note"], required=False, longest=2_000)
    cap_per_person_minor = amount(LABELS["cap_per_person_minor"], required=False)
    cap_contract_minor = amount(LABELS["cap_contract_minor"], required=False)
    period_rows = FieldList(FormField(PeriodRow), LABELS["period_caps"], max_entries=MOST_ROWS)
    reduce = one_of(LABELS["reduce"], Reduce, Reduce.LATEST_FIRST)
    overshoot = one_of(LABELS["overshoot"], Overshoot, Overshoot.LOST)
    step_minor = amount(LABELS["step_minor"], required=False, default=1, most=1_000_000)
    vat_bp = PercentField(LABELS["vat_bp"], empty=None, whole=True)
    illustrative = BooleanField(LABELS["illustrative"])

    def prepare(self, currency: str, table: Any = None) -> None:
        """Lay the rows of what is stored, and count in the currency of the bond."""
        stored = table.period_caps if table is not None else []
        rows = [
            {"start": date.fromisoformat(cap["from"]), "end": date.fromisoformat(cap["to"]), "cap": cap["amount_minor"]}
            for cap in stored
        ]
        lay_rows(self.period_rows, rows)
        count_in(self.period_rows, currency)
        for field in (self.cap_per_person_minor, self.cap_contract_minor, self.step_minor):
            field.currency = currency

    def validate(self, extra_validators: Any = None) -> bool:
        """Every fault at once, each on its field."""
        valid = super().validate(extra_validators)
        told = {field.name for field in self if field.errors}
        for fault in faults_in_table(self.facts()):
            field = self["period_rows" if fault.field == "period_caps" else fault.field]
            if field.name not in told:
                field.errors = [*field.errors, fault.message]
            valid = False
        return valid

    def facts(self) -> TableFacts:
        return TableFacts(
            note=self.note.data or "",
            cap_per_person_minor=self.cap_per_person_minor.data,
            cap_contract_minor=self.cap_contract_minor.data,
            illustrative=self.illustrative.data,
            period_caps=[_cap(row) for row in complete(self.period_rows)],
            reduce=chosen(Reduce, self.reduce.data) or Reduce.LATEST_FIRST,
            overshoot=chosen(Overshoot, self.overshoot.data) or Overshoot.LOST,
            step_minor=self.step_minor.data or 1,
            vat_bp=self.vat_bp.data,
        )

    def left_open(self, programme: Programme) -> list[str]:
        """What the periods leave open, as they stand in the form now: stored or typed."""
        if self.period_rows.errors:
            return []
        rows = [entry.form for entry in self.period_rows.entries]
        caps = [_cap(row) for row in rows if all(row[name].data is not None for name in PeriodRow.needed)]
        return left_open(replace(self.facts(), period_caps=caps), programme)


class EditTableForm(TableForm):
    stood = StoodField()


def _cap(row: Any) -> dict[str, Any]:
    return {"from": row.start.data.isoformat(), "to": row.end.data.isoformat(), "amount_minor": row.cap.data}


def kept_from(table: PriceTable) -> dict[str, Any]:
    """What a next version keeps unless it is changed; the maximums per period are laid as rows."""
    names = ("cap_per_person_minor", "cap_contract_minor", "reduce", "overshoot", "step_minor", "vat_bp")
    return {name: getattr(table, name) for name in names}


class DraftForm(TableForm):
    """A new version starts from nothing, from the version in force, or from any published table found by search."""

    find = StringField(_l("Search the published tables"))
    start = RadioField(_l("Start from"))

    def offer(self, in_force: PriceTable | None, found: Iterable[PriceTable]) -> None:
        choices = [SelectChoice(NOTHING, _("An empty table"))]
        if in_force is not None:
            choices.insert(0, SelectChoice(IN_FORCE, _("%(table)s, which is in force", table=in_force.title)))
        choices += [
            SelectChoice(
                str(table.id),
                _(
                    "%(bond)s: %(table)s, %(number)d effects",
                    bond=table.programme.title,
                    table=table.title,
                    number=len(table.effects),
                ),
            )
            for table in found
        ]
        self.start.choices = choices
        if self.start.data is None:
            self.start.data = choices[0].value


class ReturnForm(Form):
    reason = long_text(_l("What must change"), longest=2_000)

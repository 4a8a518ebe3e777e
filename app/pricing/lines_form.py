"""All effects of a draft in one table, a line each; every fault is told at its cell."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wtforms import FieldList, FormField, HiddenField
from wtforms import Form as PlainForm

from app.core.forms import Form, VersionField, amount, choice, text, whole_number
from app.pricing.effect_form import ONLY_FOR
from app.pricing.fields import PercentField
from app.pricing.lines import Line, facts_of
from app.pricing.meanwhile import StoodField, stood, take_over
from app.pricing.models import Effect
from app.pricing.operations import EffectFacts
from app.pricing.rules import faults_in, faults_in_group
from app.pricing.shown import LABELS
from app.programmes.models import LifeDomain

CELLS = (
    *("code", "name", "life_domain", "price_minor", "deadweight_bp"),
    *("max_per_person", "expected_count", "months_after"),
)


class LineForm(PlainForm):
    effect_id = HiddenField()
    version = VersionField()
    stood = StoodField()
    code = text(LABELS["code"], longest=30)
    name = text(LABELS["name"], longest=120)
    life_domain = choice(LABELS["life_domain"], LifeDomain)
    price_minor = amount(LABELS["price_minor"], required=False)
    deadweight_bp = PercentField(LABELS["deadweight_bp"])
    max_per_person = whole_number(LABELS["max_per_person"], least=1, most=1_000, required=False)
    expected_count = whole_number(LABELS["expected_count"], most=100_000_000, required=False)
    months_after = whole_number(LABELS["months_after"], most=240, required=False)

    own: frozenset[str] | set[str] = frozenset()  # the cells in which something was typed since the page was made


class LinesForm(Form):
    lines = FieldList(FormField(LineForm))

    def lay(self, effects: Sequence[Effect], currency: str) -> None:
        """A line per effect of the table, in its order; what was typed stays, lines of other tables are left out.

        Cells in which nothing was typed take what is stored, also when a colleague saved it after the page was made.
        """
        rows = {str(effect.id): effect for effect in effects}
        anew = not self.lines.entries
        if anew:
            for effect in effects:
                values = {name: getattr(effect, name) for name in CELLS}
                about = {"effect_id": str(effect.id), "version": effect.version, "stood": _stands(effect)}
                self.lines.append_entry({**about, **values})
        self.lines.entries = [entry for entry in self.lines.entries if entry.form.effect_id.data in rows]
        for entry in self.lines.entries:
            entry.form.effect = rows[entry.form.effect_id.data]
            entry.form.price_minor.currency = currency
            for name in CELLS:
                if entry.form.effect.kind not in ONLY_FOR.get(name, (entry.form.effect.kind,)):
                    del entry.form[name]
            if entry.form.effect.tiers:
                del entry.form["price_minor"]
            if not anew:
                entry.form.own = take_over(entry.form, entry.form.effect, CELLS)

    def keep_stood(self, shown: "LinesForm") -> None:
        """One line was saved and the cells stay as the page shows them: they stood so, whatever is stored."""
        before = {entry.form.effect_id.data: entry.form for entry in shown.lines.entries}
        for entry in self.lines.entries:
            line = before.get(str(entry.form.effect.id))
            if line is not None:
                kept = {k: v for k, v in (line.stood.data or {}).items() if k not in line.own}
                entry.form.stood.data = entry.form.stood.data | kept

    def collided(self) -> list[tuple[Any, set[str]]]:
        """Per line the cells in which somebody else saved one thing and this person typed another."""
        found = []
        for entry in self.lines.entries:
            line, before = entry.form, entry.form.stood.data or {}
            now = _stands(line.effect)
            found.append((line, {name for name in line.own if before.get(name) != now[name]}))
        return found

    def stand_anew(self, told: bool) -> None:
        """The whole page is shown again, over what is stored now; `told`: what somebody else saved stands beside it."""
        for entry in self.lines.entries:
            line, before = entry.form, entry.form.stood.data or {}
            for name in CELLS:
                if name in line and name not in line.own:
                    line[name].process_data(getattr(line.effect, name))
            kept = {} if told else {name: before[name] for name in line.own if name in before}
            line.stood.data = _stands(line.effect) | kept

    def only(self, effect_id: uuid.UUID) -> None:
        """Keep one line: the one that changed on the page."""
        self.lines.entries = [e for e in self.lines.entries if e.form.effect_id.data == str(effect_id)]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        codes = [entry.form.code.data for entry in self.lines.entries]
        stored = {e.code for entry in self.lines.entries for e in entry.form.effect.table.effects}
        absent = stored - {entry.form.effect.code for entry in self.lines.entries}
        for at, entry in enumerate(self.lines.entries):
            others = absent.union(codes[:at], codes[at + 1 :])
            valid = _check(entry.form, {code for code in others if code}) and valid
        valid = valid and self._check_groups()
        if not valid:
            self.lines.errors = [entry.errors for entry in self.lines.entries]
        return valid

    def _check_groups(self) -> bool:
        """What the lines say together, told at the cell that is to be mended here."""
        typed = {entry.form.effect.id: _facts(entry.form) for entry in self.lines.entries}
        for entry in self.lines.entries:
            effect = entry.form.effect
            others = [typed.get(other.id, other) for other in effect.table.effects if other is not effect]
            for fault in faults_in_group(typed[effect.id], others):
                field = entry.form.deadweight_bp
                field.errors = [*field.errors, fault.message]
        return not any(entry.errors for entry in self.lines.entries)

    def typed(self) -> list[Line]:
        return [
            Line(uuid.UUID(entry.form.effect_id.data), entry.form.version.data, _changes(entry.form))
            for entry in self.lines.entries
        ]


def _stands(effect: Effect) -> dict[str, str]:
    return stood({name: getattr(effect, name) for name in CELLS})


def _changes(line: Any) -> dict[str, Any]:
    changes = {name: line[name].data for name in CELLS if name in line.own}
    if "life_domain" in changes:
        changes["life_domain"] = LifeDomain(changes["life_domain"])
    for name in ("price_minor", "deadweight_bp", "months_after"):
        if name in changes:
            changes[name] = changes[name] or 0
    return changes


def _facts(line: Any) -> EffectFacts:
    return replace(facts_of(line.effect), **_changes(line))


def _check(line: Any, others: set[str]) -> bool:
    """The rules of the kind, told at the cell where they can be mended, else at the name."""
    if line.errors:
        return False
    faults = list(faults_in(_facts(line), others))
    for fault in faults:
        field = line[fault.field] if fault.field in line else line["name"]
        field.errors = [*field.errors, fault.message]
    return not faults

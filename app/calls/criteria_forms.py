import re
import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, SelectField
from wtforms import Form as LinesForm
from wtforms.validators import InputRequired
from wtforms.widgets import TextInput

from app.calls.criteria import CriterionFacts, ScoringFacts, shown_scale
from app.calls.models import Call, CriterionKind, Duty, TieRule
from app.core.forms import Form, choice, text, whole_number

CRITERIA, OPENERS, SCORERS = 12, 5, 6  # most lines on the form; empty ones are ignored
FRESH = 2  # empty lines after those that are filled in; saving gives new ones


class HundredthsField(Field):
    """Points with at most two decimals, as people type them ("6.5", "6,50"); `data` is hundredths (int)."""

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data // 100}.{self.data % 100:02}"

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not typed:
            return
        found = re.fullmatch(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?", typed)
        if not found:
            raise ValueError(_("Give points with at most two decimals, such as 5.50."))
        self.data = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


class ScaleField(Field):
    """The points that may be given: "0-10", or "0, 2, 4, 6, 8, 10"; `data` is a list of whole numbers."""

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else shown_scale(self.data or [])

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = []
        for part in re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", valuelist[0].strip()) if valuelist else ""):
            found = re.fullmatch(r"([0-9]{1,3})(?:-([0-9]{1,3}))?", part)
            if not found:
                self.data = []
                raise ValueError(_("Give whole points, such as 0-10 or 0, 2, 4, 6, 8, 10."))
            self.data += range(int(found[1]), int(found[2] or found[1]) + 1)


class IdField(HiddenField):
    """The id of a row that a line of the form is about; nothing for a new line."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        try:
            self.data = uuid.UUID(valuelist[0])
        except (IndexError, ValueError):
            self.data = None


class CriterionForm(LinesForm):
    id = IdField()
    name = text(_l("Criterion"), required=False)
    weight = whole_number(_l("Weight"), least=1, most=100, required=False)
    minimum = whole_number(_l("Minimum points"), least=0, most=100, required=False)
    kind = choice(_l("About"), CriterionKind, default=CriterionKind.QUALITY.value)
    description = text(_l("What is judged"), required=False, longest=1_000)
    may_lack_weight = False

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        used = self.name.data or self.description.data or self.minimum.data is not None
        lacks = self.weight.data is None and not self.may_lack_weight
        if used and lacks and not self.weight.errors:
            self.weight.errors = [_("Give this criterion a weight.")]
        if (used or self.weight.data is not None) and not self.name.data:
            self.name.errors = [_("Give this criterion a name.")]
        return good and not self.errors

    def facts(self) -> CriterionFacts:
        return CriterionFacts(
            name=self.name.data or "",
            weight=self.weight.data,
            description=self.description.data or "",
            kind=CriterionKind(self.kind.data),
            minimum=self.minimum.data,
            id=self.id.data,
        )


class CriteriaForm(Form):
    criteria = FieldList(FormField(CriterionForm), _l("Award criteria"), max_entries=CRITERIA)
    scale = ScaleField(_l("Points that may be given"), validators=[InputRequired(_l("Fill this in."))])
    minimum_total = HundredthsField(_l("Minimum total"))
    tie_rule = choice(_l("When two plans have the same total"), TieRule)
    allows_two_consortia = BooleanField(_l("An organisation may take part in two consortia for this call"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        lines = 0 if self.is_submitted() else max(2 * FRESH, len(self.criteria) + FRESH)
        while len(self.criteria) < min(lines, CRITERIA):
            self.criteria.append_entry()

    def let_weigh_equally(self) -> None:
        """Where the law makes criteria without any weight weigh equally."""
        if all(line.form.weight.data is None and not line.form.weight.errors for line in self.criteria):
            for line in self.criteria:
                line.form.may_lack_weight = True

    def facts(self) -> ScoringFacts:
        lines = [line.form for line in self.criteria if line.form.name.data]
        return ScoringFacts(
            criteria=tuple(line.facts() for line in lines),
            scale=tuple(self.scale.data),
            minimum_total=self.minimum_total.data,
            tie_rule=TieRule(self.tie_rule.data),
            allows_two_consortia=self.allows_two_consortia.data,
        )


def typed_criteria(call: Call) -> dict[str, Any]:
    """How plans are judged, as the form holds it."""
    names = ("version", "scale", "minimum_total", "tie_rule", "allows_two_consortia")
    line = ("id", "name", "weight", "minimum", "kind", "description")
    typed = {name: getattr(call, name) for name in names}
    return typed | {"criteria": [{name: getattr(c, name) for name in line} for c in call.criteria]}


class CommitteeForm(Form):
    openers = FieldList(
        choice(_l("Official"), required=False), _l("Who opens the plans"), min_entries=OPENERS, max_entries=OPENERS
    )
    scorers = FieldList(
        choice(_l("Person"), required=False), _l("Who scores the plans"), min_entries=SCORERS, max_entries=SCORERS
    )

    def offer(self, openers: list[Any], scorers: list[Any]) -> None:
        """The people who may be named, as choices."""
        for seats, people in ((self.openers, openers), (self.scorers, scorers)):
            for seat in seats:
                seat.choices = people

    def named(self, seats: FieldList) -> tuple[uuid.UUID, ...]:
        return tuple(uuid.UUID(seat.data) for seat in seats if isinstance(seat, SelectField) and seat.data)


def typed_committee(call: Call) -> dict[str, Any]:
    return {
        "version": call.version,
        "openers": [str(member.user_id) for member in call.on_committee(Duty.OPENER)],
        "scorers": [str(member.user_id) for member in call.on_committee(Duty.SCORER)],
    }

import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FieldList, FormField, SelectMultipleField
from wtforms import Form as LinesForm
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.calls import legal
from app.calls.asked import LONGEST, ItemKind, PlanItem
from app.calls.asked_forms import DocumentForm
from app.calls.asked_operations import MOST, ItemFacts
from app.calls.criteria_forms import CRITERIA, FRESH, CriterionForm, IdField, typed_criteria
from app.calls.forms import moment
from app.calls.legal import Rule
from app.calls.models import Call
from app.calls.rectify_operations import Rewritten
from app.core.forms import Form, choice, long_text, text, whole_number
from app.core.national_id import no_national_id


class ItemLine(LinesForm):
    """An item of the plan that stands; its kind and what bounds a number or a choice stay."""

    id = IdField()
    title = text(_l("Item of the plan"), required=False)
    guidance = long_text(_l("Guidance"), required=False, longest=5_000)
    longest = whole_number(_l("Longest answer in characters"), least=50, most=50_000, required=False)
    required = BooleanField(_l("Must be answered"))
    gone = BooleanField(_l("Ask this no more"))


class RectifyForm(DocumentForm):
    """`title` and `file` are those of a document that is added."""

    new_item = text(_l("Title of a new item"), required=False)
    title = text(_l("Title of a new document"), required=False, validators=[no_national_id])
    text = long_text(_l("What changes, and why"), longest=10_000, validators=[no_national_id])
    deadline = moment(_l("New deadline"), required=False)
    questions_until = moment(_l("Questions until"))
    is_correction = BooleanField(_l("Texts and documents are only corrected: no bidder would plan otherwise"))
    description = long_text(_l("What is asked"), longest=20_000)
    requirements = long_text(_l("Requirements for tenderers"), required=False, longest=20_000)
    criteria = FieldList(FormField(CriterionForm), _l("Award criteria"), max_entries=CRITERIA)
    lines = FieldList(FormField(ItemLine), _l("Items of the plan"), max_entries=MOST["plan_item"])
    new_guidance = long_text(_l("Guidance for the new item"), required=False)
    withdrawn = SelectMultipleField(
        _l("Withdraw documents"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    needs_file = False

    def offer(self, call: Call) -> None:
        """The documents that may be withdrawn."""
        standing = [one for one in call.documents if one.withdrawn_at is None]
        self.withdrawn.choices = [(str(one.id), one.title) for one in standing]

    def rewritten(self, call: Call) -> Rewritten:
        lines = {line.form.id.data: line.form for line in self.lines}
        kept = {item.id: _facts_of(item, lines[item.id]) for item in call.items if item.id in lines}
        new = ItemFacts(ItemKind.TEXT, self.new_item.data, self.new_guidance.data or "", LONGEST)
        return Rewritten(
            description=self.description.data or "",
            requirements=self.requirements.data or "",
            criteria=tuple(line.form.facts() for line in self.criteria if line.form.name.data),
            items=kept,
            removed_items=frozenset(key for key, line in lines.items() if line.gone.data),
            new_item=new if self.new_item.data else None,
            withdrawn=frozenset(uuid.UUID(one) for one in self.withdrawn.data or ()),
            new_document=(self.title.data, self.document) if self.document else None,
            questions_until=self.questions_until.data,
            is_correction=self.is_correction.data,
        )

    def validate_title(self, field: Field) -> None:
        if self.file.data and not field.data:
            raise ValidationError(_("Give the document a title."))


def _facts_of(item: PlanItem, line: ItemLine) -> ItemFacts:
    return ItemFacts(
        kind=item.kind,
        title=line.title.data or item.title,
        guidance=line.guidance.data or "",
        longest=item.longest if line.longest.data is None else line.longest.data,
        least=item.least,
        most=item.most,
        choices=tuple(item.choices),
        required=line.required.data,
        criterion_id=item.criterion_id,
    )


def typed_of(call: Call) -> dict[str, Any]:
    """The call as its rectification starts."""
    names = ("version", "description", "requirements", "questions_until")
    line = ("id", "title", "guidance", "longest", "required")
    return {name: getattr(call, name) for name in names} | {
        "criteria": [*typed_criteria(call)["criteria"], *([{}] * FRESH)],
        "lines": [{name: getattr(item, name) for name in line} for item in call.items],
    }


class BindingsForm(Form):
    """One choice per rule of the call; made by `form_of_rules`."""

    def chosen(self) -> dict[str, str]:
        return {name.removeprefix("rule_"): self[name].data for name in self._fields if name.startswith("rule_")}


@dataclass(frozen=True, slots=True)
class Choosable:
    rule: Rule
    name: str


def form_of_rules(call: Call) -> tuple[type[BindingsForm], list[Choosable]]:
    """The rules that a statute does not already bind."""
    free = [found for found in call.rules() if len(legal.may_choose(found)) > 1]
    fields = {f"rule_{found.key}": choice(found.key.label, legal.may_choose(found)) for found in free}
    return type("BindingsOfCall", (BindingsForm,), fields), [Choosable(found, f"rule_{found.key}") for found in free]

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, SelectMultipleField
from wtforms import Form as LinesForm
from wtforms.widgets import CheckboxInput, ListWidget

from app.calls import legal
from app.calls.forms import CriterionForm, moment
from app.calls.legal import Rule
from app.calls.models import Call
from app.calls.operations import CriterionFacts
from app.calls.rectify_operations import ItemFacts, Rewritten
from app.calls.term_operations import OutageFacts
from app.core.forms import Form, choice, long_text, text, whole_number
from app.core.national_id import no_national_id

NEW_CRITERIA = 2  # empty lines below the criteria that stand


class ItemForm(LinesForm):
    title = text(_l("Question of the plan"), required=False)
    guidance = long_text(_l("What is expected"), required=False, longest=2_000)
    longest = whole_number(_l("Characters at most"), least=1, most=100_000, required=False)
    required = BooleanField(_l("Must be answered"))


class RectifyForm(Form):
    text = long_text(_l("What changes, and why"), longest=10_000, validators=[no_national_id])
    description = long_text(_l("What is asked"), longest=20_000)
    requirements = long_text(_l("Requirements for tenderers"), required=False, longest=20_000)
    criteria = FieldList(FormField(CriterionForm), _l("Award criteria"), max_entries=30)
    items = FieldList(FormField(ItemForm), _l("Questions of the plan"), max_entries=60)
    withdrawn = SelectMultipleField(
        _l("Withdraw documents"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    is_correction = BooleanField(_l("Texts and documents are only corrected: no bidder would plan otherwise"))
    questions_until = moment(_l("Questions until"))
    deadline = moment(_l("New deadline"), required=False)

    def rewritten(self) -> Rewritten:
        return Rewritten(
            description=self.description.data or "",
            requirements=self.requirements.data or "",
            criteria=tuple(
                CriterionFacts(line.form.name.data or "", line.form.weight.data or 0, line.form.description.data or "")
                for line in self.criteria
            ),
            items=tuple(
                ItemFacts(f.title.data or "", f.guidance.data or "", f.longest.data, f.required.data)
                for f in (line.form for line in self.items)
            ),
            withdrawn=tuple(document for document in self._documents if str(document) in (self.withdrawn.data or [])),
            questions_until=self.questions_until.data,
            is_correction=self.is_correction.data,
        )

    _documents: tuple[Any, ...] = ()

    def offer(self, call: Call) -> None:
        """The documents that may be withdrawn."""
        standing = [one for one in call.documents if one.withdrawn_at is None]
        self._documents = tuple(one.id for one in standing)
        self.withdrawn.choices = [(str(one.id), one.title) for one in standing]


def typed_of(call: Call) -> dict[str, Any]:
    """The call as its rectification starts."""
    names = ("version", "description", "requirements", "questions_until")
    criteria = [{"name": c.name, "weight": c.weight, "description": c.description} for c in call.criteria]
    return {name: getattr(call, name) for name in names} | {
        "criteria": criteria + [{}] * NEW_CRITERIA,
        "items": [
            {"title": i.title, "guidance": i.guidance, "longest": i.longest, "required": i.required} for i in call.items
        ],
    }


class OutageForm(Form):
    began_at = moment(_l("The portal could not be reached from"))
    ended_at = moment(_l("Until"))
    cause = long_text(_l("What went wrong"), longest=2_000, validators=[no_national_id])
    deadline = moment(_l("New deadline"))

    def facts(self) -> OutageFacts:
        typed: Any = (self.began_at.data, self.ended_at.data, self.cause.data, self.deadline.data)
        return OutageFacts(*typed)


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

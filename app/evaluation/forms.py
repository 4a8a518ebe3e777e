import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.calls.models import Criterion
from app.core.flow import Labelled
from app.core.forms import Form, choice, long_text, whole_number
from app.evaluation.models import Consensus, OpenedProposal, Score
from app.evaluation.operations import Mark
from app.evaluation.states import Release


class Interest(Labelled):
    NONE = "none", _l("I have no conflict of interest in this call")
    CONFLICT = "conflict", _l("I have a conflict of interest and take no part")


def radio(label: Any, words: type[Labelled]) -> RadioField:
    return RadioField(
        label,
        choices=[SelectChoice(word.value, word.label) for word in words],
        validators=[InputRequired(_l("Choose one."))],
    )


class DeclareForm(Form):
    has_conflict = radio(_l("Your declaration"), Interest)
    explanation = long_text(_l("What the conflict is"), required=False, longest=2_000)


class DismissForm(Form):
    reason = long_text(_l("How you know that it is a namesake"), longest=2_000)


class NameScorerForm(Form):
    person = choice(_l("Person"))


class ReleaseScorerForm(Form):
    person = choice(_l("Person"))
    reason = radio(_l("Reason"), Release)


def marks_form(opened: OpenedProposal, criteria: Sequence[Criterion], given: Sequence[Score | Consensus]) -> Form:
    """Points and a motivation per criterion of one plan, filled with what was `given` before."""
    fields: dict[str, Any] = {}
    known: dict[str, Any] = {"version": opened.version}
    for criterion in criteria:
        points, motivation = names_of(criterion)
        label = _("Points for %(criterion)s", criterion=criterion.name)
        fields[points] = whole_number(label, most=max(criterion.call.scale), required=False)
        fields[motivation] = long_text(
            _("Motivation for %(criterion)s", criterion=criterion.name), required=False, longest=4_000
        )
    for mark in given:
        points, motivation = names_of(mark.criterion)
        known[points], known[motivation] = mark.points, mark.motivation
    return type("MarksForm", (Form,), fields)(data=known)


def names_of(criterion: Criterion) -> tuple[str, str]:
    return f"points_{criterion.id.hex}", f"motivation_{criterion.id.hex}"


def marks_of(form: Form, criteria: Sequence[Criterion]) -> dict[uuid.UUID, Mark]:
    marks = {}
    for criterion in criteria:
        points, motivation = names_of(criterion)
        marks[criterion.id] = Mark(form[points].data, form[motivation].data or "")
    return marks

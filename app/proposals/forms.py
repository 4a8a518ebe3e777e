from typing import Any

from flask_babel import gettext as _

from app.core.forms import Form, long_text, whole_number
from app.pricing.models import Effect
from app.proposals.budget import Line
from app.proposals.content import Content, Section, make_content

LONGEST_SECTION = 20_000
LARGEST_VOLUME = 1_000_000


class PlanForm(Form):
    """The sections; `plan_form` adds a volume for each effect of the price table."""

    effects: list[Effect] = []

    def content(self) -> Content:
        sections = {section.value: self[section.value].data or "" for section in Section}
        volumes = {str(effect.id): self[volume_name(effect)].data or 0 for effect in self.effects}
        return make_content(sections, volumes)


def plan_form(lines: list[Line], content: Content | None, version: int) -> PlanForm:
    """The form for a call with these effects, holding what was saved last."""
    fields: dict[str, Any] = {
        section.value: long_text(section.label, required=False, longest=LONGEST_SECTION) for section in Section
    }
    for line in lines:
        most = LARGEST_VOLUME if line.ceiling is None else line.ceiling
        fields[volume_name(line.effect)] = whole_number(line.effect.name, most=most, required=False)
    made = type("PlanFormOfCall", (PlanForm,), fields | {"effects": [line.effect for line in lines]})
    data: dict[str, Any] = {"version": version}
    if content is not None:
        data |= content["sections"]
        data |= {volume_name(line.effect): content["volumes"].get(str(line.effect.id)) for line in lines}
    return made(data=data)


def volume_name(effect: Effect) -> str:
    return f"volume-{effect.code}"


def told_meanwhile(content: Content, lines: list[Line], form: PlanForm) -> list[tuple[str, str]]:
    """What somebody else saved that differs from what stands in the form: (field, what is saved)."""
    found = [
        (str(section.label), content["sections"][section.value] or _("(empty)"))
        for section in Section
        if content["sections"][section.value] != (form[section.value].data or "")
    ]
    for line in lines:
        saved = content["volumes"].get(str(line.effect.id), 0)
        if saved != (form[volume_name(line.effect)].data or 0):
            found.append((line.effect.name, str(saved)))
    return found

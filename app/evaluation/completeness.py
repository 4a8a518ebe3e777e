"""What is wrong with an opened plan on its face: what the call asks and it lacks, and what its partners declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.calls.asked import ItemKind, PlanItem
from app.calls.models import Call
from app.core.format import number
from app.evaluation.models import OpenedProposal
from app.people.models import Organisation

SEALED_APART = (ItemKind.BUDGET,)  # lies in the second seal, which opens after quality is frozen
STATEMENTS = {
    "mandatory_grounds": _l("No mandatory ground for exclusion"),
    "taxes": _l("Taxes and social contributions are paid"),
    "optional_grounds": _l("No optional ground for exclusion"),
    "eligibility": _l("The requirements for tenderers are met"),
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One statement of one partner: `is_clear` when it holds without more, None when it was not made; else `words`."""

    label: Any
    is_clear: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What one partner declared, by whom and when (as sealed)."""

    organisation: Organisation
    statements: list[Declaration]
    by: str
    at: str

    @property
    def is_clear(self) -> bool:
        return bool(self.statements) and all(one.is_clear for one in self.statements)


def shortcomings(opened: OpenedProposal) -> list[str]:
    """In words, what the call asks and the plan does not give; a sealed plan was complete when it was handed in, so
    there is something here only after a rectification or an error."""
    answers = answers_of(opened.content)
    lacks = [text for item in opened.call.items for text in _of_item(item, answers, opened.content)]
    for declared in declarations(opened):
        if any(one.is_clear is None for one in declared.statements):
            lacks.append(_("%(name)s has not made every declaration.", name=declared.organisation.name))
    return lacks


def answers_of(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Plans that were opened before calls asked items of their own hold them by the name of `sections`."""
    return content.get("answers", content.get("sections", {}))


def _of_item(item: PlanItem, answers: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[str]:
    if item.kind in SEALED_APART:
        return
    answer = content.get("volumes") if item.kind == ItemKind.VOLUMES else answers.get(item.key)
    if answer in (None, "", {}, []):
        if item.required:
            yield _("“%(item)s” is missing.", item=item.title)
        return
    if item.kind == ItemKind.TEXT and item.longest is not None and len(answer) > item.longest:
        yield _("“%(item)s” is longer than %(most)d characters.", item=item.title, most=item.longest)
    if item.kind == ItemKind.NUMBER and not _is_between(answer, item.least, item.most):
        yield _("“%(item)s” lies outside its limits.", item=item.title)
    if item.kind == ItemKind.CHOICE and answer not in item.choices:
        yield _("“%(item)s” is no choice of the list.", item=item.title)


def _is_between(given: Any, least: int | None, most: int | None) -> bool:
    return isinstance(given, int) and (least is None or given >= least) and (most is None or given <= most)


def declarations(opened: OpenedProposal) -> list[Declared]:
    """Of every partner, in the order in which they joined. Plans from before partners declared in them have none."""
    parts = opened.content.get("parts")
    if parts is None:
        return []
    found = []
    for partner in opened.consortium.taking_part:
        part = parts.get(str(partner.organisation_id), {})
        made = part.get("declarations", {})
        statements = [_of_statement(label, made.get(key)) for key, label in STATEMENTS.items()]
        by, at = part.get("declared_by", ""), part.get("declared_at", "")
        found.append(Declared(partner.organisation, statements, by, at))
    return found


def _of_statement(label: Any, made: Mapping[str, Any] | None) -> Declaration:
    if made is None:
        return Declaration(label, None, "")
    return Declaration(label, bool(made.get("clear")), made.get("words", ""))


def is_clean(opened: OpenedProposal) -> bool:
    """Complete, and every partner declared that nothing stands in the way."""
    return not shortcomings(opened) and all(declared.is_clear for declared in declarations(opened))


def in_words(item: PlanItem, answer: Any) -> str:
    """An answer as people read it; a file by its name and digest."""
    if answer in (None, ""):
        return "–"
    if isinstance(answer, Mapping):
        return f"{answer.get('filename', '')}, SHA-256 {answer.get('sha256', '')}"
    return number(answer) if isinstance(answer, int) else str(answer)


def items_of(call: Call, content: Mapping[str, Any]) -> list[tuple[PlanItem, Any]]:
    """What the first seal holds, in the order of the call: (item, answer)."""
    answers = answers_of(content)
    return [(item, answers.get(item.key)) for item in call.items if item.kind not in (*SEALED_APART, ItemKind.VOLUMES)]

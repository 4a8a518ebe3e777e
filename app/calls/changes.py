"""What a call says, line by line, and what is different after a rectification: old beside new."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.calls.models import Call
from app.core.format import moment

# What a line is about. Only what stands here is compared; the deadline and the questions have their own columns.
WHAT = {
    "description": _l("What is asked"),
    "requirements": _l("Requirements for tenderers"),
    "questions_until": _l("Questions until"),
    "criterion": _l("Criterion “%(name)s”"),
    "weight": _l("Weight of “%(name)s”"),
    "item": _l("Question of the plan “%(name)s”"),
    "document": _l("Document “%(name)s”"),
}
# Changes that always give everybody more time; of the others the official says whether they only correct something.
ALWAYS_ESSENTIAL = frozenset({"requirements", "criterion", "weight", "item"})

Line = tuple[str, str]  # what, and the name or key that tells it from others of its kind


def lines_of(call: Call) -> dict[Line, tuple[str, str]]:
    """(what, key) -> (name as shown, text)."""
    said = {("description", ""): ("", call.description), ("requirements", ""): ("", call.requirements)}
    said["questions_until", ""] = ("", call.questions_until.isoformat())
    for criterion in call.criteria:
        key = str(criterion.id)
        minimum = "" if criterion.minimum is None else f" (≥ {criterion.minimum})"
        said["criterion", key] = criterion.name, f"{criterion.name}: {criterion.description}{minimum}"
        said["weight", key] = criterion.name, str(criterion.weight)
    for item in call.items:
        said["item", str(item.id)] = item.title, _item_said(item)
    for document in call.documents:
        said["document", str(document.id)] = document.title, "" if document.withdrawn_at else document.sha256
    return said


def _item_said(item: Any) -> str:
    bounds = [f"{bound}" for bound in (item.longest, item.least, item.most) if bound is not None]
    parts = [item.title, item.guidance, *bounds, *item.choices, "" if item.required else "–"]
    return " · ".join(part for part in parts if part)


def differences(before: dict[Line, tuple[str, str]], after: dict[Line, tuple[str, str]]) -> list[dict[str, str]]:
    """In the order of the call: changed and new lines, then those that are gone."""
    gone = {line: ("", "") for line in before if line not in after}
    found = []
    for line, (name, text) in (after | gone).items():
        old_name, old = before.get(line, ("", ""))
        if old != text:
            found.append({"what": line[0], "name": old_name or name, "before": old, "after": text})
    return found


def what_changed(change: dict[str, str]) -> str:
    """The name of a line, in the language of the reader."""
    return str(WHAT[change["what"]]) % {"name": change["name"]}


def shown_side(change: dict[str, str], side: str) -> str:
    """The old or the new text as it is read: a moment is set in the language of the reader."""
    text = change[side]
    return moment(datetime.fromisoformat(text)) if change["what"] == "questions_until" and text else text


def is_essential(changes: list[dict[str, str]], is_correction: bool) -> bool:
    """Would a bidder have planned otherwise? Weights, criteria, requirements and what the plan asks always count;
    of a text or a document the official may say that it only corrects something."""
    kinds = {change["what"] for change in changes} - {"questions_until"}
    return bool(kinds & ALWAYS_ESSENTIAL) or (bool(kinds) and not is_correction)

"""What a call says, line by line, and what is different after a rectification: old beside new."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.calls.criteria import shown_scale
from app.calls.models import PLANS_NOTHING, Call, CriterionKind, TieRule
from app.core.format import in_hundredths, moment

# What a line is about. Only what stands here is compared; the deadline and the questions have their own columns.
WHAT = {
    "description": _l("What is asked"),
    "requirements": _l("Requirements for tenderers"),
    "questions_until": _l("Questions until"),
    "criterion": _l("Criterion “%(name)s”"),
    "weight": _l("Weight of “%(name)s”"),
    "discount": _l("Criterion about a discount"),
    "scale": _l("Points that may be given"),
    "minimum_total": _l("Minimum total"),
    "tie_rule": _l("When two plans have the same total"),
    "two_consortia": _l("An organisation may take part in two consortia for this call"),
    "item": _l("Question of the plan “%(name)s”"),
    "lot": _l("Participants and municipalities of lot “%(name)s”"),
    "lot_text": _l("Description of lot “%(name)s”"),
    "document": _l("Document “%(name)s”"),
    "contact": _l("Contact “%(name)s”"),
}
# Changes that always give everybody more time; of the others the official says whether they only correct something.
ALWAYS_ESSENTIAL = frozenset(
    {
        *("requirements", "criterion", "weight", "item", "lot"),
        *("discount", "scale", "minimum_total", "tie_rule", "two_consortia"),
    }
)

Line = tuple[str, str]  # what, and the name or key that tells it from others of its kind


def lines_of(call: Call) -> dict[Line, tuple[str, str]]:
    """(what, key) -> (name as shown, text)."""
    said = {("description", ""): ("", call.description), ("requirements", ""): ("", call.requirements)}
    said["questions_until", ""] = ("", call.questions_until.isoformat())
    said |= _scoring_said(call)
    for criterion in call.criteria:
        key = str(criterion.id)
        minimum = "" if criterion.minimum is None else f" (≥ {criterion.minimum})"
        said["criterion", key] = criterion.name, f"{criterion.name}: {criterion.description}{minimum}"
        said["weight", key] = criterion.name, str(criterion.weight)
    for item in call.items:
        said["item", str(item.id)] = item.title, _item_said(item)
    for lot in call.lots:
        whom = " · ".join([str(lot.cohort_size), ", ".join(lot.municipalities)])
        said["lot", str(lot.id)] = lot.name, whom
        said["lot_text", str(lot.id)] = lot.name, " · ".join(part for part in (lot.name, lot.description) if part)
    for document in call.documents:
        stands = "" if document.withdrawn_at else f"{document.filename} (SHA-256 {document.sha256})"
        said["document", str(document.id)] = document.title, stands
    for contact in call.contacts:
        parts = (contact.name, contact.function, contact.address)
        said["contact", str(contact.id)] = contact.name, " · ".join(part for part in parts if part)
    return said


def _scoring_said(call: Call) -> dict[Line, tuple[str, str]]:
    """As stored; `shown_side` puts them in the language of the reader."""
    discount = next((one.name for one in call.criteria if one.kind == CriterionKind.DISCOUNT), "")
    return {
        ("discount", ""): ("", discount),
        ("scale", ""): ("", shown_scale(call.scale)),
        ("minimum_total", ""): ("", "" if call.minimum_total is None else str(call.minimum_total)),
        ("tie_rule", ""): ("", str(call.tie_rule.value)),
        ("two_consortia", ""): ("", "yes" if call.allows_two_consortia else "no"),
    }


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
    """The old or the new text as it is read: moments and words of ours are set in the language of the reader."""
    text = change[side]
    read = READ.get(change["what"])
    return str(read(text)) if read is not None and text else text


READ: dict[str, Callable[[str], Any]] = {
    "questions_until": lambda text: moment(datetime.fromisoformat(text)),
    "minimum_total": lambda text: in_hundredths(int(text)),
    "tie_rule": lambda text: TieRule(text).label,
    "two_consortia": lambda text: _("yes") if text == "yes" else _("no"),
}


def is_essential(changes: list[dict[str, str]], is_correction: bool) -> bool:
    """Would a bidder have planned otherwise? How plans are judged, requirements, lots and what the plan asks always
    count, a contact never; of a text or a document the official may say that it only corrects something."""
    kinds = {change["what"] for change in changes} - PLANS_NOTHING
    return bool(kinds & ALWAYS_ESSENTIAL) or (bool(kinds) and not is_correction)

"""What a plan still lacks before it can be confirmed and handed in."""

from typing import Any

from flask_babel import gettext as _

from app.calls.asked import LONGEST, ItemKind, PlanItem
from app.calls.models import Call
from app.proposals.budget import Budget
from app.proposals.content import Content, SecondContent


def lacking(content: Content, call: Call, budget: Budget) -> list[str]:
    """The same of a plan that is a draft and of one that was opened: its answers, its volumes and every cap."""
    lacks = [lack for item in call.items if (lack := _lack_of(item, content["answers"].get(item.key)))]
    if _asks(call, ItemKind.VOLUMES) and not budget.effects:
        lacks.append(_("The plan promises no effect yet."))
    return lacks + budget.problems()


def lacking_second(second: SecondContent, call: Call) -> list[str]:
    """Of what goes into the second envelope. No discount is an offer too."""
    if _asks(call, ItemKind.BUDGET) and not second["budget"]:
        return [_("The budget has no line yet.")]
    return []


def _asks(call: Call, kind: ItemKind) -> bool:
    return any(item.kind == kind and item.required for item in call.items)


def _lack_of(item: PlanItem, answer: Any) -> str | None:
    """A rectification may have changed what was asked after it was answered."""
    if item.kind in (ItemKind.VOLUMES, ItemKind.BUDGET):
        return None
    if answer in (None, ""):
        return _("“%(item)s” is not answered yet.", item=item.title) if item.required else None
    if item.kind == ItemKind.TEXT and len(answer) > (item.longest or LONGEST):
        return _("“%(item)s” is longer than %(max)d characters.", item=item.title, max=item.longest or LONGEST)
    if item.kind == ItemKind.CHOICE and answer not in item.choices:
        return _("“%(item)s” is answered with what the call no longer offers.", item=item.title)
    if item.kind == ItemKind.NUMBER and not _is_within(item, answer):
        return _("“%(item)s” is outside the bounds of the call.", item=item.title)
    return None


def _is_within(item: PlanItem, answer: int) -> bool:
    return (item.least is None or answer >= item.least) and (item.most is None or answer <= item.most)

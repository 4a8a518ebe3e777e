"""What a plan still lacks before it can be confirmed and handed in."""

from typing import Any

from flask_babel import gettext as _

from app.calls.asked import LONGEST, ItemKind, PlanItem
from app.calls.models import Call
from app.consortia import parts
from app.consortia.lacks import Lack, Place
from app.consortia.models import Consortium
from app.proposals.budget import Budget
from app.proposals.content import Content, SecondContent


def lacking(content: Content, call: Call, budget: Budget) -> list[Lack]:
    """The same of a plan that is a draft and of one that was opened: its answers, its volumes and every cap."""
    answers = ((item, _lack_of(item, content["answers"].get(item.key))) for item in call.items)
    lacks = [Lack(told, Place.PIECE, item.key) for item, told in answers if told]
    problems = budget.problems()
    if _asks(call, ItemKind.VOLUMES) and not budget.effects:
        problems.insert(0, _("The plan promises no effect yet."))
    return lacks + [Lack(told, Place.PIECE, _key_of(call, ItemKind.VOLUMES)) for told in problems]


def lacking_second(second: SecondContent, consortium: Consortium) -> list[Lack]:
    """Of what goes into the second envelope. No discount is an offer too."""
    budget = _key_of(consortium.call, ItemKind.BUDGET)
    if _asks(consortium.call, ItemKind.BUDGET) and not second["budget"]:
        return [Lack(_("The budget has no line yet."), Place.PIECE, budget)]
    partners = {str(partner.organisation_id) for partner in consortium.taking_part}
    if any(line["organisation_id"] not in partners for line in second["budget"]):
        told = _("The budget has lines of an organisation that no longer takes part.")
        return [Lack(told, Place.PIECE, budget)]
    return []


def lacking_parts(content: Content, consortium: Consortium, budget: Budget) -> list[Lack]:
    """Of what each partner says of itself: its work, its declarations, and shares that come to 100."""
    promised = [line.effect for line in budget.lines if line.volume]
    return parts.lacking(consortium, content.get("parts", {}), promised)


def _key_of(call: Call, kind: ItemKind) -> str:
    """A call asks at most once for volumes, and once for a budget."""
    return next((item.key for item in call.items if item.kind == kind), "")


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

"""A published call changes only here: old and new are shown to all, and what is essential gives everybody time."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls import notices
from app.calls.asked import PlanItem
from app.calls.changes import differences, is_essential, lines_of
from app.calls.legal import Key, days_shown
from app.calls.models import WEIGHTS_SUM, Call, Criterion, Rectification, answers_until
from app.calls.operations import CriterionFacts, refuse_national_id
from app.calls.rectifying import rectifying
from app.calls.states import FLOW
from app.core import clock
from app.core.errors import Refused
from app.core.format import moment as shown_moment
from app.core.operation import operation
from app.extensions import db
from app.people.models import User


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What a question of the plan says; `longest` in characters."""

    title: str
    guidance: str
    longest: int | None
    required: bool


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the call says from now on; None leaves it as it is. Moments are aware.

    `criteria` and `items` stand in the order of the call; a criterion without a name goes, further ones are new.
    `is_correction`: the official declares that texts and documents change nothing that a bidder would plan otherwise.
    """

    description: str | None = None
    requirements: str | None = None
    criteria: tuple[CriterionFacts, ...] | None = None
    items: tuple[ItemFacts, ...] | None = None
    withdrawn: tuple[uuid.UUID, ...] = ()
    questions_until: datetime | None = None
    is_correction: bool = False


NOTHING = Rewritten()


@operation
def rectify_call(
    call: Call,
    text: str,
    deadline: datetime | None = None,
    *,
    rewritten: Rewritten = NOTHING,
    actor: User,
    once: uuid.UUID | None = None,
    version: int | None = None,
) -> Rectification:
    """Change a published call and say to all what and why (`text`); `deadline` (aware), if given, is a later one.

    An earlier deadline would take time from those who counted on it, so it is refused. A change of weights, criteria,
    requirements or questions of the plan, and any other that is no mere correction, is refused without the time that
    the law of the call gives (`Key.EXTENSION`); what partners confirmed before it falls.
    """
    existing = db.session.get(Rectification, once) if once else None
    if existing is not None:
        return existing
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_RECTIFY)
    refuse_national_id(text=text, description=rewritten.description or "", requirements=rewritten.requirements or "")
    if deadline is not None and deadline <= call.deadline:
        raise Refused(_("The deadline can only move to a later moment."), "deadline")
    before, moved_from = lines_of(call), call.deadline
    with rectifying(call):
        _rewrite(call, rewritten)
    changes = differences(before, lines_of(call))
    essential = is_essential(changes, rewritten.is_correction)
    if essential:
        _expect_time(call, deadline)
        call.essential_changes += 1
    call.deadline = deadline or call.deadline
    _expect_questions(call, essential, before["questions_until", ""][1])
    made = Rectification(
        id=once or uuid.uuid4(),
        text=text,
        deadline_before=moved_from,
        deadline_after=call.deadline,
        is_essential=essential,
        changes=changes,
    )
    call.rectifications.append(made)
    flag_modified(call, "title")  # the version counts also when only a criterion changed
    facts: dict[str, Any] = {"text": text, "before": moved_from, "after": call.deadline, "changes": changes}
    record(Action.CALL_RECTIFY, call, actor, **facts)
    notices.tell_rectified(call, made)
    return made


def _rewrite(call: Call, rewritten: Rewritten) -> None:
    _set(call, "description", rewritten.description)
    _set(call, "requirements", rewritten.requirements)
    to_the_minute = call.questions_until.replace(second=0, microsecond=0)  # as a form gives it back
    if rewritten.questions_until not in (None, to_the_minute):
        call.questions_until = rewritten.questions_until  # type: ignore[assignment]
    if rewritten.criteria is not None:
        _rewrite_criteria(call, rewritten.criteria)
    for item, facts in zip(call.items, rewritten.items or (), strict=False):
        _rewrite_item(item, facts)
    for document in call.documents:
        if document.id in rewritten.withdrawn:
            document.withdrawn_at = document.withdrawn_at or clock.now()
    db.session.flush()


def _set(row: Any, name: str, wanted: str | None) -> None:
    """Unless it reads the same: a browser sends other line ends than it was given."""
    if wanted is not None and wanted.split() != getattr(row, name).split():
        setattr(row, name, wanted)


def _rewrite_criteria(call: Call, wanted: tuple[CriterionFacts, ...]) -> None:
    named = [one for one in wanted if one.name]
    if sum(one.weight for one in named) != WEIGHTS_SUM:
        weights = sum(one.weight for one in named)
        raise Refused(_("The weights add up to %(sum)d; they must add up to 100.", sum=weights), "criteria")
    if len({" ".join(one.name.split()).casefold() for one in named}) < len(named):
        raise Refused(_("Give each criterion a name of its own."), "criteria")
    kept: list[Criterion] = []
    for number, facts in enumerate(wanted):
        criterion = call.criteria[number] if number < len(call.criteria) else Criterion()
        if not facts.name:
            _let_go(call, criterion)
            continue
        if criterion.id is None:
            criterion.name, criterion.description = facts.name, facts.description
        _set(criterion, "name", facts.name)
        _set(criterion, "description", facts.description)
        criterion.weight, criterion.position = facts.weight, len(kept) + 1
        kept.append(criterion)
    call.criteria = kept


def _let_go(call: Call, criterion: Criterion) -> None:
    """What the plan answers stays asked, though no criterion counts it any more."""
    for item in call.items:
        if criterion.id is not None and item.criterion_id == criterion.id:
            item.criterion = None


def _rewrite_item(item: PlanItem, facts: ItemFacts) -> None:
    if not facts.title:
        raise Refused(_("Give each question of the plan a title."), "items")
    _set(item, "title", facts.title)
    _set(item, "guidance", facts.guidance)
    item.required = facts.required
    if item.longest is not None and facts.longest is not None:
        item.longest = facts.longest


def least_deadline(call: Call) -> datetime:
    """The first deadline that gives the time which an essential change asks."""
    return clock.days_before(call.deadline, -call.rule(Key.EXTENSION).days)


def _expect_time(call: Call, deadline: datetime | None) -> None:
    least, found = least_deadline(call), call.rule(Key.EXTENSION)
    if deadline is not None and deadline >= least:
        return
    message = _(
        "This changes what bidders plan, so everybody gets at least %(days)s more: %(moment)s or later (%(basis)s).",
        days=days_shown(found.days),
        moment=shown_moment(least),
        basis=found.basis,
    )
    raise Refused(message, "deadline")


def _expect_questions(call: Call, essential: bool, before: str) -> None:
    """The term for questions never shrinks, ends before the last answers, and is open when something new is said."""
    if call.questions_until < datetime.fromisoformat(before):
        raise Refused(_("The term for questions can only move to a later moment."), "questions_until")
    last = answers_until(call.deadline, call.answers_days)
    if call.questions_until > last and call.questions_until != datetime.fromisoformat(before):
        message = _(
            "The last answers are given by %(moment)s, so questions end before that.", moment=shown_moment(last)
        )
        raise Refused(message, "questions_until")
    if essential and call.questions_until <= clock.now():
        raise Refused(_("Whoever reads this must be able to ask about it: give a later term."), "questions_until")

"""A published call changes only here: old and new are shown to all, and what is essential gives everybody time."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls import completeness, notices
from app.calls.asked import CallDocument, PlanItem, key_for
from app.calls.asked_operations import MOST, ItemFacts, take_away, write_document, write_item
from app.calls.changes import differences, is_essential, lines_of
from app.calls.criteria import CriterionFacts, check_criteria, write_criteria
from app.calls.legal import Key, days_shown
from app.calls.models import Call, Rectification, answers_until
from app.calls.operations import refuse_national_id
from app.calls.rectifying import rectifying
from app.calls.states import FLOW
from app.core import clock
from app.core.document import Document
from app.core.errors import Refused
from app.core.format import moment as shown_moment
from app.core.operation import operation
from app.extensions import db
from app.people.models import User


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the call says from now on; None leaves it as it is. Moments are aware.

    `criteria`: all of them, those that stay with their id; `items`: new facts by id; `new_item` and `new_document`
    (title and file) come at the end. `is_correction`: the official declares that texts and documents change nothing
    that a bidder would plan otherwise.
    """

    description: str | None = None
    requirements: str | None = None
    criteria: tuple[CriterionFacts, ...] | None = None
    items: Mapping[uuid.UUID, ItemFacts] = field(default_factory=dict)
    removed_items: frozenset[uuid.UUID] = frozenset()
    new_item: ItemFacts | None = None
    withdrawn: frozenset[uuid.UUID] = frozenset()
    new_document: tuple[str, Document] | None = None
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
    call.description = _steady(call.description, rewritten.description)
    call.requirements = _steady(call.requirements, rewritten.requirements)
    to_the_minute = call.questions_until.replace(second=0, microsecond=0)  # as a form gives it back
    if rewritten.questions_until not in (None, to_the_minute):
        call.questions_until = rewritten.questions_until  # type: ignore[assignment]
    if rewritten.criteria is not None:
        check_criteria(rewritten.criteria)
        before: dict[Any, str] = {criterion.id: criterion.description for criterion in call.criteria}
        steady = (_steady(before.get(one.id, ""), one.description) for one in rewritten.criteria)
        named = zip(rewritten.criteria, steady, strict=True)
        write_criteria(call, tuple(replace(one, description=words) for one, words in named))
        for reason in completeness.of_discount(call):
            raise Refused(reason, "criteria")
    _rewrite_items(call, rewritten)
    _rewrite_documents(call, rewritten)
    db.session.flush()


def _steady(before: str, wanted: str | None) -> str:
    """What stood there when it reads the same: a browser sends other line ends than it was given."""
    return before if wanted is None or wanted.split() == before.split() else wanted


def _rewrite_items(call: Call, rewritten: Rewritten) -> None:
    for item in list(call.items):
        if item.id in rewritten.removed_items:
            take_away(call, item)
        elif (facts := rewritten.items.get(item.id)) is not None:
            write_item(call, item, replace(facts, guidance=_steady(item.guidance, facts.guidance)))
    if not call.items:
        raise Refused(_("A plan must answer something: keep at least one item."), "items")
    if rewritten.new_item is not None:
        facts = rewritten.new_item
        item = PlanItem(key=key_for(facts.title, {one.key for one in call.items}), kind=facts.kind)
        write_item(call, item, facts)
        _put_last(call.items, item, "new_item")


def _rewrite_documents(call: Call, rewritten: Rewritten) -> None:
    for document in call.documents:
        if document.id in rewritten.withdrawn:
            document.withdrawn_at = document.withdrawn_at or clock.now()
    if rewritten.new_document is not None:
        title, file = rewritten.new_document
        document = CallDocument(added_at=clock.now())
        write_document(call, document, title, file)
        _put_last(call.documents, document, "file")


def _put_last(rows: list[Any], part: Any, field: str) -> None:
    most = MOST[part.__tablename__]
    if len(rows) >= most:
        raise Refused(_("At most %(most)d of these.", most=most), field)
    part.position = len(rows) + 1
    rows.append(part)


def least_deadline(call: Call) -> datetime:
    """The first deadline that gives the time which an essential change asks: at the same time of day, on no weekend or
    holiday."""
    closes = call.deadline.astimezone(clock.LOCAL)
    days = call.rule(Key.EXTENSION).days
    until = clock.count_term(closes.date(), days, call.programme.jurisdiction).until
    return clock.days_before(call.deadline, (closes.date() - until).days)


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

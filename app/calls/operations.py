"""The only code that changes calls. Whether it is still time is asked at the moment of the act, never of the state."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls import key_notices, notices
from app.calls.asked import default_items
from app.calls.criteria import CriterionFacts, check_committee, check_criteria, write_committee, write_criteria
from app.calls.free_days import free_days
from app.calls.key_operations import renew_call_keys
from app.calls.legal import Key, Rule, rule
from app.calls.models import (
    Call,
    Duty,
    Follower,
    answers_until,
    no_question_term,
    why_no_second,
)
from app.calls.states import FLOW
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import moment as shown_moment
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.models import PriceTable, table_in_force
from app.programmes.models import Programme
from app.programmes.operations import reach_phase
from app.programmes.states import FLOW as PROGRAMME_FLOW
from app.programmes.states import Phase


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a call says. Moments are aware; `standstill_days` calendar days; `openers` and `scorers` ids of people.
    Criteria and people that are None are left as they are."""

    title: str
    description: str
    requirements: str
    questions_until: datetime
    deadline: datetime
    standstill_days: int
    criteria: tuple[CriterionFacts, ...] | None = None
    openers: tuple[uuid.UUID, ...] | None = None
    scorers: tuple[uuid.UUID, ...] | None = None
    answers_days: int | None = None  # none: what the law says


@operation
def draft_call(programme: Programme, facts: CallFacts, *, actor: User, once: uuid.UUID) -> Call:
    """The leading municipality starts a call for consortia on the published price table of `programme`.

    Refused without a published table: a plan is written against prices that stand. `NotNow` while another call of the
    bond is under way: its participants would be promised twice.
    """
    existing = db.session.get(Call, once)
    if existing is not None:
        return existing  # the second half of a double click
    PROGRAMME_FLOW.advance(programme, Action.CALL_DRAFT)
    if (reason := why_no_second(programme)) is not None:
        raise NotNow(reason)
    call = Call(id=once, programme=programme, table=_published_table(programme))
    call.items = default_items()
    _write(call, facts)
    db.session.add(call)
    record(Action.CALL_DRAFT, call, actor, on_behalf_of=programme, **_said(facts))
    key_notices.tell_key_needed(call, call.without_key())
    return call


@operation
def edit_call(call: Call, facts: CallFacts, *, actor: User, version: int | None = None) -> None:
    """Change a draft; `version` is the one the person was reading."""
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EDIT)
    asked = {member.user_id for member in call.on_committee(Duty.OPENER)}
    _write(call, facts)
    flag_modified(call, "title")  # the version counts also when only the criteria or the committee changed
    record(Action.CALL_EDIT, call, actor, **_said(facts))
    key_notices.tell_key_needed(call, [user for user in call.without_key() if user.id not in asked])


def _published_table(programme: Programme) -> PriceTable:
    table = db.session.scalars(table_in_force(programme.id)).unique().one_or_none()
    if table is None:
        raise Refused(_("Publish a price table first: a plan is written against prices that stand."))
    return table


def _write(call: Call, facts: CallFacts) -> None:
    _check(call.programme, facts)
    call.answers_days = _answers_days(call.programme, facts)
    for name in ("title", "description", "requirements", "questions_until", "deadline", "standstill_days"):
        setattr(call, name, getattr(facts, name))
    if facts.criteria is not None:
        write_criteria(call, facts.criteria)
    if facts.openers is not None or facts.scorers is not None:
        write_committee(call, facts.openers or (), facts.scorers or ())


def _check(programme: Programme, facts: CallFacts) -> None:
    if facts.deadline <= clock.now():
        raise Refused(_("The deadline must lie in the future."), "deadline")
    if facts.questions_until > facts.deadline:
        raise Refused(_("Questions cannot be asked after the deadline."), "questions_until")
    _check_terms(programme, facts)
    check_criteria(facts.criteria or ())
    check_committee(programme, facts.openers or (), facts.scorers or ())


def _check_terms(programme: Programme, facts: CallFacts) -> None:
    """What the law of today says of the terms; publication asks again."""
    least_answers, standstill = rule_of(programme, Key.LAST_ANSWERS), rule_of(programme, Key.STANDSTILL)
    days = _answers_days(programme, facts)
    if days < least_answers.days:
        message = _("At least %(days)d calendar days: %(basis)s.", days=least_answers.days, basis=least_answers.basis)
        raise Refused(message, "answers_days")
    last = answers_until(facts.deadline, days)
    if last <= clock.now():
        raise Refused(no_question_term(last, least_answers.basis), "deadline")
    if facts.questions_until > last:
        message = _(
            "The last answers are given by %(moment)s, so questions end before that.", moment=shown_moment(last)
        )
        raise Refused(message, "questions_until")
    if facts.standstill_days < standstill.days:
        message = _("At least %(days)d calendar days: %(basis)s.", days=standstill.days, basis=standstill.basis)
        raise Refused(message, "standstill_days")


def rule_of(programme: Programme, key: Key) -> Rule:
    """The rule for a call that is drafted today."""
    return rule(key, programme.jurisdiction, clock.today(), programme.route)


def _answers_days(programme: Programme, facts: CallFacts) -> int:
    return rule_of(programme, Key.LAST_ANSWERS).days if facts.answers_days is None else facts.answers_days


def _said(facts: CallFacts) -> dict[str, Any]:
    """For the trail: what was asked and when; people as ids."""
    said: dict[str, Any] = {
        "title": facts.title,
        "deadline": facts.deadline,
        "questions_until": facts.questions_until,
        "standstill_days": facts.standstill_days,
        "answers_days": facts.answers_days,
    }
    if facts.criteria is not None:
        said["weights"] = {criterion.name: criterion.weight for criterion in facts.criteria}
    return said | {duty: people for duty in ("openers", "scorers") if (people := getattr(facts, duty)) is not None}


@operation
def publish_call(call: Call, *, actor: User, on_working_days: bool = False) -> None:
    """From now on the call is public and its weights stand (art. 2.115 Aw). Vetted providers and all parties are told.
    The keys that plans are sealed to are made, sealed to the officials who open, and forgotten.

    `on_working_days`: terms that end on a weekend or holiday run to the next working day. Refused while anything is
    missing, such as a third scorer, the key of an official, or a price table in force.
    """
    with db.session.no_autoflush:  # at once: a public call keeps its table
        FLOW.advance(call, Action.CALL_PUBLISH)
        call.table = _published_table(call.programme)
        call.published_at, call.rules_on = clock.now(), clock.today()
        if on_working_days:
            _move_to_working_days(call)
    for reason in call.missing():
        raise Refused(reason)
    renew_call_keys(call)
    reach_phase(call.programme, Phase.CALL)
    record(Action.CALL_PUBLISH, call, actor, table=call.table_id, deadline=call.deadline)
    notices.tell_published(call)


def _move_to_working_days(call: Call) -> None:
    moments = {"deadline": call.deadline, "questions_until": call.questions_until}
    for one in free_days(moments, call.programme.jurisdiction):
        setattr(call, one.name, one.moved_to)


@operation
def cancel_call(call: Call, reason: str, *, actor: User) -> None:
    """End a call without an award; everybody who follows it hears why. Sealed plans stay sealed."""
    FLOW.advance(call, Action.CALL_CANCEL)
    refuse_national_id(reason=reason)
    call.cancelled_because = reason
    record(Action.CALL_CANCEL, call, actor, reason=reason)
    notices.tell_cancelled(call)


@operation
def close_call(call: Call, *, actor: None = None) -> None:
    """The portal itself makes the passed deadline visible and tells who opens. `NotNow` before the deadline."""
    FLOW.advance(call, Action.CALL_CLOSE)
    record(Action.CALL_CLOSE, call, actor, deadline=call.deadline)
    notices.tell_closed(call)


@operation
def follow_call(call: Call, *, actor: User) -> None:
    """Be told of everything that tenderers are told. The trail keeps no name: following may betray a tenderer."""
    if add_follower(call, actor):
        record(Action.CALL_FOLLOW, call, actor, nameless=True, follows=True)


@operation
def unfollow_call(call: Call, *, actor: User) -> None:
    following = db.session.scalar(select(Follower).filter_by(call_id=call.id, user_id=actor.id))
    if following is not None:
        db.session.delete(following)
        record(Action.CALL_FOLLOW, call, actor, nameless=True, follows=False)


def add_follower(call: Call, user: User) -> bool:
    """Inside an operation, also of later packages: `user` follows from now on; False when it already did."""
    if db.session.scalar(select(Follower.id).filter_by(call_id=call.id, user_id=user.id)) is not None:
        return False
    db.session.add(Follower(call_id=call.id, user_id=user.id))
    db.session.flush()
    return True


def refuse_national_id(**texts: str) -> None:
    """These texts are for everybody (domain, section 9)."""
    for field, text in texts.items():
        if holds_national_id(text):
            raise Refused(_("A national number (BSN or rijksregisternummer) seems to stand here. Leave it out."), field)

"""The only code that changes calls. Whether it is still time is asked at the moment of the act, never of the state."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls import notices
from app.calls.asked import default_items
from app.calls.models import (
    STANDSTILL,
    WEIGHTS_SUM,
    Call,
    CommitteeMember,
    Criterion,
    Duty,
    Follower,
    Rectification,
    answers_until,
    why_no_second,
)
from app.calls.states import FLOW
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import moment as shown_moment
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.pricing.models import PriceTable, table_in_force
from app.programmes.models import Part, Programme
from app.programmes.operations import reach_phase
from app.programmes.states import FLOW as PROGRAMME_FLOW
from app.programmes.states import Phase


@dataclass(frozen=True, slots=True)
class CriterionFacts:
    """`weight` in whole points of 100."""

    name: str
    weight: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a call says. Moments are aware; `standstill_days` calendar days; `openers` and `scorers` ids of people."""

    title: str
    description: str
    requirements: str
    questions_until: datetime
    deadline: datetime
    standstill_days: int
    criteria: tuple[CriterionFacts, ...] = ()
    openers: tuple[uuid.UUID, ...] = ()
    scorers: tuple[uuid.UUID, ...] = ()


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
    return call


@operation
def edit_call(call: Call, facts: CallFacts, *, actor: User, version: int | None = None) -> None:
    """Change a draft; `version` is the one the person was reading."""
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EDIT)
    _write(call, facts)
    flag_modified(call, "title")  # the version counts also when only the criteria or the committee changed
    record(Action.CALL_EDIT, call, actor, **_said(facts))


def _published_table(programme: Programme) -> PriceTable:
    table = db.session.scalars(table_in_force(programme.id)).unique().one_or_none()
    if table is None:
        raise Refused(_("Publish a price table first: a plan is written against prices that stand."))
    return table


def _write(call: Call, facts: CallFacts) -> None:
    _check(call.programme, facts)
    for name in ("title", "description", "requirements", "questions_until", "deadline", "standstill_days"):
        setattr(call, name, getattr(facts, name))
    call.criteria = [Criterion(position=i, **asdict(criterion)) for i, criterion in enumerate(facts.criteria, start=1)]
    wanted = [(Duty.OPENER, user) for user in facts.openers] + [(Duty.SCORER, user) for user in facts.scorers]
    seated = {(member.duty, member.user_id): member for member in call.committee}
    call.committee = [seated.get(seat) or CommitteeMember(duty=seat[0], user_id=seat[1]) for seat in wanted]


def _check(programme: Programme, facts: CallFacts) -> None:
    if facts.deadline <= clock.now():
        raise Refused(_("The deadline must lie in the future."), "deadline")
    if facts.questions_until > facts.deadline:
        raise Refused(_("Questions cannot be asked after the deadline."), "questions_until")
    last = answers_until(facts.deadline, programme.jurisdiction)
    if facts.questions_until > last:
        message = _(
            "The last answers are given by %(moment)s, so questions end before that.", moment=shown_moment(last)
        )
        raise Refused(message, "questions_until")
    least, basis = STANDSTILL[programme.jurisdiction]
    if facts.standstill_days < least:
        raise Refused(_("At least %(days)d calendar days: %(basis)s.", days=least, basis=basis), "standstill_days")
    if len({" ".join(one.name.split()).casefold() for one in facts.criteria}) < len(facts.criteria):
        raise Refused(_("Give each criterion a name of its own."), "criteria")
    weights = sum(criterion.weight for criterion in facts.criteria)
    if facts.criteria and weights != WEIGHTS_SUM:
        raise Refused(_("The weights add up to %(sum)d; they must add up to 100.", sum=weights), "criteria")
    for field, people in (("openers", facts.openers), ("scorers", facts.scorers)):
        if len(set(people)) != len(people):
            raise Refused(_("The same person is named twice."), field)
    if not set(facts.openers) <= {user.id for user in programme.people(Part.GOVERNMENT)}:
        raise Refused(_("Only officials of the governments of this bond open the plans."), "openers")
    interested = {user.id for user in programme.people(Part.INVESTOR, Part.PROVIDER, Part.INTERMEDIARY)}
    if interested & set(facts.scorers):
        raise Refused(
            _("Nobody who works for an investor or the intermediary of this bond scores the plans."), "scorers"
        )
    if _bidders_among(facts.scorers):
        raise Refused(_("Nobody who works for a service provider scores the plans."), "scorers")


def _bidders_among(people: tuple[uuid.UUID, ...]) -> list[uuid.UUID]:
    found = select(Membership.user_id).join(Organisation)
    found = found.where(Membership.user_id.in_(people), Organisation.kind == OrganisationKind.PROVIDER)
    return list(db.session.scalars(found))


def _said(facts: CallFacts) -> dict[str, Any]:
    """For the trail: what was asked and when; people as ids."""
    return {
        "title": facts.title,
        "deadline": facts.deadline,
        "questions_until": facts.questions_until,
        "standstill_days": facts.standstill_days,
        "weights": {criterion.name: criterion.weight for criterion in facts.criteria},
        "openers": facts.openers,
        "scorers": facts.scorers,
    }


@operation
def publish_call(call: Call, *, actor: User) -> None:
    """From now on the call is public and its weights stand (art. 2.115 Aw). Vetted providers and all parties are told.

    Refused while anything is missing, such as a third scorer or a price table that is still in force.
    """
    with db.session.no_autoflush:  # at once: a public call keeps its table
        FLOW.advance(call, Action.CALL_PUBLISH)
        call.table = _published_table(call.programme)
    for reason in call.missing():
        raise Refused(reason)
    call.published_at = clock.now()
    reach_phase(call.programme, Phase.CALL)
    record(Action.CALL_PUBLISH, call, actor, table=call.table_id, deadline=call.deadline)
    notices.tell_published(call)


@operation
def rectify_call(
    call: Call,
    text: str,
    deadline: datetime | None = None,
    *,
    actor: User,
    once: uuid.UUID | None = None,
    version: int | None = None,
) -> Rectification:
    """Say to all what is changed in a published call; `deadline` (aware), if given, is a later one.

    An earlier deadline would take time from those who counted on it, so it is refused; weights never change here.
    """
    existing = db.session.get(Rectification, once) if once else None
    if existing is not None:
        return existing
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_RECTIFY)
    refuse_national_id(text=text)
    if deadline is not None and deadline <= call.deadline:
        raise Refused(_("The deadline can only move to a later moment."), "deadline")
    made = Rectification(
        id=once, call_id=call.id, text=text, deadline_before=call.deadline, deadline_after=deadline or call.deadline
    )
    call.deadline = made.deadline_after
    db.session.add(made)
    record(Action.CALL_RECTIFY, call, actor, text=text, before=made.deadline_before, after=made.deadline_after)
    notices.tell_rectified(call, made)
    return made


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

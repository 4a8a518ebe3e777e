"""The operations behind the pages of a draft on which it says how plans are judged, and by whom."""

import uuid
from dataclasses import replace

from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls.criteria import (
    ScoringFacts,
    check_committee,
    check_criteria,
    check_scale,
    weighed,
    write_committee,
    write_criteria,
)
from app.calls.key_notices import tell_key_needed
from app.calls.models import Call, Duty
from app.calls.operations import refuse_national_id
from app.calls.states import FLOW
from app.core.operation import operation
from app.people.models import User


@operation
def edit_criteria(call: Call, scoring: ScoringFacts, *, actor: User, version: int | None = None) -> None:
    """Say by what plans of `call` are judged: criteria with weights of 100, scale, minimums, what decides a tie.

    All of it stands from publication on (art. 2.115 of the Dutch act).
    """
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EDIT)
    scoring = replace(scoring, criteria=weighed(call, scoring.criteria))
    check_criteria(scoring.criteria)
    check_scale(scoring)
    refuse_national_id(criteria="\n".join(f"{one.name}\n{one.description}" for one in scoring.criteria))
    write_criteria(call, scoring.criteria)
    call.scale, call.minimum_total = list(scoring.scale), scoring.minimum_total
    call.tie_rule, call.allows_two_consortia = scoring.tie_rule, scoring.allows_two_consortia
    flag_modified(call, "title")  # the version counts also when only a weight changed
    weights = {one.name: one.weight for one in scoring.criteria}
    minimums = {one.name: one.minimum for one in scoring.criteria if one.minimum is not None}
    record(
        Action.CALL_EDIT,
        call,
        actor,
        weights=weights,
        discount=call.allows_discount,
        minimums=minimums,
        scale=call.scale,
        minimum_total=call.minimum_total,
        tie_rule=call.tie_rule,
        allows_two_consortia=call.allows_two_consortia,
    )


@operation
def name_committee(
    call: Call,
    openers: tuple[uuid.UUID, ...],
    scorers: tuple[uuid.UUID, ...],
    *,
    actor: User,
    version: int | None = None,
) -> None:
    """Name who opens the plans of `call` and who scores them (ids of people)."""
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EDIT)
    check_committee(call.programme, openers, scorers)
    asked = {member.user_id for member in call.on_committee(Duty.OPENER)}
    write_committee(call, openers, scorers)
    flag_modified(call, "title")
    record(Action.CALL_EDIT, call, actor, openers=openers, scorers=scorers)
    tell_key_needed(call, [user for user in call.without_key() if user.id not in asked])

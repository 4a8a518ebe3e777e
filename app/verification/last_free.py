"""Who is left to decide an appeal when one more person of the assessor takes part: said before it happens, while a
colleague can still be invited. Nothing is forbidden: that person may be the only one who can judge or sign."""

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, case, false, func, or_, select, true

from app.extensions import db
from app.intake.recusals import Recusal
from app.outcomes.models import Claim
from app.people.models import User
from app.programmes.independence import former_tie_of
from app.programmes.models import Part, Programme
from app.verification.appeal_models import assessors_of
from app.verification.deciders import why_not_decider
from app.verification.models import Judgement
from app.verification.signing import decided_measurements, is_counter_signed, signers_of, unsigned


def is_last_for(claim: Claim, user: Any) -> bool:
    """Whether nobody can decide an appeal about this claim once `user` judged it."""
    others = [one for one in assessors_of(claim) if one.id != user.id]
    return all(why_not_decider(claim, one) is not None for one in others)


def count_left_alone(programme: Programme, user: Any, first: User | None = None) -> int:
    """About how many claims and measurements of the list to sign nobody can decide an appeal, once `user` signed for
    it, and `first` before. Where a colleague has to counter-sign: whoever that is. One statement for all claims."""
    signed = {user.id} if first is None else {user.id, first.id}
    free = [one for one in programme.people(Part.ASSESSOR) if one.id not in signed]
    free = [one for one in free if former_tie_of(programme, one) is None]
    ways: list[set[uuid.UUID]] = [signed]
    if first is None and is_counter_signed(programme):
        ways = [signed | {one.id} for one in signers_of(programme) if one.id != user.id] or ways
    left = [{one.id for one in free} - way for way in ways]
    counted = [func.coalesce(func.sum(case((_nobody_of(people), 1), else_=0)), 0) for people in left]
    claims = db.session.execute(select(*counted).select_from(Claim).where(*unsigned(programme))).one()
    measured = [one.decided_by_id for one in decided_measurements(programme)]
    return min(
        int(number) + sum(not people - {by} for by in measured) for number, people in zip(claims, left, strict=True)
    )


def _nobody_of(people: Collection[uuid.UUID]) -> Any:
    """SQL: each of these judged or decided the claim, or left the case to colleagues."""
    return and_(true(), *(_took_part(one) for one in sorted(people)))


def _took_part(person: uuid.UUID) -> Any:
    judged = select(Judgement.id).where(Judgement.claim_id == Claim.id, Judgement.user_id == person)
    left = select(Recusal.participant_id).where(Recusal.user_id == person)
    return or_(judged.exists(), func.coalesce(Claim.decided_by_id == person, false()), Claim.participant_id.in_(left))

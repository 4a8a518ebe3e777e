"""How a docket stands: who declared, and how far its claims are decided.

A declaration of independence comes before what it is about: before a case of the batch is opened, and before a
signature under it (ISO/IEC 17029, impartiality).
"""

import uuid
from collections import Counter
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.access.roles import Role
from app.core.errors import FirstThis
from app.extensions import db
from app.intake.models import Participant
from app.intake.reading import hold
from app.notifications.notify import path_for
from app.outcomes.models import Claim
from app.outcomes.required import lacking
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.models import Programme, roles_in
from app.verification.models import Declaration, Docket, DocketItem
from app.verification.states import UNSIGNED, DocketState

UNDECIDED = (ClaimState.SUBMITTED, ClaimState.QUESTIONED)


def has_declared(docket: Docket, user: Any) -> bool:
    found = select(Declaration.id).where(Declaration.docket_id == docket.id, Declaration.user_id == user.id)
    return db.session.scalar(found) is not None


@hold
def expect_declared_for_case(person: Participant, user: User) -> None:
    """`FirstThis` where a person of the assessor opens a case of a batch under way before declaring for that batch."""
    if Role.ASSESSOR not in roles_in(person.programme_id, user):
        return
    cases = select(DocketItem.docket_id).join(Claim, Claim.id == DocketItem.claim_id)
    _expect_declared(user, Docket.id.in_(cases.where(Claim.participant_id == person.id)))


def expect_declared_to_sign(programme: Programme, user: User) -> None:
    """`FirstThis` where a person signs for a batch, first or second, without having declared for it."""
    _expect_declared(user, Docket.programme_id == programme.id, Docket.state == DocketState.READY)


def _expect_declared(user: User, *holds: Any) -> None:
    declared = select(Declaration.docket_id).where(Declaration.user_id == user.id)
    found = select(Docket).where(*holds, Docket.state.in_(UNSIGNED), Docket.id.not_in(declared))
    docket = db.session.scalars(found.limit(1)).unique().first()
    if docket is not None:
        raise FirstThis(
            _("Declare your independence for %(batch)s first.", batch=docket.title),
            path_for("verification.declare", id=docket.id),
            _("Declare your independence"),
        )


def states_of(docket: Docket, *of_them: Any) -> dict[uuid.UUID, Counter[ClaimState]]:
    """How the claims that are to be judged stand, per effect, in one statement."""
    found = (
        select(DocketItem.effect_id, Claim.state, func.count())
        .join(Claim, Claim.id == DocketItem.claim_id)
        .where(DocketItem.docket_id == docket.id, DocketItem.to_judge, *of_them)
        .group_by(DocketItem.effect_id, Claim.state)
    )
    counted: dict[uuid.UUID, Counter[ClaimState]] = {one.effect_id: Counter() for one in docket.strata}
    for effect_id, state, number in db.session.execute(found):
        counted[effect_id][state] += number
    return counted


def lacking_of(docket: Docket, *of_them: Any) -> Counter[uuid.UUID]:
    """Per effect, how many of them are for nobody to decide here: an effect that they require does not stand, or they
    wait for an answer and were set aside to a later docket."""
    found = (
        select(DocketItem.effect_id, func.count())
        .join(Claim, Claim.id == DocketItem.claim_id)
        .where(DocketItem.docket_id == docket.id, DocketItem.to_judge, *of_them)
        .where(Claim.state.in_(UNDECIDED), or_(DocketItem.is_set_aside, lacking(docket.programme_id)))
        .group_by(DocketItem.effect_id)
    )
    return Counter(dict(iter(db.session.execute(found))))  # type: ignore[arg-type]

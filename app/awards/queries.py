"""What the pages of an award read."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.awards.losing import loses
from app.awards.models import Letter, Suspension
from app.awards.states import LetterState
from app.consortia.models import Consortium
from app.core import clock
from app.evaluation.models import Evaluation, OpenedProposal
from app.extensions import db
from app.people.models import User


def letters_of(evaluation: Evaluation) -> Select[Any]:
    """Every letter of every decision, the newest decision first."""
    found = select(Letter).where(Letter.evaluation_id == evaluation.id)
    return found.order_by(Letter.number.desc(), Letter.opened_id)


def letters_to(own: Sequence[OpenedProposal]) -> list[Letter]:
    """The letters about these plans, the newest first."""
    found = select(Letter).where(Letter.opened_id.in_([plan.id for plan in own]), Letter.state != LetterState.REVIEWED)
    return list(db.session.scalars(found.order_by(Letter.number.desc())).unique()) if own else []


def suggested_reference(evaluation: Evaluation) -> str:
    """A reference while the authority has given none of its own: the year, the call, and which decision it is."""
    last = db.session.scalar(select(func.max(Letter.number)).where(Letter.evaluation_id == evaluation.id)) or 0
    return f"{clock.today().year}-{evaluation.call_id.hex[:6].upper()}-{last + 1}"


def standing_letters(evaluation: Evaluation) -> int:
    """How many letters were reviewed and wait to be sent."""
    found = select(func.count(Letter.id)).where(Letter.evaluation_id == evaluation.id)
    return db.session.scalar(found.where(Letter.state == LetterState.REVIEWED)) or 0


def suspensions(evaluation: Evaluation) -> list[Suspension]:
    found = select(Suspension).where(Suspension.evaluation_id == evaluation.id)
    return list(db.session.scalars(found.order_by(Suspension.created_at)))


def objecting(evaluation: Evaluation, user: User, plans: Sequence[OpenedProposal] | None = None) -> list[Consortium]:
    """In whose name `user`, of the lead, can object: the consortia that do not win and wait for no answer. `plans`:
    those of `user`, where they were read already.

    Who wins a public contract has nothing to have set aside; who is granted a subsidy may object to what is granted
    (arts. 1:2 and 7:1 Awb).
    """
    undecided = {objection.consortium_id for objection in evaluation.objections if objection.decided_at is None}
    led = [one.consortium for one in (evaluation.opened_by(user) if plans is None else plans) if loses(one)]
    return [one for one in led if one.lead_id in user.organisation_ids and one.id not in undecided]

"""What the pages of an award read."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.awards.models import Letter, Suspension
from app.awards.states import LetterState
from app.core import clock
from app.evaluation.models import Evaluation, OpenedProposal
from app.extensions import db


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

"""A tie: where two assessors judge each claim and found differently, a third one decided."""

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.intake.recusals import Recusal
from app.outcomes.history import Event
from app.outcomes.models import Claim
from app.verification.models import Docket, DocketItem, Judgement


def tie_events(claim: Claim) -> list[Event]:
    """For the history of a decided claim, which names who decided it: what the two found each stays with the assessor.
    Whoever left the case to colleagues before the decision gave no opinion that counts (`judging.judgements_of`)."""
    if claim.decided_at is None:
        return []
    left = select(Recusal.user_id).where(
        Recusal.participant_id == claim.participant_id, Recusal.created_at <= claim.decided_at
    )
    by_two = select(DocketItem.claim_id).join(Docket).where(DocketItem.claim_id == claim.id, Docket.assessors > 1)
    found = select(Judgement).where(Judgement.claim_id == claim.id, Judgement.user_id.not_in(left), by_two.exists())
    given = list(db.session.scalars(found.order_by(Judgement.created_at, Judgement.id)))
    for first, second, third in zip(given, given[1:], given[2:], strict=False):
        if first.verdict != second.verdict and third.user_id == claim.decided_by_id:
            return [Event(third.created_at, _("Two assessors found differently: a third one decided"), third.user.name)]
    return []

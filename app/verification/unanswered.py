"""A question that waits: while the provider's days to answer it (`ANSWER_DAYS`) run, its silence counts against nobody.

The provider was told a day. Before it is over the claim is neither rejected nor set aside, whoever asks for it and
wherever; once it is answered, or late, the assessor goes on.
"""

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import clock
from app.core.format import day
from app.extensions import db
from app.outcomes.answering import answer_until
from app.outcomes.models import Claim, ClaimMessage
from app.outcomes.states import ClaimState
from app.verification.blueprint import bp
from app.verification.models import Docket, DocketItem


@bp.app_template_global("why_answer_is_waited_for")
def why_answer_is_waited_for(claim: Claim) -> str | None:
    """With the day from which it is not; None once it was answered, or while nothing was asked. What was set aside was
    late already: the words of that are no new question."""
    if claim.state != ClaimState.QUESTIONED or is_set_aside(claim):
        return None
    asked = db.session.scalar(select(func.max(ClaimMessage.created_at)).where(ClaimMessage.claim_id == claim.id))
    last = answer_until(asked, claim.programme) if asked is not None else None
    if last is None or clock.today() > last:
        return None
    return _(
        "Rule “days to answer”: the provider has until %(last)s to answer the question. From %(first)s the claim can "
        "be rejected or set aside without an answer.",
        last=day(last),
        first=day(last + timedelta(days=1)),
    )


@bp.app_template_global("is_set_aside")
def is_set_aside(claim: Claim) -> bool:
    """Does it wait for an answer outside every batch, because it was set aside?"""
    found = select(DocketItem.is_set_aside).join(Docket).where(DocketItem.claim_id == claim.id)
    last = found.order_by(Docket.number.desc()).limit(1)
    return claim.state == ClaimState.QUESTIONED and bool(db.session.scalar(last))

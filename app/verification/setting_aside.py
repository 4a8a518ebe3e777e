"""A claim that waits for an answer goes on to a later batch, so that the rest can be signed.

The provider cannot stop a batch by not answering in time, and the assessor need not reject what it only could not judge
yet. In its sample it counts as a fault, as everything that was drawn and not proven does: else a sample would be made
better by leaving out what is doubted. So not before the provider's days to answer are over (`unanswered`). Once it is
answered a later batch takes it, and reads it whatever is drawn (`by_rule`).
"""

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.outcomes.models import Claim, ClaimMessage
from app.outcomes.states import CLAIM_FLOW
from app.people.models import User
from app.pricing.models import Effect
from app.verification import notices
from app.verification.judging import why_not_now
from app.verification.models import Docket, DocketItem
from app.verification.states import DocketState
from app.verification.unanswered import why_answer_is_waited_for
from app.verification.words import said_set_aside


@operation
def set_aside(claim: Claim, reason: str, *, actor: User) -> None:
    """`reason` stands among questions and answers, where the provider reads it. `NotNow` but for a claim that holds up
    the batch that is judged, and whose answer is late (`ANSWER_DAYS`)."""
    CLAIM_FLOW.advance(claim, Action.CLAIM_SET_ASIDE)
    refuse_who(text=reason)
    if not reason.strip():
        raise Refused(_("Fill this in."), "text")
    item: DocketItem = _item_of(claim)  # type: ignore[assignment]  # the flow asked
    reason_not = why_not_now(item, actor)
    if reason_not is not None:
        raise NotNow(reason_not)
    item.is_set_aside = True
    message = ClaimMessage(user_id=actor.id, text=reason)
    message.proof_id = claim.id
    db.session.add(message)
    record(Action.CLAIM_SET_ASIDE, claim, actor)
    notices.tell_set_aside(claim)


def why_not_set_aside(claim: Claim) -> str | None:
    if _item_of(claim) is None:
        return _("This claim holds up no batch.")
    return why_answer_is_waited_for(claim)


def told_set_aside(docket: Docket | None) -> list[str]:
    """For who reads all figures of a docket: how many of its claims were set aside, a sentence per effect."""
    if docket is None:
        return []
    found = select(Effect.name, func.count()).join(DocketItem, DocketItem.effect_id == Effect.id)
    found = found.where(DocketItem.docket_id == docket.id, DocketItem.is_set_aside)
    found = found.group_by(Effect.name).order_by(Effect.name)
    return [said_set_aside(effect, count) for effect, count in db.session.execute(found)]


def _item_of(claim: Claim) -> DocketItem | None:
    found = select(DocketItem).join(Docket).where(DocketItem.claim_id == claim.id, Docket.state == DocketState.CHECKING)
    return db.session.scalar(found.where(DocketItem.to_judge, ~DocketItem.is_set_aside))


CLAIM_FLOW.hold(Action.CLAIM_SET_ASIDE, while_=why_not_set_aside)

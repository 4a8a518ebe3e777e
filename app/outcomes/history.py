"""Who did what with a claim, and when, for whoever reads the claim: from the trail. Who signed for it stands above this
package (`verification.counter_signing`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.access.actions import Action
from app.audit.models import AuditEntry
from app.extensions import db
from app.outcomes.models import Claim
from app.people.models import User

# What one of two assessors found is for nobody before both did: `claim.judge` is not told.
SAID = {
    Action.CLAIM_REGISTER: _l("Registered"),
    Action.CLAIM_SUBMIT: _l("Handed in"),
    Action.CLAIM_QUESTION: _l("The assessor asked something"),
    Action.CLAIM_SET_ASIDE: _l("Was set aside to a later batch"),
    Action.CLAIM_ANSWER: _l("Answered"),
    Action.CLAIM_VERIFY: _l("Verified"),
    Action.CLAIM_REJECT: _l("Rejected"),
    Action.CLAIM_WITHDRAW: _l("Withdrawn"),
    Action.CLAIM_APPEAL: _l("Appealed against"),
    Action.CLAIM_REOPEN: _l("Reopened: no longer counts"),
}


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    what: Any
    who: str


def history_of(claim: Claim) -> list[Event]:
    """The oldest first."""
    found = (
        select(AuditEntry.at, AuditEntry.action, User.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_id == claim.id, AuditEntry.action.in_([str(one) for one in SAID]))
        .order_by(AuditEntry.seq)
    )
    told = [Event(at, SAID[Action(action)], name or "") for at, action, name in db.session.execute(found)]
    if claim.accepted_unseen and claim.decided_at is not None:
        told.append(Event(claim.decided_at, _("Accepted as claimed, not drawn"), ""))
    return sorted(told, key=lambda event: event.at)

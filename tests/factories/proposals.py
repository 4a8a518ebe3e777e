import uuid
from typing import Any

from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState
from app.core import clock
from app.extensions import db
from app.proposals.content import Content, make_content
from app.proposals.models import Confirmation, Proposal
from app.proposals.sealing import seal_into
from app.proposals.states import ProposalState
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user

SECRET_WORDS = "Secret approach with forty-two mentors"


def make_plan(consortium: Consortium, volume: int = 12, **sections: str) -> Content:
    """Every section filled, `volume` of each effect of the table."""
    text = {"approach": SECRET_WORDS, "team": "Two coaches.", "planning": "From January.", "risks": "Few referrals."}
    return make_content(text | sections, {effect.id: volume for effect in consortium.call.table.effects})


def make_proposal(
    consortium: Consortium | None = None,
    *,
    state: ProposalState = ProposalState.DRAFT,
    content: Content | None = None,
    confirmed: bool = True,
    **facts: Any,
) -> Proposal:
    """A sealed plan, confirmed by a person of each partner; with SUBMITTED it has been handed in just now."""
    consortium = consortium or make_consortium()
    content = content or make_plan(consortium)
    proposal = Proposal(id=uuid.uuid4(), consortium=consortium, call_id=consortium.call_id, state=state, **facts)
    seal_into(proposal, content)
    db.session.add(proposal)
    if state != ProposalState.DRAFT:
        proposal.submitted_at = facts.get("submitted_at") or clock.now()
        consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    if confirmed:
        for partner in consortium.taking_part:
            people = partner.organisation.people() or [make_user(partner.organisation)]
            proposal.confirmations.append(
                Confirmation(organisation_id=partner.organisation_id, user_id=people[0].id, digest=proposal.stands_on)
            )
        db.session.commit()
    return proposal

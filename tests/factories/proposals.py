import uuid
from typing import Any

from sqlalchemy import update

from app.calls.asked import ItemKind, PlanItem
from app.calls.models import Call
from app.consortia import vault
from app.consortia.models import Consortium
from app.consortia.parts import parts_of
from app.consortia.vault import Slot
from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.people.models import User
from app.proposals.content import VOLUMES, Content, make_content
from app.proposals.draft_operations import plan_of, write_piece
from app.proposals.models import Confirmation, Proposal
from app.proposals.pieces import find_piece, pieces_of
from app.proposals.states import ProposalState
from tests.factories.consortia import make_consortium, make_parts
from tests.factories.people import make_user
from tests.factories.sealed import hand_in

SECRET_WORDS = "Secret approach with forty-two mentors"


@housekeeping
def write_slots(consortium: Consortium, slots: dict[str, Any], actor: User) -> None:
    """Lay what a consortium wrote, by slot name, past every check."""
    for name, value in slots.items():
        vault.write(consortium, name, value, actor=actor)


def make_plan(consortium: Consortium, volume: int = 12, **answers: Any) -> Content:
    """Every text filled, `volume` of each effect of the table."""
    text = {"approach": SECRET_WORDS, "team": "Two coaches.", "planning": "From January.", "risks": "Few referrals."}
    return make_content(text | answers, {effect.id: volume for effect in consortium.call.table.effects})


def make_proposal(
    consortium: Consortium | None = None,
    *,
    state: ProposalState = ProposalState.DRAFT,
    content: Content | None = None,
    confirmed: bool = True,
    **facts: Any,
) -> Proposal:
    """A plan in the vault, confirmed by a person of each partner; with SUBMITTED it has been handed in just now."""
    consortium = consortium or make_consortium()
    content = content or make_plan(consortium)
    people = consortium.lead.people() or [make_user(consortium.lead)]
    write_slots(consortium, slots_in(content), people[0])
    make_parts(consortium)
    at = facts.pop("submitted_at", None) or clock.now()
    proposal = Proposal(id=uuid.uuid4(), consortium=consortium, call_id=consortium.call_id, **facts)
    db.session.add(proposal)
    db.session.commit()
    if confirmed:
        for partner in consortium.taking_part:
            members = partner.organisation.people() or [make_user(partner.organisation)]
            proposal.confirmations.append(
                Confirmation(organisation_id=partner.organisation_id, user_id=members[0].id, digest=proposal.stands_on)
            )
        db.session.commit()
    if state != ProposalState.DRAFT:
        hand_in(proposal, at, actor=people[0])
        proposal.state = state
        db.session.commit()
    return proposal


def slots_in(content: Content) -> dict[str, Any]:
    """The plan as the vault holds it while it is a draft."""
    slots = {f"answer:{key}": answer for key, answer in content["answers"].items()}
    return slots | {VOLUMES: {"numbers": content["volumes"], "years": content.get("years", {})}}


def write_plan(consortium: Consortium, content: Content, *, actor: User) -> Proposal:
    """Written piece by piece, as a person would."""
    slots = slots_in(content)
    if not parts_of(consortium):
        make_parts(consortium)
    for piece in pieces_of(consortium):
        write_piece(consortium, piece, slots.get(piece.slot), actor=actor)
    found = plan_of(consortium)
    assert found is not None
    return found


def write_answer(consortium: Consortium, key: str, value: Any, *, actor: User, version: int | None = None) -> Slot:
    """One piece, by its key."""
    piece = find_piece(consortium, key)
    assert piece is not None, key
    return write_piece(consortium, piece, value, actor=actor, version=version)


def ask(call: Call, kind: ItemKind, key: str, **facts: Any) -> PlanItem:
    """One more item in a call, published or not."""
    db.session.execute(update(Call).where(Call.id == call.id).values(rectifying=True))
    defaults = {"title": key.capitalize(), "position": len(call.items) + 1, "required": True}
    call.items.append(PlanItem(kind=kind, key=key, **(defaults | facts)))
    db.session.flush()
    db.session.execute(update(Call).where(Call.id == call.id).values(rectifying=False))
    db.session.commit()
    return call.items[-1]

"""What the pages of the screening read, and which prices still wait to be asked about."""

import uuid
from typing import Any

from sqlalchemy import Select, select

from app.consortia.models import Consortium
from app.evaluation.consensus_operations import by_lot, discounts_of, scored_plans
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.rules import low_prices
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import EnquiryKind
from app.extensions import db
from app.people.models import Organisation
from app.proposals.models import Proposal


def to_screen(evaluation: Evaluation) -> Select[Any]:
    """Columns of the list of the screening, in the order of receipt; `repair` is the question that was asked, if
    any."""
    repair = (Enquiry.opened_id == OpenedProposal.id) & (Enquiry.kind == EnquiryKind.REPAIR)
    found: Any = (
        select(
            OpenedProposal.id,
            Consortium.name,
            Organisation.name.label("lead"),
            OpenedProposal.admission,
            Enquiry.id.label("repair"),
            Enquiry.answered_at,
            Enquiry.answer_until,
        )
        .select_from(OpenedProposal)
        .join(Proposal, Proposal.id == OpenedProposal.proposal_id)
        .join(Consortium, Consortium.id == OpenedProposal.consortium_id)
        .join(Organisation, Organisation.id == Consortium.lead_id)
        .outerjoin(Enquiry, repair)
    )
    return found.where(OpenedProposal.evaluation_id == evaluation.id).order_by(Proposal.submitted_at, Proposal.id)


def prices_asked(evaluation: Evaluation) -> dict[uuid.UUID, Enquiry]:
    """The questions about a low price, by plan."""
    found = select(Enquiry).join(Enquiry.opened).where(OpenedProposal.evaluation_id == evaluation.id)
    found = found.where(Enquiry.kind == EnquiryKind.LOW_PRICE)
    return {one.opened_id: one for one in db.session.scalars(found).unique()}


def low_plans(evaluation: Evaluation) -> list[OpenedProposal]:
    """The plans whose price looks abnormally low beside the others of their lot, by the threshold of the rules."""
    low: list[OpenedProposal] = []
    for group in by_lot(scored_plans(evaluation)).values():
        given = {plan: bp for plan, bp in discounts_of(group).items() if bp is not None}
        found = low_prices(given)
        low += [opened for opened in group if opened.id in found]
    return low


def open_prices(evaluation: Evaluation) -> list[OpenedProposal]:
    """Plans that must be asked about their price, or whose answer nobody judged: no award before that."""
    if not evaluation.call.allows_discount:
        return []
    asked = prices_asked(evaluation)
    unasked = [opened for opened in low_plans(evaluation) if opened.id not in asked]
    unjudged = {plan for plan, one in asked.items() if one.judged_at is None}
    waiting = [opened for opened in scored_plans(evaluation) if opened.id in unjudged]
    return unasked + [opened for opened in waiting if opened not in unasked]


def priced(evaluation: Evaluation) -> list[OpenedProposal]:
    """The plans whose discount was opened, the highest discount first."""
    plans = [opened for opened in scored_plans(evaluation) if opened.discount is not None]
    return sorted(plans, key=lambda opened: -((opened.discount or {}).get("discount_bp") or 0))

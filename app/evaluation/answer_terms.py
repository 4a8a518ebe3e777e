"""The days by which a bidder must answer, in its own calendar file and reminders (calls.legal.adds_terms)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.calls.legal import Key, Term, TermKind, adds_terms
from app.calls.models import Call
from app.evaluation.models import OpenedProposal, consortia_of
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import EnquiryKind
from app.extensions import db
from app.people.models import OrganisationKind
from app.proposals.models import Proposal


@adds_terms
def answer_terms(call: Call, user: Any) -> Iterator[Term]:
    """What the consortia of `user` were asked and have not answered; of others nothing is told."""
    if OrganisationKind.PROVIDER not in user.kinds():
        return
    found = select(Enquiry).join(Enquiry.opened).join(Proposal, Proposal.id == OpenedProposal.proposal_id)
    found = found.where(Proposal.call_id == call.id, OpenedProposal.consortium_id.in_(consortia_of(user)))
    for enquiry in db.session.scalars(found.where(Enquiry.answered_at.is_(None))).unique():
        binding = call.binding(call.rule(Key.REPAIR))
        label = None if enquiry.kind == EnquiryKind.REPAIR else enquiry.kind.label
        yield Term(
            TermKind.REPAIR,
            enquiry.basis,
            binding,
            until=enquiry.answer_until,
            counted_to=enquiry.counted_to,
            label=label,
        )

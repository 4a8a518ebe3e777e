"""Who decides an appeal, or answers a doubt: somebody of the assessor who had no part in what it is about."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.models import Membership, Organisation, User
from app.programmes.independence import former_tie_of
from app.programmes.models import Part, Programme
from app.verification.appeal_models import Appeal, Proof, assessors_of
from app.verification.models import Judgement
from app.verification.reopening import reopened_by
from app.verification.statement_models import PreparedSignature

OF_PROVIDER = (ClaimState.REJECTED, ClaimState.REOPENED)  # what a provider appeals against
OF_PAYER = (ClaimState.SIGNED_OFF, ClaimState.SETTLED)  # and what the municipality that pays


def deciders_of(appeal: Appeal) -> list[User]:
    """Who of the assessor may decide it; nobody where each of them signed, judged, proposed or left the case. A further
    person has to be brought in then."""
    return [one for one in assessors_of(appeal.proof) if why_not_decider(appeal.proof, one) is None]


def who_invites(programme: Programme) -> list[tuple[Organisation, list[str]]]:
    """The assessor, and the names of those who can bring in a colleague."""
    return [(one, list(db.session.scalars(_managers_of(one)))) for one in programme.organisations(Part.ASSESSOR)]


def _managers_of(organisation: Organisation) -> Any:
    found = select(User.name).join(Membership, Membership.user_id == User.id)
    found = found.where(Membership.organisation_id == organisation.id, Membership.is_manager, User.active)
    return found.order_by(User.name)


def why_not_decider(proof: Proof, user: Any) -> str | None:
    """Why this person does not decide an appeal about it: it was their own decision, or they are not independent."""
    if user.id in signers_of(proof):
        return _("You signed for what is appealed against: another person of the assessor decides the appeal.")
    judges = set(db.session.scalars(select(Judgement.user_id).where(Judgement.claim_id == proof.id)))
    if user.id in judges | reopened_by(proof) | {proof.decided_by_id}:
        return _("You decided about this before: another person of the assessor decides the appeal.")
    tie = former_tie_of(proof.programme, user)
    return _("You work or worked for %(name)s, which is judged in this bond.", name=tie.name) if tie else None


def signers_of(proof: Proof) -> set[uuid.UUID]:
    """Who signed the statement in which it stands: proven or rejected, that was their word too. So neither an appeal of
    the payer (which takes money back: four eyes, as for a proposed reopening) nor one of the provider is theirs."""
    if proof.batch is None:
        return set()
    second = select(PreparedSignature.counter_signed_by_id).filter_by(batch_id=proof.batch_id)
    return {proof.batch.signed_by_id, *(one for one in db.session.scalars(second) if one is not None)}

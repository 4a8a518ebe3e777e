"""Proof from the winner: asked with the award decision, handed in, checked before the award is final."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.document import Document
from app.core.errors import Refused
from app.core.operation import operation
from app.evaluation import proof_notices
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.proof_models import Proof
from app.evaluation.rules import proof_rules
from app.evaluation.states import PROOF_FLOW
from app.extensions import db
from app.people.models import User


def ask_proofs(evaluation: Evaluation) -> None:
    """Inside the award decision: every partner of each winner owes what the law asks, once per call."""
    rules = proof_rules(evaluation.call)
    for winner in evaluation.winners():
        asked = {(one.organisation_id, one.kind) for one in proofs_of(winner)}
        for partner in winner.consortium.taking_part:
            for rule in rules:
                if (partner.organisation_id, rule.kind) not in asked:
                    db.session.add(
                        Proof(
                            opened=winner,
                            organisation=partner.organisation,
                            kind=rule.kind,
                            months=rule.months,
                            oldest_on=rule.oldest_on,
                            basis=rule.basis,
                        )
                    )
    db.session.flush()
    proof_notices.tell_proofs_asked(evaluation)


def proofs_of(opened: OpenedProposal) -> list[Proof]:
    """In the order of the partners and of the kinds."""
    found = select(Proof).where(Proof.opened_id == opened.id).order_by(Proof.organisation_id, Proof.kind)
    return list(db.session.scalars(found))


def proofs_for(evaluation: Evaluation, user: Any) -> list[Proof]:
    """The documents of the winners that this person may see."""
    found = Proof.visible_to(user).join(OpenedProposal, OpenedProposal.id == Proof.opened_id)
    found = found.where(OpenedProposal.evaluation_id == evaluation.id)
    return list(db.session.scalars(found.order_by(Proof.opened_id, Proof.organisation_id, Proof.kind)).unique())


def proofs_lacking(evaluation: Evaluation) -> int:
    """How many documents of the winners were not accepted yet."""
    found = select(func.count()).select_from(Proof).join(OpenedProposal, OpenedProposal.id == Proof.opened_id)
    found = found.where(OpenedProposal.evaluation_id == evaluation.id, OpenedProposal.rank == 1)
    return db.session.scalar(found.where(Proof.accepted.is_not(True))) or 0


@operation
def hand_in_proof(proof: Proof, issued_on: date, document: Document, *, actor: User) -> None:
    """A partner hands in its document, or a better one. Refused when it is older than allowed on the day the plans were
    due, or dated in the future."""
    PROOF_FLOW.advance(proof, Action.PROOF_HAND_IN)
    if issued_on > clock.today():
        raise Refused(_("This day is still to come."), "issued_on")
    if proof.oldest_on is not None and issued_on < proof.oldest_on:
        raise Refused(
            _("Too old: on the day the plans were due it may be at most %(num)d months old.", num=proof.months),
            "issued_on",
        )
    record(Action.PROOF_HAND_IN, proof, actor, sha256=document.sha256, issued_on=issued_on)
    proof.issued_on, proof.handed_in_at, proof.handed_in_by_id = issued_on, clock.now(), actor.id
    proof.filename, proof.media_type = document.filename, document.media_type
    proof.sha256, proof.document = document.sha256, document.content
    proof.accepted, proof.remark, proof.checked_at, proof.checked_by_id = None, "", None, None
    proof_notices.tell_handed_in(proof)


@operation
def check_proof(proof: Proof, is_accepted: bool, remark: str, *, actor: User) -> None:
    """An official accepts the document, or says what is wrong with it; the partner then hands in another one."""
    PROOF_FLOW.advance(proof, Action.PROOF_CHECK)
    if not is_accepted and not remark:
        raise Refused(_("Say what is wrong; the partner reads it."), "remark")
    record(Action.PROOF_CHECK, proof, actor, accepted=is_accepted)
    proof.accepted, proof.remark, proof.checked_at, proof.checked_by_id = is_accepted, remark, clock.now(), actor.id
    proof_notices.tell_checked(proof)

"""The steps of a proof, a claim for one participant or a measurement of a cohort, up to its sign-off.

They are the same for both. Which action each step is (who may take it), who is told in which words, and what keeps its
questions is in `KINDS`.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.outcomes import measurement_notices, notices
from app.outcomes.answering import why_answer_is_awaited
from app.outcomes.clock_models import clock_runs_of
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import Claim, ClaimMessage, Measurement, MeasurementMessage, RejectionReason, claims_of
from app.outcomes.owners import expect_owner
from app.outcomes.required import why_not_approved
from app.outcomes.rules import check_hand_in
from app.outcomes.states import ClaimState
from app.outcomes.weighing import doubts_about
from app.people.models import User
from app.programmes.told_codes import refuse_code

Proof = Claim | Measurement


@dataclass(frozen=True, slots=True)
class Kind:
    """The action of each step; `notices`: the module that tells of it; `message`: the row of a question or answer."""

    submit: Action
    withdraw: Action
    verify: Action
    reject: Action
    question: Action
    answer: Action
    notices: Any
    message: Any


KINDS: dict[type[Proof], Kind] = {
    Claim: Kind(
        submit=Action.CLAIM_SUBMIT,
        withdraw=Action.CLAIM_WITHDRAW,
        verify=Action.CLAIM_VERIFY,
        reject=Action.CLAIM_REJECT,
        question=Action.CLAIM_QUESTION,
        answer=Action.CLAIM_ANSWER,
        notices=notices,
        message=ClaimMessage,
    ),
    Measurement: Kind(
        submit=Action.MEASUREMENT_SUBMIT,
        withdraw=Action.MEASUREMENT_WITHDRAW,
        verify=Action.MEASUREMENT_VERIFY,
        reject=Action.MEASUREMENT_REJECT,
        question=Action.MEASUREMENT_QUESTION,
        answer=Action.MEASUREMENT_ANSWER,
        notices=measurement_notices,
        message=MeasurementMessage,
    ),
}


@operation
def submit_proof(proof: Proof, *, actor: User) -> None:
    """Hand the proof to the assessor. Refused for a claim that the rules do not allow any more."""
    kind = KINDS[type(proof)]
    _expect_owner(kind.submit, proof, actor)
    proof.FLOW.advance(proof, kind.submit)
    if isinstance(proof, Claim):
        check_hand_in(proof, clock_runs_of(proof.participant), claims_of(proof.participant))
    proof.submitted_at = clock.now()
    record(kind.submit, proof, actor)
    kind.notices.tell_submitted(proof)


def _expect_owner(action: Action, proof: Proof, actor: User) -> None:
    """Of a claim the rights say so already: it is of whoever took the person in."""
    if isinstance(proof, Measurement):
        expect_owner(action, proof, actor)


@operation
def withdraw_proof(proof: Proof, *, actor: User) -> None:
    """Take the proof back before it is decided."""
    kind, waiting = KINDS[type(proof)], proof.state != ClaimState.REGISTERED
    _expect_owner(kind.withdraw, proof, actor)
    proof.FLOW.advance(proof, kind.withdraw)
    record(kind.withdraw, proof, actor)
    _lay_milestones(proof)
    if waiting:
        kind.notices.tell_withdrawn(proof)


@operation
def question_proof(proof: Proof, text: str, *, actor: User) -> None:
    """The assessor asks the provider; the proof waits for the answer."""
    kind = KINDS[type(proof)]
    proof.FLOW.advance(proof, kind.question)
    _write(proof, text, actor)
    record(kind.question, proof, actor)
    kind.notices.tell_questioned(proof)


@operation
def answer_proof(proof: Proof, text: str, *, actor: User) -> None:
    """The provider answers; the proof is with the assessor again."""
    kind = KINDS[type(proof)]
    _expect_owner(kind.answer, proof, actor)
    proof.FLOW.advance(proof, kind.answer)
    _write(proof, text, actor)
    record(kind.answer, proof, actor)
    kind.notices.tell_answered(proof)


def _write(proof: Proof, text: str, actor: User) -> None:
    """The words stay on the page of the proof: neither trail nor mail holds them."""
    refuse_who(text=text)
    message = KINDS[type(proof)].message(user_id=actor.id, text=text)
    message.proof_id = proof.id
    db.session.add(message)


@operation
def verify_proof(proof: Proof, words: str = "", *, actor: User) -> None:
    """The assessor found it proven. It counts for money only after sign-off. `NotNow` while an effect that it requires
    does not stand. `words`: why a measurement is proven whose figures are to be looked at twice; refused without them.
    They are sealed with what was measured."""
    kind = KINDS[type(proof)]
    missing = why_not_approved(proof) if isinstance(proof, Claim) else None
    if missing is not None:
        raise NotNow(missing)
    proof.FLOW.advance(proof, kind.verify)
    _decide(proof, None, words, actor)
    record(kind.verify, proof, actor)
    if isinstance(proof, Measurement):
        _expect_why(proof, words)
    kind.notices.tell_verified(proof)


def _expect_why(measurement: Measurement, words: str) -> None:
    """Who decides in spite of a sign of doubt says why (ISO/IEC 17029: a conclusion rests on recorded grounds)."""
    if doubts_about(measurement) and not words.strip():
        raise Refused(_("Say why it is proven all the same: the figures are to be looked at twice."), "words")
    refuse_who(words=words)
    refuse_code(words=words)


@operation
def reject_proof(proof: Proof, reason: RejectionReason, words: str, *, actor: User) -> None:
    """It is not proven: `reason` from the list, `words` for the provider. Possible until sign-off. Not now while the
    days to answer a question about a measurement run (of a claim: `verification.judging`)."""
    kind = KINDS[type(proof)]
    early = why_answer_is_awaited(proof) if isinstance(proof, Measurement) else None
    if early is not None:
        raise NotNow(early)
    proof.FLOW.advance(proof, kind.reject)
    refuse_who(words=words)
    _decide(proof, reason, words, actor)
    record(kind.reject, proof, actor, reason=reason)
    _lay_milestones(proof)
    kind.notices.tell_rejected(proof)


def _decide(proof: Proof, reason: RejectionReason | None, words: str, actor: User) -> None:
    proof.decided_by_id, proof.decided_at = actor.id, clock.now()
    proof.decision_reason, proof.decision_words = reason, words


def _lay_milestones(proof: Proof) -> None:
    """What no longer counts may be claimed again, and begins no clock."""
    if isinstance(proof, Claim):
        lay_milestones(proof.participant)

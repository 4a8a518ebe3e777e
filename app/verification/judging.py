"""What an assessor decides of one claim, and whose decision counts."""

import uuid
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.agreements.verification_models import agreed_rules
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.intake.recusals import Recusal
from app.outcomes import proving
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.required import missing_of, why_not_approved
from app.outcomes.states import CLAIM_FLOW, ClaimState
from app.people.models import User
from app.verification import notices
from app.verification.listing import is_falsified
from app.verification.models import Docket, DocketItem, Judgement, Stratum
from app.verification.standing import UNDECIDED, has_declared
from app.verification.states import UNSIGNED, DocketState, Finding, Verdict
from app.verification.unanswered import why_answer_is_waited_for


@dataclass(frozen=True, slots=True)
class Opinion:
    """`reason` and `explanation` are of a claim that is not proven, `explanation` also of one that is proven though an
    effect of the same person was falsified."""

    verdict: Verdict
    reason: RejectionReason | None = None
    explanation: str = ""


PROVEN = Opinion(Verdict.VERIFIED)


@operation
def judge_claim(claim: Claim, opinion: Opinion, *, actor: User, version: int | None = None) -> None:
    """Decide, or where two assessors judge each claim, give one of the opinions that decide: two that agree.

    `NotNow` outside the sample of a docket, to approve what lacks an effect that it requires, before one's own
    declaration, or after the finding about its effect; `Changed` when a colleague decided it after this person began to
    read (`version`).
    """
    claim.expect_version(version)
    missing = why_not_approved(claim)
    if missing is not None and opinion.verdict == Verdict.VERIFIED:
        raise NotNow(missing)
    _expect_why(claim, opinion)
    item = _item_of(claim)
    if item is None or (missing is not None and _why_held(item) is not None):
        _decide(claim, opinion, actor)  # the flow of a claim refuses what has to wait for a batch
        return
    _expect_turn(item, actor)
    refuse_who(explanation=opinion.explanation)
    judged = [one.user_id for one in judgements_of(claim)]
    if item.docket.assessors > 1 and actor.id in judged:
        raise NotNow(_("You judged this claim already; a colleague judges it too."))
    if item.docket.assessors > 1 and claim.state not in UNDECIDED:
        raise NotNow(_("Two assessors decided this claim."))
    given = Judgement(
        claim_id=claim.id,
        user_id=actor.id,
        verdict=opinion.verdict,
        reason=opinion.reason,
        explanation=opinion.explanation,
    )
    db.session.add(given)
    record(Action.CLAIM_JUDGE, claim, actor)
    verdicts = [one.verdict for one in judgements_of(claim)]
    if item.docket.assessors == 1 or verdicts.count(opinion.verdict) == 2:
        _decide(claim, opinion, actor)
    elif len(verdicts) == 2:
        notices.tell_differ(claim, [*judged, actor.id])


def _expect_why(claim: Claim, opinion: Opinion) -> None:
    """Who decides in spite of such a sign says why (ISO/IEC 17029: a conclusion rests on recorded grounds)."""
    if opinion.verdict == Verdict.VERIFIED and not opinion.explanation.strip() and is_falsified(claim):
        told = _("Say why it is proven all the same: an effect of this participant was reopened as falsified.")
        raise Refused(told, "words")


@operation
def ask_provider(claim: Claim, question: str, *, actor: User, version: int | None = None) -> None:
    """The claim waits for the answer. Like a judgement, in a docket only of a claim that was drawn."""
    claim.expect_version(version)
    item = _item_of(claim)
    if item is not None:
        _expect_turn(item, actor)
    proving.question_proof(claim, question, actor=actor)


def _item_of(claim: Claim) -> DocketItem | None:
    found = select(DocketItem).join(Docket).where(DocketItem.claim_id == claim.id, Docket.state.in_(UNSIGNED))
    return db.session.scalar(found)


def _expect_turn(item: DocketItem, actor: User) -> None:
    reason = why_not_now(item, actor)
    if reason is not None:
        raise NotNow(reason)


def why_not_now(item: DocketItem, actor: User) -> str | None:
    """Why this person does not judge the claim of a docket now; None when the turn is theirs."""
    held = _why_held(item)
    if held is None and not has_declared(item.docket, actor):
        return _("Declare your independence for this batch first.")
    return held


def _why_held(item: DocketItem) -> str | None:
    if item.docket.state == DocketState.LOCKED:
        return _("The sample of this batch is not drawn yet.")
    if not item.to_judge:
        return _("This claim was not drawn: the sample of its effect decides.")
    if item.is_set_aside:
        return _("This claim was set aside: a later batch takes it once it is answered.")
    if item.docket.state != DocketState.CHECKING or _has_finding(item):
        return _("What the claims of this effect show is concluded.")
    return None


def why_held(claim: Claim) -> str | None:
    """Why nobody decides or asks anything about this claim now, by the batch that it is in or has to wait for."""
    item = _item_of(claim)
    if item is not None:
        return _why_held(item)
    if agreed_rules(claim.programme_id) is None:
        return None
    if claim.state == ClaimState.SUBMITTED:
        return _("This claim is judged in a batch: lock one first.")
    return _("What was found about this claim stands until the sign-off.")


def _why_not_rejected(claim: Claim) -> str | None:
    """What waits for an effect that it requires, or for an answer since it was set aside, no batch takes: it may be
    rejected at any time. Of none does a silence count before it is late."""
    early = why_answer_is_waited_for(claim)
    if early is not None:
        return early
    waits = claim.state == ClaimState.QUESTIONED and _item_of(claim) is None
    return None if waits or missing_of(claim) is not None else why_held(claim)


# Claims stand below this package: buttons, pages and steps ask their flow, and the flow asks here.
CLAIM_FLOW.hold(Action.CLAIM_VERIFY, Action.CLAIM_QUESTION, while_=why_held)
CLAIM_FLOW.hold(Action.CLAIM_REJECT, while_=_why_not_rejected)


def _has_finding(item: DocketItem) -> bool:
    finding = select(Stratum.finding).filter_by(docket_id=item.docket_id, effect_id=item.effect_id)
    return item.docket.state == DocketState.READY or db.session.scalar(finding) in (Finding.WITHIN, Finding.WHOLE)


def judgements_of(claim: Claim) -> list[Judgement]:
    """Of those who did not leave the case to others meanwhile."""
    left = select(Recusal.user_id).where(Recusal.participant_id == claim.participant_id)
    found = select(Judgement).where(Judgement.claim_id == claim.id, Judgement.user_id.not_in(left))
    return list(db.session.scalars(found.order_by(Judgement.created_at)))


def turn_of(claim: Claim, user: User) -> tuple[uuid.UUID | None, str | None]:
    """(id of the open docket of the claim, why this person may not judge it now)."""
    item = _item_of(claim)
    if item is None:
        return None, why_held(claim) if claim.state == ClaimState.SUBMITTED else None
    reason = why_not_now(item, user)
    if reason is None and item.docket.assessors > 1 and user.id in [one.user_id for one in judgements_of(claim)]:
        reason = _("You judged this claim already; a colleague judges it too.")
    return item.docket_id, reason


def _decide(claim: Claim, opinion: Opinion, actor: User) -> None:
    if opinion.verdict == Verdict.VERIFIED:
        proving.verify_proof(claim, opinion.explanation, actor=actor)
    else:
        reason = opinion.reason or RejectionReason.NO_EVIDENCE
        proving.reject_proof(claim, reason, opinion.explanation, actor=actor)

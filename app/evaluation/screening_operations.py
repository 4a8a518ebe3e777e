"""Before a plan is scored: is it complete, may its partners bid, may it be repaired, once. And a low price: ask
first."""

import uuid
from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.document import Document
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evaluation import completeness, conflicts, notices, screening_notices
from app.evaluation.consensus_operations import note_agreement, rank_plans
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.operations import reach_consensus
from app.evaluation.rules import answer_term
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import ENQUIRY_FLOW, FLOW, Admission, EnquiryKind, EvaluationState, Ground
from app.extensions import db
from app.people.models import User

Grounds = Mapping[uuid.UUID, Ground]  # by organisation


@operation
def ask_repair(opened: OpenedProposal, question: str, *, actor: User) -> Enquiry:
    """Ask a bidder, once, to mend an obvious mistake or to add what was forgotten. It cannot change its plan: the
    answer lies beside it (Directive 2014/24/EU, art. 56(3): equal treatment and transparency)."""
    FLOW.advance(opened.evaluation, Action.REPAIR_ASK)
    if opened.admission != Admission.OPEN:
        raise NotNow(_("This plan was screened: %(state)s.", state=opened.admission.label))
    return _ask(opened, EnquiryKind.REPAIR, Action.REPAIR_ASK, question, actor)


@operation
def ask_price(opened: OpenedProposal, question: str, *, actor: User) -> Enquiry:
    """Ask a bidder to explain a price that looks abnormally low; nothing is decided before it could answer."""
    FLOW.advance(opened.evaluation, Action.PRICE_ASK)
    if not opened.discount or not opened.is_admitted:
        raise NotNow(_("No discount of this plan was opened."))
    return _ask(opened, EnquiryKind.LOW_PRICE, Action.PRICE_ASK, question, actor)


def _ask(opened: OpenedProposal, kind: EnquiryKind, action: Action, question: str, actor: User) -> Enquiry:
    if any(one.kind == kind for one in opened.enquiries):
        raise NotNow(_("This bidder was asked already. There is no second time."))
    term = answer_term(opened.call)
    enquiry = Enquiry(
        kind=kind,
        question=question,
        asked_at=clock.now(),
        asked_by=actor,
        answer_until=term.until,
        counted_to=term.counted_to,
        basis=term.basis,
    )
    opened.enquiries.append(enquiry)
    record(action, opened, actor, answer_until=term.until)
    screening_notices.tell_asked(enquiry)
    return enquiry


@operation
def answer_enquiry(enquiry: Enquiry, answer: str, document: Document | None, *, actor: User) -> None:
    """The lead partner answers, once, within the term; the whole last day counts."""
    ENQUIRY_FLOW.advance(enquiry, Action.ENQUIRY_ANSWER)
    record(Action.ENQUIRY_ANSWER, enquiry, actor, sha256=document.sha256 if document else "")
    enquiry.answer, enquiry.answered_at, enquiry.answered_by_id = answer, clock.now(), actor.id
    if document is not None:
        enquiry.filename, enquiry.media_type = document.filename, document.media_type
        enquiry.sha256, enquiry.document = document.sha256, document.content
    for person in _judges(enquiry.evaluation):
        if conflicts.named_in(answer, person):
            found = [(conflicts.Detected.NAMED_PERSON, enquiry.opened.consortium)]
            for finding in conflicts.keep(enquiry.evaluation, person, found):
                notices.tell_found(finding)
    screening_notices.tell_answered(enquiry)


def _judges(evaluation: Evaluation) -> list[User]:
    declared = [one.user for one in evaluation.conflicts]
    return list({person.id: person for person in [*notices.committee(evaluation), *declared]}.values())


@operation
def screen_plan(
    opened: OpenedProposal,
    is_admitted: bool,
    grounds: Grounds,
    verdict: str,
    *,
    actor: User,
    version: int | None = None,
) -> None:
    """Admit a plan, or exclude it with reasons. An excluded plan is not scored; its bidder hears why with the letters.

    Refused: to admit a plan with a partner to whom a ground for exclusion applies, to exclude one without reasons.
    `NotNow` while a repair was asked and may still come; to admit what was excluded once somebody has locked scores.
    """
    opened.expect_version(version)
    evaluation = opened.evaluation
    FLOW.advance(evaluation, Action.SCREENING_DECIDE)
    _expect_decidable(opened, is_admitted)
    applies = {key: ground for key, ground in grounds.items() if ground != Ground.NONE}
    if is_admitted and applies:
        raise Refused(_("A ground for exclusion applies to a partner. Exclude the plan, or choose none."), "verdict")
    if not is_admitted and not verdict:
        raise Refused(_("Say why; the bidder hears it with the letters."), "reasons")
    opened.admission = Admission.ADMITTED if is_admitted else Admission.EXCLUDED
    opened.exclusion = {str(key): ground.value for key, ground in applies.items()}
    opened.verdict, opened.screened_at, opened.screened_by_id = verdict, clock.now(), actor.id
    for one in opened.enquiries:
        if one.kind == EnquiryKind.REPAIR:
            one.accepted, one.judged_at, one.judged_by_id = is_admitted, clock.now(), actor.id
    record(Action.SCREENING_DECIDE, opened, actor, admission=opened.admission, grounds=sorted(applies.values()))
    screening_notices.tell_screened(opened)
    _go_on(evaluation)


def _expect_decidable(opened: OpenedProposal, is_admitted: bool) -> None:
    waiting = [one for one in opened.enquiries if one.kind == EnquiryKind.REPAIR and one.is_waited_for]
    if waiting:
        raise NotNow(_("The bidder was asked to repair its plan and its term still runs."))
    if opened.admission == Admission.EXCLUDED and is_admitted and opened.evaluation.who_locked():
        raise NotNow(_("Scores are locked already: an excluded plan can no longer be scored."))
    if opened.admission == Admission.OPEN:
        return
    if is_admitted == opened.is_admitted:
        raise NotNow(_("This plan was screened: %(state)s.", state=opened.admission.label))


def _go_on(evaluation: Evaluation) -> None:
    """With a plan excluded, what remains may be locked or agreed completely."""
    db.session.flush()
    if evaluation.state == EvaluationState.SCORING:
        reach_consensus(evaluation)
    elif evaluation.state == EvaluationState.CONSENSUS:
        note_agreement(evaluation)


@operation
def admit_clean(evaluation: Evaluation, *, actor: User) -> int:
    """Admit every plan in which nothing was found: complete, every partner declared that nothing stands in the way, no
    repair asked. How many there were; the others are screened one by one."""
    FLOW.advance(evaluation, Action.SCREENING_DECIDE)
    waiting = select(OpenedProposal).where(OpenedProposal.evaluation_id == evaluation.id)
    waiting = waiting.where(OpenedProposal.admission == Admission.OPEN, ~OpenedProposal.enquiries.any())
    clean = [opened for opened in db.session.scalars(waiting).unique() if completeness.is_clean(opened)]
    if not clean:
        raise NotNow(_("There is no plan to be screened in which nothing was found."))
    for opened in clean:
        opened.admission, opened.screened_at, opened.screened_by_id = Admission.ADMITTED, clock.now(), actor.id
    record(Action.SCREENING_DECIDE, evaluation, actor, admitted=sorted(str(opened.id) for opened in clean))
    screening_notices.tell_admitted(evaluation, len(clean))
    return len(clean)


@operation
def judge_price(enquiry: Enquiry, is_accepted: bool, reasons: str, *, actor: User) -> None:
    """The explanation of a low price is accepted, or the plan is excluded with reasons and the others are ranked anew.

    `NotNow` while the bidder has not answered and its term still runs: ask first, then judge.
    """
    ENQUIRY_FLOW.advance(enquiry, Action.PRICE_JUDGE)
    record(Action.PRICE_JUDGE, enquiry, actor, accepted=is_accepted)
    enquiry.accepted, enquiry.reasons = is_accepted, reasons
    enquiry.judged_at, enquiry.judged_by_id = clock.now(), actor.id
    opened = enquiry.opened
    if not is_accepted:
        opened.admission, opened.verdict = Admission.EXCLUDED, reasons
        opened.screened_at, opened.screened_by_id = clock.now(), actor.id
    screening_notices.tell_judged(enquiry)
    rank_plans(opened.evaluation)

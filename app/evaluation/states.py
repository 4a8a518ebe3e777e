from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import CallState, deadline_ahead, extension_waits
from app.core import clock
from app.core.flow import Flow, Labelled, step


class EvaluationState(Labelled):
    SEALED = "sealed", _l("sealed"), "neutral"
    SCORING = "scoring", _l("individual scores"), "info"
    CONSENSUS = "consensus", _l("consensus"), "info"
    FROZEN = "frozen", _l("quality frozen"), "info"
    STANDSTILL = "standstill", _l("award decision sent, standstill"), "warn"
    FINAL = "final", _l("final award"), "good"


class Admission(Labelled):
    """What the screening said of a plan; only an admitted one is scored."""

    OPEN = "open", _l("to be screened"), "warn"
    ADMITTED = "admitted", _l("admitted"), "good"
    EXCLUDED = "excluded", _l("excluded"), "bad"


class Shortfall(Labelled):
    """Why a plan that was scored has no place."""

    CRITERION = "criterion", _l("fewer points than the minimum of a criterion")
    TOTAL = "total", _l("a total below the minimum")
    SEAL = "seal", _l("its discount could not be opened")


class Detected(Labelled):
    """What the portal finds in its own books about somebody who judges."""

    SAME_ORGANISATION = "same_organisation", _l("belongs to an organisation that takes part in the plan")
    FORMER_MEMBER = "former_member", _l("belonged to an organisation that takes part in the plan")
    FORMER_PARTNER = "former_partner", _l("belongs to an organisation that was in a consortium for this call")
    NAMED_PERSON = "named_person", _l("is named in the plan")


class Ground(Labelled):
    """Grounds to exclude a partner (Directive 2014/24/EU, art. 57; NL arts. 2.86 and 2.87 Aw; BE arts. 67 to 69)."""

    NONE = "none", _l("no ground for exclusion"), "good"
    NOT_DECLARED = "not_declared", _l("its declaration is missing"), "bad"
    CONVICTION = "conviction", _l("a final conviction for one of the listed crimes"), "bad"
    TAXES = "taxes", _l("taxes or social contributions not paid"), "bad"
    INSOLVENCY = "insolvency", _l("bankruptcy, or a state like it"), "bad"
    MISCONDUCT = "misconduct", _l("grave professional misconduct"), "bad"
    DISTORTION = "distortion", _l("agreements that distort competition"), "bad"
    CONFLICT = "conflict", _l("a conflict of interest that nothing else removes"), "bad"
    PAST = "past", _l("an earlier public contract was ended for shortcomings"), "bad"
    FALSE = "false", _l("false declarations"), "bad"


class EnquiryKind(Labelled):
    """What a bidder can be asked about its plan, each once."""

    REPAIR = "repair", _l("One-time repair")
    LOW_PRICE = "low_price", _l("Low price")


class ProofKind(Labelled):
    """What a partner of the winner shows."""

    REGISTER = "register", _l("Extract from the trade register")
    CONDUCT = "conduct", _l("Declaration of conduct (GVA)")
    TAX = "tax", _l("Statement of the tax authority")
    ESPD = "espd", _l("European Single Procurement Document")


class Stage(Labelled):
    """How far an objection is."""

    FILED = "filed", _l("filed"), "warn"
    EXAMINED = "examined", _l("being looked into"), "info"
    HEARD = "heard", _l("heard"), "info"
    DECIDED = "decided", _l("decided"), "neutral"


class Release(Labelled):
    """Why a scorer leaves the committee. A closed list: the trail holds no text about a person."""

    NO_ANSWER = "no_answer", _l("does not declare or score within the time that was asked")
    ABSENT = "absent", _l("cannot take part any more")
    LEFT = "left", _l("no longer works for the organisation")


def not_to_open(evaluation: object) -> object | None:
    """Art. 2.108 Aw: nobody takes cognisance of a plan before the deadline."""
    call = evaluation.call  # type: ignore[attr-defined]
    if call.state not in (CallState.PUBLISHED, CallState.CLOSED):
        return _("Not possible now: the call is %(state)s.", state=call.state.label)
    return deadline_ahead(call) or extension_waits(call)


def cancelled(subject: object) -> object | None:
    """A call can be cancelled until it is awarded; its evaluation then stands still."""
    call = subject.call  # type: ignore[attr-defined]
    return _("The call was cancelled.") if call.state == CallState.CANCELLED else None


def not_agreed(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    if evaluation.agreed_at is None:  # type: ignore[attr-defined]
        return _("Not every plan has an agreed score for every criterion.")
    return None


def not_tied(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    return None if evaluation.is_tied else _("No plans share a first place.")  # type: ignore[attr-defined]


def not_ranked(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    if evaluation.ranked_at is None:  # type: ignore[attr-defined]
        return _("The discounts have not been opened, so there is no ranking.")
    if evaluation.is_tied:  # type: ignore[attr-defined]
        return _("Plans share the first place. Two officials draw lots.")
    if not evaluation.standing()[1]:  # type: ignore[attr-defined]
        return _("No plan has a place. The leading municipality cancels the call, with reasons.")
    return None


def standstill_runs(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    until = evaluation.standstill_until  # type: ignore[attr-defined]
    if until is None or clock.today() <= until:
        return _("The standstill period has not ended.")
    if any(objection.decided_at is None for objection in evaluation.objections):  # type: ignore[attr-defined]
        return _("An objection has not been decided.")
    return None


def standstill_over(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    until = evaluation.standstill_until  # type: ignore[attr-defined]
    return _("The standstill period has ended.") if until is not None and clock.today() > until else None


def objection_decided(objection: object) -> object | None:
    decided = objection.decided_at is not None  # type: ignore[attr-defined]
    return _("This objection has been decided.") if decided else cancelled(objection)


def objection_examined(objection: object) -> object | None:
    if objection.examined_at is not None:  # type: ignore[attr-defined]
        return _("This objection is being looked into already.")
    return objection_decided(objection)


def objection_not_examined(objection: object) -> object | None:
    if objection.examined_at is None and objection.decided_at is None:  # type: ignore[attr-defined]
        return _("First take the objection up, so that the bidder knows it is looked into.")
    return objection_decided(objection)


def objection_heard(objection: object) -> object | None:
    if objection.heard_on is not None:  # type: ignore[attr-defined]
        return _("The record of the hearing is kept already.")
    return objection_not_examined(objection)


def not_to_dismiss(finding: object) -> object | None:
    if finding.dismissed_at is not None:  # type: ignore[attr-defined]
        return _("This was dismissed already.")
    if finding.kind != Detected.NAMED_PERSON:  # type: ignore[attr-defined]
        return _("This stands in the books of the portal; only a namesake can be dismissed.")
    return cancelled(finding)


def not_to_answer(enquiry: object) -> object | None:
    if enquiry.answered_at is not None:  # type: ignore[attr-defined]
        return _("This was answered. There is no second time.")
    if not enquiry.is_waited_for:  # type: ignore[attr-defined]
        return _("The term to answer has ended.")
    return cancelled(enquiry)


def not_to_judge(enquiry: object) -> object | None:
    """Whoever asks hears the answer first, or lets the whole term pass."""
    if enquiry.kind != EnquiryKind.LOW_PRICE:  # type: ignore[attr-defined]
        return _("A repair is judged by admitting or excluding the plan.")
    if enquiry.judged_at is not None:  # type: ignore[attr-defined]
        return _("This was judged already.")
    if enquiry.is_waited_for:  # type: ignore[attr-defined]
        return _("The bidder has not answered and its term still runs.")
    return cancelled(enquiry)


def proof_accepted(proof: object) -> object | None:
    return _("This proof was accepted.") if proof.accepted else cancelled(proof)  # type: ignore[attr-defined]


def proof_missing(proof: object) -> object | None:
    if proof.handed_in_at is None:  # type: ignore[attr-defined]
        return _("This proof has not been handed in.")
    return proof_accepted(proof)


def nothing_to_open(evaluation: object) -> object | None:
    """The second envelopes: only where the call asks something in them, and once."""
    if not evaluation.call.asks_money:  # type: ignore[attr-defined]
        return _("This call asks for no discount and no budget.")
    if not evaluation.discounts_wait():  # type: ignore[attr-defined]
        return _("The second envelopes were opened.")
    return cancelled(evaluation)


S = EvaluationState
JUDGING = (S.SCORING, S.CONSENSUS, S.FROZEN, S.STANDSTILL)
FLOW = Flow(
    {
        A.PROPOSALS_OPEN: step(S.SEALED, unless=not_to_open),
        A.CONFLICT_DECLARE: step(*JUDGING, unless=cancelled),
        A.SCORER_NAME: step(S.SCORING, S.CONSENSUS, unless=cancelled),
        A.SCORER_RELEASE: step(S.SCORING, unless=cancelled),
        A.SCREENING_DECIDE: step(S.SCORING, unless=cancelled),
        A.REPAIR_ASK: step(S.SCORING, unless=cancelled),
        A.SCORE_GIVE: step(S.SCORING, unless=cancelled),
        A.SCORE_LOCK: step(S.SCORING, unless=cancelled),
        A.CONSENSUS_SET: step(S.CONSENSUS, unless=cancelled),
        A.MEETING_RECORD: step(S.CONSENSUS, unless=cancelled),
        A.QUALITY_FREEZE: step(S.CONSENSUS, to=S.FROZEN, unless=not_agreed),
        A.DISCOUNTS_OPEN: step(S.FROZEN, unless=nothing_to_open),
        A.PRICE_ASK: step(S.FROZEN, unless=cancelled),
        A.TIE_DRAW: step(S.FROZEN, unless=not_tied),
        A.AWARD_REASON: step(S.FROZEN, unless=not_ranked),
        A.AWARD_REVIEW: step(S.FROZEN, unless=not_ranked),
        A.AWARD_DECIDE: step(S.FROZEN, to=S.STANDSTILL, unless=not_ranked),
        A.WINNER_EXCLUDE: step(S.STANDSTILL, to=S.FROZEN, unless=cancelled),
        A.AWARD_SUSPEND: step(S.STANDSTILL, unless=cancelled),
        A.OBJECTION_FILE: step(S.STANDSTILL, unless=standstill_over),
        A.AWARD_FINALISE: step(S.STANDSTILL, to=S.FINAL, unless=standstill_runs),
    }
)
FINDING_FLOW = Flow({A.CONFLICT_DISMISS: step(*JUDGING, unless=not_to_dismiss)})
ENQUIRY_FLOW = Flow(
    {
        A.ENQUIRY_ANSWER: step(S.SCORING, S.FROZEN, unless=not_to_answer),
        A.PRICE_JUDGE: step(S.FROZEN, unless=not_to_judge),
    }
)
PROOF_FLOW = Flow(
    {
        A.PROOF_HAND_IN: step(S.STANDSTILL, unless=proof_accepted),
        A.PROOF_CHECK: step(S.STANDSTILL, unless=proof_missing),
    }
)
OBJECTION_FLOW = Flow(
    {
        A.OBJECTION_EXAMINE: step(S.STANDSTILL, unless=objection_examined),
        A.OBJECTION_HEAR: step(S.STANDSTILL, unless=objection_heard),
        A.OBJECTION_DECIDE: step(S.STANDSTILL, unless=objection_not_examined),
    }
)

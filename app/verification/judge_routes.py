"""Pages of one claim: judged on one screen, decided, left to a colleague."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm
from app.core.web import carry_out, done, expect_now, page, refusals_on, told_lately
from app.extensions import db
from app.intake import reading
from app.intake.baseline import baselines_of, scale_of
from app.outcomes.forms import QuestionForm, RejectForm
from app.outcomes.models import Claim, ClaimMessage, RejectionReason
from app.outcomes.states import CLAIM_FLOW, ClaimState
from app.verification import judging, operations, queries, setting_aside
from app.verification.blueprint import bp
from app.verification.deciders import who_invites
from app.verification.differing import tie_events
from app.verification.forms import Decision, JudgeForm, SetAsideForm, VerifyForm
from app.verification.judging import PROVEN, Opinion
from app.verification.last_free import is_last_for
from app.verification.listing import is_falsified, signs_of, twins_of
from app.verification.states import Verdict
from app.verification.words import SIGNS

bp.app_template_global("tie_events")(tie_events)


@bp.route("/claims/<uuid:id>/judge", methods=["GET", "POST"])
@requires(Action.CLAIM_JUDGE, Claim)
def judge(claim: Claim) -> Any:
    """Everything that bears on the judgement, and no money."""
    form = JudgeForm(data={"version": claim.version})
    if form.validate_on_submit():
        with refusals_on(form):
            _act(claim, form)
            return _next(claim, _("Claim %(number)s: %(what)s.", number=claim.number, what=_done(form)))
    reading.note_reading(claim.participant, actor=current_user)
    earlier = Claim.visible_to(current_user).where(Claim.participant_id == claim.participant_id, Claim.id != claim.id)
    messages = select(ClaimMessage).where(ClaimMessage.claim_id == claim.id).order_by(ClaimMessage.created_at)
    docket_id, not_now = judging.turn_of(claim, current_user)
    if claim.state != ClaimState.SUBMITTED:
        not_now = _("This is not possible now: the status is “%(state)s”.", state=claim.state.label)
    return page(
        "verification/judge.html",
        form=form,
        lately=told_lately() if claim.state != ClaimState.SUBMITTED else [],
        claim=claim,
        programme=claim.programme,
        docket_id=docket_id,
        not_now=not_now,
        signs=[SIGNS[sign] for sign in signs_of(claim, claim.programme)],
        is_falsified=is_falsified(claim),
        twins=twins_of(claim, current_user),
        baseline=_baseline_of(claim),
        baselines=baselines_of(claim.participant),
        earlier=db.session.scalars(earlier.order_by(Claim.achieved_on, Claim.id)).unique().all(),
        messages=db.session.scalars(messages).all(),
        following=queries.next_of(claim.programme, current_user, after=claim),
        **({} if not_now else _told_last(claim)),
    )


def _told_last(claim: Claim) -> dict[str, Any]:
    """For a page that judges a claim: is nobody left for an appeal after this, and who can invite a colleague."""
    is_last = is_last_for(claim, current_user)
    return {"is_last": is_last, "inviting": who_invites(claim.programme) if is_last else []}


def _baseline_of(claim: Claim) -> list[tuple[Any, Any]]:
    """Where the person stood at the start: the life domain of this effect first, in the words of the scale."""
    stood = baselines_of(claim.participant)
    if not stood:
        return []
    levels, scores = dict(scale_of(claim.participant).levels), stood[-1].scores
    own_first = sorted(scores, key=lambda domain: domain != claim.effect.life_domain)
    return [(domain.label, levels.get(scores[domain], scores[domain])) for domain in own_first]


def _act(claim: Claim, form: JudgeForm) -> None:
    if form.decision.data == Decision.ASK:
        judging.ask_provider(claim, form.words.data, actor=current_user, version=form.version.data)
    elif form.decision.data == Decision.REJECT:
        judging.judge_claim(claim, _not_proven(form), actor=current_user, version=form.version.data)
    else:
        judging.judge_claim(claim, _proven(form), actor=current_user, version=form.version.data)


def _proven(form: Any) -> Opinion:
    """What is said beside an approval is kept with it."""
    return Opinion(Verdict.VERIFIED, explanation=form.words.data or "") if "words" in form else PROVEN


def _not_proven(form: Any) -> Opinion:
    return Opinion(Verdict.REJECTED, RejectionReason(form.reason.data), form.words.data)


def _done(form: JudgeForm) -> str:
    words = {
        Decision.VERIFY: _("you approved it"),
        Decision.REJECT: _("you rejected it"),
        Decision.ASK: _("the provider is asked"),
    }
    return words[Decision(form.decision.data)]


def _next(claim: Claim, told: str) -> Any:
    """Straight to the next one; the fragment lets the keyboard go on where the claim begins."""
    following = queries.next_of(claim.programme, current_user)
    if following is None or following == claim.id:
        return done(url_for("verification.work", id=claim.programme_id), told)
    return done(url_for("verification.judge", id=following, _anchor="claim"), told)


@bp.route("/claims/<uuid:id>/verify", methods=["GET", "POST"])
@requires(Action.CLAIM_VERIFY, Claim)
def verify(claim: Claim) -> Any:
    form = VerifyForm() if is_falsified(claim) else ConfirmForm()
    expect_now(form, judging.turn_of(claim, current_user)[1])
    return carry_out(
        form,
        lambda: judging.judge_claim(claim, _proven(form), actor=current_user),
        url_for("outcomes.show_claim", id=claim.id),
        lambda _made: _told(claim, _("The effect is verified.")),
        "verification/verify.html",
        claim=claim,
        **_told_last(claim),
    )


@bp.route("/claims/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.CLAIM_REJECT, Claim)
def reject(claim: Claim) -> Any:
    form = RejectForm()
    expect_now(form, judging.turn_of(claim, current_user)[1])
    return carry_out(
        form,
        lambda: judging.judge_claim(claim, _not_proven(form), actor=current_user),
        url_for("outcomes.show_claim", id=claim.id),
        lambda _made: _told(claim, _("The claim is rejected.")),
        "verification/reject.html",
        claim=claim,
        **_told_last(claim),
    )


@bp.route("/claims/<uuid:id>/question", methods=["GET", "POST"])
@requires(Action.CLAIM_QUESTION, Claim)
def question(claim: Claim) -> Any:
    form = QuestionForm()
    expect_now(form, judging.turn_of(claim, current_user)[1])
    return carry_out(
        form,
        lambda: judging.ask_provider(claim, form.text.data, actor=current_user),
        url_for("outcomes.show_claim", id=claim.id),
        _("The provider is asked."),
        "verification/question.html",
        claim=claim,
    )


@bp.route("/claims/<uuid:id>/set-aside", methods=["GET", "POST"])
@requires(Action.CLAIM_SET_ASIDE, Claim)
def set_aside(claim: Claim) -> Any:
    form = SetAsideForm()
    expect_now(form, CLAIM_FLOW.why_not(Action.CLAIM_SET_ASIDE, claim))
    return carry_out(
        form,
        lambda: setting_aside.set_aside(claim, form.text.data, actor=current_user),
        url_for("outcomes.show_claim", id=claim.id),
        _("The claim is set aside, and the provider told."),
        "verification/set_aside.html",
        claim=claim,
    )


def _told(claim: Claim, decided: str) -> str:
    return _("Your judgement is kept. A colleague judges too.") if claim.state == ClaimState.SUBMITTED else decided


@bp.route("/claims/<uuid:id>/recuse", methods=["GET", "POST"])
@requires(Action.CLAIM_RECUSE, Claim)
def recuse(claim: Claim) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: operations.recuse_claim(claim, actor=current_user),
        url_for("verification.work", id=claim.programme_id),
        _("The case is with your colleagues, and closed to you."),
        "verification/recuse.html",
        claim=claim,
    )

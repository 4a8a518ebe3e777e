"""Pages of a doubt about what was signed off: told by who reads the claim, answered by the assessor."""

from typing import Any

from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.web import carry_out, expect_now
from app.outcomes.models import Claim
from app.people.password import expect_password
from app.verification import doubting as operations
from app.verification.appeal_forms import AnswerDoubtForm, DoubtForm
from app.verification.appeal_operations import last_day, why_no_appeal
from app.verification.blueprint import bp
from app.verification.deciders import who_invites
from app.verification.doubt_models import Doubt
from app.verification.reopening_routes import page_of


@bp.route("/claims/<uuid:id>/doubt", methods=["GET", "POST"])
@requires(Action.CLAIM_DOUBT, Claim)
def doubt_claim(claim: Claim) -> Any:
    form = DoubtForm()
    expect_now(form, operations.why_no_doubt(claim, operations.side_of(claim, current_user)))
    return carry_out(
        form,
        lambda: operations.doubt_claim(claim, form.words.data, actor=current_user, once=form.once.data),
        page_of(claim),
        _("The assessor is told. Its answer will stand on this page."),
        "verification/doubt_claim.html",
        claim=claim,
        back=page_of(claim),
        until=last_day(claim) if why_no_appeal(claim, current_user) is None else None,
    )


@bp.route("/doubts/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.DOUBT_ANSWER, Doubt)
def answer_doubt(doubt: Doubt) -> Any:
    """Who signed for the effect reads the doubt here and can reopen; that it stands a colleague says."""
    form = AnswerDoubtForm(obj=doubt, data={"version": doubt.version})

    def answer() -> None:
        expect_password(current_user, form.password.data)
        operations.answer_doubt(doubt, form.answer.data, actor=current_user, version=form.version.data)

    return carry_out(
        form,
        answer,
        page_of(doubt.claim),
        _("The answer is given. The effect stands."),
        "verification/answer_doubt.html",
        doubt=doubt,
        claim=doubt.claim,
        back=page_of(doubt.claim),
        not_answerer=operations.why_not_answerer(doubt, current_user),
        answerers=operations.answerers_of(doubt),
        inviting=who_invites(doubt.programme),
    )

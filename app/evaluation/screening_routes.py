"""Pages of the screening, of what one bidder is asked, and of low prices."""

import io
from typing import Any

from flask import abort, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls.legal import Key
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import carry_out, done, page, refusals_on
from app.evaluation import completeness, screening_operations, screening_queries
from app.evaluation.blueprint import bp
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.rules import answer_term
from app.evaluation.screening_forms import (
    AnswerForm,
    AskForm,
    JudgeForm,
    Judgement,
    Verdict,
    grounds_in,
    name_of_partner,
    screen_form,
)
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import Admission, EvaluationState


@bp.get("/evaluations/<uuid:id>/screening")
@requires(Action.SCREENING_READ, Evaluation)
def screening(evaluation: Evaluation) -> Any:
    """Which plans are complete and may be scored."""
    return page(
        "evaluation/screening.html",
        evaluation=evaluation,
        counts=evaluation.admissions(),
        admissions=Admission,
        found=paged(screening_queries.to_screen(evaluation), count=evaluation.standing()[0]),
        form=ConfirmForm(),
    )


@bp.route("/evaluations/<uuid:id>/admit", methods=["GET", "POST"])
@requires(Action.SCREENING_DECIDE, Evaluation)
def admit(evaluation: Evaluation) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: screening_operations.admit_clean(evaluation, actor=current_user),
        _screening(evaluation),
        lambda number: _("Admitted: %(number)d.", number=number),
        "evaluation/admit.html",
        evaluation=evaluation,
        counts=evaluation.admissions(),
    )


@bp.route("/opened/<uuid:id>/screen", methods=["GET", "POST"])
@requires(Action.SCREENING_DECIDE, OpenedProposal)
def screen(opened: OpenedProposal) -> Any:
    partners = opened.consortium.taking_part
    form = screen_form(opened, partners)
    if form.validate_on_submit():
        with refusals_on(form):
            screening_operations.screen_plan(
                opened,
                form["verdict"].data == Verdict.ADMIT,
                grounds_in(form, partners),
                form["reasons"].data or "",
                actor=current_user,
                version=form.version.data,
            )
            return done(_screening(opened.evaluation), _("The verdict is kept."))
    return page(
        "evaluation/screen.html",
        form=form,
        opened=opened,
        fields=[form[name_of_partner(partner)] for partner in partners],
        shortcomings=completeness.shortcomings(opened),
        declarations=completeness.declarations(opened),
    )


@bp.route("/opened/<uuid:id>/repair", methods=["GET", "POST"])
@requires(Action.REPAIR_ASK, OpenedProposal)
def ask_repair(opened: OpenedProposal) -> Any:
    form = AskForm()
    return carry_out(
        form,
        lambda: screening_operations.ask_repair(opened, form.question.data, actor=current_user),
        _screening(opened.evaluation),
        _("The bidder is asked, once."),
        "evaluation/ask_repair.html",
        opened=opened,
        shortcomings=completeness.shortcomings(opened),
        term=answer_term(opened.call),
    )


@bp.get("/enquiries/<uuid:id>")
@requires(Action.ENQUIRY_READ, Enquiry)
def enquiry(enquiry: Enquiry) -> Any:
    return page("evaluation/enquiry.html", enquiry=enquiry)


@bp.get("/enquiries/<uuid:id>/document")
@requires(Action.ENQUIRY_READ, Enquiry)
def enquiry_document(enquiry: Enquiry) -> Any:
    if enquiry.document is None:
        abort(404)
    return send_file(io.BytesIO(enquiry.document), enquiry.media_type, True, enquiry.filename)


@bp.route("/enquiries/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.ENQUIRY_ANSWER, Enquiry)
def answer_enquiry(enquiry: Enquiry) -> Any:
    form = AnswerForm()
    return carry_out(
        form,
        lambda: screening_operations.answer_enquiry(enquiry, form.answer.data, form.kept, actor=current_user),
        url_for("evaluation.enquiry", id=enquiry.id),
        _("Your answer is handed in."),
        "evaluation/answer_enquiry.html",
        enquiry=enquiry,
    )


@bp.get("/evaluations/<uuid:id>/prices")
@requires(Action.SCREENING_READ, Evaluation)
def prices(evaluation: Evaluation) -> Any:
    """The discounts side by side, which of them look abnormally low, and what was asked."""
    if not evaluation.call.allows_discount:
        abort(404)
    if evaluation.ranked_at is None:
        raise NotNow(_("The discounts have not been opened, so there is no ranking."))
    plans = screening_queries.priced(evaluation)
    return page(
        "evaluation/prices.html",
        evaluation=evaluation,
        plans=plans,
        low={opened.id for opened in screening_queries.low_plans(evaluation)},
        asked=screening_queries.prices_asked(evaluation),
        rule=evaluation.call.rule(Key.LOW_PRICE),
        may_ask=evaluation.state == EvaluationState.FROZEN,
    )


@bp.route("/opened/<uuid:id>/price", methods=["GET", "POST"])
@requires(Action.PRICE_ASK, OpenedProposal)
def ask_price(opened: OpenedProposal) -> Any:
    form = AskForm()
    if form.validate_on_submit():
        with refusals_on(form):
            screening_operations.ask_price(opened, form.question.data, actor=current_user)
            return done(url_for("evaluation.prices", id=opened.evaluation_id), _("The bidder is asked, once."))
    return page("evaluation/ask_price.html", form=form, opened=opened, term=answer_term(opened.call))


@bp.route("/enquiries/<uuid:id>/judge", methods=["GET", "POST"])
@requires(Action.PRICE_JUDGE, Enquiry)
def judge_price(enquiry: Enquiry) -> Any:
    form = JudgeForm()
    if form.validate_on_submit():
        with refusals_on(form):
            is_accepted = form.outcome.data == Judgement.ACCEPT
            screening_operations.judge_price(enquiry, is_accepted, form.reasons.data, actor=current_user)
            return done(url_for("evaluation.prices", id=enquiry.evaluation.id), _("The judgement is kept."))
    return page("evaluation/judge_price.html", form=form, enquiry=enquiry)


def _screening(evaluation: Evaluation) -> str:
    return url_for("evaluation.screening", id=evaluation.id)

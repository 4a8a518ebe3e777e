from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.evaluation import award_operations, queries
from app.evaluation.award_models import Objection
from app.evaluation.blueprint import bp
from app.evaluation.forms import (
    DecideObjectionForm,
    ObjectForm,
    Outcome,
    name_of,
    reasons_form,
)
from app.evaluation.models import Evaluation

AT_A_TIME = 25  # plans on the page of the decision, each with a text to write


@bp.route("/evaluations/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.AWARD_DECIDE, Evaluation)
def decide(evaluation: Evaluation) -> Any:
    """The reasons of every bidder, some plans at a time; the decision is sent when all of them have theirs."""
    found = paged(queries.opened(evaluation), size=AT_A_TIME, entities=True, count=evaluation.standing()[0])
    form = reasons_form(found.rows, evaluation.version, in_one_go=found.pages == 1)
    if form.validate_on_submit():
        reasons = {plan.id: form[name_of(plan)].data or "" for plan in found.rows}
        with refusals_on(form):
            if "save" in request.form:
                award_operations.write_reasons(evaluation, reasons, actor=current_user, version=form.version.data)
                return done(found.url(min(found.number + 1, found.pages)), _("The reasons are saved, not sent."))
            award_operations.decide_award(evaluation, reasons, actor=current_user, version=form.version.data)
            return done(_decision(evaluation), _("The award decision is sent to every bidder."))
    return page(
        "evaluation/decide.html",
        form=form,
        evaluation=evaluation,
        found=found,
        unreasoned=queries.without_reasons(evaluation),
        places=queries.places(evaluation),
        name_of=name_of,
        basis=queries.standstill_basis(evaluation),
        rule=queries.reasons_rule(evaluation),
    )


@bp.get("/evaluations/<uuid:id>/decision")
@requires(Action.AWARD_READ, Evaluation)
def decision(evaluation: Evaluation) -> Any:
    """A bidder reads its own scores and the winner's; the committee, the officials and the auditor read all."""
    if evaluation.decided_at is None and evaluation.withdrawn_at is None:
        raise NotNow(_("No award decision has been taken."))
    reads_all = may(Action.EVALUATION_READ, evaluation, current_user)
    return page(
        "evaluation/decision.html",
        evaluation=evaluation,
        reads_all=reads_all,
        found=paged(queries.listed(evaluation), count=evaluation.standing()[0]),
        own=[] if evaluation.decided_at is None else evaluation.opened_by(current_user),
        winner=None if evaluation.decided_at is None else evaluation.awarded(),
        standstill=queries.standstill(evaluation),
        objections=_objections(evaluation, reads_all),
    )


@bp.route("/evaluations/<uuid:id>/object", methods=["GET", "POST"])
@requires(Action.OBJECTION_FILE, Evaluation)
def object(evaluation: Evaluation) -> Any:
    form = ObjectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            award_operations.file_objection(evaluation, form.grounds.data, actor=current_user)
            return done(_decision(evaluation), _("Your objection is filed. The award waits until it is decided."))
    return page("evaluation/object.html", form=form, evaluation=evaluation, standstill=queries.standstill(evaluation))


@bp.route("/objections/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.OBJECTION_DECIDE, Objection)
def decide_objection(objection: Objection) -> Any:
    form = DecideObjectionForm()
    if form.validate_on_submit():
        upheld = form.outcome.data == Outcome.UPHELD
        with refusals_on(form):
            award_operations.decide_objection(objection, upheld, form.decision.data, actor=current_user)
            return done(_decision(objection.evaluation), _("The objection is decided; the bidder is told."))
    return page("evaluation/decide_objection.html", form=form, objection=objection, evaluation=objection.evaluation)


@bp.route("/evaluations/<uuid:id>/finalise", methods=["GET", "POST"])
@requires(Action.AWARD_FINALISE, Evaluation)
def finalise(evaluation: Evaluation) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            award_operations.finalise_award(evaluation, actor=current_user)
            return done(_decision(evaluation), _("The award is final."))
    return page("evaluation/finalise.html", form=form, evaluation=evaluation, standstill=queries.standstill(evaluation))


def _decision(evaluation: Evaluation) -> str:
    return url_for("evaluation.decision", id=evaluation.id)


def _objections(evaluation: Evaluation, reads_all: bool) -> list[Objection]:
    own = {opened.consortium_id for opened in evaluation.opened_by(current_user)}
    return [one for one in evaluation.objections if reads_all or one.consortium_id in own]

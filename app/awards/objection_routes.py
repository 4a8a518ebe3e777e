import uuid
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.awards import objection_operations as operations
from app.awards import queries
from app.awards.blueprint import bp, decision_of
from app.awards.forms import DecideObjectionForm, HearForm, Outcome, ResumeForm, SuspendForm, object_form
from app.awards.models import Suspension
from app.awards.standstill import standstill_of
from app.awards.states import Suspends
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on
from app.evaluation.award_models import Objection
from app.evaluation.models import Evaluation


@bp.route("/evaluations/<uuid:id>/object", methods=["GET", "POST"])
@requires(Action.OBJECTION_FILE, Evaluation)
def object(evaluation: Evaluation) -> Any:
    able = queries.objecting(evaluation, current_user)
    form = object_form(able)
    if request.method == "GET" and (reason := operations.why_not_object(evaluation, current_user)):
        raise NotNow(reason)
    if form.validate_on_submit():
        with refusals_on(form):
            chosen = uuid.UUID(form.consortium.data) if "consortium" in form else None
            operations.file_objection(evaluation, form.grounds.data, actor=current_user, consortium_id=chosen)
            return done(decision_of(evaluation), _("Your objection is filed. The award waits until it is decided."))
    return page("awards/object.html", form=form, evaluation=evaluation, standstill=standstill_of(evaluation))


@bp.route("/objections/<uuid:id>/examine", methods=["GET", "POST"])
@requires(Action.OBJECTION_EXAMINE, Objection)
def examine(objection: Objection) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.examine_objection(objection, actor=current_user)
            return done(decision_of(objection.evaluation), _("The bidder hears that its objection is looked into."))
    return page("awards/examine.html", form=form, objection=objection, evaluation=objection.evaluation)


@bp.route("/objections/<uuid:id>/hear", methods=["GET", "POST"])
@requires(Action.OBJECTION_HEAR, Objection)
def hear(objection: Objection) -> Any:
    form = HearForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.hear_objection(objection, form.held_on.data, form.summary.data, actor=current_user)
            return done(decision_of(objection.evaluation), _("The record of the hearing is kept; the bidder reads it."))
    return page("awards/hear.html", form=form, objection=objection, evaluation=objection.evaluation)


@bp.route("/objections/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.OBJECTION_DECIDE, Objection)
def decide_objection(objection: Objection) -> Any:
    form = DecideObjectionForm()
    if form.validate_on_submit():
        upheld = form.outcome.data == Outcome.UPHELD
        with refusals_on(form):
            operations.decide_objection(objection, upheld, form.decision.data, actor=current_user)
            return done(decision_of(objection.evaluation), _("The objection is decided; the bidder is told."))
    return page("awards/decide_objection.html", form=form, objection=objection, evaluation=objection.evaluation)


@bp.route("/evaluations/<uuid:id>/suspend", methods=["GET", "POST"])
@requires(Action.AWARD_SUSPEND, Evaluation)
def suspend(evaluation: Evaluation) -> Any:
    form = SuspendForm()
    if form.validate_on_submit():
        with refusals_on(form):
            cause, words = Suspends(form.cause.data), form.explanation.data
            operations.suspend_award(evaluation, cause, words, actor=current_user, once=form.once.data)
            return done(decision_of(evaluation), _("The award waits; every bidder is told."))
    return page("awards/suspend.html", form=form, evaluation=evaluation)


@bp.route("/suspensions/<uuid:id>/lift", methods=["GET", "POST"])
@requires(Action.AWARD_RESUME, Suspension)
def resume(suspension: Suspension) -> Any:
    form = ResumeForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.resume_award(suspension, form.outcome.data, actor=current_user)
            return done(decision_of(suspension.evaluation), _("The award no longer waits; every bidder is told."))
    return page("awards/resume.html", form=form, suspension=suspension, evaluation=suspension.evaluation)

import uuid
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import requires
from app.core import clock
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Programme
from app.progress import operations, planning, queries
from app.progress.cash import first_short
from app.progress.cash_file import cash_workbook
from app.progress.cash_plan import SUCCESS, cash_plan, undrawn_minor
from app.progress.forms import ActionForm, FinishForm, LineForm, MeetForm, MilestoneForm, ReasonForm
from app.progress.models import CashLine, CorrectiveAction, ProgressMilestone
from app.progress.plan import effect_lines, intake_lines, planned_until, proven_until, setting_of
from app.progress.planning import LineFacts
from app.progress.states import CashKind, WarningKind

bp = Blueprint("progress", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/programmes/<uuid:id>/progress")
@requires(Action.PROGRESS_READ, Programme)
def index(programme: Programme) -> Any:
    """Plan against actual, what may go wrong, and what is done about it; small numbers as everywhere."""
    setting = setting_of(programme)
    return page(
        "progress/index.html",
        programme=programme,
        setting=setting,
        warnings=queries.listed_warnings(programme, setting, current_user),
        intake=intake_lines(programme, setting, current_user) if setting else [],
        effects=effect_lines(programme, setting, current_user) if setting else [],
        until=planned_until(),
        proven_until=proven_until(programme),
        milestones=queries.milestones_of(programme),
        actions_agreed=queries.actions_of(programme),
        today=clock.today(),
    )


# --- Milestones ------------------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/milestones/add", methods=["GET", "POST"])
@requires(Action.MILESTONE_ADD, Programme)
def add_milestone(programme: Programme) -> Any:
    form = MilestoneForm()
    form.owner.choices = _parties(programme)
    if form.validate_on_submit():
        owner = db.session.get_one(Organisation, uuid.UUID(form.owner.data))
        typed: Any = (form.name.data, owner, form.due_on.data)
        with refusals_on(form):
            operations.add_milestone(programme, *typed, actor=current_user, once=form.once.data)
            return _back(programme, _("The milestone is set."))
    return page("progress/add_milestone.html", form=form, programme=programme)


def _parties(programme: Programme) -> Any:
    return choices_of((one.id, one.name) for one in queries.parties_to_choose(programme))


def _back(programme: Programme, told: str) -> Any:
    return done(url_for("progress.index", id=programme.id), told)


@bp.route("/progress-milestones/<uuid:id>/meet", methods=["GET", "POST"])
@requires(Action.MILESTONE_MEET, ProgressMilestone)
def meet_milestone(milestone: ProgressMilestone) -> Any:
    form = MeetForm(obj=milestone, data={"met_on": clock.today()})
    if form.validate_on_submit():
        typed: Any = (form.met_on.data, form.note.data)
        with refusals_on(form):
            operations.meet_milestone(milestone, *typed, actor=current_user, version=form.version.data)
            return _back(milestone.programme, _("The milestone is met."))
    return page("progress/meet_milestone.html", form=form, milestone=milestone, programme=milestone.programme)


@bp.route("/progress-milestones/<uuid:id>/drop", methods=["GET", "POST"])
@requires(Action.MILESTONE_DROP, ProgressMilestone)
def drop_milestone(milestone: ProgressMilestone) -> Any:
    form = ReasonForm(obj=milestone)
    if form.validate_on_submit():
        with refusals_on(form):
            reason: Any = form.reason.data
            operations.drop_milestone(milestone, reason, actor=current_user, version=form.version.data)
            return _back(milestone.programme, _("The milestone is dropped."))
    return page("progress/drop_milestone.html", form=form, milestone=milestone, programme=milestone.programme)


# --- Corrective actions ----------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/corrective-actions/propose", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_PROPOSE, Programme)
def propose_action(programme: Programme) -> Any:
    """`?about=` chooses the kind of warning that it answers, of those that this reader may see."""
    form = ActionForm(data={"about": request.args.get("about", "")})
    form.owner.choices = _parties(programme)
    found = queries.listed_warnings(programme, setting_of(programme), current_user)
    kinds = [kind for kind in WarningKind if any(one.warned.kind == kind for one in found)]
    form.about.choices = [SelectChoice("", "–"), *(SelectChoice(kind.value, kind.label) for kind in kinds)]
    if form.validate_on_submit():
        owner = db.session.get_one(Organisation, uuid.UUID(form.owner.data))
        about = WarningKind(form.about.data) if form.about.data else None
        typed: Any = (form.what.data, owner, form.due_on.data, about)
        with refusals_on(form):
            made = operations.propose_action(programme, *typed, actor=current_user, once=form.once.data)
            return done(url_for("progress.corrective", id=made.id), _("The action is proposed."))
    return page("progress/propose_action.html", form=form, programme=programme)


@bp.get("/corrective-actions/<uuid:id>")
@requires(Action.CORRECTIVE_READ, CorrectiveAction)
def corrective(action: CorrectiveAction) -> Any:
    told = queries.told_in_order(action)
    labels = {str(one): one.label for one in Action}
    return page("progress/corrective.html", action=action, programme=action.programme, told=told, labels=labels)


@bp.route("/corrective-actions/<uuid:id>/agree", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_AGREE, CorrectiveAction)
def agree_to_action(action: CorrectiveAction) -> Any:
    form = ConfirmForm(obj=action)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.agree_to_action(action, actor=current_user, version=form.version.data)
            return done(url_for("progress.corrective", id=action.id), _("The action is agreed."))
    return page("progress/agree_to_action.html", form=form, action=action, programme=action.programme)


@bp.route("/corrective-actions/<uuid:id>/decline", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_DECLINE, CorrectiveAction)
def decline_action(action: CorrectiveAction) -> Any:
    form = ReasonForm(obj=action)
    if form.validate_on_submit():
        reason: Any = form.reason.data
        with refusals_on(form):
            operations.decline_action(action, reason, actor=current_user, version=form.version.data)
            return done(url_for("progress.corrective", id=action.id), _("The action is declined."))
    return page("progress/decline_action.html", form=form, action=action, programme=action.programme)


@bp.route("/corrective-actions/<uuid:id>/finish", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_FINISH, CorrectiveAction)
def finish_action(action: CorrectiveAction) -> Any:
    form = FinishForm(obj=action, data={"done_on": clock.today()})
    if form.validate_on_submit():
        typed: Any = (form.done_on.data, form.note.data)
        with refusals_on(form):
            operations.finish_action(action, *typed, actor=current_user, version=form.version.data)
            return done(url_for("progress.corrective", id=action.id), _("The action is done."))
    return page("progress/finish_action.html", form=form, action=action, programme=action.programme)


@bp.route("/corrective-actions/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_WITHDRAW, CorrectiveAction)
def withdraw_action(action: CorrectiveAction) -> Any:
    form = ReasonForm(obj=action)
    if form.validate_on_submit():
        reason: Any = form.reason.data
        with refusals_on(form):
            operations.withdraw_action(action, reason, actor=current_user, version=form.version.data)
            return done(url_for("progress.corrective", id=action.id), _("The action is withdrawn."))
    return page("progress/withdraw_action.html", form=form, action=action, programme=action.programme)


# --- The cash plan ---------------------------------------------------------------------------------------------------


def _percent() -> int:
    """How much of the expected effects is counted on: `?success=`; nothing unless it is asked."""
    asked = request.args.get("success", 0, type=int)
    return asked if asked in SUCCESS else 0


@bp.get("/programmes/<uuid:id>/cash-plan")
@requires(Action.CASH_PLAN_READ, Programme)
def read_cash_plan(programme: Programme) -> Any:
    plan = cash_plan(programme, _percent())
    return page(
        "progress/read_cash_plan.html",
        programme=programme,
        plan=plan,
        short=first_short(plan.months),
        undrawn=undrawn_minor(programme),
        kinds=list(CashKind),
        success=SUCCESS,
    )


@bp.get("/programmes/<uuid:id>/cash-plan.xlsx")
@requires(Action.CASH_PLAN_READ, Programme)
def download_cash_plan(programme: Programme) -> Any:
    headers = {"Content-Disposition": 'attachment; filename="cash-plan.xlsx"'}
    return Response(cash_workbook(programme, cash_plan(programme, _percent())), mimetype=XLSX, headers=headers)


@bp.route("/programmes/<uuid:id>/cash-plan/lines/plan", methods=["GET", "POST"])
@requires(Action.CASH_LINE_PLAN, Programme)
def plan_line(programme: Programme) -> Any:
    form = LineForm()
    form.amount.currency = programme.currency
    if form.validate_on_submit():
        typed: Any = (form.on.data, form.amount.data, form.description.data)
        with refusals_on(form):
            facts = LineFacts(CashKind(form.kind.data), *typed)
            planning.plan_line(programme, facts, actor=current_user, once=form.once.data or uuid.uuid4())
            return done(url_for("progress.read_cash_plan", id=programme.id), _("The line is planned."))
    return page("progress/plan_line.html", form=form, programme=programme)


@bp.route("/cash-lines/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.CASH_LINE_REMOVE, CashLine)
def remove_line(line: CashLine) -> Any:
    form = ConfirmForm(obj=line)
    programme = line.programme
    if form.validate_on_submit():
        with refusals_on(form):
            planning.remove_line(line, actor=current_user)
            return done(url_for("progress.read_cash_plan", id=programme.id), _("The line is removed."))
    return page("progress/remove_line.html", form=form, line=line, programme=programme)

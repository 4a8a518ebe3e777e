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
from app.core.web import carry_out, page
from app.extensions import db
from app.intake.figures import published_to
from app.people.models import Organisation
from app.programmes.models import Programme
from app.progress import before_cost, operations, planning, queries
from app.progress.cash import first_short
from app.progress.cash_file import cash_workbook
from app.progress.cash_plan import SUCCESS, cash_plan
from app.progress.forms import ActionForm, FinishForm, LineForm, MeetForm, MilestoneForm, ReasonForm
from app.progress.models import CashLine, CorrectiveAction, ProgressMilestone
from app.progress.plan import effect_lines, intake_lines, planned_until, proven_until, setting_of
from app.progress.planning import LineFacts
from app.progress.states import PLANNED_BY_HAND, CashKind, WarningKind

__all__ = ["before_cost", "bp"]

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
        published=published_to(programme.id, current_user),
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

    def act() -> Any:
        owner = db.session.get_one(Organisation, uuid.UUID(form.owner.data))
        typed: Any = (form.name.data, owner, form.due_on.data)
        return operations.add_milestone(programme, *typed, actor=current_user, once=form.once.data)

    told = _("The milestone is set.")
    return carry_out(form, act, _progress(programme), told, "progress/add_milestone.html", programme=programme)


def _parties(programme: Programme) -> Any:
    return choices_of((one.id, one.name) for one in queries.parties_to_choose(programme))


def _progress(programme: Programme) -> str:
    return url_for("progress.index", id=programme.id)


@bp.route("/progress-milestones/<uuid:id>/meet", methods=["GET", "POST"])
@requires(Action.MILESTONE_MEET, ProgressMilestone)
def meet_milestone(milestone: ProgressMilestone) -> Any:
    form = MeetForm(obj=milestone, data={"met_on": clock.today()})
    return _move(milestone, operations.meet_milestone, form, _("The milestone is met."), "met_on", "note")


@bp.route("/progress-milestones/<uuid:id>/drop", methods=["GET", "POST"])
@requires(Action.MILESTONE_DROP, ProgressMilestone)
def drop_milestone(milestone: ProgressMilestone) -> Any:
    form = ReasonForm(obj=milestone)
    return _move(milestone, operations.drop_milestone, form, _("The milestone is dropped."), "reason")


def _move(moved: Any, operation: Any, form: Any, told: str, *typed: str) -> Any:
    """One step of a milestone or an action, with the fields `typed`; its template has the name of the operation."""

    def act() -> Any:
        values = [form[name].data for name in typed]
        return operation(moved, *values, actor=current_user, version=form.version.data)

    kind = "milestone" if isinstance(moved, ProgressMilestone) else "action"
    then = _progress(moved.programme) if kind == "milestone" else url_for("progress.corrective", id=moved.id)
    shown = {kind: moved, "programme": moved.programme}
    return carry_out(form, act, then, told, f"progress/{operation.__name__}.html", **shown)


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

    def act() -> CorrectiveAction:
        owner = db.session.get_one(Organisation, uuid.UUID(form.owner.data))
        about = WarningKind(form.about.data) if form.about.data else None
        typed: Any = (form.what.data, owner, form.due_on.data, about)
        return operations.propose_action(programme, *typed, actor=current_user, once=form.once.data)

    def then(made: CorrectiveAction) -> str:
        return url_for("progress.corrective", id=made.id)

    told = _("The action is proposed.")
    return carry_out(form, act, then, told, "progress/propose_action.html", programme=programme)


@bp.get("/corrective-actions/<uuid:id>")
@requires(Action.CORRECTIVE_READ, CorrectiveAction)
def corrective(action: CorrectiveAction) -> Any:
    told = queries.told_in_order(action)
    labels = {str(one): one.label for one in Action}
    return page("progress/corrective.html", action=action, programme=action.programme, told=told, labels=labels)


@bp.route("/corrective-actions/<uuid:id>/agree", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_AGREE, CorrectiveAction)
def agree_to_action(action: CorrectiveAction) -> Any:
    return _move(action, operations.agree_to_action, ConfirmForm(obj=action), _("The action is agreed."))


@bp.route("/corrective-actions/<uuid:id>/decline", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_DECLINE, CorrectiveAction)
def decline_action(action: CorrectiveAction) -> Any:
    return _move(action, operations.decline_action, ReasonForm(obj=action), _("The action is declined."), "reason")


@bp.route("/corrective-actions/<uuid:id>/finish", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_FINISH, CorrectiveAction)
def finish_action(action: CorrectiveAction) -> Any:
    form = FinishForm(obj=action, data={"done_on": clock.today()})
    return _move(action, operations.finish_action, form, _("The action is done."), "done_on", "note")


@bp.route("/corrective-actions/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.CORRECTIVE_WITHDRAW, CorrectiveAction)
def withdraw_action(action: CorrectiveAction) -> Any:
    return _move(action, operations.withdraw_action, ReasonForm(obj=action), _("The action is withdrawn."), "reason")


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
        beyond=[one for one in plan.lines if planning.after_the_end(one)],
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
    form.kind.choices = choices_of((kind.value, kind.label) for kind in PLANNED_BY_HAND)

    def act() -> CashLine:
        typed: Any = (form.on.data, form.amount.data, form.description.data)
        facts = LineFacts(CashKind(form.kind.data), *typed)
        return planning.plan_line(programme, facts, actor=current_user, once=form.once.data or uuid.uuid4())

    then = url_for("progress.read_cash_plan", id=programme.id)
    left = planning.most_of(programme, CashKind.CAPITAL)
    return carry_out(
        form, act, then, _("The line is planned."), "progress/plan_line.html", programme=programme, left=left
    )


@bp.route("/cash-lines/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.CASH_LINE_REMOVE, CashLine)
def remove_line(line: CashLine) -> Any:
    programme, then = line.programme, url_for("progress.read_cash_plan", id=line.programme_id)
    shown = {"line": line, "programme": programme}

    def act() -> None:
        planning.remove_line(line, actor=current_user)

    return carry_out(ConfirmForm(obj=line), act, then, _("The line is removed."), "progress/remove_line.html", **shown)

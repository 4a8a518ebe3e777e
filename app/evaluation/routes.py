import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires, why_not_same_person
from app.calls.models import LEAST_SCORERS, Call
from app.calls.queries import possible_scorers
from app.core.errors import NotNow, NotYours
from app.core.forms import ConfirmForm, choices_of
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.evaluation import notices, operations, queries
from app.evaluation.forms import (
    DecideObjectionForm,
    DeclareForm,
    Interest,
    NameScorerForm,
    ObjectForm,
    Outcome,
    ReleaseScorerForm,
    marks_form,
    marks_of,
    name_of,
    names_of,
    reasons_form,
)
from app.evaluation.models import Evaluation, Objection, OpenedProposal
from app.evaluation.states import FLOW, EvaluationState, Release
from app.extensions import db
from app.people.models import User

AT_A_TIME = 25  # plans on the page of the decision, each with a text to write

bp = Blueprint("evaluation", __name__)
bp.add_app_template_filter(notices.points, "points")


@bp.get("/calls/<uuid:id>/evaluation")
@requires(Action.EVALUATION_READ, Call)
def show(call: Call) -> Any:
    evaluation = queries.with_committee(call)
    found = paged(queries.listed(evaluation), count=evaluation.standing()[0])
    return page(
        "evaluation/show.html",
        found=found,
        first=queries.one_of(found, evaluation),
        call=call,
        evaluation=evaluation,
        openers=queries.openers(evaluation),
        scorers=queries.scorers(evaluation),
        unopened=queries.unopened(evaluation),
        given=queries.given_by(evaluation, current_user) if evaluation.state == EvaluationState.SCORING else {},
        needed=LEAST_SCORERS,
    )


@bp.route("/calls/<uuid:id>/evaluation/open", methods=["GET", "POST"])
@requires(Action.PROPOSALS_OPEN, Call)
def open(call: Call) -> Any:
    form, evaluation = ConfirmForm(), Evaluation.of(call)
    if form.validate_on_submit():
        with refusals_on(form):
            evaluation = operations.consent_to_open(call, actor=current_user)
            is_open = evaluation.state != EvaluationState.SEALED
            return done(_home(call), _("The plans are open.") if is_open else _("Your consent is recorded."))
    elif (same := why_not_same_person(Action.PROPOSALS_OPEN, evaluation, current_user)) is not None:
        raise NotYours(same)
    elif request.method != "POST" and (reason := FLOW.why_not(Action.PROPOSALS_OPEN, evaluation)) is not None:
        raise NotNow(reason)
    return page("evaluation/open.html", form=form, call=call, evaluation=evaluation)


@bp.get("/evaluations/<uuid:id>/opening")
@requires(Action.EVALUATION_READ, Evaluation)
def opening(evaluation: Evaluation) -> Any:
    """The opening record: who opened, when, which plans, with which digests."""
    if evaluation.state == EvaluationState.SEALED:
        raise NotNow(_("The plans have not been opened."))
    return page(
        "evaluation/opening.html",
        evaluation=evaluation,
        found=paged(queries.in_order_of_receipt(evaluation), count=evaluation.standing()[0]),
        unopened=queries.unopened(evaluation),
        rule=queries.opening_rule(evaluation),
    )


@bp.route("/evaluations/<uuid:id>/declare", methods=["GET", "POST"])
@requires(Action.CONFLICT_DECLARE, Evaluation)
def declare(evaluation: Evaluation) -> Any:
    form = DeclareForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.declare_conflict(
                evaluation,
                form.has_conflict.data == Interest.CONFLICT,
                form.explanation.data or "",
                actor=current_user,
            )
            return done(_home(evaluation.call), _("Your declaration is recorded."))
    plans = queries.opened(evaluation).options(queries.WITH_PARTNERS)
    found = paged(plans, size=100, entities=True, count=evaluation.standing()[0])
    return page("evaluation/declare.html", form=form, evaluation=evaluation, found=found)


@bp.route("/evaluations/<uuid:id>/name-scorer", methods=["GET", "POST"])
@requires(Action.SCORER_NAME, Evaluation)
def name_scorer(evaluation: Evaluation) -> Any:
    form = NameScorerForm()
    form.person.choices = _candidates(evaluation)
    if form.validate_on_submit():
        with refusals_on(form):
            person = db.session.get_one(User, uuid.UUID(form.person.data))
            operations.name_scorer(evaluation, person, actor=current_user)
            return done(_home(evaluation.call), _("%(name)s is asked to declare and to score.", name=person.name))
    return page("evaluation/name_scorer.html", form=form, evaluation=evaluation)


@bp.route("/evaluations/<uuid:id>/release-scorer", methods=["GET", "POST"])
@requires(Action.SCORER_RELEASE, Evaluation)
def release_scorer(evaluation: Evaluation) -> Any:
    form = ReleaseScorerForm()
    late = queries.not_locked(evaluation)
    form.person.choices = choices_of((one.id, one.name) for one in late)
    if form.validate_on_submit():
        with refusals_on(form):
            person = db.session.get_one(User, uuid.UUID(form.person.data))
            operations.release_scorer(evaluation, person, Release(form.reason.data), actor=current_user)
            return done(
                _home(evaluation.call), _("%(name)s no longer scores; the committee is told.", name=person.name)
            )
    return page("evaluation/release_scorer.html", form=form, evaluation=evaluation)


@bp.get("/opened/<uuid:id>")
@requires(Action.OPENED_READ, OpenedProposal)
def read(opened: OpenedProposal) -> Any:
    table = opened.evaluation.call.table
    return page(
        "evaluation/read.html",
        opened=opened,
        sections=queries.plan_text(opened),
        table=table,
        volumes=queries.plan_volumes(opened, table.effects),
    )


@bp.route("/opened/<uuid:id>/score", methods=["GET", "POST"])
@requires(Action.SCORE_GIVE, OpenedProposal)
def score(opened: OpenedProposal) -> Any:
    criteria = opened.evaluation.call.criteria
    _expect_unlocked(opened.evaluation)
    own = [score for score in opened.evaluation.scores_of(current_user) if score.opened_id == opened.id]
    form = marks_form(opened, criteria, own)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.give_score(opened, marks_of(form, criteria), actor=current_user)
            return done(_home(opened.evaluation.call), _("Your scores are saved. They count once you lock them."))
    return page("evaluation/score.html", form=form, opened=opened, criteria=criteria, names_of=names_of)


@bp.route("/evaluations/<uuid:id>/lock", methods=["GET", "POST"])
@requires(Action.SCORE_LOCK, Evaluation)
def lock(evaluation: Evaluation) -> Any:
    form = ConfirmForm()
    _expect_unlocked(evaluation)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.lock_scores(evaluation, actor=current_user)
            return done(_home(evaluation.call), _("Your scores are locked."))
    given, wanted = queries.given_by(evaluation, current_user), len(evaluation.call.criteria)
    return page(
        "evaluation/lock.html",
        form=form,
        evaluation=evaluation,
        plans=evaluation.standing()[0],
        complete=sum(number == wanted for number in given.values()),
    )


def _expect_unlocked(evaluation: Evaluation) -> None:
    """No form is shown that could only answer that the scores are locked."""
    if request.method != "POST" and current_user.id in evaluation.who_locked():
        raise NotNow(_("You have locked your scores."))


@bp.get("/evaluations/<uuid:id>/scores")
@requires(Action.EVALUATION_READ, Evaluation)
def compare(evaluation: Evaluation) -> Any:
    """Everybody's scores side by side, once every scorer has locked; not a moment earlier."""
    if evaluation.state in (EvaluationState.SEALED, EvaluationState.SCORING):
        raise NotNow(_("Not every scorer has locked. Until then nobody sees the scores of another."))
    found = paged(queries.opened(evaluation).options(queries.WITH_CONSENSUS), size=10, entities=True)
    return page(
        "evaluation/compare.html",
        evaluation=evaluation,
        found=found,
        scorers=evaluation.active_scorers(),
        scores=queries.all_scores(evaluation, found.rows),
        places=queries.places(evaluation),
    )


@bp.route("/opened/<uuid:id>/consensus", methods=["GET", "POST"])
@requires(Action.CONSENSUS_SET, OpenedProposal)
def agree(opened: OpenedProposal) -> Any:
    evaluation = opened.evaluation
    criteria = evaluation.call.criteria
    form = marks_form(opened, criteria, opened.consensus)
    if form.validate_on_submit():
        with refusals_on(form):
            marks = marks_of(form, criteria)
            operations.set_consensus(opened, marks, actor=current_user, version=form.version.data)
            return done(_home(evaluation.call), _("What the committee agreed is saved."))
    return page(
        "evaluation/agree.html",
        form=form,
        opened=opened,
        criteria=criteria,
        names_of=names_of,
        scorers=evaluation.active_scorers(),
        scores=queries.all_scores(evaluation, [opened]),
    )


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
                operations.write_reasons(evaluation, reasons, actor=current_user, version=form.version.data)
                return done(found.url(min(found.number + 1, found.pages)), _("The reasons are saved, not sent."))
            operations.decide_award(evaluation, reasons, actor=current_user, version=form.version.data)
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
            operations.file_objection(evaluation, form.grounds.data, actor=current_user)
            return done(_decision(evaluation), _("Your objection is filed. The award waits until it is decided."))
    return page("evaluation/object.html", form=form, evaluation=evaluation, standstill=queries.standstill(evaluation))


@bp.route("/objections/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.OBJECTION_DECIDE, Objection)
def decide_objection(objection: Objection) -> Any:
    form = DecideObjectionForm()
    if form.validate_on_submit():
        upheld = form.outcome.data == Outcome.UPHELD
        with refusals_on(form):
            operations.decide_objection(objection, upheld, form.decision.data, actor=current_user)
            return done(_decision(objection.evaluation), _("The objection is decided; the bidder is told."))
    return page("evaluation/decide_objection.html", form=form, objection=objection, evaluation=objection.evaluation)


@bp.route("/evaluations/<uuid:id>/finalise", methods=["GET", "POST"])
@requires(Action.AWARD_FINALISE, Evaluation)
def finalise(evaluation: Evaluation) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.finalise_award(evaluation, actor=current_user)
            return done(_decision(evaluation), _("The award is final."))
    return page("evaluation/finalise.html", form=form, evaluation=evaluation, standstill=queries.standstill(evaluation))


def _home(call: Call) -> str:
    return url_for("evaluation.show", id=call.id)


def _decision(evaluation: Evaluation) -> str:
    return url_for("evaluation.decision", id=evaluation.id)


def _candidates(evaluation: Evaluation) -> list[Any]:
    """Whoever may score at all and does not yet."""
    scoring = {scorer.id for scorer in evaluation.scorers()}
    return choices_of(one for one in possible_scorers() if one[0] not in scoring)


def _objections(evaluation: Evaluation, reads_all: bool) -> list[Objection]:
    own = {opened.consortium_id for opened in evaluation.opened_by(current_user)}
    return [one for one in evaluation.objections if reads_all or one.consortium_id in own]

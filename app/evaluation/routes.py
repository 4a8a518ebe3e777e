import base64
import functools
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls.models import LEAST_SCORERS, Call
from app.calls.queries import possible_scorers
from app.consortia.shown import shown_parts
from app.core.errors import NotNow
from app.core.format import money
from app.core.forms import ConfirmForm, choices_of
from app.core.paging import paged
from app.core.web import carry_out, done, page, refusals_on
from app.evaluation import (
    answer_terms,
    consensus_routes,
    opening_routes,
    operations,
    proof_routes,
    queries,
    screening_routes,
)
from app.evaluation.blueprint import bp, home
from app.evaluation.completeness import answers_of, declarations, in_words, items_of
from app.evaluation.conflict_models import ConflictFinding
from app.evaluation.forms import (
    DeclareForm,
    DismissForm,
    Interest,
    NameScorerForm,
    ReleaseScorerForm,
    marks_form,
    marks_of,
    names_of,
)
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.rules import quality_of
from app.evaluation.states import Admission, EvaluationState, Release
from app.extensions import db
from app.people.models import User

__all__ = [
    "answer_terms",
    "bp",
    "consensus_routes",
    "opening_routes",
    "proof_routes",
    "screening_routes",
]


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
            return done(home(evaluation.call), _("Your declaration is recorded."))
    plans = queries.opened(evaluation).options(queries.WITH_PARTNERS)  # names alone: nothing of a plan
    found = paged(plans, size=100, entities=True, count=evaluation.standing()[0])
    return page("evaluation/declare.html", form=form, evaluation=evaluation, found=found)


@bp.route("/conflicts/<uuid:id>/dismiss", methods=["GET", "POST"])
@requires(Action.CONFLICT_DISMISS, ConflictFinding)
def dismiss_conflict(finding: ConflictFinding) -> Any:
    form = DismissForm()
    return carry_out(
        form,
        lambda: operations.dismiss_conflict(finding, form.reason.data, actor=current_user),
        home(finding.call),
        _("%(name)s can read the plans again.", name=finding.user.name),
        "evaluation/dismiss_conflict.html",
        finding=finding,
        evaluation=finding.evaluation,
    )


@bp.route("/evaluations/<uuid:id>/name-scorer", methods=["GET", "POST"])
@requires(Action.SCORER_NAME, Evaluation)
def name_scorer(evaluation: Evaluation) -> Any:
    form = NameScorerForm()
    form.person.choices = _candidates(evaluation)
    if form.validate_on_submit():
        with refusals_on(form):
            person = db.session.get_one(User, uuid.UUID(form.person.data))
            operations.name_scorer(evaluation, person, actor=current_user)
            return done(home(evaluation.call), _("%(name)s is asked to declare and to score.", name=person.name))
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
            return done(home(evaluation.call), _("%(name)s no longer scores; the committee is told.", name=person.name))
    return page("evaluation/release_scorer.html", form=form, evaluation=evaluation)


@bp.get("/opened/<uuid:id>")
@requires(Action.OPENED_READ, OpenedProposal)
def read(opened: OpenedProposal) -> Any:
    table = opened.evaluation.call.table
    return page(
        "evaluation/read.html",
        opened=opened,
        items=items_of(opened.call, opened.content),
        declarations=declarations(opened),
        in_words=in_words,
        table=table,
        volumes=queries.plan_volumes(opened, table.effects),
        parts=shown_parts(opened.consortium, opened.content.get("parts", {})),
        files=opened.content.get("files", {}),
        names={str(one.organisation_id): one.organisation.name for one in opened.consortium.taking_part},
        in_money=functools.partial(money, currency=opened.call.programme.currency),
    )


@bp.get("/opened/<uuid:id>/files/<key>")
@requires(Action.OPENED_READ, OpenedProposal)
def plan_file(opened: OpenedProposal, key: str) -> Any:
    """A file of the plan, for whoever may read the plan."""
    answer, data = answers_of(opened.content).get(key), opened.content.get("files", {}).get(key)
    if data is None or not isinstance(answer, Mapping):
        abort(404)
    named = {"Content-Disposition": f'attachment; filename="{answer["filename"]}"'}
    return Response(base64.b64decode(data), mimetype=str(answer["media_type"]), headers=named)


@bp.route("/opened/<uuid:id>/score", methods=["GET", "POST"])
@requires(Action.SCORE_GIVE, OpenedProposal)
def score(opened: OpenedProposal) -> Any:
    criteria = quality_of(opened.call)
    _expect_unlocked(opened.evaluation)
    if request.method != "POST":
        operations.expect_admitted(opened)
    own = [score for score in opened.evaluation.scores_of(current_user) if score.opened_id == opened.id]
    form = marks_form(opened, criteria, own)
    return carry_out(
        form,
        lambda: operations.give_score(opened, marks_of(form, criteria), actor=current_user),
        home(opened.evaluation.call),
        _("Your scores are saved. They count once you lock them."),
        "evaluation/score.html",
        opened=opened,
        criteria=criteria,
        names_of=names_of,
    )


@bp.route("/evaluations/<uuid:id>/lock", methods=["GET", "POST"])
@requires(Action.SCORE_LOCK, Evaluation)
def lock(evaluation: Evaluation) -> Any:
    _expect_unlocked(evaluation)
    given, wanted = queries.given_by(evaluation, current_user), len(quality_of(evaluation.call))
    return carry_out(
        ConfirmForm(),
        lambda: operations.lock_scores(evaluation, actor=current_user),
        home(evaluation.call),
        _("Your scores are locked."),
        "evaluation/lock.html",
        evaluation=evaluation,
        plans=evaluation.admissions()[Admission.ADMITTED],
        complete=sum(number == wanted for number in given.values()),
    )


def _expect_unlocked(evaluation: Evaluation) -> None:
    """No form is shown that could only answer that the scores are locked."""
    if request.method != "POST" and current_user.id in evaluation.who_locked():
        raise NotNow(_("You have locked your scores."))


def _candidates(evaluation: Evaluation) -> list[Any]:
    """Whoever may score at all and does not yet."""
    scoring = {scorer.id for scorer in evaluation.scorers()}
    return choices_of(one for one in possible_scorers(evaluation.call.programme) if one[0] not in scoring)

"""Pages on which the committee compares, agrees, meets and freezes, and on which lots are drawn."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import carry_out, done, page, refusals_on
from app.evaluation import consensus_operations, queries, sensitive
from app.evaluation.blueprint import bp, home
from app.evaluation.consensus_forms import DrawForm, MeetingForm
from app.evaluation.forms import marks_form, marks_of, names_of
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.places import tied_plans
from app.evaluation.rules import quality_of
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.people.models import User

BLIND = (EvaluationState.SEALED, EvaluationState.SCORING)


@bp.get("/evaluations/<uuid:id>/scores")
@requires(Action.SCORES_READ, Evaluation)
def compare(evaluation: Evaluation) -> Any:
    """Everybody's scores side by side, once every scorer has locked; not a moment earlier."""
    if evaluation.state in BLIND:
        raise NotNow(_("Not every scorer has locked. Until then nobody sees the scores of another."))
    plans = queries.opened(evaluation).options(queries.WITH_CONSENSUS)
    found = paged(plans, size=10, entities=True, count=evaluation.standing()[0])
    return page(
        "evaluation/compare.html",
        evaluation=evaluation,
        found=found,
        criteria=quality_of(evaluation.call),
        scorers=evaluation.active_scorers(),
        scores=queries.all_scores(evaluation, found.rows),
        places=queries.places(evaluation),
    )


@bp.route("/opened/<uuid:id>/consensus", methods=["GET", "POST"])
@requires(Action.CONSENSUS_SET, OpenedProposal)
def agree(opened: OpenedProposal) -> Any:
    evaluation = opened.evaluation
    criteria = quality_of(evaluation.call)
    form = marks_form(opened, criteria, opened.consensus)

    def set_marks() -> None:
        marks = marks_of(form, criteria)
        consensus_operations.set_consensus(opened, marks, actor=current_user, version=form.version.data)

    return carry_out(
        form,
        set_marks,
        home(evaluation.call),
        _("What the committee agreed is saved."),
        "evaluation/agree.html",
        opened=opened,
        criteria=criteria,
        names_of=names_of,
        scorers=evaluation.active_scorers(),
        scores=queries.all_scores(evaluation, [opened]),
    )


@bp.get("/evaluations/<uuid:id>/meetings")
@requires(Action.SCORES_READ, Evaluation)
def meetings(evaluation: Evaluation) -> Any:
    """The records of the consensus meetings."""
    if evaluation.state in BLIND and not evaluation.meetings:
        raise NotNow(_("Not every scorer has locked. Until then nobody sees the scores of another."))
    names = {str(user.id): user.name for user in evaluation.scorers()}
    return page("evaluation/meetings.html", evaluation=evaluation, names=names)


@bp.route("/evaluations/<uuid:id>/meetings/record", methods=["GET", "POST"])
@requires(Action.MEETING_RECORD, Evaluation)
def record_meeting(evaluation: Evaluation) -> Any:
    form, scorers = MeetingForm(), evaluation.active_scorers()
    form.offer(scorers)
    if form.validate_on_submit():
        present = [scorer for scorer in scorers if str(scorer.id) in (form.present.data or [])]
        with refusals_on(form):
            consensus_operations.record_meeting(
                evaluation,
                form.held_on.data,
                present,
                form.summary.data,
                form.private_notes.data or "",
                actor=current_user,
            )
            return done(url_for("evaluation.meetings", id=evaluation.id), _("The record of the meeting is kept."))
    return page("evaluation/record_meeting.html", form=form, evaluation=evaluation)


@bp.route("/evaluations/<uuid:id>/freeze", methods=["GET", "POST"])
@requires(Action.QUALITY_FREEZE, Evaluation)
def freeze(evaluation: Evaluation) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: consensus_operations.freeze_quality(evaluation, actor=current_user),
        home(evaluation.call),
        _("The quality scores are frozen."),
        "evaluation/freeze.html",
        evaluation=evaluation,
        meeting=consensus_operations.standing_meeting(evaluation),
    )


@bp.get("/evaluations/<uuid:id>/sensitivity")
@requires(Action.SCORES_READ, Evaluation)
def sensitivity(evaluation: Evaluation) -> Any:
    """Does the winner change when one agreed score moves by one step of the scale?"""
    if evaluation.ranked_at is None:
        raise NotNow(_("The plans have not been ranked."))
    return page("evaluation/sensitivity.html", evaluation=evaluation, groups=sensitive.groups_of(evaluation))


@bp.get("/evaluations/<uuid:id>/lots")
@requires(Action.SCORES_READ, Evaluation)
def draw(evaluation: Evaluation) -> Any:
    """The lots that were drawn, with all that is needed to draw them again."""
    names = {str(plan): name for plan, name in db.session.execute(queries.names_of_plans(evaluation))}
    tied = tied_plans(evaluation) if evaluation.is_tied else []
    return page("evaluation/draw.html", evaluation=evaluation, names=names, tied=tied)


@bp.route("/evaluations/<uuid:id>/lots/draw", methods=["GET", "POST"])
@requires(Action.TIE_DRAW, Evaluation)
def draw_tie(evaluation: Evaluation) -> Any:
    form = DrawForm()
    if form.validate_on_submit():
        with refusals_on(form):
            made = consensus_operations.draw_tie(evaluation, form.words.data, actor=current_user)
            is_drawn = made.drawn_at is not None
            said = _("The lot is drawn.") if is_drawn else _("Your words are kept; a second official draws the lot.")
            return done(url_for("evaluation.draw", id=evaluation.id), said)
    return page(
        "evaluation/draw_tie.html",
        form=form,
        evaluation=evaluation,
        tied=tied_plans(evaluation),
        first=_first_of(evaluation),
    )


def _first_of(evaluation: Evaluation) -> User | None:
    """Who gave words for a lot that still waits."""
    return next((one.first_by for one in evaluation.draws if one.drawn_at is None and not one.void), None)

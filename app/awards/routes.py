from collections.abc import Sequence
from typing import Any

from flask import Response, abort, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.awards import letter as letters_
from app.awards import objection_routes, operations, queries
from app.awards.blueprint import bp, decision_of
from app.awards.forms import ReviewForm, advantages_in, name_of, reasons_form, told_on
from app.awards.missing import lacks_of, names_its_court, where_better
from app.awards.models import Letter
from app.awards.record import kept_until, record_of
from app.awards.standstill import FROM_LAST_SENDING, standstill_of
from app.awards.states import LetterState
from app.calls.legal import Key, is_subsidy, standstill_label
from app.calls.models import Call
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.pdf import Document, pdf_of
from app.core.web import done, page, refusals_on
from app.evaluation import queries as evaluation_queries
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.states import FLOW, EvaluationState
from app.extensions import db
from app.languages import LOCALES

__all__ = ["bp", "objection_routes"]

AT_A_TIME = 25  # plans on the page of the reasons, each with a text to write


@bp.route("/evaluations/<uuid:id>/reasons", methods=["GET", "POST"])
@requires(Action.AWARD_REASON, Evaluation)
def reasons(evaluation: Evaluation) -> Any:
    """The reasons of every bidder, some plans at a time; another official reviews the letters that follow."""
    plans = evaluation_queries.opened(evaluation).options(evaluation_queries.WITH_CONSENSUS)
    found = paged(plans, size=AT_A_TIME, entities=True, count=evaluation.standing()[0])
    form = reasons_form(evaluation, found.rows, queries.suggested_reference(evaluation))
    if form.validate_on_submit():
        with refusals_on(form):
            operations.write_reasons(
                evaluation,
                {plan.id: form[name_of(plan)].data or "" for plan in found.rows},
                advantages={plan.id: advantages_in(form, plan) for plan in found.rows},
                heading=operations.Heading(form.reference.data or "", form.court.data or ""),
                actor=current_user,
                version=form.version.data,
            )
            last = found.number >= found.pages
            to = url_for("awards.letters", id=evaluation.id) if last else found.url(found.number + 1)
            return done(to, _("The reasons are kept. Another official reviews the letters."))
    return page(
        "awards/reasons.html",
        form=form,
        evaluation=evaluation,
        found=found,
        unreasoned=evaluation_queries.without_reasons(evaluation),
        places=evaluation_queries.places(evaluation),
        name_of=name_of,
        compared=_compared(evaluation, found.rows),
        review=evaluation.call.rule(Key.REVIEW),
        names_its_court=names_its_court(evaluation),
        basis=evaluation_queries.standstill_basis(evaluation),
        rule=evaluation_queries.reasons_rule(evaluation),
    )


def _compared(evaluation: Evaluation, plans: Sequence[OpenedProposal]) -> dict[Any, list[Any]]:
    """By plan: each criterion to write on, with its own points, those of the winner, and whether words are needed."""
    winners = evaluation.winners()
    rows: dict[Any, list[Any]] = {}
    for plan in plans:
        winner = operations.winner_of(winners, plan)
        if winner is None:  # nobody has a place in its lot: there is nothing to compare
            rows[plan.id] = []
            continue
        own, best = plan.points(), winner.points()
        better = where_better(list(evaluation.call.criteria), own, best)
        rows[plan.id] = [(one, own.get(one.id), best.get(one.id), one in better) for one in told_on(plan)]
    return rows


@bp.get("/evaluations/<uuid:id>/letters")
@requires(Action.LETTER_LIST, Evaluation)
def letters(evaluation: Evaluation) -> Any:
    """Every letter, whether it was reviewed, sent, and read."""
    return page(
        "awards/letters.html",
        evaluation=evaluation,
        found=paged(queries.letters_of(evaluation), entities=True),
        lacks=lacks_of(evaluation) if evaluation.state == EvaluationState.FROZEN else [],
        waiting=queries.standing_letters(evaluation),
    )


@bp.route("/evaluations/<uuid:id>/letters/review", methods=["GET", "POST"])
@requires(Action.AWARD_REVIEW, Evaluation)
def review(evaluation: Evaluation) -> Any:
    """All letters as they would be sent, for the eyes of a second official."""
    _expect_now(Action.AWARD_REVIEW, evaluation)
    contents = operations.drafts(evaluation)
    form = ReviewForm(data={"digest": operations.digest_of_all(contents)})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.review_letters(evaluation, form.digest.data or "", actor=current_user)
            told = _("The letters are reviewed. The award decision can be sent.")
            return done(url_for("awards.letters", id=evaluation.id), told)
    locale = LOCALES[evaluation.call.programme.jurisdiction]
    shown = [(one["to"], letters_.document_of(one, letters_.digest_of(one), locale)) for one in contents.values()]
    lacks = lacks_of(evaluation)
    return page("awards/review.html", form=form, evaluation=evaluation, shown=shown, lang=locale, lacks=lacks)


def _expect_now(action: Action, evaluation: Evaluation) -> None:
    """What is asked of the ranking can only be worked out when there is one, also for a form that was sent late."""
    reason = FLOW.why_not(action, evaluation)
    if reason is not None:
        raise NotNow(reason)


@bp.route("/evaluations/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.AWARD_DECIDE, Evaluation)
def decide(evaluation: Evaluation) -> Any:
    form = ConfirmForm(data={"version": evaluation.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.decide_award(evaluation, actor=current_user, version=form.version.data)
            return done(decision_of(evaluation), _("The award decision is sent to every bidder."))
    return page(
        "awards/decide.html",
        form=form,
        evaluation=evaluation,
        waiting=queries.standing_letters(evaluation),
        basis=evaluation_queries.standstill_basis(evaluation),
    )


@bp.app_template_global("decision_on")
def decision_on(call: Call) -> Evaluation | None:
    """The evaluation of a call whose award decision this reader may read: what pages of a lower layer link to."""
    if call.shown_state not in (CallState.CLOSED, CallState.AWARDED):
        return None
    found = Evaluation.visible_to(current_user).where(Evaluation.call_id == call.id)
    evaluation = db.session.scalars(found).unique().one_or_none()
    if evaluation is None or (evaluation.decided_at is None and evaluation.withdrawn_at is None):
        return None
    return evaluation if may(Action.AWARD_READ, evaluation, current_user) else None


@bp.get("/evaluations/<uuid:id>/decision")
@requires(Action.AWARD_READ, Evaluation)
def decision(evaluation: Evaluation) -> Any:
    """A bidder reads its own scores and the winner's; the committee, the officials and the auditor read all."""
    if evaluation.decided_at is None and evaluation.withdrawn_at is None:
        raise NotNow(_("No award decision has been taken."))
    reads_all = may(Action.EVALUATION_READ, evaluation, current_user)
    own = evaluation.opened_by(current_user)
    return page(
        "awards/decision.html",
        evaluation=evaluation,
        reads_all=reads_all,
        found=paged(evaluation_queries.listed(evaluation), count=evaluation.standing()[0]),
        own=[] if evaluation.decided_at is None else own,
        winners=[] if evaluation.decided_at is None else evaluation.winners(),
        letters=queries.letters_to(own),
        suspensions=queries.suspensions(evaluation),
        standstill=standstill_of(evaluation),
        objection_term=standstill_label(evaluation.call) if is_subsidy(evaluation.call) else None,
        may_object=bool(queries.objecting(evaluation, current_user, own)),
        objections=[one for one in evaluation.objections if reads_all or one.consortium_id in _ids(own)],
    )


def _ids(own: list[Any]) -> set[Any]:
    return {opened.consortium_id for opened in own}


@bp.get("/letters/<uuid:id>")
@requires(Action.LETTER_READ, Letter)
def letter(letter: Letter) -> Any:
    """The letter on screen; a reader of the bidder thereby says that it arrived."""
    if letter.state == LetterState.SENT:
        operations.read_letter(letter, actor=current_user)
    return page("awards/letter.html", letter=letter, evaluation=letter.evaluation, shown=_document(letter))


@bp.get("/letters/<uuid:id>/pdf")
@requires(Action.LETTER_READ, Letter)
def letter_pdf(letter: Letter) -> Any:
    return _as_pdf(_document(letter), letter.locale, letter.sent_at or letter.reviewed_at, "letter.pdf")


def _document(letter: Letter) -> Document:
    return letters_.document_of(letter.content, letter.digest, letter.locale)


@bp.route("/letters/<uuid:id>/resend", methods=["GET", "POST"])
@requires(Action.LETTER_RESEND, Letter)
def resend(letter: Letter) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.resend_letter(letter, actor=current_user)
            return done(url_for("awards.letters", id=letter.evaluation_id), _("The letter is sent again."))
    moves = letter.call.programme.jurisdiction in FROM_LAST_SENDING
    return page("awards/resend.html", form=form, letter=letter, evaluation=letter.evaluation, moves=moves)


@bp.route("/evaluations/<uuid:id>/finalise", methods=["GET", "POST"])
@requires(Action.AWARD_FINALISE, Evaluation)
def finalise(evaluation: Evaluation) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.finalise_award(evaluation, actor=current_user)
            return done(decision_of(evaluation), _("The award is final, and public."))
    return page("awards/finalise.html", form=form, evaluation=evaluation)


@bp.get("/calls/<uuid:id>/award")
@requires(Action.CALL_READ, Call)
def published(call: Call) -> Any:
    """The public notice of the final award."""
    if call.state != CallState.AWARDED:
        abort(404)
    evaluation = Evaluation.of(call)
    return page("awards/published.html", call=call, evaluation=evaluation, winners=evaluation.winners())


@bp.get("/evaluations/<uuid:id>/record")
@requires(Action.AWARD_RECORD, Evaluation)
def record(evaluation: Evaluation) -> Any:
    _expect_cleared(evaluation)
    return page(
        "awards/record.html", evaluation=evaluation, shown=record_of(evaluation), kept_until=kept_until(evaluation)
    )


def _expect_cleared(evaluation: Evaluation) -> None:
    """Until the decision is sent, places are for those who declared that they have no conflict of interest."""
    if evaluation.decided_at is None and not may(Action.SCORES_READ, evaluation, current_user):
        raise NotYours(_("Your part in this bond does not allow this."))


@bp.get("/evaluations/<uuid:id>/record/pdf")
@requires(Action.AWARD_RECORD, Evaluation)
def record_pdf(evaluation: Evaluation) -> Any:
    _expect_cleared(evaluation)
    moment = evaluation.finalised_at or clock.now()
    return _as_pdf(record_of(evaluation), current_user.locale, moment, "award-record.pdf")


def _as_pdf(document: Document, lang: str, moment: Any, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(pdf_of(document, lang, moment), mimetype="application/pdf", headers=headers)

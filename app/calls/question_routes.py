from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import queries
from app.calls import question_operations as operations
from app.calls.blueprint import bp
from app.calls.models import Call
from app.calls.question_forms import AnswerForm, AskForm, ClarifyForm, typed
from app.calls.question_models import Nota, Question
from app.calls.states import FLOW
from app.core.errors import NotNow
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on


@bp.get("/calls/<uuid:id>/questions")
@requires(Action.CALL_READ, Call)
def questions(call: Call) -> Any:
    """The notas for everybody; the open questions for who answers, and for who asked its own."""
    return page("calls/questions.html", call=call, waiting=queries.open_questions(call, current_user))


@bp.get("/notas/<uuid:id>")
@requires(Action.NOTA_READ, Nota)
def nota(nota: Nota) -> Any:
    return page("calls/nota.html", nota=nota, call=nota.call)


@bp.route("/calls/<uuid:id>/ask", methods=["GET", "POST"])
@requires(Action.QUESTION_ASK, Call)
def ask(call: Call) -> Any:
    form = AskForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.ask_question(
                call, form.text.data, form.confidential.data or "", actor=current_user, once=form.once.data
            )
            return _back(call, _("Your question is asked; the answer goes to all."))
    return page("calls/ask.html", form=form, call=call)


@bp.route("/questions/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.QUESTION_WITHDRAW, Question)
def withdraw_question(question: Question) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_question(question, actor=current_user)
            return _back(question.call, _("Your question is withdrawn."))
    return page("calls/withdraw_question.html", form=form, question=question, call=question.call)


@bp.route("/questions/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.QUESTION_ANSWER, Question)
def answer(question: Question) -> Any:
    form = AnswerForm(data=typed(question))
    form.offer(queries.alike(question))
    if form.validate_on_submit():
        with refusals_on(form):
            operations.answer_question(question, form.reply(), actor=current_user, version=form.version.data)
            return _back(question.call, _("The answer is kept. The next nota takes it to everybody."))
    return page("calls/answer.html", form=form, question=question, call=question.call)


@bp.route("/calls/<uuid:id>/clarify", methods=["GET", "POST"])
@requires(Action.QUESTION_CLARIFY, Call)
def clarify(call: Call) -> Any:
    form = ClarifyForm()
    if form.validate_on_submit():
        with refusals_on(form):
            topic = form.topic.data or ""
            operations.clarify_call(call, form.text.data, topic, actor=current_user, once=form.once.data)
            return _back(call, _("The clarification is kept. The next nota takes it to everybody."))
    return page("calls/clarify.html", form=form, call=call)


@bp.route("/calls/<uuid:id>/notas/publish", methods=["GET", "POST"])
@requires(Action.NOTA_PUBLISH, Call)
def publish_nota(call: Call) -> Any:
    """What the next nota would say, and which questions still wait; then everybody gets it at once."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            made = operations.publish_nota(call, actor=current_user, once=form.once.data)
            return done(url_for("calls.nota", id=made.id), _("The nota is published, and everybody is told."))
    waiting = [one for one in call.questions if one.is_open]
    reason = FLOW.why_not(Action.NOTA_PUBLISH, call)
    if reason is not None and form.refused_with is None:
        raise NotNow(reason)
    return page(
        "calls/publish_nota.html",
        form=form,
        call=call,
        entries=operations.entries_of([one for one in waiting if one.is_ready]),
        unanswered=sum(not one.is_ready for one in waiting),
    )


def _back(call: Call, message: str) -> Any:
    return done(url_for("calls.questions", id=call.id), message)

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import queries
from app.calls.blueprint import bp
from app.calls.forms import AnswerForm, AskForm
from app.calls.models import Call, Question
from app.calls.question_operations import answer_question, ask_question
from app.core.web import done, page, refusals_on


@bp.get("/calls/<uuid:id>/questions")
@requires(Action.CALL_READ, Call)
def questions(call: Call) -> Any:
    return page("calls/questions.html", call=call, questions=queries.questions_for(call, current_user))


@bp.route("/calls/<uuid:id>/ask", methods=["GET", "POST"])
@requires(Action.QUESTION_ASK, Call)
def ask(call: Call) -> Any:
    form = AskForm()
    if form.validate_on_submit():
        with refusals_on(form):
            ask_question(call, form.text.data, actor=current_user, once=form.once.data)
            return done(url_for("calls.questions", id=call.id), _("Your question is asked; the answer goes to all."))
    return page("calls/ask.html", form=form, call=call)


@bp.route("/questions/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.QUESTION_ANSWER, Question)
def answer(question: Question) -> Any:
    form = AnswerForm(data={"version": question.version})
    if form.validate_on_submit():
        with refusals_on(form):
            answer_question(question, form.answer.data, actor=current_user, version=form.version.data)
            return done(url_for("calls.questions", id=question.call_id), _("Everybody has the answer."))
    return page("calls/answer.html", form=form, question=question, call=question.call)

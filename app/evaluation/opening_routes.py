from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires, why_not_same_person
from app.calls.key_forms import PassphraseForm
from app.calls.key_models import Purpose, key_of
from app.calls.models import Call
from app.core.errors import NotNow, NotYours
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.evaluation import discount_operations, opening_operations, queries
from app.evaluation.blueprint import bp, home
from app.evaluation.models import Evaluation
from app.evaluation.states import FLOW, EvaluationState


@bp.route("/calls/<uuid:id>/evaluation/open", methods=["GET", "POST"])
@requires(Action.PROPOSALS_OPEN, Call)
def open(call: Call) -> Any:
    form, evaluation = PassphraseForm(), Evaluation.of(call)
    if form.validate_on_submit():
        with refusals_on(form):
            evaluation = opening_operations.consent_to_open(call, form.passphrase.data or "", actor=current_user)
            is_open = evaluation.state != EvaluationState.SEALED
            return done(home(call), _("The plans are open.") if is_open else _("Your consent is recorded."))
    elif (same := why_not_same_person(Action.PROPOSALS_OPEN, evaluation, current_user)) is not None:
        raise NotYours(same)
    elif request.method != "POST" and (reason := FLOW.why_not(Action.PROPOSALS_OPEN, evaluation)) is not None:
        raise NotNow(reason)
    return page("evaluation/open.html", form=form, call=call, evaluation=evaluation, key=key_of(call, current_user))


@bp.route("/evaluations/<uuid:id>/discounts/open", methods=["GET", "POST"])
@requires(Action.DISCOUNTS_OPEN, Evaluation)
def open_discounts(evaluation: Evaluation) -> Any:
    form, call = PassphraseForm(), evaluation.call
    if form.validate_on_submit():
        with refusals_on(form):
            words = form.passphrase.data or ""
            discount_operations.consent_to_open_discounts(evaluation, words, actor=current_user)
            is_first = len(evaluation.consents_to(Purpose.DISCOUNT)) == 1
            told = _("Your consent is recorded.") if is_first else _("The second envelopes are open.")
            return done(home(call), told)
    return page(
        "evaluation/open_discounts.html", form=form, call=call, evaluation=evaluation, key=key_of(call, current_user)
    )


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

from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import PasswordForm
from app.core.web import done, page, refusals_on
from app.people.password import expect_password
from app.settlement import dispute_operations as operations
from app.settlement.blueprint import bp
from app.settlement.dispute_forms import AnswerForm, DisputeForm, ReturnForm
from app.settlement.dispute_models import Dispute
from app.settlement.groups import groups_named, groups_of
from app.settlement.models import Statement


@bp.route("/statements/<uuid:id>/dispute", methods=["GET", "POST"])
@requires(Action.STATEMENT_DISPUTE, Statement)
def dispute(statement: Statement) -> Any:
    form = DisputeForm(obj=statement)
    form.about.choices = lines_to_name(statement)
    if form.validate_on_submit():
        with refusals_on(form):
            facts = {"actor": current_user, "once": form.once.data, "version": form.version.data}
            operations.dispute_statement(statement, form.reason.data, form.about.data or [], **facts)
            told = _("The statement is disputed. The intermediary is asked to answer.")
            return done(url_for("settlement.statement", id=statement.id), told)
    return page("settlement/dispute.html", form=form, statement=statement)


def lines_to_name(statement: Statement) -> list[SelectChoice]:
    """Lines that are alike stand together, so that no line about a person is named to who may not see it."""
    currency = statement.settlement.programme.currency
    found = groups_of(statement.settlement_id, [statement.payer_id])
    return [SelectChoice(str(one.id), one.in_words(currency)) for one in found]


@bp.route("/disputes/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.DISPUTE_ANSWER, Dispute)
def answer(dispute: Dispute) -> Any:
    form = AnswerForm(data={"version": dispute.version, "lower": 0, "about": dispute.about})
    form.about.choices = lines_to_name(dispute.statement)
    if form.validate_on_submit():
        with refusals_on(form):
            given: Any = (form.answer.data, form.lower.data or 0, form.about.data or [])
            operations.answer_dispute(dispute, *given, actor=current_user, version=form.version.data)
            told = _("The dispute is answered: the statement stands.")
            if dispute.lower_minor:
                told = _("A second person is asked to confirm the correction.")
            return done(url_for("settlement.statement", id=dispute.statement_id), told)
    lines_named = partial(groups_named, dispute.statement)
    return page(
        "settlement/answer.html", form=form, dispute=dispute, statement=dispute.statement, lines_named=lines_named
    )


@bp.route("/disputes/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.DISPUTE_CONFIRM, Dispute)
def confirm(dispute: Dispute) -> Any:
    form = PasswordForm(obj=dispute)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.confirm_correction(dispute, actor=current_user, version=form.version.data)
            told = _("The statement is corrected. The municipality has the credit note.")
            return done(url_for("settlement.statement", id=dispute.statement_id), told)
    lines_named = partial(groups_named, dispute.statement)
    return page(
        "settlement/confirm.html", form=form, dispute=dispute, statement=dispute.statement, lines_named=lines_named
    )


@bp.route("/disputes/<uuid:id>/return", methods=["GET", "POST"], endpoint="return")
@requires(Action.DISPUTE_RETURN, Dispute)
def return_(dispute: Dispute) -> Any:
    form = ReturnForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.return_correction(dispute, form.reason.data or "", actor=current_user)
            told = _("The correction is returned. The dispute waits for another answer.")
            return done(url_for("settlement.statement", id=dispute.statement_id), told)
    return page("settlement/return.html", form=form, dispute=dispute, statement=dispute.statement)

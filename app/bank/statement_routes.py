"""A statement of the bank: imported, read, and voided by two people."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import importing, matching, queries, voiding
from app.bank.blueprint import bp
from app.bank.csv_words import DUTCH, example_csv
from app.bank.forms import ImportForm, ReasonForm
from app.bank.models import BankStatement
from app.bank.reported import LARGEST_BYTES
from app.bank.taken_back_operations import why_not_among
from app.core.forms import ConfirmForm, PasswordForm
from app.core.web import carry_out, expect_now, page
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.programmes.models import Programme


@bp.route("/programmes/<uuid:id>/bank-statements/import", methods=["GET", "POST"])
@requires(Action.BANK_STATEMENT_IMPORT, Programme)
def import_statement(programme: Programme) -> Any:
    form = ImportForm()

    def act() -> tuple[BankStatement, int]:
        content, name = form.file.data.read(LARGEST_BYTES + 1), form.file.data.filename
        typed: Any = (content, name, form.gap_reason.data or "")
        made = importing.import_statement(programme, *typed, actor=current_user, once=form.once.data)
        return made, matching.match_open(programme, actor=current_user)

    def then(made: tuple[BankStatement, int]) -> str:
        return url_for("bank.statement", id=made[0].id)

    def told(made: tuple[BankStatement, int]) -> str:
        return _("The file is imported; lines matched: %(matched)d.", matched=made[1])

    return carry_out(form, act, then, told, "bank/import_statement.html", programme=programme, dutch=DUTCH)


@bp.get("/programmes/<uuid:id>/bank-statements/example.csv")
@requires(Action.BANK_STATEMENT_IMPORT, Programme)
def example_statement(programme: Programme) -> Any:
    """A table that can be imported, in the reader's language; nothing in it is of this bond."""
    headers = {"Content-Disposition": f'attachment; filename="{_("bank-statement-example")}.csv"'}
    return Response(example_csv(), mimetype="text/csv", headers=headers)


@bp.get("/bank-statements/<uuid:id>")
@requires(Action.BANK_STATEMENT_READ, BankStatement)
def statement(statement: BankStatement) -> Any:
    matched = queries.matched_with(statement.entries)
    steps = (Action.BANK_STATEMENT_PROPOSE_VOID, Action.BANK_STATEMENT_VOID, Action.BANK_STATEMENT_KEEP)
    acts = acts_on(statement.programme, current_user, [statement.id], steps)
    came_in = {line.id: matched[line.id] for line in statement.entries if line.amount_minor > 0 and line.id in matched}
    context: dict[str, Any] = {
        "matched": matched,
        "stands": why_not_among(statement.programme, came_in),
        "acts": acts,
        "why_not": voiding.why_not_void(statement),
    }
    return page("bank/statement.html", statement=statement, programme=statement.programme, **context)


@bp.route("/bank-statements/<uuid:id>/propose-void", methods=["GET", "POST"])
@requires(Action.BANK_STATEMENT_PROPOSE_VOID, BankStatement)
def propose_void(statement: BankStatement) -> Any:
    form = ReasonForm(obj=statement)
    expect_now(form, voiding.why_not_void(statement))

    def act() -> None:
        voiding.propose_void(statement, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = url_for("bank.statement", id=statement.id), _("A second person is asked to agree.")
    return carry_out(
        form, act, then, told, "bank/propose_void.html", statement=statement, programme=statement.programme
    )


@bp.route("/bank-statements/<uuid:id>/void", methods=["GET", "POST"])
@requires(Action.BANK_STATEMENT_VOID, BankStatement)
def void_statement(statement: BankStatement) -> Any:
    form = PasswordForm(obj=statement)

    def act() -> None:
        expect_password(current_user, form.password.data)
        voiding.void_statement(statement, actor=current_user, version=form.version.data)

    then, told = url_for("bank.statement", id=statement.id), _("The statement is voided.")
    return carry_out(
        form, act, then, told, "bank/void_statement.html", statement=statement, programme=statement.programme
    )


@bp.route("/bank-statements/<uuid:id>/keep", methods=["GET", "POST"])
@requires(Action.BANK_STATEMENT_KEEP, BankStatement)
def keep_statement(statement: BankStatement) -> Any:
    form = ConfirmForm(obj=statement)

    def act() -> None:
        voiding.keep_statement(statement, actor=current_user, version=form.version.data)

    then, told = url_for("bank.statement", id=statement.id), _("The statement of the bank stands.")
    return carry_out(
        form, act, then, told, "bank/keep_statement.html", statement=statement, programme=statement.programme
    )

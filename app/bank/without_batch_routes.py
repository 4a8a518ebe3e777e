"""Money that left without a released batch: what one person says it was, read, confirmed or refused by another."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import without_batch
from app.bank.blueprint import bp
from app.bank.forms import ReasonForm
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.core.errors import NotNow
from app.core.forms import PasswordForm
from app.core.web import carry_out, page
from app.people.password import expect_password
from app.programmes.acts import acts_on


@bp.get("/bank-entries/<uuid:id>/proposed")
@requires(Action.BANK_READ, BankEntry)
def proposed_entry(line: BankEntry) -> Any:
    """What was matched, or refused, stands on the statement and the work list; its mails still lead here."""
    steps = (Action.BANK_ENTRY_PROPOSE, Action.BANK_ENTRY_CONFIRM)
    acts = acts_on(line.programme, current_user, [line.id], steps)
    if not acts:
        raise NotNow(_("Nobody said that this went out without a released batch."))
    found = without_batch.beside(line) if line.state == EntryState.PROPOSED else []
    return page("bank/proposed_entry.html", line=line, programme=line.programme, found=found, acts=acts)


@bp.route("/bank-entries/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.BANK_ENTRY_CONFIRM, BankEntry)
def confirm_entry(line: BankEntry) -> Any:
    form = PasswordForm(obj=line)

    def act() -> None:
        expect_password(current_user, form.password.data)
        without_batch.confirm_match(line, actor=current_user, version=form.version.data)

    then, told = url_for("bank.work_list", id=line.programme_id), _("The line is matched.")
    context: dict[str, Any] = {"line": line, "programme": line.programme, "found": without_batch.beside(line)}
    return carry_out(form, act, then, told, "bank/confirm_entry.html", **context)


@bp.route("/bank-entries/<uuid:id>/refuse", methods=["GET", "POST"])
@requires(Action.BANK_ENTRY_REFUSE, BankEntry)
def refuse_entry(line: BankEntry) -> Any:
    form = ReasonForm(obj=line)

    def act() -> None:
        without_batch.refuse_match(line, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = url_for("bank.work_list", id=line.programme_id), _("The line is on the work list again.")
    context: dict[str, Any] = {"line": line, "programme": line.programme, "found": without_batch.beside(line)}
    return carry_out(form, act, then, told, "bank/refuse_entry.html", **context)

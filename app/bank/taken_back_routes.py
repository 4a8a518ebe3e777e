"""Money that came in and is no more there: said by one person, read, agreed or refused by another."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import queries
from app.bank import taken_back_operations as operations
from app.bank.blueprint import bp
from app.bank.forms import ReasonForm, TakeBackForm
from app.bank.models import BankEntry
from app.bank.taken_back import TakenBack
from app.core.format import day
from app.core.forms import PasswordForm, choices_of
from app.core.web import carry_out, expect_now, page
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.treasury.models import BookedTransfer


@bp.route("/bank-entries/<uuid:id>/take-back", methods=["GET", "POST"])
@requires(Action.TAKE_BACK_PREPARE, BankEntry)
def prepare_take_back(line: BankEntry) -> Any:
    """Of a line that went out: it took back one that came in. Of a line that came in: it was matched wrongly."""
    found = operations.taken_from(line)
    named = [one for one in found if operations.is_named(line, one)]
    form = TakeBackForm(data={"reason": line.text if line.amount_minor < 0 else ""})
    if line.amount_minor > 0:
        del form.receipt
        expect_now(form, operations.why_not_taken_back(line))
    else:
        form.receipt.choices = choices_of((one.id, f"{day(one.booked_on)}: {one.name} ({one.text})") for one in found)
        if len(named) == 1 and not form.is_submitted():
            form.receipt.data = str(named[0].id)

    def act() -> TakenBack:
        taken_by = line if line.amount_minor < 0 else None
        entry = next((one for one in found if str(one.id) == form.receipt.data), None) if taken_by else line
        once = form.once.data or uuid.uuid4()
        return operations.prepare_take_back(entry, taken_by, form.reason.data or "", actor=current_user, once=once)

    def then(made: TakenBack) -> str:
        return url_for("bank.taken_back", id=made.id)

    context: dict[str, Any] = {"line": line, "programme": line.programme, "found": found}
    context["why_none"] = operations.why_none_taken(line) if line.amount_minor < 0 and not found else None
    context["matched"] = queries.matched_with([line]).get(line.id, [])
    told = _("A second person is asked to agree.")
    return carry_out(form, act, then, told, "bank/prepare_take_back.html", **context)


@bp.get("/taken-back/<uuid:id>")
@requires(Action.BANK_READ, TakenBack)
def taken_back(back: TakenBack) -> Any:
    steps = (Action.TAKE_BACK_PREPARE, Action.TAKE_BACK_APPROVE, Action.TAKE_BACK_REJECT)
    acts = acts_on(back.programme, current_user, [back.id], steps)
    why_not = operations.why_not_agreed(back)
    return page("bank/taken_back.html", acts=acts, why_not=why_not, **_context(back))


@bp.route("/transfers/<uuid:id>/take-back", methods=["GET", "POST"])
@requires(Action.TAKE_BACK_PREPARE, BookedTransfer)
def prepare_receipt_back(booked: BookedTransfer) -> Any:
    """Of a receipt that was booked by hand and that no line of the bank shows."""
    form = ReasonForm()
    expect_now(form, operations.why_not_by_hand(booked))

    def act() -> TakenBack:
        once = form.once.data or uuid.uuid4()
        return operations.prepare_receipt_back(booked, form.reason.data or "", actor=current_user, once=once)

    def then(made: TakenBack) -> str:
        return url_for("bank.taken_back", id=made.id)

    told = _("A second person is asked to agree.")
    context: dict[str, Any] = {"booked": booked, "programme": booked.programme}
    return carry_out(form, act, then, told, "bank/prepare_receipt_back.html", **context)


def _context(back: TakenBack) -> dict[str, Any]:
    matched = queries.matched_with([back.entry]).get(back.entry.id, []) if back.entry is not None else []
    return {"back": back, "programme": back.programme, "matched": matched}


@bp.route("/taken-back/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.TAKE_BACK_APPROVE, TakenBack)
def approve_take_back(back: TakenBack) -> Any:
    form = PasswordForm(obj=back)
    expect_now(form, operations.why_not_agreed(back))

    def act() -> None:
        expect_password(current_user, form.password.data)
        operations.approve_take_back(back, actor=current_user, version=form.version.data)

    then, told = url_for("bank.taken_back", id=back.id), _("It is booked back; who paid it is told.")
    return carry_out(form, act, then, told, "bank/approve_take_back.html", **_context(back))


@bp.route("/taken-back/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.TAKE_BACK_REJECT, TakenBack)
def reject_take_back(back: TakenBack) -> Any:
    form = ReasonForm(obj=back)

    def act() -> None:
        operations.reject_take_back(back, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = url_for("bank.taken_back", id=back.id), _("Nothing is booked.")
    return carry_out(form, act, then, told, "bank/reject_take_back.html", **_context(back))

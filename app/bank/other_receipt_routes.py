"""Money that nobody asked for, once it is booked: read, and taken back by two people when it was something else."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import booking
from app.bank.blueprint import bp
from app.bank.forms import ReasonForm
from app.core.forms import ConfirmForm, PasswordForm
from app.core.web import carry_out, expect_now, page
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.treasury import other_receipt_operations as operations
from app.treasury import queries
from app.treasury.other_receipt import OtherReceipt
from app.treasury.states import OtherReceiptState

STEPS = (Action.OTHER_RECEIPT_BOOK, Action.OTHER_RECEIPT_PROPOSE_REVERSAL, Action.OTHER_RECEIPT_REVERSE)


@bp.get("/other-receipts/<uuid:id>")
@requires(Action.TREASURY_READ, OtherReceipt)
def other_receipt(receipt: OtherReceipt) -> Any:
    context: dict[str, Any] = {
        "transfers": queries.transfers_of([receipt])[receipt.id],
        "acts": acts_on(receipt.programme, current_user, [receipt.id], STEPS),
        "why_not": booking.why_not_reversed(receipt) if receipt.state == OtherReceiptState.BOOKED else None,
    }
    return page("bank/other_receipt.html", receipt=receipt, programme=receipt.programme, **context)


@bp.route("/other-receipts/<uuid:id>/propose-reversal", methods=["GET", "POST"])
@requires(Action.OTHER_RECEIPT_PROPOSE_REVERSAL, OtherReceipt)
def propose_reversal(receipt: OtherReceipt) -> Any:
    form = ReasonForm(obj=receipt)
    expect_now(form, booking.why_not_reversed(receipt))

    def act() -> None:
        operations.propose_reversal(receipt, form.reason.data or "", actor=current_user, version=form.version.data)

    return _carried_out(receipt, form, act, _("A second person is asked to agree."), "propose_reversal")


@bp.route("/other-receipts/<uuid:id>/reverse", methods=["GET", "POST"])
@requires(Action.OTHER_RECEIPT_REVERSE, OtherReceipt)
def reverse_other_receipt(receipt: OtherReceipt) -> Any:
    form = PasswordForm(obj=receipt)

    def act() -> None:
        expect_password(current_user, form.password.data)
        booking.reverse_other_receipt(receipt, actor=current_user, version=form.version.data)

    told = _("Taken back: the books hold the opposite entry.")
    return _carried_out(receipt, form, act, told, "reverse_other_receipt")


@bp.route("/other-receipts/<uuid:id>/keep", methods=["GET", "POST"])
@requires(Action.OTHER_RECEIPT_KEEP, OtherReceipt)
def keep_other_receipt(receipt: OtherReceipt) -> Any:
    form = ConfirmForm(obj=receipt)

    def act() -> None:
        operations.keep_other_receipt(receipt, actor=current_user, version=form.version.data)

    return _carried_out(receipt, form, act, _("It stays booked."), "keep_other_receipt")


def _carried_out(receipt: OtherReceipt, form: Any, act: Any, told: str, name: str) -> Any:
    then = url_for("bank.other_receipt", id=receipt.id)
    return carry_out(form, act, then, told, f"bank/{name}.html", receipt=receipt, programme=receipt.programme)

"""Costs and interest of the bank of a bond without statements: prepared with a document, read, approved, rejected."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import slip_operations as operations
from app.bank.blueprint import bp
from app.bank.forms import ReasonForm, SlipForm
from app.bank.slip import ChargeSlip
from app.core.forms import PasswordForm
from app.core.web import carry_out, page
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.programmes.models import Programme


@bp.route("/programmes/<uuid:id>/bank/charges/prepare", methods=["GET", "POST"])
@requires(Action.CHARGE_PREPARE, Programme)
def prepare_charge(programme: Programme) -> Any:
    form = SlipForm()
    if request.method == "GET":
        operations.expect_no_statements(programme)

    def act() -> ChargeSlip:
        return operations.prepare_charge(programme, form.facts(), actor=current_user, once=form.once.data)

    def then(made: ChargeSlip) -> str:
        return url_for("bank.slip", id=made.id)

    told = _("A second person is asked to approve.")
    return carry_out(form, act, then, told, "bank/prepare_charge.html", programme=programme)


@bp.get("/charge-slips/<uuid:id>")
@requires(Action.BANK_READ, ChargeSlip)
def slip(slip: ChargeSlip) -> Any:
    steps = (Action.CHARGE_PREPARE, Action.CHARGE_APPROVE, Action.CHARGE_REJECT)
    acts = acts_on(slip.programme, current_user, [slip.id], steps)
    return page("bank/slip.html", slip=slip, programme=slip.programme, acts=acts)


@bp.get("/charge-slips/<uuid:id>/document")
@requires(Action.BANK_READ, ChargeSlip)
def slip_document(slip: ChargeSlip) -> Any:
    """As it was laid with it, to be saved and never shown within the portal."""
    headers = {
        "Content-Disposition": f'attachment; filename="{slip.filename}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(slip.content, mimetype=slip.media_type, headers=headers)


@bp.route("/charge-slips/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.CHARGE_APPROVE, ChargeSlip)
def approve_charge(slip: ChargeSlip) -> Any:
    form = PasswordForm(obj=slip)

    def act() -> None:
        expect_password(current_user, form.password.data)
        operations.approve_charge(slip, actor=current_user, version=form.version.data)

    then, told = url_for("bank.slip", id=slip.id), _("It is booked.")
    return carry_out(form, act, then, told, "bank/approve_charge.html", slip=slip, programme=slip.programme)


@bp.route("/charge-slips/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.CHARGE_REJECT, ChargeSlip)
def reject_charge(slip: ChargeSlip) -> Any:
    form = ReasonForm(obj=slip)

    def act() -> None:
        operations.reject_charge(slip, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = url_for("bank.slip", id=slip.id), _("It is rejected; nothing is booked.")
    return carry_out(form, act, then, told, "bank/reject_charge.html", slip=slip, programme=slip.programme)

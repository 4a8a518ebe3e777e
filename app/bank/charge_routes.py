"""Costs and interest of the bank: booked from a line, listed, taken back by somebody else."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import booking, queries
from app.bank.blueprint import bp
from app.bank.forms import ChargeForm, ReverseChargeForm
from app.bank.models import BankEntry
from app.bank.slip_operations import has_statements, slips_of
from app.core.web import carry_out, page
from app.people.password import expect_password
from app.programmes.models import Programme
from app.treasury.charge import BankCharge


@bp.get("/programmes/<uuid:id>/bank/charges")
@requires(Action.BANK_READ, Programme)
def charges(programme: Programme) -> Any:
    return page(
        "bank/charges.html",
        programme=programme,
        charges=queries.charges(programme),
        slips=slips_of(programme),
        has_statements=has_statements(programme),
    )


@bp.route("/bank-entries/<uuid:id>/charge", methods=["GET", "POST"])
@requires(Action.CHARGE_BOOK, BankEntry)
def charge_line(line: BankEntry) -> Any:
    """Costs of the bank, or interest."""
    form = ChargeForm(data={"description": line.text or line.name})
    if not form.is_submitted():
        booking.expect_of_the_bank(line)

    def act() -> None:
        booking.charge_line(line, form.description.data or "", actor=current_user, once=form.once.data)

    then, told = url_for("bank.work_list", id=line.programme_id), _("It is booked.")
    return carry_out(form, act, then, told, "bank/charge_line.html", line=line, programme=line.programme)


@bp.route("/charges/<uuid:id>/reverse", methods=["GET", "POST"])
@requires(Action.CHARGE_REVERSE, BankCharge)
def reverse_charge(charge: BankCharge) -> Any:
    form = ReverseChargeForm(obj=charge)

    def act() -> None:
        expect_password(current_user, form.password.data)
        booking.reverse_charge(charge, form.reason.data or "", actor=current_user, version=form.version.data)

    then, told = (
        url_for("bank.charges", id=charge.programme_id),
        _("Taken back: the books hold the opposite entry."),
    )
    return carry_out(form, act, then, told, "bank/reverse_charge.html", charge=charge, programme=charge.programme)

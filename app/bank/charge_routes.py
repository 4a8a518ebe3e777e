"""Costs and interest of the bank: booked from a line, listed, taken back by somebody else."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.bank import booking, queries
from app.bank.blueprint import bp
from app.bank.forms import ChargeForm, ReasonForm
from app.bank.models import BankEntry
from app.core.web import done, page, refusals_on
from app.programmes.models import Programme
from app.treasury.charge import BankCharge


@bp.get("/programmes/<uuid:id>/bank/charges")
@requires(Action.BANK_READ, Programme)
def charges(programme: Programme) -> Any:
    return page("bank/charges.html", programme=programme, charges=queries.charges(programme))


@bp.route("/bank-entries/<uuid:id>/charge", methods=["GET", "POST"])
@requires(Action.CHARGE_BOOK, BankEntry)
def charge_line(line: BankEntry) -> Any:
    """Costs of the bank, or interest."""
    form = ChargeForm(data={"description": line.text or line.name})
    if form.validate_on_submit():
        with refusals_on(form):
            booking.charge_line(
                line, form.description.data or "", actor=current_user, once=form.once.data or uuid.uuid4()
            )
            return done(url_for("bank.work_list", id=line.programme_id), _("It is booked."))
    elif not form.is_submitted():
        booking.expect_of_the_bank(line)
    return page("bank/charge_line.html", form=form, line=line, programme=line.programme)


@bp.route("/charges/<uuid:id>/reverse", methods=["GET", "POST"])
@requires(Action.CHARGE_REVERSE, BankCharge)
def reverse_charge(charge: BankCharge) -> Any:
    form = ReasonForm(obj=charge)
    if form.validate_on_submit():
        with refusals_on(form):
            booking.reverse_charge(charge, form.reason.data or "", actor=current_user, version=form.version.data)
            url = url_for("bank.work_list", id=charge.programme_id)
            return done(url, _("Taken back: its line stands on the work list again."))
    return page("bank/reverse_charge.html", form=form, charge=charge, programme=charge.programme)

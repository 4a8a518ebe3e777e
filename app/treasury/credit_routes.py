"""What the bond owes to its municipalities; money that nobody asked for."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.forms import PasswordForm
from app.core.web import carry_out, page
from app.people.models import Organisation
from app.people.password import expect_password
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.treasury import credits as owed
from app.treasury import other_receipt_operations as operations
from app.treasury.at_bank import expect_by_hand, is_bank_read
from app.treasury.blueprint import bp
from app.treasury.forms import OtherReceiptForm
from app.treasury.remittance_operations import payable_back, why_not_all_back
from app.treasury.states import OtherReceiptKind


@bp.get("/programmes/<uuid:id>/credits")
@requires(Action.CREDIT_READ, Programme)
def credits(programme: Programme) -> Any:
    """The desk and the auditor read all, a municipality its own."""
    desk = may(Action.TREASURY_READ, programme, current_user)
    why_not = why_not_all_back(programme) if desk else None
    payable = desk and bool(payable_back(programme))
    found = owed.credits_of(programme, None if desk else frozenset(current_user.organisation_ids))
    context: dict[str, Any] = {"found": found, "desk": desk, "why_not": why_not, "payable": payable}
    return page("treasury/credits.html", programme=programme, by_hand=not is_bank_read(programme.id), **context)


@bp.route("/programmes/<uuid:id>/other-receipts/book", methods=["GET", "POST"])
@requires(Action.OTHER_RECEIPT_BOOK, Programme)
def book_other_receipt(programme: Programme) -> Any:
    """For a bond whose bank is booked by hand, with the password of who books; where its statements are read in, only a
    line of the bank can be such money, and has a page of its own."""
    expect_by_hand(programme)
    form = OtherReceiptForm(data={"on": clock.today()})
    form.source.choices = sources(programme)

    def act() -> None:
        expect_password(current_user, form.password.data)
        kind, organisation = source_of(programme, form.source.data or "")
        typed: Any = (kind, organisation, form.amount.data, form.on.data, form.description.data or "")
        operations.book_other_receipt(programme, *typed, actor=current_user, once=form.once.data or uuid.uuid4())

    then, told = url_for("treasury.credits", id=programme.id), _("It is booked.")
    return carry_out(form, act, then, told, "treasury/book_other_receipt.html", programme=programme)


def sources(programme: Programme) -> list[SelectChoice]:
    """What such money can be: the kind, and who paid it."""
    found = [SelectChoice("", _("Choose"))]
    for kind in (OtherReceiptKind.OVERPAID, OtherReceiptKind.COSTS_BACK):
        found += [
            SelectChoice(f"{kind.value}:{one.id}", f"{one.name}: {kind.label}")
            for one in operations.payers_of(programme, kind)
        ]
    return [*found, SelectChoice(OtherReceiptKind.VAT_BACK.value, str(OtherReceiptKind.VAT_BACK.label))]


def source_of(programme: Programme, chosen: str) -> tuple[OtherReceiptKind, Organisation | None]:
    """The kind and the organisation of one of `sources`."""
    word, _colon, id = chosen.partition(":")
    if word not in list(OtherReceiptKind):
        raise Refused(_("Choose who paid it."), "source")
    kind = OtherReceiptKind(word)
    return kind, next((one for one in operations.payers_of(programme, kind) if str(one.id) == id), None)


@bp.route("/statements/<uuid:id>/set-off", methods=["GET", "POST"])
@requires(Action.STATEMENT_SET_OFF, Statement)
def set_off(statement: Statement) -> Any:
    """What the bond owes to the municipality pays (a part of) this statement."""
    form = PasswordForm(obj=statement)
    amount = operations.set_off_minor(statement)
    if not form.is_submitted() and amount <= 0:
        raise NotNow(_("Nothing is owed to this municipality that could be set off."))

    def act() -> None:
        expect_password(current_user, form.password.data)
        once = form.once.data or uuid.uuid4()
        operations.set_off(statement, actor=current_user, once=once, version=form.version.data)

    programme = statement.settlement.programme
    then, told = url_for("treasury.credits", id=programme.id), _("It is set off.")
    shown: Any = {"statement": statement, "programme": programme, "amount": amount}
    return carry_out(form, act, then, told, "treasury/set_off.html", **shown)

"""A line of the bank that nobody asked for: paid too much, or paid back."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import requires
from app.bank import booking
from app.bank.blueprint import bp
from app.bank.forms import OtherLineForm
from app.bank.models import BankEntry
from app.core.errors import NotNow
from app.core.web import carry_out
from app.settlement.models import Statement
from app.settlement.reference import grouped
from app.treasury.credit_routes import source_of, sources
from app.treasury.notices import shown
from app.treasury.states import OtherReceiptKind


@bp.route("/bank-entries/<uuid:id>/other", methods=["GET", "POST"])
@requires(Action.OTHER_RECEIPT_BOOK, BankEntry)
def book_other_line(line: BankEntry) -> Any:
    """Money that a municipality paid too much, or that came back from a provider or the tax authority."""
    if line.amount_minor < 0:
        raise NotNow(_("This line went out."))
    programme, found = line.programme, [one for one in booking.payable_statements(line) if _reaches(line, one)]
    named = [one for one in found if booking.is_meant(line, one)]
    payers = {f"{OtherReceiptKind.OVERPAID.value}:{one.payer_id}" for one in named}
    form = OtherLineForm(
        data={"pays": [str(one.id) for one in named], "source": payers.pop() if len(payers) == 1 else ""}
    )
    form.source.choices = sources(programme)
    owed = {str(one.id): one for one in found}
    form.pays.choices = [SelectChoice(id, _words(one)) for id, one in owed.items()]

    def act() -> None:
        kind, organisation = source_of(programme, form.source.data or "")
        pays = [owed[id] for id in form.pays.data or () if id in owed]
        typed: Any = (kind, organisation, pays, form.description.data or "")
        booking.book_other_line(line, *typed, actor=current_user, once=form.once.data or uuid.uuid4())

    then, told = url_for("bank.work_list", id=programme.id), _("It is booked.")
    return carry_out(form, act, then, told, "bank/book_other_line.html", line=line, programme=programme)


def _words(statement: Statement) -> str:
    """With the number of the invoice, which people write with a payment."""
    amount = shown(statement.outstanding_minor, statement.settlement.programme)
    numbers = ", ".join([grouped(statement.reference), *(one.number for one in statement.invoices)])
    return f"{statement.payer.name}: {amount} ({numbers})"


def _reaches(line: BankEntry, statement: Statement) -> bool:
    """It pays the whole of the statement, and more."""
    return statement.outstanding_minor < line.amount_minor

from typing import Any

from flask import Response
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core import clock
from app.core.clock import local
from app.core.paging import paged
from app.core.pdf import pdf_of
from app.core.web import page
from app.programmes.models import Programme
from app.settlement.blueprint import bp
from app.settlement.invoice_models import Invoice
from app.settlement.invoicing import document_of, note_invoice_read
from app.settlement.queries import invoices_of


@bp.get("/programmes/<uuid:id>/invoices")
@requires(Action.INVOICE_LIST, Programme)
def invoices(programme: Programme) -> Any:
    """Every invoice and credit note in the order of the numbers, with what is late; a municipality sees its own."""
    found = paged(invoices_of(programme, current_user), entities=True)
    return page("settlement/invoices.html", programme=programme, found=found, today=clock.today())


@bp.get("/invoices/<uuid:id>")
@requires(Action.INVOICE_READ, Invoice)
def invoice(invoice: Invoice) -> Any:
    """The document as PDF; the same bytes whenever it is asked for. It counts the effects of one municipality, so
    whoever opens it stands in the trail."""
    note_invoice_read(invoice, actor=current_user)
    headers = {"Content-Disposition": f'inline; filename="invoice-{invoice.number}.pdf"'}
    whole = pdf_of(document_of(invoice), invoice.locale, local(invoice.issued_on, 12))
    return Response(whole, mimetype="application/pdf", headers=headers)

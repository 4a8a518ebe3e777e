"""Sealed statements: each party's own edition, and for everybody a page that verifies one."""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from app.access.actions import Action
from app.access.guard import requires
from app.core.web import page
from app.verification import checking
from app.verification.blueprint import bp
from app.verification.counter_signing import signature_under
from app.verification.statement_forms import CheckStatementForm
from app.verification.statement_models import SealCertificate, SealedStatement
from app.verification.statement_queries import certificates, was_reopened


@bp.get("/sealed-statements/<uuid:id>")
@requires(Action.BATCH_STATEMENT, SealedStatement)
def statement(statement: SealedStatement) -> Any:
    """The file as it was sealed, byte for byte."""
    name = f"statement-{statement.batch.number}-{statement.edition}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(statement.content, mimetype="application/pdf", headers=headers)


@bp.route("/verify-statement", methods=["GET", "POST"])
@requires(Action.BATCH_CHECK)
def check_statement() -> Any:
    """Genuine, changed or unknown; the address on a statement brings its code along. Nothing shown here is kept."""
    form, checked = CheckStatementForm(), None
    if form.validate_on_submit():
        upload = form.document.data
        checked = checking.check_file(upload.read()) if upload else checking.check_code(form.code.data)
        if upload and form.code.data and not checking.is_of(checked, form.code.data):
            form.code.errors = [_("This code is not that of the file. Below stands what the file is.")]
    elif request.method == "GET" and request.args.get("code"):
        form.code.data = request.args["code"][:100]
        checked = checking.check_code(form.code.data)
    batch = checked.statement.batch if checked is not None and checked.statement is not None else None
    return page(
        "verification/check_statement.html",
        form=form,
        checked=checked,
        pair=signature_under(batch) if batch is not None else None,
        reopened=batch is not None and was_reopened(batch),
        certificates=certificates(),
    )


@bp.get("/seal-certificates/<uuid:id>")
@requires(Action.BATCH_CHECK, SealCertificate)
def certificate(certificate: SealCertificate) -> Any:
    """A certificate with which the portal sealed (PEM), for whoever checks a seal without the portal."""
    headers = {"Content-Disposition": f'attachment; filename="seal-{certificate.fingerprint[:16]}.pem"'}
    return Response(certificate.pem, mimetype="application/x-pem-file", headers=headers)

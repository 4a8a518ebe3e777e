from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on
from app.evidence import operations
from app.evidence.models import EvidenceFile

bp = Blueprint("evidence", __name__)


@bp.get("/evidence/<uuid:id>")
@requires(Action.EVIDENCE_READ, EvidenceFile)
def read(file: EvidenceFile) -> Any:
    """The document, to keep on disk and never to be shown as a page of the portal."""
    content = operations.read_file(file, actor=current_user)
    headers = {
        "Content-Disposition": f'attachment; filename="{file.filename}"',
        "Cache-Control": "no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, mimetype=file.media_type, headers=headers)


@bp.route("/evidence/<uuid:id>/remove", methods=["GET", "POST"])
@requires(Action.EVIDENCE_REMOVE, EvidenceFile)
def remove(file: EvidenceFile) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_file(file, actor=current_user)
            return done(url_for("outcomes.show_claim", id=file.claim_id), _("The document is destroyed."))
    return page("evidence/remove.html", form=form, file=file)

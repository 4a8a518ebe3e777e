"""Documents of a claim: added here, where the claim is; downloaded and removed in `app/evidence`."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.errors import NotNow
from app.core.web import done, page, refusals_on
from app.evidence.operations import MOST_FILES, keep_file
from app.evidence.terms import file_terms
from app.intake.rules import agreement_of
from app.outcomes.blueprint import bp
from app.outcomes.forms import AttachForm
from app.outcomes.models import Claim


@bp.route("/claims/<uuid:id>/attach", methods=["GET", "POST"])
@requires(Action.EVIDENCE_ADD, Claim)
def attach(claim: Claim) -> Any:
    terms = file_terms(agreement_of(claim.programme))
    if terms is None:
        raise NotNow(_("The agreement does not say that documents are kept here: only their fingerprint is."))
    form = AttachForm()
    if form.validate_on_submit() and form.chosen is not None:
        with refusals_on(form):
            keep_file(claim, form.chosen, actor=current_user, once=form.once.data)
            return done(url_for("outcomes.show_claim", id=claim.id), _("The document is kept, encrypted."))
    return page("outcomes/attach.html", form=form, claim=claim, terms=terms, most=MOST_FILES)

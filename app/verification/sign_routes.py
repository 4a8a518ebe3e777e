"""Pages of the signature: sign off, and what was signed."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.errors import Refused
from app.core.web import done, page, refusals_on
from app.intake import reading
from app.intake.figures import sees_rows
from app.outcomes import measurement_queries
from app.outcomes import queries as outcomes
from app.outcomes.models import Batch
from app.people.password import password_fits
from app.programmes.models import Programme
from app.verification import queries, signing
from app.verification.blueprint import bp
from app.verification.forms import SignOffForm


@bp.route("/programmes/<uuid:id>/sign-off", methods=["GET", "POST"])
@requires(Action.BATCH_SIGN_OFF, Programme)
def sign_off(programme: Programme) -> Any:
    form = SignOffForm()
    if form.validate_on_submit():
        with refusals_on(form):
            if not password_fits(current_user, form.password.data):
                raise Refused(_("This is not your password."), "password")
            batch = signing.sign_off(
                programme, form.statement.data, actor=current_user, digest=form.digest.data, once=form.once.data
            )
            return done(url_for("verification.batch", id=batch.id), _("You signed. The parties are told."))
    measurements = signing.decided_measurements(programme)
    digest = signing.digest_of(signing.decided_claims(programme), measurements)
    form.digest.data, form.digest.raw_data = digest, None
    return page(
        "verification/sign_off.html",
        form=form,
        programme=programme,
        figures=outcomes.batch_figures(programme, None, current_user),
        measurements=measurements,
        under_way=signing.docket_under_way(programme),
    )


@bp.get("/batches/<uuid:id>")
@requires(Action.BATCH_READ, Batch)
def batch(batch: Batch) -> Any:
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isdecimal() and len(typed) < 7 else 1

    def url(number: int) -> str:
        return url_for("verification.batch", id=batch.id, page=number)

    listed = None
    if sees_rows(batch.programme_id, current_user):
        listed = outcomes.batch_list(batch, current_user, number, url)
        reading.note_list_reading(batch.programme, len(listed.rows), actor=current_user)
    docket = queries.docket_of(batch)
    return page(
        "verification/batch.html",
        batch=batch,
        programme=batch.programme,
        figures=outcomes.batch_figures(batch.programme, batch.id, current_user),
        listed=listed,
        measurements=measurement_queries.in_batch(batch, current_user),
        docket=docket,
        strata=queries.strata_of(docket, current_user) if docket is not None else [],
    )

"""The page on which a provider claims the compensation for missing participants."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.outcomes import shortfall
from app.outcomes.blueprint import bp
from app.outcomes.forms import ShortfallForm
from app.people.models import Organisation
from app.programmes.models import Programme


@bp.route("/programmes/<uuid:id>/shortfall/claim", methods=["GET", "POST"])
@requires(Action.SHORTFALL_CLAIM, Programme)
def claim_shortfall(programme: Programme) -> Any:
    found = shortfall.readable(programme, current_user)
    form = ShortfallForm()
    form.payer.choices = choices_of((one.payer.id, one.payer.name) for one in found if one.due)
    if form.is_submitted():  # of whom it was claimed meanwhile the operation says so
        form.payer.choices = choices_of((one.organisation_id, one.organisation.name) for one in programme.shares)
    if form.validate_on_submit():
        payer = db.session.get_one(Organisation, uuid.UUID(form.payer.data))
        with refusals_on(form):
            made = shortfall.claim_shortfall(programme, payer, actor=current_user, once=form.once.data)
            told = _("The compensation is claimed. Submit it to the assessor.")
            return done(url_for("outcomes.show_measurement", id=made.id), told)
    return page("outcomes/claim_shortfall.html", form=form, programme=programme, found=found)

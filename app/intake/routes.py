import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.intake import operations, queries, reading, rules
from app.intake.forms import ExitForm, ParticipantForm
from app.intake.models import AgeBand, ExitReason, Participant
from app.people.models import Organisation
from app.programmes.models import Programme

bp = Blueprint("intake", __name__)


@bp.get("/programmes/<uuid:id>/participants")
@requires(Action.PARTICIPANT_LIST, Programme)
def participants(programme: Programme) -> Any:
    q = request.args.get("q", "").strip()[:60]

    listed = queries.participant_list(programme, current_user, q)
    reading.note_list_reading(programme, len(listed.rows), actor=current_user)
    return page(
        "intake/participants.html",
        programme=programme,
        listed=listed,
        q=q,
        no_intake=rules.why_no_intake(programme),
    )


@bp.route("/programmes/<uuid:id>/participants/register", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_REGISTER, Programme)
def register(programme: Programme) -> Any:
    rules.check_gates(programme, rules.agreement_of(programme) is not None)
    form = ParticipantForm()
    form.municipality.choices = choices_of((s.organisation_id, s.organisation.name) for s in programme.shares)
    if form.validate_on_submit():
        municipality = db.session.get_one(Organisation, uuid.UUID(form.municipality.data))
        band = AgeBand(form.age_band.data)
        with refusals_on(form):
            made = operations.register_participant(
                programme, municipality, band, form.started_on.data, actor=current_user, once=form.once.data
            )
            told = _("The participant is registered. The code is %(code)s: keep it with your key.", code=made.code)
            return done(url_for("intake.participant", id=made.id), told)
    return page("intake/register.html", form=form, programme=programme)


@bp.get("/participants/<uuid:id>")
@requires(Action.PARTICIPANT_READ, Participant)
def participant(participant: Participant) -> Any:
    reading.note_reading(participant, actor=current_user)
    return page("intake/participant.html", participant=participant, programme=participant.programme)


@bp.route("/participants/<uuid:id>/exit", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_EXIT, Participant)
def exit(participant: Participant) -> Any:
    form = ExitForm()
    if form.validate_on_submit():
        reason = ExitReason(form.reason.data)
        with refusals_on(form):
            operations.exit_participant(participant, form.exited_on.data, reason, actor=current_user)
            return done(url_for("intake.participant", id=participant.id), _("The exit is registered."))
    return page("intake/exit.html", form=form, participant=participant)

"""Pages of participants: from the start to the exit."""

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.agreements.departures import passing_on
from app.agreements.providing import lots_of_provider
from app.core.errors import NotNow
from app.core.forms import choices_of
from app.core.web import done, expect_now, page, refusals_on
from app.extensions import db
from app.intake import baseline, operations, queries, reading, rules, views
from app.intake.blueprint import bp
from app.intake.forms import (
    CorrectBaselineForm,
    ExitForm,
    MoveForm,
    ParticipantForm,
    PauseForm,
    ResumeForm,
    StartForm,
    form_of_scale,
    informed_label,
    offer_ages,
    version_read,
)
from app.intake.models import AgeBand, ExitReason, Participant, Referral, intake_of
from app.intake.scales import SCALES
from app.people.models import Organisation
from app.programmes.models import LifeDomain, Programme

bp.app_template_global("days_late")(baseline.days_late)


@bp.get("/programmes/<uuid:id>/participants")
@requires(Action.PARTICIPANT_LIST, Programme)
def participants(programme: Programme) -> Any:
    q = queries.searched(request.args.get("q", ""))
    listed = queries.participant_list(programme, current_user, q)
    reading.note_list_reading(programme, len(listed.rows), actor=current_user)
    return page(
        "intake/participants.html",
        programme=programme,
        listed=listed,
        q=q,
        no_intake=rules.why_no_intake(programme),
        leaving=passing_on(programme.id),
    )


@bp.route("/programmes/<uuid:id>/participants/register", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_REGISTER, Programme)
def register(programme: Programme) -> Any:
    """Somebody whom the provider found itself."""
    intake = rules.check_gates(programme)
    form = ParticipantForm()
    offer_ages(form, programme)
    form.informed_on.label.text = informed_label(intake.legal_basis)
    form.municipality.choices = choices_of((s.organisation_id, s.organisation.name) for s in programme.shares)
    _offer_lots(form, programme)
    if form.validate_on_submit():
        municipality = db.session.get_one(Organisation, uuid.UUID(form.municipality.data))
        with refusals_on(form):
            return _registered(programme, municipality, form, None)
    return page("intake/register.html", form=form, programme=programme)


def _offer_lots(form: StartForm, programme: Programme) -> None:
    """Nobody is asked for a lot who delivers in one only."""
    lots = lots_of_provider(rules.check_agreement(programme).terms, current_user.organisation_ids)
    if len(lots) > 1:
        form.lot.choices = choices_of((lot["id"], lot["name"]) for lot in lots)
    else:
        del form.lot


def _registered(programme: Programme, municipality: Organisation, form: StartForm, referral: Referral | None) -> Any:
    made = operations.register_participant(
        programme,
        municipality,
        AgeBand(form.age_band.data),
        form.started_on.data,
        referral=referral,
        informed_on=form.informed_on.data,
        lot_id=form.lot.data if form.lot else "",
        late_reason=form.late_reason.data or "",
        actor=current_user,
        once=form.once.data,
        version=version_read(form) if referral is not None else None,
    )
    told = _("The participant is registered. The code is %(code)s: keep it with your key.", code=made.code)
    return done(url_for("intake.participant", id=made.id), told)


@bp.route("/referrals/<uuid:id>/start", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_REGISTER, Referral)
def start(referral: Referral) -> Any:
    intake = rules.check_gates(referral.programme)
    form = StartForm(data={"age_band": referral.age_band, "version": referral.version})
    offer_ages(form, referral.programme)
    if not form.is_submitted():
        operations.expect_own_referral(referral, current_user)
    _offer_lots(form, referral.programme)
    form.informed_on.label.text = informed_label(intake.legal_basis)
    if form.validate_on_submit():
        with refusals_on(form):
            return _registered(referral.programme, referral.payer, form, referral)
    return page("intake/start.html", form=form, referral=referral)


@bp.get("/participants/<uuid:id>")
@requires(Action.PARTICIPANT_READ, Participant)
def participant(participant: Participant) -> Any:
    reading.note_reading(participant, actor=current_user)
    intake = db.session.scalar(intake_of(participant.programme_id))
    return page(
        "intake/participant.html",
        participant=participant,
        programme=participant.programme,
        intake=intake,
        scale=SCALES[intake.scale] if intake else None,
        baselines=baseline.baselines_of(participant),
        informed=informed_label(intake.legal_basis) if intake else "",
        indicators=views.indicators_of(participant),
    )


@bp.route("/participants/<uuid:id>/baseline", methods=["GET", "POST"])
@requires(Action.BASELINE_RECORD, Participant)
def record_baseline(participant: Participant) -> Any:
    scale = baseline.scale_of(participant)
    form = form_of_scale(scale)
    expect_now(form, baseline.why_recorded(participant))
    if form.validate_on_submit():
        with refusals_on(form):
            scores = form.scores()
            baseline.record_baseline(participant, scores, form.observed_on.data, actor=current_user)
            return done(url_for("intake.participant", id=participant.id), _("The baseline is recorded."))
    return page("intake/record_baseline.html", form=form, participant=participant, scale=scale, domains=LifeDomain)


@bp.route("/participants/<uuid:id>/baseline/correct", methods=["GET", "POST"])
@requires(Action.BASELINE_CORRECT, Participant)
def correct_baseline(participant: Participant) -> Any:
    scale, stood = baseline.scale_of(participant), baseline.baselines_of(participant)
    if not stood:
        raise NotNow(_("No baseline of this participant was recorded yet."))
    stands: dict[str, Any] = {domain.value: str(score) for domain, score in stood[-1].scores.items()}
    stands |= {"observed_on": stood[-1].observed_on, "version": participant.version}
    form = form_of_scale(scale, CorrectBaselineForm, data=stands)
    if form.validate_on_submit():
        with refusals_on(form):
            baseline.correct_baseline(
                participant,
                form.scores(),
                form.observed_on.data,
                form.reason.data,
                actor=current_user,
                version=version_read(form),
            )
            return done(url_for("intake.participant", id=participant.id), _("The baseline is corrected."))
    return page("intake/correct_baseline.html", form=form, participant=participant, scale=scale, domains=LifeDomain)


@bp.route("/participants/<uuid:id>/pause", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_PAUSE, Participant)
def pause(participant: Participant) -> Any:
    form = PauseForm(data={"version": participant.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.pause_participant(
                participant,
                form.from_on.data,
                actor=current_user,
                once=form.once.data,
                version=version_read(form),
            )
            return done(url_for("intake.participant", id=participant.id), _("The pause is registered."))
    return page("intake/pause.html", form=form, participant=participant)


@bp.route("/participants/<uuid:id>/resume", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_RESUME, Participant)
def resume(participant: Participant) -> Any:
    form = ResumeForm(data={"version": participant.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.resume_participant(
                participant, form.until_on.data, actor=current_user, version=version_read(form)
            )
            return done(url_for("intake.participant", id=participant.id), _("The pause has ended."))
    return page("intake/resume.html", form=form, participant=participant)


@bp.route("/participants/<uuid:id>/exit", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_EXIT, Participant)
def exit(participant: Participant) -> Any:
    form = ExitForm(data={"version": participant.version})
    if form.validate_on_submit():
        reason = ExitReason(form.reason.data)
        with refusals_on(form):
            operations.exit_participant(
                participant, form.exited_on.data, reason, actor=current_user, version=version_read(form)
            )
            return done(url_for("intake.participant", id=participant.id), _("The exit is registered."))
    return page("intake/exit.html", form=form, participant=participant)


@bp.route("/participants/<uuid:id>/move", methods=["GET", "POST"])
@requires(Action.PARTICIPANT_MOVE, Participant)
def move(participant: Participant) -> Any:
    form = MoveForm(data={"version": participant.version})
    others = [share.organisation for share in participant.programme.shares]
    form.municipality.choices = choices_of((one.id, one.name) for one in others if one.id != participant.payer_id)
    if form.validate_on_submit():
        municipality = db.session.get_one(Organisation, uuid.UUID(form.municipality.data))
        with refusals_on(form):
            operations.move_participant(
                participant,
                municipality,
                form.reason.data,
                actor=current_user,
                once=form.once.data,
                version=version_read(form),
            )
            return done(url_for("intake.participant", id=participant.id), _("The municipality is corrected."))
    return page("intake/move.html", form=form, participant=participant)

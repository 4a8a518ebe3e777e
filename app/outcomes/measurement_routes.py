"""Pages of what is measured for a cohort; the participants and their claims are in `routes`."""

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, select

from app.access.actions import Action
from app.access.guard import may, requires
from app.agreements.models import Agreement, agreement_in_force
from app.core.errors import NotNow
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.outcomes import measurement_queries as queries
from app.outcomes import measuring, proving
from app.outcomes.answering import why_answer_is_awaited
from app.outcomes.basis import asks_group, is_asked, points_beside, points_found, shows_bp
from app.outcomes.blueprint import bp
from app.outcomes.forms import AnswerForm, MeasurementForm, QuestionForm, RejectForm, VerifyForm
from app.outcomes.measurement_rules import FIELDS, MEASURED_BY, check_measurement
from app.outcomes.models import Measurement, MeasurementMessage, RejectionReason
from app.outcomes.owners import expect_owner, is_owner
from app.outcomes.shortfall import fee_of
from app.outcomes.states import ClaimState
from app.outcomes.weighing import doubts_about, said_points
from app.people.models import Organisation
from app.pricing.attribution import baseline_of
from app.pricing.models import PERSONAL, Effect
from app.programmes.models import Programme


@bp.get("/programmes/<uuid:id>/measurements")
@requires(Action.MEASUREMENT_LIST, Programme)
def measurements(programme: Programme) -> Any:
    signs = _signs(programme)
    wanted = request.args.get("state", ClaimState.SUBMITTED.value if signs else "all")
    state = ClaimState(wanted) if wanted in set(ClaimState) else None

    def url(number: int | None, state: str = wanted) -> str:
        return url_for("outcomes.measurements", id=programme.id, state=state, page=number)

    states = [(url(None, "all"), _("all"), state is None)]
    states += [(url(None, known.value), known.label, known == state) for known in ClaimState]
    return page(
        "outcomes/measurements.html",
        programme=programme,
        listed=queries.work_list(programme, current_user, state, _page_number(), url),
        states=states,
        measured=_measured(_agreement(programme)),
    )


def _signs(programme: Programme) -> bool:
    return may(Action.BATCH_SIGN_OFF, programme, current_user)


def _page_number() -> int:
    typed = request.args.get("page", "1")
    return int(typed) if typed.isdecimal() and len(typed) < 7 else 1


bp.app_template_global("is_owner")(is_owner)


def _agreement(programme: Programme) -> Agreement | None:
    return db.session.scalar(agreement_in_force(programme.id))


def _measured(agreement: Agreement | None) -> list[Effect]:
    """The effects of the agreement that are not claimed per participant."""
    if agreement is None:
        return []
    computed = fee_of(agreement)  # of missing participants: never typed
    return [effect for effect in agreement.table.effects if effect.kind not in PERSONAL and effect != computed]


@bp.route("/programmes/<uuid:id>/measurements/add", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_REGISTER, Programme)
def measure(programme: Programme) -> Any:
    agreement = _agreement(programme)
    if agreement is None:
        raise NotNow(_("Effects can be measured when the agreement is in force."))
    effects = _measured(agreement)
    if _signs(programme):  # the assessor measures, and claims no fee
        effects = [one for one in effects if is_asked(one)]
    effect = _chosen(effects)
    payers = [share.organisation for share in programme.shares]
    form = MeasurementForm()
    form.payer.choices = choices_of((payer.id, payer.name) for payer in payers)
    form.avoided_minor.currency = programme.currency
    shown: dict[str, Any] = {"programme": programme, "effects": effects, "effect": effect, "measured_by": MEASURED_BY}
    shown["labels"] = {name: form[name].label.text for name in FIELDS}
    if effect is None:
        return page("outcomes/measure.html", form=form, **shown)
    form.ask_of(effect)
    shown["earlier"] = queries.measured_before(programme, effect, current_user)
    if form.validate_on_submit():
        payer = db.session.get_one(Organisation, uuid.UUID(form.payer.data))
        with refusals_on(form):
            facts = form.facts(effect, payer)
            made = measuring.register_measurement(programme, facts, actor=current_user, once=form.once.data)
            told = _("The measurement is registered. Submit it when the evidence is complete.")
            if made.state == ClaimState.SUBMITTED:
                told = _("The measurement is registered. A second person of your organisation decides on it.")
            return done(url_for("outcomes.show_measurement", id=made.id), told)
    elif form.is_submitted():  # all that is wrong is said at once
        with refusals_on(form):
            earlier, room = measuring.measurements_of(programme), measuring.room_of(programme, current_user)
            check_measurement(programme, form.known_of(effect, payers), earlier, room)
    return page("outcomes/measure.html", form=form, **shown)


def _chosen(effects: list[Effect]) -> Effect | None:
    """The effect that the address names; the only one needs no choice."""
    if len(effects) == 1:
        return effects[0]
    return next((effect for effect in effects if str(effect.id) == request.args.get("effect")), None)


@bp.get("/measurements/<uuid:id>")
@requires(Action.MEASUREMENT_READ, Measurement)
def show_measurement(measurement: Measurement) -> Any:
    programme = measurement.programme
    return page(
        "outcomes/show_measurement.html",
        **_weighed(measurement),
        measurement=measurement,
        programme=programme,
        messages=db.session.scalars(_messages(measurement)).all(),
        following=queries.next_to_verify(programme.id, measurement.id) if _signs(programme) else None,
    )


def _weighed(measurement: Measurement) -> dict[str, Any]:
    shows = shows_bp(measurement.basis, measurement.effect) if measurement.basis else None
    return {
        "shows": said_points(shows) if shows else None,
        "baseline": baseline_of(measurement.effect),
        "found_points": points_found(measurement),
        "asks_group": asks_group(measurement.effect),
        "points_beside": points_beside(measurement),
        "doubts": doubts_about(measurement),
    }


@bp.route("/measurements/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_SUBMIT, Measurement)
def submit_measurement(measurement: Measurement) -> Any:
    expect_owner(Action.MEASUREMENT_SUBMIT, measurement, current_user)
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.submit_proof(measurement, actor=current_user)
            return done(_back(measurement), _("The measurement is with the assessor."))
    return page("outcomes/submit_measurement.html", form=form, measurement=measurement)


def _back(measurement: Measurement) -> str:
    return url_for("outcomes.show_measurement", id=measurement.id)


@bp.route("/measurements/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_WITHDRAW, Measurement)
def withdraw_measurement(measurement: Measurement) -> Any:
    expect_owner(Action.MEASUREMENT_WITHDRAW, measurement, current_user)
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.withdraw_proof(measurement, actor=current_user)
            return done(_back(measurement), _("The measurement is withdrawn."))
    return page("outcomes/withdraw_measurement.html", form=form, measurement=measurement)


@bp.route("/measurements/<uuid:id>/verify", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_VERIFY, Measurement)
def verify_measurement(measurement: Measurement) -> Any:
    form = VerifyForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.verify_proof(measurement, form.words.data or "", actor=current_user)
            return done(_back(measurement), _("The measurement is verified."))
    return page("outcomes/verify_measurement.html", form=form, measurement=measurement, **_weighed(measurement))


@bp.route("/measurements/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_REJECT, Measurement)
def reject_measurement(measurement: Measurement) -> Any:
    form = RejectForm()
    early = why_answer_is_awaited(measurement)
    if early is not None and not form.is_submitted():
        raise NotNow(early)
    if form.validate_on_submit():
        reason = RejectionReason(form.reason.data)
        with refusals_on(form):
            proving.reject_proof(measurement, reason, form.words.data, actor=current_user)
            return done(_back(measurement), _("The measurement is rejected."))
    return page("outcomes/reject_measurement.html", form=form, measurement=measurement)


@bp.route("/measurements/<uuid:id>/question", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_QUESTION, Measurement)
def question_measurement(measurement: Measurement) -> Any:
    form = QuestionForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.question_proof(measurement, form.text.data, actor=current_user)
            return done(_back(measurement), _("The provider is asked."))
    return page("outcomes/question_measurement.html", form=form, measurement=measurement)


@bp.route("/measurements/<uuid:id>/answer", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_ANSWER, Measurement)
def answer_measurement(measurement: Measurement) -> Any:
    expect_owner(Action.MEASUREMENT_ANSWER, measurement, current_user)
    form = AnswerForm()
    if form.validate_on_submit():
        with refusals_on(form):
            proving.answer_proof(measurement, form.text.data, actor=current_user)
            return done(_back(measurement), _("The answer is with the assessor."))
    asked = db.session.scalars(_messages(measurement)).all()
    return page("outcomes/answer_measurement.html", form=form, measurement=measurement, asked=asked)


def _messages(measurement: Measurement) -> Select[Any]:
    """Questions and answers, the oldest first."""
    found = select(MeasurementMessage).where(MeasurementMessage.measurement_id == measurement.id)
    return found.order_by(MeasurementMessage.created_at)

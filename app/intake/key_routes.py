"""Pages of the key: nobody registered twice, attested by who keeps it and sampled by the assessor."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on
from app.intake import key, reading
from app.intake.blueprint import bp
from app.intake.forms import AttestForm, CheckForm
from app.intake.key_models import KeySample
from app.intake.models import Intake


@bp.route("/intakes/<uuid:id>/attest", methods=["GET", "POST"])
@requires(Action.KEY_ATTEST, Intake)
def attest(intake: Intake) -> Any:
    form = AttestForm()
    if form.validate_on_submit():
        with refusals_on(form):
            key.attest_key(intake, form.digest.data, actor=current_user, once=form.once.data)
            return done(url_for("intake.index", id=intake.programme_id), _("Your attestation stands."))
    codes = key.codes_of(intake)
    digest = key.digest_of(codes)
    form.digest.data, form.digest.raw_data = digest, None
    return page("intake/attest.html", form=form, intake=intake, people=len(codes), digest=digest)


@bp.get("/intakes/<uuid:id>/codes.txt")
@requires(Action.KEY_ATTEST, Intake)
def codes(intake: Intake) -> Any:
    """Every code, one a line, for comparing with the key; reading it is logged."""
    found = key.codes_of(intake)
    reading.note_key_reading(intake, len(found), actor=current_user)
    answer = Response("\n".join(found), mimetype="text/plain")
    answer.headers["Content-Disposition"] = 'attachment; filename="codes.txt"'
    return answer


@bp.route("/intakes/<uuid:id>/sample", methods=["GET", "POST"])
@requires(Action.KEY_SAMPLE, Intake)
def draw(intake: Intake) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            sample = key.draw_codes(intake, actor=current_user, once=form.once.data)
            return done(url_for("intake.sample", id=sample.id), _("The codes are drawn."))
    people = len(key.codes_of(intake))
    attested = key.last_attestation(intake)
    return page(
        "intake/draw.html", form=form, intake=intake, people=people, size=key.size_of(people), attested=attested
    )


@bp.get("/key-samples/<uuid:id>")
@requires(Action.KEY_READ, KeySample)
def sample(sample: KeySample) -> Any:
    told = sample.told_to(current_user)
    reading.note_key_reading(sample.intake, len(told.codes), actor=current_user)
    return page("intake/sample.html", sample=sample, told=told, programme=sample.programme)


@bp.route("/key-samples/<uuid:id>/check", methods=["GET", "POST"])
@requires(Action.KEY_CHECK, KeySample)
def check(sample: KeySample) -> Any:
    form = CheckForm()
    if form.validate_on_submit():
        with refusals_on(form):
            key.check_key(sample, form.doubles.data, form.findings.data or "", actor=current_user)
            return done(url_for("intake.sample", id=sample.id), _("What you found is noted."))
    return page("intake/check.html", form=form, sample=sample, told=sample.told_to(current_user))

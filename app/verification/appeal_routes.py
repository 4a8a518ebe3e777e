"""Pages of what comes after the signature: appeals, and how rejections move. Those of reopening: `reopening_routes`."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on
from app.outcomes.models import Claim, Measurement
from app.programmes.models import Programme
from app.verification import appeal_operations as operations
from app.verification import appeal_queries as queries
from app.verification.appeal_forms import AppealForm, DecideAppealForm, Outcome
from app.verification.appeal_models import Appeal, Proof
from app.verification.blueprint import bp
from app.verification.drift import drift_of
from app.verification.judging import is_concluded
from app.verification.reopening_routes import expect_password, page_of


@bp.app_template_global()
def after_sign_off(proof: Proof) -> queries.After | None:
    """The page of a claim stands below this package and asks here what came after its signature."""
    return queries.after_sign_off(proof, current_user)


bp.app_template_global("is_concluded")(is_concluded)  # the page of a claim asks this too


@bp.get("/programmes/<uuid:id>/appeals")
@requires(Action.APPEAL_LIST, Programme)
def appeals(programme: Programme) -> Any:
    typed = request.args.get("page", "1")
    number = int(typed) if typed.isdecimal() and len(typed) < 7 else 1

    def url(number: int) -> str:
        return url_for("verification.appeals", id=programme.id, page=number)

    return page(
        "verification/appeals.html",
        programme=programme,
        listed=queries.appeals(programme, current_user, number, url),
        reopened=queries.reopened(programme, current_user),
        until=lambda filed_at: operations.decide_until(filed_at, programme),
        today=clock.today(),
    )


@bp.get("/programmes/<uuid:id>/drift")
@requires(Action.DRIFT_READ, Programme)
def drift(programme: Programme) -> Any:
    exact = may(Action.DOCKET_WORK, programme, current_user)
    found = drift_of(programme, exact=exact)
    return page("verification/drift.html", programme=programme, drift=found, exact=exact)


@bp.get("/appeals/<uuid:id>")
@requires(Action.APPEAL_READ, Appeal)
def appeal(appeal: Appeal) -> Any:
    return page(
        "verification/appeal.html",
        appeal=appeal,
        proof=appeal.proof,
        programme=appeal.programme,
        last_day=operations.appealable_until(appeal),
        until=operations.decide_until(appeal.created_at, appeal.programme),
        waited=((appeal.decided_at or clock.now()) - appeal.created_at).days,
        today=clock.today(),
        back=page_of(appeal.proof),
        anew=page_of_anew(appeal),
        not_decider=operations.why_not_decider(appeal.proof, current_user),
        own=appeal.organisation_id in current_user.organisation_ids,
    )


def page_of_anew(appeal: Appeal) -> str | None:
    """Where the effect stands anew since the appeal was upheld."""
    if appeal.anew_claim_id is not None:
        return url_for("outcomes.show_claim", id=appeal.anew_claim_id)
    if appeal.anew_measurement_id is not None:
        return url_for("outcomes.show_measurement", id=appeal.anew_measurement_id)
    return None


@bp.route("/claims/<uuid:id>/appeal", methods=["GET", "POST"])
@requires(Action.CLAIM_APPEAL, Claim)
def appeal_claim(claim: Claim) -> Any:
    return _appeal(claim)


@bp.route("/measurements/<uuid:id>/appeal", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_APPEAL, Measurement)
def appeal_measurement(measurement: Measurement) -> Any:
    return _appeal(measurement)


def _appeal(proof: Proof) -> Any:
    form = AppealForm()
    late = operations.why_no_appeal(proof, current_user)
    if late is not None and not form.is_submitted():
        raise NotNow(late)
    if form.validate_on_submit():
        with refusals_on(form):
            made = operations.file_appeal(proof, form.reason.data, actor=current_user, once=form.once.data)
            told = _("Your appeal is filed. Another person of the assessor decides.")
            return done(url_for("verification.appeal", id=made.id), told)
    last = operations.last_day(proof)
    return page("verification/appeal_proof.html", form=form, proof=proof, back=page_of(proof), last_day=last)


@bp.route("/appeals/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.APPEAL_DECIDE, Appeal)
def decide_appeal(appeal: Appeal) -> Any:
    reason = operations.why_not_decider(appeal.proof, current_user)
    if reason is not None:  # said before anybody writes reasons
        raise NotYours(reason)
    form = DecideAppealForm(obj=appeal)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(form)
            operations.decide_appeal(
                appeal,
                form.outcome.data == Outcome.UPHOLD,
                form.explanation.data,
                actor=current_user,
                version=form.version.data,
            )
            told = _("The appeal is decided. Both sides are told.")
            return done(url_for("verification.appeal", id=appeal.id), told)
    return page("verification/decide_appeal.html", form=form, appeal=appeal, proof=appeal.proof)


@bp.route("/appeals/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.APPEAL_WITHDRAW, Appeal)
def withdraw_appeal(appeal: Appeal) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_appeal(appeal, actor=current_user)
            return done(url_for("verification.appeal", id=appeal.id), _("The appeal is taken back."))
    return page("verification/withdraw_appeal.html", form=form, appeal=appeal)

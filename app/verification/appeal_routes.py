"""Pages of what comes after the signature: appeals, and how rejections move. Those of reopening: `reopening_routes`."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock
from app.core.errors import NotYours
from app.core.forms import ConfirmForm
from app.core.web import carry_out, expect_now, page
from app.outcomes.models import Claim, Measurement
from app.people.password import expect_password
from app.programmes.models import Programme
from app.verification import appeal_operations as operations
from app.verification import appeal_queries as queries
from app.verification.appeal_forms import AppealForm, DecideAppealForm, Outcome
from app.verification.appeal_models import Appeal, Proof, assessors_of
from app.verification.blueprint import bp
from app.verification.deciders import deciders_of, who_invites, why_not_decider
from app.verification.drift import drift_of
from app.verification.paid import money_words
from app.verification.reopening_routes import page_of
from app.verification.upheld import appeal_events

bp.app_template_global("appeal_events")(appeal_events)


@bp.app_template_global()
def after_sign_off(proof: Proof) -> queries.After | None:
    """The page of a claim stands below this package and asks here what came after its signature."""
    return queries.after_sign_off(proof, current_user)


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
        not_decider=why_not_decider(appeal.proof, current_user),
        deciders=deciders_of(appeal),
        inviting=who_invites(appeal.programme),
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
    expect_now(form, operations.why_no_appeal(proof, current_user))
    return carry_out(
        form,
        lambda: operations.file_appeal(proof, form.reason.data, actor=current_user, once=form.once.data),
        lambda made: url_for("verification.appeal", id=made.id),
        _filed,
        "verification/appeal_proof.html",
        proof=proof,
        back=page_of(proof),
        last_day=operations.last_day(proof),
    )


def _filed(made: Appeal) -> str:
    """Who decides; that the assessor was asked for a further person only where somebody there was told
    (`appeal_notices.tell_filed`): who left the case to others was not."""
    if deciders_of(made):
        return _("Your appeal is filed. Another person of the assessor decides.")
    told = _("Your appeal is filed. Nobody of the assessor can decide it yet.")
    if assessors_of(made.proof):
        return f"{told} {_('The assessor was asked to bring in a further person.')}"
    return f"{told} {_('The assessor has to bring in a further person.')}"


@bp.route("/appeals/<uuid:id>/decide", methods=["GET", "POST"])
@requires(Action.APPEAL_DECIDE, Appeal)
def decide_appeal(appeal: Appeal) -> Any:
    reason = why_not_decider(appeal.proof, current_user)
    if reason is not None:  # said before anybody writes reasons
        names = ", ".join(one.name for one in deciders_of(appeal))
        alone = _("No such person is with you yet: the page of the appeal says who can invite one.")
        raise NotYours(f"{reason} {_('Can decide: %(names)s.', names=names) if names else alone}")
    form = DecideAppealForm(obj=appeal)

    def decide() -> None:
        expect_password(current_user, form.password.data)
        upheld, reasons = form.outcome.data == Outcome.UPHOLD, form.explanation.data
        operations.decide_appeal(appeal, upheld, reasons, actor=current_user, version=form.version.data)

    return carry_out(
        form,
        decide,
        url_for("verification.appeal", id=appeal.id),
        _("The appeal is decided. Both sides are told."),
        "verification/decide_appeal.html",
        appeal=appeal,
        proof=appeal.proof,
        money=money_words(appeal.proof),
    )


@bp.route("/appeals/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.APPEAL_WITHDRAW, Appeal)
def withdraw_appeal(appeal: Appeal) -> Any:
    operations.expect_own(appeal, current_user)
    return carry_out(
        ConfirmForm(),
        lambda: operations.withdraw_appeal(appeal, actor=current_user),
        url_for("verification.appeal", id=appeal.id),
        _("The appeal is taken back."),
        "verification/withdraw_appeal.html",
        appeal=appeal,
    )

"""Pages of the intake as a whole and of referrals; participants, the key and views have modules of their own."""

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock
from app.core.errors import NotNow
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.intake import figures, key, operations, plan, queries, reading, rules
from app.intake import key_routes as key_routes  # their pages hang on the same blueprint
from app.intake import participant_routes as participant_routes
from app.intake import view_routes as view_routes
from app.intake.blueprint import bp
from app.intake.forms import DeclineForm, OpenForm, ReferForm, offer_ages, version_read
from app.intake.models import AgeBand, DeclineReason, Intake, LegalBasis, Referral, intake_of
from app.intake.operations import IntakeFacts
from app.intake.scales import SCALES, Scale
from app.intake.states import ReferralState
from app.people.models import Organisation
from app.programmes.models import Part, Programme


@bp.get("/programmes/<uuid:id>/intake")
@requires(Action.INTAKE_READ, Programme)
def index(programme: Programme) -> Any:
    """Exact numbers only of municipalities whose residents the reader may know; of the others as everywhere."""
    payers = queries.known_payers(programme, current_user)
    chosen = [payer for payer in payers if str(payer.id) == request.args.get("municipality")] or payers
    flow = plan.flow_of(programme, {payer.id for payer in payers})
    intake = db.session.scalar(intake_of(programme.id))
    agreement = rules.agreement_of(programme)
    return page(
        "intake/index.html",
        programme=programme,
        intake=intake,
        scales=SCALES,
        agreement=agreement,
        clause=flow.clause,
        payers=payers,
        chosen=chosen,
        lines=queries.month_lines(flow, chosen, clock.today().strftime("%Y-%m")),
        planned=[(share.organisation.name, share.cohort_size) for share in programme.shares],
        totals=figures.intake(programme, current_user),
        funnel=plan.funnel_of(programme, {payer.id for payer in chosen}) if chosen else None,
        shortfalls=[(payer, plan.shortfall_of(flow, payer.id)) for payer in payers] if flow.clause else [],
        attested=key.last_attestation(intake) if intake else None,
        samples=queries.samples_of(intake, current_user) if intake else [],
        no_intake=rules.why_no_intake(programme),
        somebody_came=rules.somebody_came(programme),
    )


@bp.route("/programmes/<uuid:id>/intake/open", methods=["GET", "POST"])
@requires(Action.INTAKE_OPEN, Programme)
def open(programme: Programme) -> Any:
    rules.check_agreement(programme)
    found = db.session.scalar(intake_of(programme.id))
    form = OpenForm(data=_stored(found))
    has_dpia = rules.has_dpia(programme)
    if has_dpia:
        del form.dpia_reference, form.dpia_on
    keepers = [*programme.organisations(Part.PROVIDER), *programme.organisations(Part.GOVERNMENT)]
    form.key_keeper.choices = choices_of((one.id, one.name) for one in keepers)
    if form.validate_on_submit():
        facts = IntakeFacts(
            scale=Scale(form.scale.data),
            legal_basis=LegalBasis(form.legal_basis.data),
            key_keeper=db.session.get_one(Organisation, uuid.UUID(form.key_keeper.data)),
            **{} if has_dpia else {"dpia_reference": form.dpia_reference.data, "dpia_on": form.dpia_on.data},
        )
        with refusals_on(form):
            operations.open_intake(programme, facts, actor=current_user, once=form.once.data)
            return done(url_for("intake.index", id=programme.id), _("The intake is open."))
    return page("intake/open.html", form=form, programme=programme, scales=SCALES, has_dpia=has_dpia)


def _stored(intake: Intake | None) -> dict[str, Any]:
    if intake is None:
        return {}
    return {"scale": intake.scale, "legal_basis": intake.legal_basis, "key_keeper": str(intake.key_keeper_id)}


@bp.route("/programmes/<uuid:id>/referrals/make", methods=["GET", "POST"])
@requires(Action.REFERRAL_MAKE, Programme)
def refer(programme: Programme) -> Any:
    rules.check_gates(programme)
    own = [share.organisation for share in programme.shares if share.organisation_id in current_user.resident_ids]
    if not own:
        raise NotNow(_("Your municipality has no part of the cohort."))
    form = ReferForm()
    offer_ages(form, programme)
    form.municipality.choices = choices_of((one.id, one.name) for one in own)
    if len(own) == 1:
        del form.municipality
    if form.validate_on_submit():
        payer = own[0] if len(own) == 1 else db.session.get_one(Organisation, uuid.UUID(form.municipality.data))
        band = AgeBand(form.age_band.data)
        with refusals_on(form):
            made = operations.refer_resident(programme, payer, band, actor=current_user, once=form.once.data)
            told = _("The resident is referred. The code is %(code)s: keep it with your key.", code=made.code)
            return done(url_for("intake.referral", id=made.id), told)
    return page("intake/refer.html", form=form, programme=programme)


@bp.get("/programmes/<uuid:id>/referrals")
@requires(Action.REFERRAL_LIST, Programme)
def referrals(programme: Programme) -> Any:
    q = queries.searched(request.args.get("q", ""))
    screens = may(Action.REFERRAL_ADMIT, programme, current_user)
    wanted = request.args.get("state", ReferralState.REFERRED.value if screens and not q else "all")
    state = ReferralState(wanted) if wanted in set(ReferralState) else None
    listed = queries.referral_list(programme, current_user, state, q)
    reading.note_list_reading(programme, len(listed.rows), actor=current_user)

    def url(value: str) -> str:
        return url_for("intake.referrals", id=programme.id, state=value, q=q or None)

    states = [(url("all"), _("all"), state is None)]
    states += [(url(known.value), known.label, known == state) for known in ReferralState]
    return page(
        "intake/referrals.html",
        programme=programme,
        listed=listed,
        q=q,
        states=states,
        no_intake=rules.why_no_intake(programme),
    )


@bp.get("/referrals/<uuid:id>")
@requires(Action.REFERRAL_READ, Referral)
def referral(referral: Referral) -> Any:
    reading.note_reading(referral, actor=current_user)
    return page("intake/referral.html", referral=referral, programme=referral.programme)


@bp.route("/referrals/<uuid:id>/admit", methods=["GET", "POST"])
@requires(Action.REFERRAL_ADMIT, Referral)
def admit(referral: Referral) -> Any:
    form = ConfirmForm(data={"version": referral.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.admit_referral(referral, actor=current_user, version=version_read(form))
            return done(url_for("intake.referral", id=referral.id), _("The referral fits. Register the start next."))
    return page("intake/admit.html", form=form, referral=referral)


@bp.route("/referrals/<uuid:id>/decline", methods=["GET", "POST"])
@requires(Action.REFERRAL_DECLINE, Referral)
def decline(referral: Referral) -> Any:
    form = DeclineForm(data={"version": referral.version})
    if not form.is_submitted():
        operations.expect_own_referral(referral, current_user)
    if form.validate_on_submit():
        reason = DeclineReason(form.reason.data)
        with refusals_on(form):
            operations.decline_referral(referral, reason, actor=current_user, version=version_read(form))
            return done(url_for("intake.referral", id=referral.id), _("The referral is turned down."))
    return page("intake/decline.html", form=form, referral=referral)


@bp.route("/referrals/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.REFERRAL_WITHDRAW, Referral)
def withdraw(referral: Referral) -> Any:
    form = ConfirmForm(data={"version": referral.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_referral(referral, actor=current_user, version=version_read(form))
            return done(url_for("intake.referral", id=referral.id), _("The referral is withdrawn."))
    return page("intake/withdraw.html", form=form, referral=referral)

"""Pages of what comes beside the ordinary: default, guarantee, VAT and what is left."""

import uuid
from datetime import timedelta
from typing import Any

from flask import abort, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core import clock
from app.core.errors import NotNow
from app.core.forms import PasswordForm
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.programmes.models import Programme
from app.treasury import default_operations, guarantee_operations, queries, remittance_operations
from app.treasury.at_bank import expect_by_hand
from app.treasury.blueprint import bp
from app.treasury.closing_checks import why_perhaps_less
from app.treasury.default import InvestorDefault, arrived_unmatched
from app.treasury.forms import (
    ConfirmDefaultForm,
    DefaultForm,
    GuaranteeForm,
    ReceiveInPartForm,
    RejectDefaultForm,
    RejectForm,
    RemittanceForm,
    WithdrawGuaranteeForm,
)
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCall, CapitalCallPart
from app.treasury.payable import not_yet_payable, told_approved
from app.treasury.remittance import Remittance, back_to
from app.treasury.standing import standings
from app.treasury.states import RemittanceKind
from app.treasury.vat import vat_not_received

DEFAULT_STEPS = (Action.DEFAULT_DECLARE, Action.DEFAULT_CONFIRM, Action.DEFAULT_REJECT)
GUARANTEE_STEPS = (
    Action.GUARANTEE_PREPARE,
    Action.GUARANTEE_APPROVE,
    Action.GUARANTEE_REJECT,
    Action.GUARANTEE_RECEIVE,
    Action.GUARANTEE_WITHDRAW,
)
REMITTANCE_STEPS = (Action.REMITTANCE_PREPARE, Action.REMITTANCE_APPROVE, Action.REMITTANCE_REJECT)

# --- Default ---------------------------------------------------------------------------------------------------------


@bp.route("/capital-calls/<uuid:id>/parts/<uuid:part>/default", methods=["GET", "POST"])
@requires(Action.DEFAULT_DECLARE, CapitalCall)
def declare_default(call: CapitalCall, part: uuid.UUID) -> Any:
    asked = db.session.get(CapitalCallPart, part)
    if asked is None or asked.capital_call_id != call.id:
        abort(404)
    form = DefaultForm()
    if not form.is_submitted() and (why_not := default_operations.why_not_declared(asked)):
        raise NotNow(why_not)

    def act() -> InvestorDefault:
        typed: Any = {"once": form.once.data, "looked": form.looked.data}
        return default_operations.declare_default(asked, form.reason.data or "", actor=current_user, **typed)

    def then(made: InvestorDefault) -> str:
        return url_for("treasury.default", id=made.id)

    told = _("A second person is asked to confirm.")
    shown: Any = {"call": call, "part": asked, "programme": call.programme, "arrived": arrived_unmatched(asked)}
    return carry_out(form, act, then, told, "treasury/declare_default.html", **shown)


@bp.get("/defaults/<uuid:id>")
@requires(Action.DEFAULT_READ, InvestorDefault)
def default(default: InvestorDefault) -> Any:
    receipt = (default.part_id, Action.CAPITAL_CALL_RECEIVE)
    acts = acts_on(default.programme, current_user, [default.id], DEFAULT_STEPS, receipt=receipt)
    return page("treasury/default.html", default=default, programme=default.programme, acts=acts)


@bp.route("/defaults/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.DEFAULT_CONFIRM, InvestorDefault)
def confirm_default(default: InvestorDefault) -> Any:
    form = ConfirmDefaultForm(obj=default)

    def act() -> None:
        expect_password(current_user, form.password.data)
        typed: Any = {"version": form.version.data, "looked": form.looked.data}
        default_operations.confirm_default(default, actor=current_user, **typed)

    then, told = url_for("treasury.default", id=default.id), _("The default is confirmed; the investors hear.")
    shown: Any = {"default": default, "programme": default.programme, "arrived": arrived_unmatched(default.part)}
    return carry_out(form, act, then, told, "treasury/confirm_default.html", **shown)


@bp.route("/defaults/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.DEFAULT_REJECT, InvestorDefault)
def reject_default(default: InvestorDefault) -> Any:
    form = RejectDefaultForm()
    if form.validate_on_submit():
        with refusals_on(form):
            default_operations.reject_default(default, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.default", id=default.id), _("The default is rejected."))
    return page("treasury/reject_default.html", form=form, default=default, programme=default.programme)


# --- Guarantee -------------------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/guarantee/prepare", methods=["GET", "POST"])
@requires(Action.GUARANTEE_PREPARE, Programme)
def prepare_guarantee(programme: Programme) -> Any:
    form = GuaranteeForm(data={"due_on": clock.today() + timedelta(days=30)})
    if form.validate_on_submit():
        with refusals_on(form):
            due_on: Any = form.due_on.data
            made = guarantee_operations.prepare_guarantee(
                programme, due_on, actor=current_user, once=form.once.data or uuid.uuid4()
            )
            return done(url_for("treasury.guarantee", id=made.id), _("A second person is asked to approve."))
    due = guarantee_operations.guarantee_due(programme)
    if not form.errors:
        reason = guarantee_operations.why_too_early(programme)
        if reason is not None or due is None:
            raise NotNow(reason or _("No guarantee covers capital that did not come back."))
    less = why_perhaps_less(programme)
    return page("treasury/prepare_guarantee.html", form=form, programme=programme, due=due, less=less)


@bp.get("/guarantee-calls/<uuid:id>")
@requires(Action.GUARANTEE_READ, GuaranteeCall)
def guarantee(call: GuaranteeCall) -> Any:
    transfers = queries.transfers_of([call])[call.id]
    rows = guarantee_operations.rows_of(call)
    acts = acts_on(call.programme, current_user, [call.id], GUARANTEE_STEPS)
    shown: Any = {"rows": rows, "transfers": transfers, "acts": acts}
    return page("treasury/guarantee.html", call=call, programme=call.programme, **shown)


@bp.route("/guarantee-calls/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.GUARANTEE_APPROVE, GuaranteeCall)
def approve_guarantee(call: GuaranteeCall) -> Any:
    form = PasswordForm(obj=call)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            guarantee_operations.approve_guarantee(call, actor=current_user, version=form.version.data)
            return done(
                url_for("treasury.guarantee", id=call.id), _("The guarantee is called: write to the guarantor.")
            )
    less = why_perhaps_less(call.programme)
    return page("treasury/approve_guarantee.html", form=form, call=call, programme=call.programme, less=less)


@bp.route("/guarantee-calls/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.GUARANTEE_REJECT, GuaranteeCall)
def reject_guarantee(call: GuaranteeCall) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            guarantee_operations.reject_guarantee(call, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.guarantee", id=call.id), _("The call of the guarantee is rejected."))
    return page("treasury/reject.html", form=form, thing=call, programme=call.programme, back="treasury.guarantee")


@bp.route("/guarantee-calls/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.GUARANTEE_WITHDRAW, GuaranteeCall)
def withdraw_guarantee(call: GuaranteeCall) -> Any:
    form = WithdrawGuaranteeForm()
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            gives_up = form.what_now.data == "given_up"
            guarantee_operations.withdraw_guarantee(call, form.reason.data or "", gives_up=gives_up, actor=current_user)
            return done(url_for("treasury.guarantee", id=call.id), _("Withdrawn: the investors are told."))
    return page("treasury/withdraw_guarantee.html", form=form, call=call, programme=call.programme)


@bp.route("/guarantee-calls/<uuid:id>/receive", methods=["GET", "POST"])
@requires(Action.GUARANTEE_RECEIVE, GuaranteeCall)
def receive_guarantee(call: GuaranteeCall) -> Any:
    expect_by_hand(call.programme)
    form = ReceiveInPartForm(data={"on": clock.today(), "amount": call.amount_minor})
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            typed: Any = (call, form.on.data or clock.today(), form.amount.data)
            guarantee_operations.receive_guarantee(*typed, actor=current_user, once=form.once.data)
            told = _("Booked: the last distribution pays out what its tranche still lacks.")
            return done(url_for("treasury.guarantee", id=call.id), told)
    return page("treasury/receive_guarantee.html", form=form, call=call, programme=call.programme)


# --- VAT and what is left --------------------------------------------------------------------------------------------


@bp.route("/programmes/<uuid:id>/remittances/<kind>/prepare", methods=["GET", "POST"])
@requires(Action.REMITTANCE_PREPARE, Programme)
def prepare_remittance(programme: Programme, kind: str) -> Any:
    """VAT, what is left at the end, or back to the guarantor: shown with its receivers before it is prepared."""
    if kind not in list(RemittanceKind):
        abort(404)
    chosen = RemittanceKind(kind)
    there = remittance_operations.remittable_minor(programme, chosen)
    form = RemittanceForm(data={"amount": there})
    if form.validate_on_submit():
        with refusals_on(form):
            made = remittance_operations.prepare_remittance(
                programme,
                chosen,
                form.amount.data,
                form.reference.data or "",
                form.iban.data or "",
                actor=current_user,
                once=form.once.data or uuid.uuid4(),
            )
            return done(url_for("treasury.remittance", id=made.id), _("A second person is asked to approve."))
    elif not form.is_submitted() and (reason := remittance_operations.why_no_remittance(programme, chosen)):
        raise NotNow(reason)
    receivers = remittance_operations.receivers(programme, chosen, there) if there > 0 else []
    paid_back = chosen == RemittanceKind.PAYER_BACK
    left_out = remittance_operations.why_not_all_back(programme) if paid_back else None
    not_paid = vat_not_received(programme.id) if chosen == RemittanceKind.VAT else 0
    shown: Any = {"there": there, "receivers": receivers, "left_out": left_out, "vat_not_paid": not_paid}
    shown["not_yet"] = not_yet_payable([org.id for org, _name, _minor in receivers if org is not None])
    shown["outside"] = chosen in remittance_operations.OUTSIDE
    shown["title"] = back_to(org for org, _name, _minor in receivers) if paid_back else str(chosen.label)
    return page("treasury/prepare_remittance.html", form=form, programme=programme, kind=chosen, **shown)


@bp.get("/remittances/<uuid:id>")
@requires(Action.REMITTANCE_READ, Remittance)
def remittance(remittance: Remittance) -> Any:
    """The desk sees all receivers, a receiver its own part."""
    transfers = queries.transfers_of(remittance.parts)
    acts = acts_on(remittance.programme, current_user, [remittance.id], REMITTANCE_STEPS)
    standing = standings(remittance.programme)
    back = standing.came_back(remittance)
    desk = may(Action.TREASURY_READ, remittance.programme, current_user)
    title = remittance.title_for(None if desk else current_user.organisation_ids)
    shown: Any = {"transfers": transfers, "acts": acts, "standing": standing, "back": back, "title": title}
    return page("treasury/remittance.html", remittance=remittance, programme=remittance.programme, **shown)


@bp.route("/remittances/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.REMITTANCE_APPROVE, Remittance)
def approve_remittance(remittance: Remittance) -> Any:
    form = PasswordForm(obj=remittance)

    def act() -> None:
        expect_password(current_user, form.password.data)
        remittance_operations.approve_remittance(remittance, actor=current_user, version=form.version.data)

    paid = [part.organisation_id for part in remittance.parts if part.organisation_id is not None]
    not_yet = not_yet_payable(paid)
    then, told = url_for("treasury.remittance", id=remittance.id), told_approved(paid)
    if any(part.organisation is None and not part.iban for part in remittance.parts):
        told = _("Approved. No account was named, so it goes into no batch: pay it at the bank itself.")
    shown: Any = {"remittance": remittance, "programme": remittance.programme, "not_yet": not_yet}
    return carry_out(form, act, then, told, "treasury/approve_remittance.html", **shown)


@bp.route("/remittances/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.REMITTANCE_REJECT, Remittance)
def reject_remittance(remittance: Remittance) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            remittance_operations.reject_remittance(remittance, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.remittance", id=remittance.id), _("The payment is rejected."))
    thing: Any = {"thing": remittance, "programme": remittance.programme, "back": "treasury.remittance"}
    return page("treasury/reject.html", form=form, **thing)

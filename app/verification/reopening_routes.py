"""Pages of what is reopened: proposed by one person of the assessor, confirmed or taken back by another one."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm
from app.core.web import carry_out, expect_now
from app.outcomes.models import Claim, Measurement
from app.people.password import expect_password
from app.verification import reopening as operations
from app.verification.appeal_forms import ConfirmReopeningForm, ReopenForm
from app.verification.appeal_models import Proof
from app.verification.appeal_states import ReopenReason
from app.verification.blueprint import bp
from app.verification.dependents import dependents_of
from app.verification.paid import money_words
from app.verification.reopening_models import ReopeningProposal


def page_of(proof: Proof) -> str:
    endpoint = "outcomes.show_claim" if isinstance(proof, Claim) else "outcomes.show_measurement"
    return url_for(endpoint, id=proof.id)


@bp.route("/claims/<uuid:id>/reopen", methods=["GET", "POST"])
@requires(Action.CLAIM_REOPEN, Claim)
def reopen_claim(claim: Claim) -> Any:
    return _reopen(claim)


@bp.route("/measurements/<uuid:id>/reopen", methods=["GET", "POST"])
@requires(Action.MEASUREMENT_REOPEN, Measurement)
def reopen_measurement(measurement: Measurement) -> Any:
    return _reopen(measurement)


def _reopen(proof: Proof) -> Any:
    form = ReopenForm()
    expect_now(form, operations.why_no_proposal(proof))

    def propose() -> None:
        expect_password(current_user, form.password.data)
        reason, found = ReopenReason(form.reason.data), form.explanation.data
        operations.propose_reopening(proof, reason, found, actor=current_user, once=form.once.data)

    return carry_out(
        form,
        propose,
        page_of(proof),
        _("A colleague is asked to confirm it. Until then the effect counts as before."),
        "verification/reopen.html",
        proof=proof,
        back=page_of(proof),
        dependents=dependents_of(proof, reader=current_user),
        money=money_words(proof),
        alone=not operations.has_colleague(proof, current_user),
    )


@bp.route("/reopenings/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.REOPENING_CONFIRM, ReopeningProposal)
def confirm_reopening(proposal: ReopeningProposal) -> Any:
    form, proof = ConfirmReopeningForm(obj=proposal), proposal.proof
    expect_now(form, operations.why_no_reopening(proof))

    def confirm() -> None:
        expect_password(current_user, form.password.data)
        operations.confirm_reopening(proposal, actor=current_user, version=form.version.data)

    return carry_out(
        form,
        confirm,
        page_of(proof),
        _("The effect no longer counts. The parties are told."),
        "verification/confirm_reopening.html",
        proposal=proposal,
        proof=proof,
        back=page_of(proof),
        dependents=dependents_of(proof, reader=current_user),
        money=money_words(proof),
    )


@bp.route("/reopenings/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.REOPENING_WITHDRAW, ReopeningProposal)
def withdraw_reopening(proposal: ReopeningProposal) -> Any:
    return carry_out(
        ConfirmForm(),
        lambda: operations.withdraw_reopening(proposal, actor=current_user),
        page_of(proposal.proof),
        _("The proposal is taken back. The effect counts as before."),
        "verification/withdraw_reopening.html",
        proposal=proposal,
        proof=proposal.proof,
        back=page_of(proposal.proof),
    )

import uuid
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.capital.models import Commitment
from app.core.forms import ConfirmForm, PasswordForm, choices_of
from app.core.web import carry_out, done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.people.password import expect_password
from app.treasury import assignment_operations as operations
from app.treasury.assignment import Assignment
from app.treasury.blueprint import bp
from app.treasury.forms import AcceptForm, AssignForm, RejectForm


@bp.route("/commitments/<uuid:id>/assign", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_PROPOSE, Commitment)
def propose_assignment(commitment: Commitment) -> Any:
    form = AssignForm()
    form.receiver.choices = choices_of((one.id, one.name) for one in operations.receivers(commitment))
    if form.validate_on_submit():
        receiver = db.session.get_one(Organisation, uuid.UUID(form.receiver.data))
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            made = operations.propose_assignment(
                commitment,
                receiver,
                form.amount.data,
                form.reason.data or "",
                actor=current_user,
                once=form.once.data or uuid.uuid4(),
            )
            told = _("Proposed: the other investor and the intermediary are asked.")
            if made.co_signer is not None:
                told = _("Signed. It is proposed when a second signatory of your organisation has signed too.")
            return done(url_for("treasury.assignment", id=made.id), told)
    return page(
        "treasury/propose_assignment.html",
        form=form,
        commitment=commitment,
        programme=commitment.round.programme,
        undrawn=operations.undrawn_minor(commitment),
    )


@bp.get("/assignments/<uuid:id>")
@requires(Action.ASSIGNMENT_READ, Assignment)
def assignment(assignment: Assignment) -> Any:
    return page("treasury/assignment.html", assignment=assignment, programme=assignment.programme)


@bp.route("/assignments/<uuid:id>/accept", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_ACCEPT, Assignment)
def accept_assignment(assignment: Assignment) -> Any:
    form = AcceptForm(data={"digest": operations.digest_to_join(assignment)})
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.accept_assignment(assignment, form.digest.data, actor=current_user)
            told = _("Accepted: the intermediary decides now.")
            if assignment.co_signer is not None:
                told = _("Signed. You take it over when a second signatory of your organisation has signed too.")
            return _back(assignment, told)
    agreement = operations.agreement_of(assignment)
    return page(
        "treasury/accept_assignment.html",
        form=form,
        assignment=assignment,
        programme=assignment.programme,
        agreement=agreement,
    )


@bp.route("/assignments/<uuid:id>/co-sign", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_CO_SIGN, Assignment)
def co_sign_assignment(assignment: Assignment) -> Any:
    """The second of two who sign together for the giving investor, or for the receiving one."""
    if request.method == "GET":
        operations.expect_to_co_sign(assignment, current_user)
    form = AcceptForm(obj=assignment)

    def act() -> None:
        expect_password(current_user, form.password.data)
        operations.co_sign_assignment(assignment, actor=current_user, version=form.version.data)

    then, told = url_for("treasury.assignment", id=assignment.id), _("Signed: everybody concerned is told.")
    shown: Any = {"assignment": assignment, "agreement": operations.agreement_of(assignment)}
    return carry_out(form, act, then, told, "treasury/co_sign_assignment.html", programme=assignment.programme, **shown)


@bp.route("/assignments/<uuid:id>/consent", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_CONSENT, Assignment)
def consent_to_assignment(assignment: Assignment) -> Any:
    form = PasswordForm(obj=assignment)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.consent_to_assignment(assignment, actor=current_user, version=form.version.data)
            return _back(assignment, _("The commitment has changed hands; both investors are told."))
    first: Any = {"call": operations.waiting_call(assignment), "agreement": operations.agreement_of(assignment)}
    first["owes"] = operations.in_default(assignment.programme_id, assignment.receiver)
    shown: Any = {"assignment": assignment, "programme": assignment.programme}
    return page("treasury/consent_to_assignment.html", form=form, **shown, **first)


@bp.route("/assignments/<uuid:id>/refuse", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_REFUSE, Assignment)
def refuse_assignment(assignment: Assignment) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.refuse_assignment(assignment, form.reason.data, actor=current_user)
            return _back(assignment, _("Refused: everything stays as it was."))
    return page("treasury/refuse_assignment.html", form=form, assignment=assignment, programme=assignment.programme)


@bp.route("/assignments/<uuid:id>/withdraw", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_WITHDRAW, Assignment)
def withdraw_assignment(assignment: Assignment) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_assignment(assignment, actor=current_user)
            return _back(assignment, _("Taken back: everything stays as it was."))
    return page("treasury/withdraw_assignment.html", form=form, assignment=assignment, programme=assignment.programme)


def _back(assignment: Assignment, told: str) -> Any:
    return done(url_for("treasury.assignment", id=assignment.id), told)

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.capital.models import Commitment
from app.core.errors import Refused
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation
from app.people.password import password_fits
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
            _expect_password(form)
            made = operations.propose_assignment(
                commitment,
                receiver,
                form.amount.data,
                form.reason.data or "",
                actor=current_user,
                once=form.once.data or uuid.uuid4(),
            )
            told = _("Proposed: the other investor and the intermediary are asked.")
            return done(url_for("treasury.assignment", id=made.id), told)
    return page(
        "treasury/propose_assignment.html",
        form=form,
        commitment=commitment,
        programme=commitment.round.programme,
        undrawn=operations.undrawn_minor(commitment),
    )


def _expect_password(form: Any) -> None:
    if not password_fits(current_user, form.password.data):
        raise Refused(_("This is not your password."), "password")


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
            _expect_password(form)
            operations.accept_assignment(assignment, form.digest.data, actor=current_user)
            return _back(assignment, _("Accepted: the intermediary decides now."))
    agreement = operations.agreement_of(assignment)
    return page(
        "treasury/accept_assignment.html",
        form=form,
        assignment=assignment,
        programme=assignment.programme,
        agreement=agreement,
    )


@bp.route("/assignments/<uuid:id>/consent", methods=["GET", "POST"])
@requires(Action.ASSIGNMENT_CONSENT, Assignment)
def consent_to_assignment(assignment: Assignment) -> Any:
    form = ConfirmForm(obj=assignment)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.consent_to_assignment(assignment, actor=current_user, version=form.version.data)
            return _back(assignment, _("The commitment has changed hands; both investors are told."))
    first: Any = {"call": operations.waiting_call(assignment), "agreement": operations.agreement_of(assignment)}
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

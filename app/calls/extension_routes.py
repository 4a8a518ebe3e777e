"""More time after an outage: proposed by one official, confirmed or refused by another."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import extension_operations as operations
from app.calls.blueprint import bp
from app.calls.extension_forms import OutageForm, RefuseForm
from app.calls.extension_models import Extension
from app.calls.legal import Key, moves_by
from app.calls.models import Call
from app.core import clock
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on


@bp.route("/calls/<uuid:id>/extend", methods=["GET", "POST"])
@requires(Action.EXTENSION_PROPOSE, Call)
def propose_extension(call: Call) -> Any:
    form = OutageForm(data={"version": call.version})
    if form.validate_on_submit():
        with refusals_on(form):
            operations.propose_extension(
                call, form.facts(), actor=current_user, once=form.once.data, version=form.version.data
            )
            return done(url_for("calls.show", id=call.id), _("It is proposed; a colleague confirms or refuses it."))
    return page(
        "calls/propose_extension.html",
        form=form,
        call=call,
        basis=call.rule(Key.OUTAGE).basis,
        lapses_at=operations.lapses_at(call),
        moves_by=moves_by(call.programme.jurisdiction),
    )


@bp.route("/extensions/<uuid:id>/confirm", methods=["GET", "POST"])
@requires(Action.EXTENSION_CONFIRM, Extension)
def confirm_extension(extension: Extension) -> Any:
    call, form = extension.call, ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.confirm_extension(extension, actor=current_user)
            return done(url_for("calls.show", id=call.id), _("The deadline is later, and everybody is told."))
    deadline = extension.deadline_at(clock.now())
    basis = call.rule(Key.OUTAGE).basis
    return page(
        "calls/confirm_extension.html", form=form, call=call, extension=extension, deadline=deadline, basis=basis
    )


@bp.route("/extensions/<uuid:id>/refuse", methods=["GET", "POST"])
@requires(Action.EXTENSION_REFUSE, Extension)
def refuse_extension(extension: Extension) -> Any:
    call, form = extension.call, RefuseForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.refuse_extension(extension, form.reason.data or "", actor=current_user)
            return done(url_for("calls.show", id=call.id), _("The deadline stays as it is."))
    return page("calls/refuse_extension.html", form=form, call=call, extension=extension)

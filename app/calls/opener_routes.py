"""An official who opens is replaced: proposed by one, confirmed or refused by another."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import opener_operations as operations
from app.calls import queries
from app.calls.blueprint import bp
from app.calls.key_forms import ProposeOpenerForm, ReplaceOpenerForm
from app.calls.key_models import key_of
from app.calls.models import Call, CommitteeMember, Duty
from app.calls.states import Leaving
from app.core.errors import NotNow
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import User


@bp.route("/calls/<uuid:id>/openers/propose", methods=["GET", "POST"])
@requires(Action.OPENER_PROPOSE, Call)
def propose_opener(call: Call) -> Any:
    form = ProposeOpenerForm()
    openers = sorted((member.user for member in call.on_committee(Duty.OPENER)), key=lambda user: user.name)
    form.leaving.choices = choices_of((user.id, user.name) for user in openers)
    form.taking.choices = choices_of(queries.officials_of(call.programme))
    if form.validate_on_submit():
        with refusals_on(form):
            leaving, taking = (db.session.get_one(User, uuid.UUID(field.data)) for field in (form.leaving, form.taking))
            operations.propose_opener(call, leaving, taking, Leaving(form.reason.data), actor=current_user)
            return done(url_for("calls.show", id=call.id), _("It is proposed; a colleague confirms or refuses it."))
    keys = [(user, key_of(call, user)) for user in openers]
    return page("calls/propose_opener.html", form=form, call=call, keys=keys)


@bp.route("/openers/<uuid:id>/replace", methods=["GET", "POST"])
@requires(Action.OPENER_REPLACE, CommitteeMember)
def replace_opener(seat: CommitteeMember) -> Any:
    call, found = seat.call, expect_proposed(seat)
    form = ReplaceOpenerForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.replace_opener(seat, actor=current_user, warned=form.warned.data)
            told = _("The key is retired, and %(name)s is asked to make a new one.", name=found.taking.name)
            return done(url_for("calls.show", id=call.id), told)
    lost = operations.opens_no_more(call, key_of(call, seat.user))
    return page("calls/replace_opener.html", form=form, call=call, found=found, lost=lost)


@bp.route("/openers/<uuid:id>/keep", methods=["GET", "POST"])
@requires(Action.OPENER_KEEP, CommitteeMember)
def keep_opener(seat: CommitteeMember) -> Any:
    call, found, form = seat.call, expect_proposed(seat), ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.keep_opener(seat, actor=current_user)
            return done(url_for("calls.show", id=call.id), _("Who opens the plans stays as it is."))
    return page("calls/keep_opener.html", form=form, call=call, found=found)


def expect_proposed(seat: CommitteeMember) -> operations.Replacement:
    """A page that asks "are you sure" opens only when there is something to answer."""
    found = operations.proposed(seat)
    if found is None:
        raise NotNow(_("Nobody proposes to replace this official."))
    return found

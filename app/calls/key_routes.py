import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import key_operations, queries
from app.calls.blueprint import bp
from app.calls.key_forms import ReplaceOpenerForm, ShownOnceForm
from app.calls.key_models import key_of
from app.calls.models import Call, Duty
from app.calls.states import CallState, Leaving
from app.core.errors import NotNow
from app.core.forms import choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import User


@bp.route("/calls/<uuid:id>/opening-key", methods=["GET", "POST"])
@requires(Action.OPENING_KEY_MAKE, Call)
def make_opening_key(call: Call) -> Any:
    form = ShownOnceForm()
    earlier = key_of(call, current_user)
    if earlier is not None and call.state != CallState.DRAFT and not form.is_submitted():
        raise NotNow(_("You have an opening key for this call."))
    if form.validate_on_submit():
        with refusals_on(form):
            key_operations.make_opening_key(call, form.words, actor=current_user)
            return done(url_for("calls.show", id=call.id), _("Your opening key is made. Keep the passphrase."))
    return page("calls/make_opening_key.html", form=form, call=call, earlier=earlier)


@bp.route("/calls/<uuid:id>/openers/replace", methods=["GET", "POST"])
@requires(Action.OPENER_REPLACE, Call)
def replace_opener(call: Call) -> Any:
    form = ReplaceOpenerForm()
    openers = sorted((member.user for member in call.on_committee(Duty.OPENER)), key=lambda user: user.name)
    form.leaving.choices = choices_of((user.id, user.name) for user in openers)
    form.taking.choices = choices_of(queries.officials_of(call.programme))
    if form.validate_on_submit():
        with refusals_on(form):
            leaving, taking = (db.session.get_one(User, uuid.UUID(field.data)) for field in (form.leaving, form.taking))
            reason = Leaving(form.reason.data)
            key_operations.replace_opener(call, leaving, taking, reason, actor=current_user)
            told = _("The key is retired, and %(name)s is asked to make a new one.", name=taking.name)
            return done(url_for("calls.show", id=call.id), told)
    return page(
        "calls/replace_opener.html", form=form, call=call, keys=[(user, key_of(call, user)) for user in openers]
    )

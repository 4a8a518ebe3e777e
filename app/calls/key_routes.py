from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import key_operations
from app.calls.blueprint import bp
from app.calls.key_forms import ShownOnceForm
from app.calls.key_models import key_of
from app.calls.models import Call
from app.calls.states import CallState
from app.core.errors import NotNow
from app.core.web import done, page, refusals_on


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

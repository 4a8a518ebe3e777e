from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import term_operations
from app.calls.blueprint import bp
from app.calls.calendar import calendar_of
from app.calls.legal import terms_for
from app.calls.models import Call
from app.calls.term_forms import form_of_rules
from app.core.web import done, page, refusals_on


@bp.get("/calls/<uuid:id>/terms")
@requires(Action.CALL_READ, Call)
def terms(call: Call) -> Any:
    """Every term with the day it ends, how that was counted, and the rule behind it."""
    return page("calls/terms.html", call=call, terms=terms_for(call, current_user), rules=call.rules())


@bp.get("/calls/<uuid:id>/deadline.ics")
@requires(Action.CALL_READ, Call)
def calendar(call: Call) -> Any:
    """The terms for a calendar program, with those that only this reader may know of."""
    headers = {"Content-Disposition": 'attachment; filename="deadline.ics"'}
    return Response(calendar_of(call, current_user), mimetype="text/calendar", headers=headers)


@bp.route("/calls/<uuid:id>/bindings", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def bind(call: Call) -> Any:
    kind, free = form_of_rules(call)
    form = kind(data={"version": call.version} | {one.name: call.binding(one.rule).value for one in free})
    if form.validate_on_submit():
        with refusals_on(form):
            term_operations.bind_rules(call, form.chosen(), actor=current_user, version=form.version.data)
            return done(url_for("calls.terms", id=call.id), _("It is saved why each rule binds."))
    return page("calls/bind.html", form=form, call=call, free=free)

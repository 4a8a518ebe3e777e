from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import rectify_operations as operations
from app.calls.blueprint import bp
from app.calls.changes import shown_side, what_changed
from app.calls.legal import Key, days_shown
from app.calls.models import Call
from app.calls.rectify_forms import RectifyForm, typed_of
from app.core.web import done, page, refusals_on


@bp.route("/calls/<uuid:id>/rectify", methods=["GET", "POST"])
@requires(Action.CALL_RECTIFY, Call)
def rectify(call: Call) -> Any:
    form = RectifyForm(data=typed_of(call))
    form.offer(call)
    form.mind_free_days(call.programme.jurisdiction, questions_until=call.questions_until)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.rectify_call(
                call,
                form.text.data,
                form.deadline.data,
                rewritten=form.rewritten(call),
                actor=current_user,
                once=form.once.data,
                version=form.version.data,
            )
            return done(url_for("calls.show", id=call.id), _("The rectification is public, and everybody is told."))
    extension = call.rule(Key.EXTENSION)
    return page(
        "calls/rectify.html",
        form=form,
        call=call,
        least=operations.least_deadline(call),
        days=days_shown(extension.days),
        basis=extension.basis,
    )


bp.add_app_template_global(shown_side, "shown_side")
bp.add_app_template_global(what_changed, "what_changed")

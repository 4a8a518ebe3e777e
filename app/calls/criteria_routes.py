"""The pages of a draft on which it says how plans are judged, and by whom."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.calls import criteria_operations, queries
from app.calls.blueprint import bp
from app.calls.completeness import Room
from app.calls.criteria_forms import CommitteeForm, CriteriaForm, typed_committee, typed_criteria
from app.calls.legal import Key
from app.calls.meanwhile import stored_committee, stored_criteria
from app.calls.models import Call
from app.core.forms import choices_of
from app.core.web import done, page, refusals_on


@bp.route("/calls/<uuid:id>/criteria", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def edit_criteria(call: Call) -> Any:
    form = CriteriaForm(data=typed_criteria(call))
    equal = call.rule(Key.WEIGHTS).says == "equal"
    if equal:
        form.let_weigh_equally()
    if form.validate_on_submit():
        with refusals_on(form):
            criteria_operations.edit_criteria(call, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("calls.show", id=call.id), _("The criteria are saved."))
    meanwhile = stored_criteria(call, form) if form.refused_with == 409 else []
    return page("calls/edit_criteria.html", form=form, call=call, room=Room.CRITERIA, equal=equal, meanwhile=meanwhile)


@bp.route("/calls/<uuid:id>/committee", methods=["GET", "POST"])
@requires(Action.CALL_EDIT, Call)
def name_committee(call: Call) -> Any:
    form = CommitteeForm(data=typed_committee(call))
    form.offer(choices_of(queries.officials_of(call.programme)), choices_of(queries.possible_scorers(call.programme)))
    if form.validate_on_submit():
        with refusals_on(form):
            criteria_operations.name_committee(
                call,
                form.named(form.openers),
                form.named(form.scorers),
                actor=current_user,
                version=form.version.data,
            )
            return done(url_for("calls.show", id=call.id), _("The committee is saved."))
    meanwhile = stored_committee(call, form) if form.refused_with == 409 else []
    return page("calls/name_committee.html", form=form, call=call, room=Room.COMMITTEE, meanwhile=meanwhile)

import uuid
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import may, requires
from app.core.errors import NotNow
from app.core.forms import PasswordForm
from app.core.web import done, page, refusals_on
from app.people.password import expect_password
from app.programmes.acts import acts_on
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.treasury import closing_operations as operations
from app.treasury import queries
from app.treasury.at_bank import is_bank_read
from app.treasury.blueprint import bp
from app.treasury.closing import Closing
from app.treasury.closing_checks import Check, checks, in_the_way
from app.treasury.closing_operations import ClosingFacts
from app.treasury.forms import ClosingForm, RejectForm
from app.treasury.guarantee_operations import guarantee_due, why_too_early
from app.treasury.remittance_operations import why_no_remittance
from app.treasury.states import RemittanceKind

STEPS = (Action.CLOSING_PREPARE, Action.CLOSING_APPROVE)


@bp.get("/programmes/<uuid:id>/closing")
@requires(Action.CLOSING_READ, Programme)
def closing(programme: Programme) -> Any:
    """What still stands in the way of closing the bond, and what can be done about it now."""
    over = programme.phase == Phase.CLOSED
    standing = operations.standing_closing(programme)
    return page(
        "treasury/closing.html",
        programme=programme,
        closing=standing,
        acts=acts_on(programme, current_user, [standing.id], STEPS) if standing else [],
        by_hand=not is_bank_read(programme.id),
        checks=[] if over else checks(programme),
        opens=_opens,
        remittable=[] if over else [kind for kind in RemittanceKind if why_no_remittance(programme, kind) is None],
        guarantee=None if over or why_too_early(programme) else guarantee_due(programme),
        desk=queries.desk(programme),
    )


def _opens(check: Check, programme: Programme) -> bool:
    """May this person open the page where the thing is seen to?"""
    view: Any = current_app.view_functions[check.endpoint]
    return may(view.declared_action, programme, current_user)


@bp.route("/programmes/<uuid:id>/closing/prepare", methods=["GET", "POST"])
@requires(Action.CLOSING_PREPARE, Programme)
def prepare_closing(programme: Programme) -> Any:
    form = ClosingForm()
    if form.validate_on_submit():
        typed: Any = form.data
        facts = ClosingFacts(
            typed["key_deleted_by"], typed["files_deleted_by"], typed["lessons"], typed["bank_seen"] or ""
        )
        with refusals_on(form):
            operations.prepare_closing(programme, facts, actor=current_user, once=form.once.data or uuid.uuid4())
            return done(url_for("treasury.closing", id=programme.id), _("A second person is asked to close the bond."))
    elif not form.is_submitted() and in_the_way(programme):
        raise NotNow(_("Something still stands in the way of closing this bond."))
    by_hand = not is_bank_read(programme.id)
    return page("treasury/prepare_closing.html", form=form, programme=programme, by_hand=by_hand)


@bp.route("/closings/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.CLOSING_APPROVE, Closing)
def approve_closing(closing: Closing) -> Any:
    form = PasswordForm(obj=closing)
    if form.validate_on_submit():
        with refusals_on(form):
            expect_password(current_user, form.password.data)
            operations.approve_closing(closing, actor=current_user, version=form.version.data)
            return done(url_for("treasury.closing", id=closing.programme_id), _("The bond is closed."))
    return page("treasury/approve_closing.html", form=form, closing=closing, programme=closing.programme)


@bp.route("/closings/<uuid:id>/reject", methods=["GET", "POST"])
@requires(Action.CLOSING_REJECT, Closing)
def reject_closing(closing: Closing) -> Any:
    form = RejectForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.reject_closing(closing, form.reason.data or "", actor=current_user)
            return done(url_for("treasury.closing", id=closing.programme_id), _("The bond stays open."))
    return page("treasury/reject_closing.html", form=form, closing=closing, programme=closing.programme)

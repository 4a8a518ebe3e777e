import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import requires
from app.calls.models import Call
from app.consortia import operations, queries
from app.consortia.forms import ConsortiumForm, InviteForm, PartForm
from app.consortia.models import Consortium
from app.core.forms import ConfirmForm, choices_of
from app.core.paging import Paged, paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation, OrganisationKind

bp = Blueprint("consortia", __name__)


@bp.get("/calls/<uuid:id>/consortia")
@requires(Action.CALL_READ, Call)
def index(call: Call) -> Any:
    """The reader's own consortia for this call; others do not exist for them."""
    return page("consortia/index.html", call=call, consortia=queries.own_consortia(call, current_user))


@bp.route("/calls/<uuid:id>/consortia/form", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_FORM, Call)
def form(call: Call) -> Any:
    form = ConsortiumForm()
    form.lead.choices = _own_providers()
    if form.validate_on_submit():
        lead = db.session.get_one(Organisation, uuid.UUID(form.lead.data))
        with refusals_on(form):
            consortium = operations.form_consortium(
                call,
                lead,
                form.name.data or "",
                form.contribution.data or "",
                form.life_domains.data or (),
                actor=current_user,
                once=form.once.data,
            )
            return done(url_for("consortia.show", id=consortium.id), _("The consortium is formed; invite partners."))
    return page("consortia/form.html", form=form, call=call)


def _own_providers() -> list[Any]:
    own = [(o.id, o.name) for o in current_user.organisations if o.kind == OrganisationKind.PROVIDER]
    return choices_of(own) if len(own) > 1 else [SelectChoice(str(key), name) for key, name in own]


@bp.get("/consortia/<uuid:id>")
@requires(Action.CONSORTIUM_READ, Consortium)
def show(consortium: Consortium) -> Any:
    return page("consortia/show.html", consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/invite", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_INVITE, Consortium)
def invite(consortium: Consortium) -> Any:
    words = request.args.get("q", "")[:200]
    found: Paged = paged(queries.providers_to_invite(consortium, words), size=20)
    form = InviteForm()
    form.organisation.choices = [SelectChoice(str(row.id), _described(row)) for row in found.rows]
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            operations.invite_partner(consortium, organisation, actor=current_user)
            told = _("%(name)s is invited.", name=organisation.name)
            return done(url_for("consortia.show", id=consortium.id), told)
    return page(
        "consortia/invite.html", form=form, consortium=consortium, call=consortium.call, found=found, words=words
    )


def _described(row: Any) -> str:
    name = f"{row.name}, {row.locality}" if row.locality else row.name
    return name if row.vetted_at else _("%(name)s (not vetted yet)", name=name)


@bp.route("/consortia/<uuid:id>/accept", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_ACCEPT, Consortium)
def accept(consortium: Consortium) -> Any:
    form = PartForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.accept_invitation(
                consortium, form.contribution.data or "", form.life_domains.data or (), actor=current_user
            )
            return done(url_for("consortia.show", id=consortium.id), _("Your organisation takes part."))
    return page("consortia/accept.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/part", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_EDIT_PART, Consortium)
def edit_part(consortium: Consortium) -> Any:
    own = next(p for p in consortium.taking_part if p.organisation_id in current_user.organisation_ids)
    form = PartForm(obj=own)
    if form.validate_on_submit():
        part, domains = form.contribution.data or "", form.life_domains.data or ()
        with refusals_on(form):
            operations.edit_part(consortium, part, domains, actor=current_user, version=form.version.data)
            return done(url_for("consortia.show", id=consortium.id), _("Your part of the work is changed."))
    return page("consortia/edit_part.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/decline", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_DECLINE, Consortium)
def decline(consortium: Consortium) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.decline_invitation(consortium, actor=current_user)
            return done(url_for("calls.show", id=consortium.call_id), _("The lead partner hears that you do not join."))
    return page("consortia/decline.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/leave", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_LEAVE, Consortium)
def leave(consortium: Consortium) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.leave_consortium(consortium, actor=current_user)
            return done(url_for("calls.show", id=consortium.call_id), _("Your organisation has left the consortium."))
    return page("consortia/leave.html", form=form, consortium=consortium, call=consortium.call)

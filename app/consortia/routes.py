import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import can, requires
from app.calls.models import Call
from app.consortia import invite_routes, lot_operations, operations, part_routes, queries
from app.consortia.blueprint import bp, own_partner, partner_or_404
from app.consortia.coverage import municipalities_of
from app.consortia.forms import ConsortiumForm, EditForm, LeadForm, ReleaseForm
from app.consortia.models import Consortium
from app.consortia.parts import empty_part, parts_of, unfinished_part
from app.consortia.shown import shown_parts
from app.core.errors import NotYours
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation, OrganisationKind

__all__ = ["bp", "invite_routes", "lot_operations", "part_routes"]


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
    form.offer(municipalities_of(call), may_be_elsewhere=call.allows_two_consortia)
    form.offer_lots(call.lots)
    if form.validate_on_submit():
        lead = db.session.get_one(Organisation, uuid.UUID(form.lead.data))
        with refusals_on(form):
            consortium = operations.form_consortium(
                call,
                lead,
                form.name.data or "",
                **form.work(),
                lot=_lot(call, form),
                actor=current_user,
                once=form.once.data,
            )
            return done(url_for("consortia.show", id=consortium.id), _("The consortium is formed; invite partners."))
    return page("consortia/form.html", form=form, call=call)


def _own_providers() -> list[Any]:
    own = [(o.id, o.name) for o in current_user.organisations if o.kind == OrganisationKind.PROVIDER]
    return choices_of(own) if len(own) > 1 else [SelectChoice(str(key), name) for key, name in own]


def _lot(call: Call, form: ConsortiumForm | EditForm) -> Any:
    chosen = form.lot.data if "lot" in form else None
    return next((lot for lot in call.lots if str(lot.id) == chosen), None)


@bp.get("/consortia/<uuid:id>")
@requires(Action.CONSORTIUM_READ, Consortium)
def show(consortium: Consortium) -> Any:
    """Whoever is only invited sees who asks and who takes part, and nothing of what they do."""
    takes_part = own_partner(consortium)
    parts = parts_of(consortium) if takes_part is not None else {}
    own = parts.get(str(takes_part.organisation_id)) if takes_part is not None else None
    return page(
        "consortia/show.html",
        consortium=consortium,
        call=consortium.call,
        takes_part=takes_part,
        parts=parts,
        unfinished={key: unfinished_part(part) for key, part in parts.items()},
        own=own or empty_part(),
        blocked=queries.why_not_join(consortium, current_user),
        shown=shown_parts(consortium, parts) if takes_part is not None else [],
        elsewhere=queries.also_elsewhere(consortium) if takes_part is not None else frozenset(),
    )


@bp.route("/consortia/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_EDIT, Consortium)
def edit(consortium: Consortium) -> Any:
    call = consortium.call
    form = EditForm(data={"name": consortium.name, "lot": str(consortium.lot_id or ""), "version": consortium.version})
    form.lot.choices = [SelectChoice(str(lot.id), lot.name) for lot in call.lots]
    if consortium.must_choose_lot:
        form.lot.choices = choices_of((lot.id, lot.name) for lot in call.lots)
    if not consortium.may_choose_lot:
        del form.lot
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_consortium(
                consortium,
                form.name.data or "",
                lot=_lot(call, form),
                actor=current_user,
                version=form.version.data,
            )
            return done(url_for("consortia.show", id=consortium.id), _("The consortium is changed."))
    return page("consortia/edit.html", form=form, consortium=consortium, call=call)


@bp.route("/consortia/<uuid:id>/leave", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_LEAVE, Consortium)
def leave(consortium: Consortium) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.leave_consortium(consortium, actor=current_user)
            return done(url_for("calls.show", id=consortium.call_id), _("Your organisation has left the consortium."))
    return page("consortia/leave.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/partners/<uuid:other>/release", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_RELEASE, Consortium)
def release(consortium: Consortium, other: uuid.UUID) -> Any:
    partner, form = partner_or_404(consortium, other), ReleaseForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.release_partner(consortium, partner, form.reason.data or "", actor=current_user)
            told = _("%(name)s no longer takes part.", name=partner.organisation.name)
            return done(url_for("consortia.show", id=consortium.id), told)
    return page("consortia/release.html", form=form, consortium=consortium, call=consortium.call, partner=partner)


@bp.route("/consortia/<uuid:id>/lead", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_OFFER_LEAD, Consortium)
def offer_lead(consortium: Consortium) -> Any:
    offered = consortium.lead_offered_to_id
    form = LeadForm()
    others = [p for p in consortium.taking_part if p.organisation_id != consortium.lead_id]
    form.partner.choices = [SelectChoice("", _("nobody: we keep the lead"))]
    form.partner.choices += [SelectChoice(str(p.id), p.organisation.name) for p in others]
    if not form.is_submitted():
        form.partner.data = next((str(p.id) for p in others if p.organisation_id == offered), "")
    if form.validate_on_submit():
        chosen = next((p for p in others if str(p.id) == form.partner.data), None)
        with refusals_on(form):
            operations.offer_lead(consortium, chosen, actor=current_user)
            told = (
                _("The lead is offered to %(name)s.", name=chosen.organisation.name)
                if chosen
                else _("You keep the lead.")
            )
            return done(url_for("consortia.show", id=consortium.id), told)
    return page("consortia/offer_lead.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/take-lead", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_TAKE_LEAD, Consortium)
def take_lead(consortium: Consortium) -> Any:
    offered = can(Action.CONSORTIUM_TAKE_LEAD, consortium)
    if offered and consortium.lead_offered_to_id not in current_user.organisation_ids:
        raise NotYours(_("Your part in this bond does not allow this."))
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.take_lead(consortium, actor=current_user)
            return done(url_for("consortia.show", id=consortium.id), _("Your organisation has the lead."))
    return page("consortia/take_lead.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/dissolve", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_DISSOLVE, Consortium)
def dissolve(consortium: Consortium) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.dissolve_consortium(consortium, actor=current_user)
            return done(url_for("consortia.index", id=consortium.call_id), _("The consortium is dissolved."))
    return page("consortia/dissolve.html", form=form, consortium=consortium, call=consortium.call)

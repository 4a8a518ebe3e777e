"""Pages of an organisation's own part, and of what all parts cover together."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.consortia import part_operations, vault
from app.consortia.blueprint import bp, own_partner
from app.consortia.coverage import coverage_of, municipalities_of, shares_per_effect
from app.consortia.forms import DeclareForm, PartForm, shares_form
from app.consortia.models import Consortium
from app.consortia.parts import STATEMENTS, OwnPart, part_of, parts_of, slot_name
from app.core.web import done, page, refusals_on


def _own_part(consortium: Consortium) -> tuple[OwnPart, int]:
    """What the reader's organisation has said, and the version of its slot."""
    partner = own_partner(consortium)
    assert partner is not None  # the guard let nobody else in
    slot = vault.slot_of(consortium, slot_name(partner.organisation_id))
    version = slot.version if slot is not None else vault.NOT_YET
    return part_of(consortium, partner.organisation_id), version


@bp.route("/consortia/<uuid:id>/part", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_EDIT_PART, Consortium)
def edit_part(consortium: Consortium) -> Any:
    part, version = _own_part(consortium)
    form = PartForm(data={**part, "version": version})
    places = municipalities_of(consortium.call, consortium.lot_id)
    form.offer(places, may_be_elsewhere=consortium.call.allows_two_consortia and bool(part["elsewhere"]))
    if form.validate_on_submit():
        with refusals_on(form):
            part_operations.edit_part(consortium, **form.work(), actor=current_user, version=form.version.data)
            return done(url_for("consortia.show", id=consortium.id), _("Your part of the work is changed."))
    return page("consortia/edit_part.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/shares", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_SHARE, Consortium)
def share(consortium: Consortium) -> Any:
    part, version = _own_part(consortium)
    rows = shares_per_effect(consortium, parts_of(consortium))
    form = shares_form(rows, part, version)
    if form.validate_on_submit():
        with refusals_on(form):
            part_operations.share(consortium, form.shares(), actor=current_user, version=form.version.data)
            return done(url_for("consortia.show", id=consortium.id), _("Your shares are saved."))
    own = own_partner(consortium)
    return page("consortia/share.html", form=form, consortium=consortium, call=consortium.call, rows=rows, own=own)


@bp.route("/consortia/<uuid:id>/declare", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_DECLARE, Consortium)
def declare(consortium: Consortium) -> Any:
    part, version = _own_part(consortium)
    form = DeclareForm(data={**DeclareForm.said(part), "version": version})
    if form.validate_on_submit():
        with refusals_on(form):
            part_operations.declare(consortium, form.declarations(), actor=current_user, version=form.version.data)
            return done(url_for("consortia.show", id=consortium.id), _("Your declarations are saved."))
    return page(
        "consortia/declare.html",
        form=form,
        consortium=consortium,
        call=consortium.call,
        part=part,
        statements=STATEMENTS,
    )


@bp.get("/consortia/<uuid:id>/coverage")
@requires(Action.CONSORTIUM_COVER, Consortium)
def cover(consortium: Consortium) -> Any:
    parts = parts_of(consortium)
    return page(
        "consortia/cover.html",
        consortium=consortium,
        call=consortium.call,
        coverage=coverage_of(consortium),
        parts=parts,
        shares=shares_per_effect(consortium, parts),
    )

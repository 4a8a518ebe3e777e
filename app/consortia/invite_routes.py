"""Pages of invitations: asking, answering, taking back; on the portal and by mail."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import requires
from app.consortia import mail_operations, operations, queries
from app.consortia.blueprint import bp, mailed_or_404, own_partner, partner_or_404
from app.consortia.coverage import municipalities_of
from app.consortia.forms import AcceptForm, ClaimForm, InviteByMailForm, InviteForm
from app.consortia.models import Consortium, MailedInvitation
from app.consortia.parts import STATEMENTS
from app.consortia.states import taken
from app.core.errors import NotNow, NotYours
from app.core.forms import ConfirmForm
from app.core.paging import Paged, paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation, OrganisationKind


@bp.route("/consortia/<uuid:id>/invite", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_INVITE, Consortium)
def invite(consortium: Consortium) -> Any:
    words = request.args.get("q", "")[:200]
    found: Paged = paged(queries.providers_to_invite(consortium, words), size=20)
    form = InviteForm(data={"instead_of": request.args.get("instead_of", "")})
    form.organisation.choices = [SelectChoice(str(row.id), _described(row)) for row in found.rows]
    others = [p for p in consortium.taking_part if p.organisation_id != consortium.lead_id]
    form.offer_places(others)
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        chosen = form.instead_of.data if "instead_of" in form else ""
        instead_of = next((p for p in others if str(p.id) == chosen), None)
        with refusals_on(form):
            operations.invite_partner(consortium, organisation, actor=current_user, instead_of=instead_of)
            told = _("%(name)s is invited.", name=organisation.name)
            return done(url_for("consortia.show", id=consortium.id), told)
    return page(
        "consortia/invite.html", form=form, consortium=consortium, call=consortium.call, found=found, words=words
    )


def _described(row: Any) -> str:
    name = f"{row.name}, {row.locality}" if row.locality else row.name
    return name if row.vetted_at else _("%(name)s (not vetted yet)", name=name)


@bp.route("/consortia/<uuid:id>/partners/<uuid:other>/withdraw", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_WITHDRAW_INVITATION, Consortium)
def withdraw_invitation(consortium: Consortium, other: uuid.UUID) -> Any:
    partner, form = partner_or_404(consortium, other), ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.withdraw_invitation(consortium, partner, actor=current_user)
            return done(url_for("consortia.show", id=consortium.id), _("The invitation is withdrawn."))
    name = partner.organisation.name
    return page("consortia/withdraw_invitation.html", form=form, consortium=consortium, call=consortium.call, name=name)


def back_when_inside(view: Callable[..., Any]) -> Callable[..., Any]:
    """Sent from a second window, the form of who takes part by now leads to where the first one led."""

    @functools.wraps(view)
    def led(id: uuid.UUID) -> Any:
        try:
            return view(id=id)
        except NotYours:
            consortium = db.session.get(Consortium, id)
            if request.method != "POST" or consortium is None or own_partner(consortium) is None:
                raise
            return done(url_for("consortia.show", id=id), _("Your organisation takes part already."))

    return led


@bp.route("/consortia/<uuid:id>/accept", methods=["GET", "POST"])
@back_when_inside
@requires(Action.CONSORTIUM_ACCEPT, Consortium)
def accept(consortium: Consortium) -> Any:
    blocked = queries.why_not_join(consortium, current_user)
    if blocked is not None and request.method != "POST":
        raise NotNow(blocked)  # before the form is filled in
    form = AcceptForm()
    places = municipalities_of(consortium.call, consortium.lot_id)
    form.offer(places, may_be_elsewhere=consortium.call.allows_two_consortia)
    if form.validate_on_submit():
        with refusals_on(form):
            operations.accept_invitation(
                consortium, **form.work(), declarations=form.declarations(), actor=current_user
            )
            told = _("Your organisation takes part. Say now which share it has in each effect.")
            return done(url_for("consortia.show", id=consortium.id), told)
    return page("consortia/accept.html", form=form, consortium=consortium, call=consortium.call, statements=STATEMENTS)


@bp.route("/consortia/<uuid:id>/decline", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_DECLINE, Consortium)
def decline(consortium: Consortium) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.decline_invitation(consortium, actor=current_user)
            return done(url_for("calls.show", id=consortium.call_id), _("The lead partner hears that you do not join."))
    return page("consortia/decline.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/invite-by-mail", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_INVITE_BY_MAIL, Consortium)
def invite_by_mail(consortium: Consortium) -> Any:
    form = InviteByMailForm()
    if form.validate_on_submit():
        with refusals_on(form):
            mail_operations.invite_by_mail(
                consortium, form.name.data or "", form.address.data or "", actor=current_user
            )
            told = _("A mail is on its way to %(address)s.", address=form.address.data)
            return done(url_for("consortia.show", id=consortium.id), told)
    return page("consortia/invite_by_mail.html", form=form, consortium=consortium, call=consortium.call)


@bp.route("/consortia/<uuid:id>/mailed/<uuid:other>/withdraw", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_WITHDRAW_INVITATION, Consortium)
def withdraw_mailed(consortium: Consortium, other: uuid.UUID) -> Any:
    invitation, form = mailed_or_404(consortium, other), ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            mail_operations.withdraw_mailed(invitation, actor=current_user)
            return done(url_for("consortia.show", id=consortium.id), _("The invitation is withdrawn."))
    name = invitation.name
    return page("consortia/withdraw_invitation.html", form=form, consortium=consortium, call=consortium.call, name=name)


@bp.route("/partner-invitations/<token>", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_CLAIM)
def claim(token: str) -> Any:
    """For whoever holds the link, and for whoever verified the address it was mailed to."""
    invitation, form = _mailed(token), ClaimForm()
    if not invitation.is_open:
        return _over(invitation)
    consortium = invitation.consortium
    inside = {partner.organisation_id for partner in consortium.taking_part}
    providers = [o for o in current_user.organisations if o.kind == OrganisationKind.PROVIDER]
    outside = [o for o in providers if o.id not in inside]
    if providers and not outside:
        return done(url_for("consortia.show", id=consortium.id), _("Your organisation takes part already."))
    own = [o for o in outside if queries.may_join(consortium, o)]
    blocked = taken(outside[0], consortium.lot) if outside and not own else None
    form.organisation.choices = [SelectChoice(str(o.id), o.name) for o in own]
    if own and form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            mail_operations.claim_invitation(invitation, organisation, actor=current_user)
            return done(url_for("consortia.show", id=invitation.consortium_id), _("Accept or decline the invitation."))
    return page("consortia/claim.html", form=form, invitation=invitation, own=own, blocked=blocked, token=token)


@bp.route("/partner-invitations/<token>/refuse", methods=["GET", "POST"])
@requires(Action.CONSORTIUM_REFUSE)
def refuse(token: str) -> Any:
    """Saying no needs no account."""
    invitation, form = _mailed(token), ConfirmForm()
    if not invitation.is_open:
        return _over(invitation)
    if form.validate_on_submit():
        actor = current_user if current_user.is_authenticated else None
        with refusals_on(form):
            mail_operations.refuse_invitation(invitation, actor=actor)
            return done(
                url_for("calls.show", id=invitation.consortium.call_id),
                _("The lead partner hears that you do not join."),
            )
    return page("consortia/refuse.html", form=form, invitation=invitation, token=token)


def _mailed(token: str) -> MailedInvitation:
    return mail_operations.find_mailed(token, current_user) or abort(404)


def _over(invitation: MailedInvitation) -> Any:
    """What became of it and where to go: whoever is in the consortium by now goes there, another reads why (410)."""
    consortium = invitation.consortium
    inside = Consortium.visible_to(current_user).where(Consortium.id == consortium.id)
    if db.session.scalars(inside).unique().one_or_none() is not None:
        return done(url_for("consortia.show", id=consortium.id))
    return page("consortia/over.html", status=410, invitation=invitation, call=consortium.call)

from typing import Any

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.guard import can, may, requires
from app.core.errors import NotNow, NotYours
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.direct import operations
from app.direct.forms import AcceptForm, NameForm
from app.direct.models import STANDING, DirectAward, direct_award_of
from app.direct.states import FLOW
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import Programme
from app.programmes.states import Route

bp = Blueprint("direct", __name__)


@bp.get("/programmes/<uuid:id>/providers")
@requires(Action.PROGRAMME_READ, Programme)
def index(programme: Programme) -> Any:
    """To whom a bond without a tender named; a provider that is asked is no party of the bond yet."""
    found = DirectAward.visible_to(current_user).where(DirectAward.programme_id == programme.id)
    award = db.session.scalars(found).unique().one_or_none()
    if award is not None:
        return redirect(url_for("direct.show", id=award.id), 303)
    if not may(Action.DIRECT_READ, programme, current_user):
        raise NotYours(_("Your part in this bond does not allow this."))
    return page("direct/index.html", programme=programme, name=can(Action.DIRECT_NAME, programme, current_user))


@bp.app_template_global("naming_of")
def naming_of(programme: Programme) -> DirectAward | None:
    """The naming that asks an organisation of this reader, who is no party of the bond and so finds no room for it."""
    if programme.route != Route.NO_TENDER or not current_user.is_authenticated:
        return None
    if may(Action.DIRECT_READ, programme, current_user):
        return None
    found = DirectAward.visible_to(current_user).where(DirectAward.programme_id == programme.id)
    return db.session.scalars(found).unique().one_or_none()


@bp.route("/programmes/<uuid:id>/providers/name", methods=["GET", "POST"])
@requires(Action.DIRECT_NAME, Programme)
def name(programme: Programme) -> Any:
    award = db.session.scalars(direct_award_of(programme.id)).unique().one_or_none()
    if award is not None and (late := FLOW.why_not(Action.DIRECT_NAME, award)) is not None:
        raise NotNow(late)
    form = NameForm(data=_stored(award))
    providers = _providers()
    form.lead.choices = choices_of((one.id, one.name) for one in providers)
    form.partners.choices = [SelectChoice(str(one.id), one.name) for one in providers]
    if form.validate_on_submit():
        by_id = {str(one.id): one for one in providers}
        partners = [by_id[one] for one in form.partners.data or []]
        with refusals_on(form):
            made = operations.name_providers(
                programme,
                form.name.data,
                form.reason.data,
                by_id[form.lead.data],
                partners,
                actor=current_user,
                once=form.once.data,
                version=form.version.data,
            )
            return done(url_for("direct.show", id=made.id), _("The service providers are asked."))
    return page("direct/name.html", form=form, programme=programme, award=award)


def _stored(award: DirectAward | None) -> dict[str, Any]:
    if award is None:
        return {}
    standing = [one.organisation_id for one in award.named if one.state in STANDING]
    partners = [str(one) for one in standing if one != award.lead_id]
    return {
        "name": award.name,
        "lead": str(award.lead_id),
        "partners": partners,
        "reason": award.reason,
        "version": award.version,
    }


def _providers() -> list[Organisation]:
    found = select(Organisation).where(
        Organisation.kind == OrganisationKind.PROVIDER, Organisation.vetted_at.is_not(None)
    )
    return list(db.session.scalars(found.order_by(Organisation.name)))


@bp.get("/direct-awards/<uuid:id>")
@requires(Action.DIRECT_READ, DirectAward)
def show(award: DirectAward) -> Any:
    ready = FLOW.why_not(Action.AGREEMENT_DRAFT, award) is None
    return page("direct/show.html", award=award, programme=award.programme, ready=ready)


@bp.route("/direct-awards/<uuid:id>/accept", methods=["GET", "POST"])
@requires(Action.DIRECT_ACCEPT, DirectAward)
def accept(award: DirectAward) -> Any:
    form = AcceptForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.accept_naming(award, form.contribution.data, actor=current_user)
            return done(url_for("direct.show", id=award.id), _("Your organisation takes part."))
    return page("direct/accept.html", form=form, award=award, programme=award.programme)


@bp.route("/direct-awards/<uuid:id>/decline", methods=["GET", "POST"])
@requires(Action.DIRECT_DECLINE, DirectAward)
def decline(award: DirectAward) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            programme_id = award.programme_id
            operations.decline_naming(award, actor=current_user)
            return done(url_for("programmes.show", id=programme_id), _("The leading municipality hears it."))
    return page("direct/decline.html", form=form, award=award, programme=award.programme)

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm, choices_of
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.programmes import operations
from app.programmes.forms import ProgrammeForm, ReturnForm
from app.programmes.models import Programme

bp = Blueprint("programmes", __name__, url_prefix="/programmes")


@bp.get("/")
@requires(Action.PROGRAMME_LIST)
def index() -> Any:
    found = Programme.visible_to(current_user).order_by(Programme.created_at.desc())
    return page("programmes/index.html", programmes=db.session.scalars(found).unique().all())


@bp.get("/<uuid:id>")
@requires(Action.PROGRAMME_READ, Programme)
def show(programme: Programme) -> Any:
    return page("programmes/show.html", programme=programme)


@bp.route("/draft", methods=["GET", "POST"])
@requires(Action.PROGRAMME_DRAFT)
def draft() -> Any:
    form = ProgrammeForm()
    form.lead.choices = _own_municipalities()
    if form.validate_on_submit():
        lead = db.session.get_one(Organisation, uuid.UUID(form.lead.data))
        with refusals_on(form):
            programme = operations.draft_programme(lead, form.facts(), actor=current_user, once=form.once.data)
            return done(url_for("programmes.show", id=programme.id), _("The programme is saved as a draft."))
    return page("programmes/draft.html", form=form)


@bp.route("/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT, Programme)
def edit(programme: Programme) -> Any:
    form = ProgrammeForm(obj=programme)
    del form.lead
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_programme(programme, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("programmes.show", id=programme.id), _("The draft is changed."))
    return page("programmes/edit.html", form=form, programme=programme)


@bp.route("/<uuid:id>/submit", methods=["GET", "POST"])
@requires(Action.PROGRAMME_SUBMIT, Programme)
def submit(programme: Programme) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.submit_programme(programme, actor=current_user)
            return done(url_for("programmes.show", id=programme.id), _("A second official is asked to approve."))
    return page("programmes/submit.html", form=form, programme=programme)


@bp.route("/<uuid:id>/return", methods=["GET", "POST"], endpoint="return")
@requires(Action.PROGRAMME_RETURN, Programme)
def return_(programme: Programme) -> Any:
    form = ReturnForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.return_programme(programme, form.reason.data, actor=current_user)
            return done(url_for("programmes.show", id=programme.id), _("The programme is a draft again."))
    return page("programmes/return.html", form=form, programme=programme)


@bp.route("/<uuid:id>/approve", methods=["GET", "POST"])
@requires(Action.PROGRAMME_APPROVE, Programme)
def approve(programme: Programme) -> Any:
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.approve_programme(programme, actor=current_user)
            return done(url_for("programmes.show", id=programme.id), _("The programme is approved and public."))
    return page("programmes/approve.html", form=form, programme=programme)


def _own_municipalities() -> list[Any]:
    own = [o for o in current_user.organisations if o.kind == OrganisationKind.MUNICIPALITY and o.vetted_at]
    return choices_of((o.id, o.name) for o in own)

import uuid
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.access.actions import Action
from app.access.guard import requires
from app.core.forms import ConfirmForm, choices_of
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.programmes import operations
from app.programmes.forms import PartyForm, ProgrammeForm, ReturnForm, form_of_years, stored_share
from app.programmes.models import Part, Programme
from app.programmes.queries import parties_of, rooms_of, search_programmes, turn_of

bp = Blueprint("programmes", __name__, url_prefix="/programmes")


@bp.get("/")
@requires(Action.PROGRAMME_LIST)
def index() -> Any:
    q = request.args.get("q", "").replace("\x00", "").strip()[:200]
    programmes = paged(search_programmes(current_user, q), size=25, entities=True)
    return page("programmes/index.html", programmes=programmes, q=q)


@bp.get("/<uuid:id>")
@requires(Action.PROGRAMME_READ, Programme)
def show(programme: Programme) -> Any:
    turn = turn_of(programme)
    rooms = rooms_of(programme, current_user)
    url = turn.url(programme, current_user)
    parties = paged(parties_of(programme), entities=True)
    return page("programmes/show.html", programme=programme, parties=parties, rooms=rooms, turn=turn, turn_url=url)


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


@bp.route("/<uuid:id>/shares", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT, Programme)
def shares(programme: Programme) -> Any:
    """One municipality at a time; `?municipality=` fills the form with what it has."""
    wanted = request.args.get("municipality", "")
    share = next((s for s in programme.shares if str(s.organisation_id) == wanted), None)
    form = form_of_years(programme)(data=stored_share(programme, share))
    form.municipality.choices = _choices(OrganisationKind.MUNICIPALITY)
    if form.validate_on_submit():
        municipality = db.session.get_one(Organisation, uuid.UUID(form.municipality.data))
        size, budget, version = form.cohort_size.data, form.budget(), form.version.data
        before = programme.version
        with refusals_on(form):
            operations.set_share(programme, municipality, size, budget, actor=current_user, version=version)
            told = _("%(name)s is saved.", name=municipality.name)
            if programme.version == before:
                told = _("Nothing is different: %(name)s stays as it was.", name=municipality.name)
            return done(url_for("programmes.shares", id=programme.id), told)
    return page("programmes/shares.html", form=form, programme=programme, changing=share)


@bp.route("/<uuid:id>/shares/<uuid:municipality>/remove", methods=["GET", "POST"])
@requires(Action.PROGRAMME_EDIT, Programme)
def remove_share(programme: Programme, municipality: uuid.UUID) -> Any:
    share = next((s for s in programme.shares if s.organisation_id == municipality), None)
    if share is None:
        abort(404)
    form, organisation, name = ConfirmForm(), share.organisation, share.organisation.name
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_share(programme, organisation, actor=current_user)
            return done(url_for("programmes.shares", id=programme.id), _("%(name)s is removed.", name=name))
    return page("programmes/remove_share.html", form=form, programme=programme, organisation=organisation)


@bp.route("/<uuid:id>/parties", methods=["GET", "POST"])
@requires(Action.PROGRAMME_ADD_PARTY, Programme)
def parties(programme: Programme) -> Any:
    form = PartyForm()
    kinds = (OrganisationKind.INTERMEDIARY, OrganisationKind.ASSESSOR, OrganisationKind.AUDITOR)
    form.organisation.choices = _choices(*kinds, with_kind=True)
    if form.validate_on_submit():
        organisation = db.session.get_one(Organisation, uuid.UUID(form.organisation.data))
        with refusals_on(form):
            operations.add_party(programme, organisation, Part(form.part.data), actor=current_user)
            return done(url_for("programmes.parties", id=programme.id), _("%(name)s is added.", name=organisation.name))
    found, named = paged(parties_of(programme), entities=True), operations.NAMED_PARTS
    return page("programmes/parties.html", form=form, programme=programme, parties=found, named=named)


@bp.route("/<uuid:id>/parties/<uuid:organisation>/remove", methods=["GET", "POST"])
@requires(Action.PROGRAMME_REMOVE_PARTY, Programme)
def remove_party(programme: Programme, organisation: uuid.UUID) -> Any:
    named = [p for p in programme.parties if p.organisation_id == organisation and p.part in operations.NAMED_PARTS]
    if not named:
        abort(404)
    form, party = ConfirmForm(), named[0]
    gone, part = party.organisation, party.part
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_party(programme, gone, actor=current_user)
            return done(url_for("programmes.parties", id=programme.id), _("%(name)s is removed.", name=gone.name))
    return page("programmes/remove_party.html", form=form, programme=programme, organisation=gone, part=part)


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


def _choices(*kinds: OrganisationKind, with_kind: bool = False) -> list[Any]:
    """Vetted organisations of these kinds."""
    found = select(Organisation).where(Organisation.kind.in_(kinds), Organisation.vetted_at.is_not(None))
    rows = db.session.scalars(found.order_by(Organisation.name))
    return choices_of((o.id, f"{o.name} ({o.kind.label})" if with_kind else o.name) for o in rows)

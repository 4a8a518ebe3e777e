from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.core.errors import NotNow
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.people.models import Organisation, OrganisationKind
from app.profiles import operations, queries
from app.profiles.forms import ProfileForm, typed
from app.profiles.models import Profile
from app.programmes.models import LifeDomain

bp = Blueprint("profiles", __name__)


@bp.get("/providers")
@requires(Action.PROFILE_LIST)
def index() -> Any:
    """Service providers that have a profile, searched by what stands in the address."""
    domain, place = request.args.get("life_domain", "")[:40], request.args.get("municipality", "")[:40]
    return page(
        "profiles/index.html",
        found=paged(queries.profiles(domain, place), entities=True),
        domain=domain,
        place=place,
        domains=LifeDomain,
        municipalities=queries.municipalities(),
    )


@bp.get("/profiles/<uuid:id>")
@requires(Action.PROFILE_READ, Profile)
def show(profile: Profile) -> Any:
    return page("profiles/show.html", profile=profile, places=queries.names_of(profile))


@bp.route("/organisations/<uuid:id>/profile", methods=["GET", "POST"])
@requires(Action.PROFILE_WRITE, Organisation)
def write(organisation: Organisation) -> Any:
    if organisation.kind != OrganisationKind.PROVIDER:
        raise NotNow(_("Only service providers have a profile."))
    form = ProfileForm(data=typed(operations.profile_of(organisation)))
    form.offer(queries.municipalities())
    if form.validate_on_submit():
        with refusals_on(form):
            made = operations.write_profile(organisation, form.facts(), actor=current_user, version=form.version.data)
            return done(url_for("profiles.show", id=made.id), _("The profile is kept."))
    return page("profiles/write.html", form=form, organisation=organisation)

import uuid
from typing import Any

from flask import abort, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.accounts import case_owners
from app.accounts.blueprint import bp
from app.core.forms import ConfirmForm
from app.core.web import done, page, refusals_on
from app.people.models import Organisation, OrganisationKind, User


@bp.route("/organisations/<uuid:id>/members/<uuid:user>/name-case-owner", methods=["GET", "POST"])
@requires(Action.CASE_OWNER_NAME, Organisation)
def name_case_owner(organisation: Organisation, user: uuid.UUID) -> Any:
    member, form = _member(organisation, user), ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            case_owners.name_case_owner(organisation, member, actor=current_user)
            return done(_home_of(organisation), _("%(name)s follows residents from now on.", name=member.name))
    return page("accounts/name_case_owner.html", form=form, organisation=organisation, member=member)


@bp.route("/organisations/<uuid:id>/members/<uuid:user>/release-case-owner", methods=["GET", "POST"])
@requires(Action.CASE_OWNER_RELEASE, Organisation)
def release_case_owner(organisation: Organisation, user: uuid.UUID) -> Any:
    member, form = _member(organisation, user), ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            case_owners.release_case_owner(organisation, member, actor=current_user)
            return done(_home_of(organisation), _("%(name)s no longer follows residents.", name=member.name))
    return page("accounts/release_case_owner.html", form=form, organisation=organisation, member=member)


def _member(organisation: Organisation, user: uuid.UUID) -> User:
    member = case_owners.member_of(organisation, user)
    if member is None or organisation.kind != OrganisationKind.MUNICIPALITY:
        abort(404)
    return member


def _home_of(organisation: Organisation) -> str:
    return url_for("accounts.organisation", id=organisation.id)

import uuid
from typing import Any

from flask import abort, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from app.access.actions import Action
from app.access.four_eyes import FOUR_EYES
from app.access.guard import public, requires, requires_self
from app.access.permissions import PERMISSIONS
from app.access.roles import Role
from app.accounts import case_owner_routes as case_owner_routes
from app.accounts import operations, queries
from app.accounts.blueprint import bp
from app.accounts.forms import AcceptForm, AddressForm, InviteForm, OrganisationForm, ProfileForm, RegisterForm
from app.accounts.models import Invitation
from app.accounts.operations import OrganisationFacts, Registration, Whereabouts
from app.core.errors import NotNow, NotYours, Refused
from app.core.forms import ConfirmForm
from app.core.paging import paged
from app.core.web import done, page, refusals_on
from app.extensions import db
from app.people import attempts
from app.people.models import Organisation, OrganisationKind, User

REGISTRATIONS = "10 per hour"


@bp.route("/account", methods=["GET", "POST"])
@requires_self(Action.ACCOUNT_EDIT)
def profile() -> Any:
    form = ProfileForm(obj=current_user)
    form.locale.choices = [SelectChoice(code, name) for code, name in current_app.config["LANGUAGES"].items()]
    if form.validate_on_submit():
        with refusals_on(form):
            operations.edit_profile(current_user, form.name.data, form.locale.data, actor=current_user)
            return done(url_for("accounts.profile"), _("Your profile is changed."))
    return page("accounts/profile.html", form=form)


@bp.route("/register", methods=["GET", "POST"])
@requires(Action.ORGANISATION_REGISTER)
def register() -> Any:
    """Say the same whether or not the address has an account."""
    form = RegisterForm(data={"next": request.args.get("next", "")})
    if form.validate_on_submit():
        with refusals_on(form):
            if attempts.too_many(REGISTRATIONS, "register", request.remote_addr):
                raise Refused(_("Too many registrations came from your address. Wait a quarter of an hour."))
            attempts.count(REGISTRATIONS, "register", request.remote_addr)
            facts = Registration(**{name: form[name].data for name in Registration.__dataclass_fields__})
            operations.register_organisation(facts, once=form.once.data, then=form.next.data or "")
            message = _("A mail is on its way to %(email)s. Follow its link, then sign in.", email=facts.email)
            return done(url_for("security.login", next=form.next.data or None), message)
    return page("accounts/register.html", form=form)


@bp.get("/organisations")
@requires(Action.ORGANISATION_LIST)
def organisations() -> Any:
    wanted = request.args.get("q", "").strip()[:100]
    return page("accounts/organisations.html", found=paged(queries.organisations(wanted)), wanted=wanted)


@bp.get("/organisations/<uuid:id>")
@requires(Action.ORGANISATION_READ, Organisation)
def organisation(organisation: Organisation) -> Any:
    return page(
        "accounts/organisation.html",
        organisation=organisation,
        members=db.session.execute(queries.members(organisation)).all(),
        invitations=db.session.scalars(Invitation.open_of(organisation)).all(),
    )


@bp.route("/organisations/<uuid:id>/edit", methods=["GET", "POST"])
@requires(Action.ORGANISATION_EDIT, Organisation)
def edit_organisation(organisation: Organisation) -> Any:
    form = AddressForm(obj=organisation)
    if organisation.registration_number:
        del form.registration_number
    if form.validate_on_submit():
        with refusals_on(form):
            facts = Whereabouts(**{name: form[name].data or "" for name in Whereabouts.__slots__ if name in form})
            operations.edit_organisation(organisation, facts, actor=current_user, version=form.version.data)
            return done(_home_of(organisation), _("The address and numbers are changed."))
    return page("accounts/edit_organisation.html", form=form, organisation=organisation)


@bp.route("/organisations/<uuid:id>/vet", methods=["GET", "POST"])
@requires(Action.ORGANISATION_VET, Organisation)
def vet(organisation: Organisation) -> Any:
    if organisation.vetted_at is not None and request.method == "GET":
        raise NotNow(_("This organisation is vetted already."))
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.vet_organisation(organisation, actor=current_user)
            return done(_home_of(organisation), _("The organisation is vetted and has been told."))
    return page("accounts/vet.html", form=form, organisation=organisation)


@bp.route("/organisations/new", methods=["GET", "POST"])
@requires(Action.ORGANISATION_CREATE)
def create_organisation() -> Any:
    form = OrganisationForm()
    if form.validate_on_submit():
        with refusals_on(form):
            facts = OrganisationFacts(
                form.name.data,
                OrganisationKind(form.kind.data),
                form.country.data,
                form.locality.data,
                form.registration_number.data or "",
            )
            made = operations.create_organisation(facts, form.manager.data, actor=current_user, once=form.once.data)
            return done(url_for("accounts.organisation", id=made.id), _("Its first manager has been invited by mail."))
    return page("accounts/create_organisation.html", form=form)


@bp.route("/organisations/<uuid:id>/invite", methods=["GET", "POST"])
@requires(Action.MEMBER_INVITE, Organisation)
def invite(organisation: Organisation) -> Any:
    form = InviteForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.invite_member(organisation, form.address.data, form.as_manager.data, actor=current_user)
            return done(_home_of(organisation), _("A mail with a link is on its way to %(to)s.", to=form.address.data))
    return page("accounts/invite.html", form=form, organisation=organisation)


@bp.route("/organisations/<uuid:id>/members/<uuid:user>/remove", methods=["GET", "POST"])
@requires(Action.MEMBER_REMOVE, Organisation)
def remove_member(organisation: Organisation, user: uuid.UUID) -> Any:
    member = next((m.user for m in organisation.memberships if m.user_id == user), None)
    if member is None:
        abort(404)
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            operations.remove_member(organisation, member, actor=current_user)
            return done(_home_of(organisation), _("The membership has ended."))
    return page("accounts/remove_member.html", form=form, organisation=organisation, member=member)


def _home_of(organisation: Organisation) -> str:
    """Where somebody goes who may have ended the own membership just now."""
    if organisation.id in current_user.organisation_ids or current_user.kinds(vetted=True) or current_user.is_admin:
        return url_for("accounts.organisation", id=organisation.id)
    return url_for("accounts.profile")


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@requires(Action.INVITATION_ACCEPT)
def accept(token: str) -> Any:
    """One and the same page that is not there for a wrong, an expired and a used link."""
    form = ConfirmForm() if current_user.is_authenticated else AcceptForm()
    found = operations.find_invitation(token)
    if found is None:
        if form.validate_on_submit() and operations.was_accepted(form.once.data):
            return _welcome()
        abort(404)
    if current_user.is_authenticated and current_user.email.lower() != found.address:
        raise NotYours(_("This invitation is for another address. Sign out and open the link again."))
    if form.validate_on_submit():
        with refusals_on(form):
            if current_user.is_authenticated:
                operations.join_organisation(found, actor=current_user, once=form.once.data)
            else:
                operations.accept_invitation(found, form.name.data, form.password.data, once=form.once.data)
            return _welcome()
    return page("accounts/accept.html", form=form, invitation=found, token=token)


def _welcome() -> Any:
    if current_user.is_authenticated:
        return done(url_for("workspace.home"), _("You act for the organisation from now on."))
    return done(url_for("security.login"), _("You have joined. Sign in with the address that was invited."))


@bp.get("/permissions")
@public
def permissions() -> Any:
    """The very table that decides."""
    rows = [(action, [role for role in Role if role in PERMISSIONS.get(action, ())]) for action in Action]
    pairs = [(action, sorted(earlier)) for action, earlier in FOUR_EYES.items()]
    return page("accounts/permissions.html", rows=rows, pairs=pairs)


@bp.get("/people")
@requires(Action.ACCOUNT_BLOCK)
def people() -> Any:
    wanted = request.args.get("q", "").strip()[:100]
    return page("accounts/people.html", found=paged(queries.people(wanted)), wanted=wanted)


@bp.route("/people/<uuid:id>/block", methods=["GET", "POST"])
@requires(Action.ACCOUNT_BLOCK, User)
def block(user: User) -> Any:
    """Block the account, or let it in again."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with refusals_on(form):
            blocked = user.active
            operations.block_account(user, blocked, actor=current_user)
            message = _("The account is blocked.") if blocked else _("The account is open again.")
            return done(url_for("accounts.people"), message)
    return page("accounts/block.html", form=form, user=user)

"""The pages that say who may sign for an organisation."""

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.access.actions import Action
from app.access.guard import requires
from app.accounts.signing_authority import without_second
from app.agreements import authority_operations as operations
from app.agreements.amendment_forms import AuthorityForm
from app.agreements.authority_models import How, SignedKind, SigningAuthority, authorities_of
from app.agreements.authority_operations import AuthorityFacts
from app.agreements.blueprint import bp
from app.core import clock
from app.core.forms import ConfirmForm, choices_of
from app.core.web import carry_out, page
from app.extensions import db
from app.people.models import Organisation, User
from app.people.password import expect_password


@bp.get("/organisations/<uuid:id>/signing")
@requires(Action.AUTHORITY_READ, Organisation)
def authorities(organisation: Organisation) -> Any:
    shown: dict[str, Any] = {"found": authorities_of(organisation.id), "lonely": without_second(organisation.id)}
    return page("agreements/authorities.html", organisation=organisation, **shown)


@bp.route("/organisations/<uuid:id>/signing/record", methods=["GET", "POST"])
@requires(Action.AUTHORITY_RECORD, Organisation)
def record_authority(organisation: Organisation) -> Any:
    form = AuthorityForm(data={"from_on": clock.today()})
    form.person.choices = choices_of((one.id, one.name) for one in organisation.people())

    def act() -> None:
        expect_password(current_user, form.password.data)
        facts = AuthorityFacts(
            kinds=[SignedKind(kind) for kind in form.kinds.data or ()],
            how=How(form.how.data),
            proof=form.proof.data,
            from_on=form.from_on.data,
            until_on=form.until_on.data,
        )
        person = db.session.get_one(User, uuid.UUID(form.person.data))
        operations.record_authority(organisation, person, facts, actor=current_user, once=form.once.data)

    then, told = url_for("agreements.authorities", id=organisation.id), _("The signing authority is recorded.")
    return carry_out(form, act, then, told, "agreements/record_authority.html", organisation=organisation)


@bp.route("/signing-authorities/<uuid:id>/revoke", methods=["GET", "POST"])
@requires(Action.AUTHORITY_REVOKE, SigningAuthority)
def revoke_authority(authority: SigningAuthority) -> Any:
    def act() -> None:
        operations.revoke_authority(authority, actor=current_user)

    then, told = url_for("agreements.authorities", id=authority.organisation_id), _("The signing authority is revoked.")
    return carry_out(ConfirmForm(), act, then, told, "agreements/revoke_authority.html", authority=authority)

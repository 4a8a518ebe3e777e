"""Who in a municipality reads rows about its residents: a personal right, which its managers give and take back.

Source: the domain, section 9; GDPR, article 5(1)(b) and (c): a colleague who scores tenders or approves a statement
needs no row about a person.
"""

import uuid

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.accounts import notices
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User


@operation
def name_case_owner(organisation: Organisation, member: User, *, actor: User) -> None:
    """Let a colleague read rows about residents, refer them, and hear of them. Not now when the colleague does already;
    refused for an organisation that has no residents."""
    if organisation.kind != OrganisationKind.MUNICIPALITY:
        raise Refused(_("Only a municipality has residents to follow."))
    found = _membership(organisation, member)
    if found.is_case_owner:
        raise NotNow(_("This person follows residents already."))
    found.is_case_owner = True
    record(Action.CASE_OWNER_NAME, organisation, actor, member=str(member.id))
    notices.tell_case_owner(organisation, member)


@operation
def release_case_owner(organisation: Organisation, member: User, *, actor: User) -> None:
    """From now on the colleague reads counts, as others of the municipality do."""
    found = _membership(organisation, member)
    if not found.is_case_owner:
        raise NotNow(_("This person does not follow residents."))
    found.is_case_owner = False
    record(Action.CASE_OWNER_RELEASE, organisation, actor, member=str(member.id))
    notices.tell_case_owner_released(organisation, member)


def _membership(organisation: Organisation, member: User) -> Membership:
    found = db.session.scalar(select(Membership).filter_by(user_id=member.id, organisation_id=organisation.id))
    if found is None:
        raise NotNow(_("This person does not belong to the organisation."))
    return found


def member_of(organisation: Organisation, user_id: uuid.UUID) -> User | None:
    return next((one.user for one in organisation.memberships if one.user_id == user_id), None)

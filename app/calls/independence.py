"""Who may neither open nor score the plans of a call: whoever gains by the choice, and whoever checks afterwards what
came of it (domain, section 2)."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select

from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind
from app.programmes.models import Part, Party, Programme

GAINS = (Part.INVESTOR, Part.PROVIDER, Part.INTERMEDIARY)
CHECKS = (Part.ASSESSOR, Part.AUDITOR)


def why_not_independent(programme: Programme, people: Iterable[uuid.UUID]) -> str | None:
    """The reason why one of `people` (ids) stays off the committee of this bond; None when nobody has to."""
    ids = list(people)
    if _any(ids, _members(programme, GAINS)):
        return _("Nobody who works for an investor or the intermediary of this bond opens or scores the plans.")
    if _any(ids, _members(programme, CHECKS)) or _any(ids, _members_of(OrganisationKind.AUDITOR)):
        return _(
            "Nobody who works for the independent assessor of this bond or for an audit office opens or scores the "
            "plans: they check afterwards what was done."
        )
    if _any(ids, _members_of(OrganisationKind.PROVIDER)):
        return _("Nobody who works for a service provider opens or scores the plans.")
    return None


def not_independent(programme: Programme) -> Select[Any]:
    """The ids of all of them, for the lists from which a committee is chosen."""
    never = (OrganisationKind.PROVIDER, OrganisationKind.AUDITOR, OrganisationKind.PORTAL)
    parts = select(Party.organisation_id).where(Party.programme_id == programme.id, Party.part.in_((*GAINS, *CHECKS)))
    tied = or_(Organisation.kind.in_(never), Organisation.id.in_(parts))
    return select(Membership.user_id).join(Organisation).where(tied)


def _members(programme: Programme, parts: Iterable[Part]) -> Select[Any]:
    found = select(Membership.user_id).join(Party, Party.organisation_id == Membership.organisation_id)
    return found.where(Party.programme_id == programme.id, Party.part.in_(parts))


def _members_of(kind: OrganisationKind) -> Select[Any]:
    return select(Membership.user_id).join(Organisation).where(Organisation.kind == kind)


def _any(ids: list[uuid.UUID], members: Select[Any]) -> bool:
    return db.session.scalar(members.where(Membership.user_id.in_(ids)).limit(1)) is not None

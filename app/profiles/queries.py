"""What the pages of profiles read."""

import uuid
from typing import Any

from sqlalchemy import Select, String, cast, select

from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.profiles.models import Profile


def municipalities() -> list[tuple[uuid.UUID, str]]:
    """Every vetted municipality on the portal, by name."""
    found = select(Organisation.id, Organisation.name).where(
        Organisation.kind == OrganisationKind.MUNICIPALITY, Organisation.vetted_at.is_not(None)
    )
    return [(key, name) for key, name in db.session.execute(found.order_by(Organisation.name))]


def profiles(life_domain: str = "", municipality: str = "") -> Select[Any]:
    """Profiles by name, of one life domain or municipality where asked."""
    found: Any = select(Profile).join(Profile.organisation).order_by(Organisation.name, Profile.id)
    for column, value in ((Profile.life_domains, life_domain), (Profile.municipality_ids, municipality)):
        if value:  # a JSON list of codes or ids, none of which holds a quote
            found = found.where(cast(column, String).contains(f'"{value}"', autoescape=True))
    return found


def names_of(profile_or_entry: Any) -> list[str]:
    """The municipalities of a profile, or of anything that has `municipality_ids`, by name."""
    ids = [uuid.UUID(key) for key in profile_or_entry.municipality_ids]
    found = select(Organisation.name).where(Organisation.id.in_(ids)).order_by(Organisation.name)
    return list(db.session.scalars(found)) if ids else []

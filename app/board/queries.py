"""What the pages of the board read."""

from typing import Any

from sqlalchemy import Select, select

from app.board.models import Conversation, Entry
from app.calls.models import Call
from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.profiles.models import Profile
from app.programmes.models import Part


def entries(call: Call) -> Select[Any]:
    """What stands on the board, the newest first, with the id of the organisation's profile (none: no profile)."""
    found: Any = select(Entry, Profile.id).outerjoin(Profile, Profile.organisation_id == Entry.organisation_id)
    found = found.where(Entry.call_id == call.id, Entry.withdrawn_at.is_(None))
    return found.order_by(Entry.created_at.desc(), Entry.id)


def conversations(call: Call, user: Any) -> list[Conversation]:
    """Those of the person's own organisations about this call, the newest first."""
    found = Conversation.visible_to(user).where(Entry.call_id == call.id)
    return list(db.session.scalars(found.order_by(Conversation.created_at.desc())))


def municipality_names(call: Call) -> dict[str, str]:
    """Names of the governments of the bond, by id as an entry holds it."""
    return {str(one.id): one.name for one in governments_of(call)}


def governments_of(call: Call) -> list[Organisation]:
    """The municipalities of the bond, by name."""
    parties = [party.organisation for party in call.programme.parties if party.part == Part.GOVERNMENT]
    return sorted(parties, key=lambda organisation: organisation.name)


def own_providers(user: Any) -> list[Organisation]:
    return [one for one in user.organisations if one.kind == OrganisationKind.PROVIDER]

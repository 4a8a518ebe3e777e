from typing import Any

from sqlalchemy import or_, select

from app.calls.models import Call
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.extensions import db
from app.people.models import Organisation, OrganisationKind


def own_consortia(call: Call, user: Any) -> list[Consortium]:
    """The consortia of this call that organisations of `user` lead, are in, or are asked into."""
    found = Consortium.visible_to(user).where(Consortium.call_id == call.id).order_by(Consortium.created_at)
    return list(db.session.scalars(found).unique())


def providers_to_invite(consortium: Consortium, words: str = "") -> Any:
    """Providers on the portal that are not in the consortium or asked already, by name: id, name, locality, vetted."""
    inside = select(Partner.organisation_id).where(
        Partner.consortium_id == consortium.id, Partner.state.in_([PartnerState.INVITED, PartnerState.ACCEPTED])
    )
    found: Any = select(Organisation.id, Organisation.name, Organisation.locality, Organisation.vetted_at)
    found = found.where(Organisation.kind == OrganisationKind.PROVIDER, Organisation.id.not_in(inside))
    for word in words.split()[:8]:
        found = found.where(
            or_(*(c.icontains(word, autoescape=True) for c in (Organisation.name, Organisation.locality)))
        )
    return found.order_by(Organisation.name, Organisation.id)

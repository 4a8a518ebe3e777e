import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.calls.models import Call
from app.consortia.lacks import Lack, Place
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState, taken
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


def also_elsewhere(consortium: Consortium) -> frozenset[uuid.UUID]:
    """The organisations of this consortium that take part in another one for the same call (the same lot), too. Which
    one that is stays with those who are in it."""
    return _elsewhere(consortium) if consortium.call.allows_two_consortia else frozenset()


def _elsewhere(consortium: Consortium) -> frozenset[uuid.UUID]:
    mine = [partner.organisation_id for partner in consortium.taking_part]
    found = select(Partner.organisation_id).join(Consortium).where(
        Consortium.call_id == consortium.call_id,
        Consortium.lot_id == consortium.lot_id,
        Consortium.id != consortium.id,
        Partner.organisation_id.in_(mine),
        Partner.state == PartnerState.ACCEPTED,
    )  # fmt: skip
    return frozenset(db.session.scalars(found))


def why_not_join(consortium: Consortium, user: Any) -> str | None:
    """For somebody who is invited: the reason why their organisation cannot accept, or none."""
    asked = (partner.organisation for partner in consortium.invited)
    own = next((one for one in asked if one.id in user.organisation_ids), None)
    return taken(own, consortium.lot) if own is not None and not may_join(consortium, own) else None


def may_join(consortium: Consortium, organisation: Organisation) -> bool:
    """False when it takes part in another consortium for the same call (the same lot) and a second is not allowed."""
    if consortium.call.allows_two_consortia:
        return True
    found = select(Partner.id).join(Consortium).where(
        Consortium.call_id == consortium.call_id,
        Consortium.lot_id == consortium.lot_id,
        Consortium.id != consortium.id,
        Partner.organisation_id == organisation.id,
        Partner.state == PartnerState.ACCEPTED,
    )  # fmt: skip
    return db.session.scalar(found.limit(1)) is None


def out_of_place(consortium: Consortium) -> list[Lack]:
    """What a rectification of the call left to be settled before a plan can be handed in. Nobody is named: who is in
    another consortium tells its own partners."""
    call = consortium.call
    if not call.essential_changes:
        return []
    if consortium.must_choose_lot:
        told = _("The lots of the call changed: the lead partner chooses the lot that the plan is for.")
        return [Lack(told, Place.LOT)]
    if not call.allows_two_consortia and _elsewhere(consortium):
        told = _(
            "A partner takes part in another consortium for this call as well, which is not allowed any more: it "
            "leaves one of the two first."
        )
        return [Lack(told, Place.PARTNERS)]
    return []

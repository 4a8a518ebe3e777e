from typing import Any

from app.calls.models import Call, Follower
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.core import clock
from app.extensions import db
from app.people.models import Organisation
from tests.factories.calls import make_call, make_provider


def make_consortium(
    call: Call | None = None,
    lead: Organisation | None = None,
    *,
    partners: list[Organisation] | None = None,
    **facts: Any,
) -> Consortium:
    """A consortium whose lead and `partners` have accepted; its people follow the call."""
    call = call or make_call()
    lead = lead or make_provider()
    consortium = Consortium(call=call, lead=lead, **({"name": "De Brug"} | facts))
    db.session.add(consortium)
    for organisation in [lead, *(partners or [])]:
        add_partner(consortium, organisation, PartnerState.ACCEPTED)
        db.session.add_all(Follower(call_id=call.id, user_id=user.id) for user in organisation.people())
    db.session.commit()
    return consortium


def add_partner(
    consortium: Consortium, organisation: Organisation, state: PartnerState = PartnerState.INVITED, **facts: Any
) -> Partner:
    answered = None if state == PartnerState.INVITED else clock.now()
    defaults = {"contribution": f"What {organisation.name} does.", "life_domains": ["work"]}
    partner = Partner(
        consortium=consortium, organisation=organisation, state=state, answered_at=answered, **(defaults | facts)
    )
    db.session.add(partner)
    db.session.commit()
    return partner

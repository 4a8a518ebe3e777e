from typing import Any

from app.calls.models import Call, Follower
from app.consortia.models import Consortium, Partner
from app.consortia.parts import WHOLE, Declared, Share, Statement, declared, empty_part, write_part
from app.consortia.states import PartnerState
from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.people.models import Organisation
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user


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
    """Its own part of the plan is laid by `make_part`."""
    answered = None if state == PartnerState.INVITED else clock.now()
    defaults = {"life_domains": ["work"]}
    partner = Partner(
        consortium=consortium, organisation=organisation, state=state, answered_at=answered, **(defaults | facts)
    )
    db.session.add(partner)
    db.session.commit()
    return partner


@housekeeping
def make_part(partner: Partner, **said: Any) -> None:
    """What a partner says of itself, complete: its work, its declarations; `said` puts other words in their place."""
    person = (partner.organisation.people() or [make_user(partner.organisation)])[0]
    answers = {statement.value: Declared(clear=True, words="") for statement in Statement}
    part: Any = empty_part() | {"contribution": f"What {partner.organisation.name} does."} | declared(answers, person)
    part["shares"] = {str(effect.id): Share(work=0, money=0) for effect in partner.consortium.call.table.effects}
    write_part(partner.consortium, partner, part | {"life_domains": partner.life_domains} | said, actor=person)


def make_parts(consortium: Consortium) -> None:
    """All parts, with equal shares in each effect; what does not divide goes to the lead."""
    partners = consortium.taking_part
    each, rest = divmod(WHOLE, len(partners))
    for number, partner in enumerate(partners):
        share = each + (rest if number == 0 else 0)
        shares = {str(effect.id): Share(work=share, money=share) for effect in consortium.call.table.effects}
        make_part(partner, shares=shares)

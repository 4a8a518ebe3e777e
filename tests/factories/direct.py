"""A bond without a tender: its price table is published, its investors stand, nobody is named yet."""

import uuid
from dataclasses import dataclass

from flask_security import hash_password

from app.direct.models import DirectAward
from app.direct.operations import accept_naming, name_providers
from app.extensions import db
from app.people.models import OrganisationKind, User
from app.pricing.models import PriceTable
from app.programmes.models import Part, Programme
from app.programmes.states import Phase, Route
from tests.factories.agreements import PASSWORD, make_round
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme

WHY_NO_TENDER = "Only one foundation has the guardianship of these young people."
WHY_THESE = "They are the guardian and its house."


@dataclass
class Direct:
    programme: Programme
    table: PriceTable
    official: User
    intermediary: User
    assessor: User
    auditor: User
    investor: User
    guardian: User  # of the provider that will lead
    house: User

    def signers(self) -> list[User]:
        return [self.official, self.investor, self.guardian, self.house, self.intermediary, self.assessor]


def make_direct() -> Direct:
    programme = make_programme(route=Route.NO_TENDER, route_reason=WHY_NO_TENDER, phase=Phase.CALL)
    table = make_table(programme)
    parts = (Part.INTERMEDIARY, Part.ASSESSOR, Part.AUDITOR, Part.INVESTOR)
    intermediary, assessor, auditor, investor = (make_user(make_party(programme, part)) for part in parts)
    make_round(programme, [(investor, 60_000_000)])
    guardian, house = (make_user(make_organisation(OrganisationKind.PROVIDER, name)) for name in ("Guardian", "House"))
    bond = Direct(
        programme, table, make_user(programme.lead), intermediary, assessor, auditor, investor, guardian, house
    )
    stored = hash_password(PASSWORD)
    for user in bond.signers():
        user.password = stored
    db.session.commit()
    return bond


def name(bond: Direct) -> DirectAward:
    lead, partner = bond.guardian.organisations[0], bond.house.organisations[0]
    return name_providers(
        bond.programme, "Home together", WHY_THESE, lead, [partner], actor=bond.official, once=uuid.uuid4()
    )


def accept_all(bond: Direct, award: DirectAward) -> None:
    for user in (bond.guardian, bond.house):
        accept_naming(award, f"What {user.organisations[0].name} does.", actor=user)

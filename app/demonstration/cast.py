"""The organisations and people of the demonstration, by a short name."""

import uuid
from dataclasses import dataclass, field

from flask_security import hash_password

from app.core import clock
from app.core.operation import housekeeping
from app.demonstration.people import PASSWORD
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User

Kind = OrganisationKind

ORGANISATIONS = {
    "enschede": ("Gemeente Enschede", Kind.MUNICIPALITY, "Enschede"),
    "hengelo": ("Gemeente Hengelo", Kind.MUNICIPALITY, "Hengelo"),
    "fund": ("Twents Fonds voor Kansen", Kind.INVESTOR, "Enschede"),
    "bank": ("Oosterbank Maatschappelijk", Kind.INVESTOR, "Zwolle"),
    "bridge": ("Stichting De Brugslag", Kind.PROVIDER, "Enschede"),
    "home": ("Thuishaven Twente", Kind.PROVIDER, "Hengelo"),
    "rival": ("Coöperatie Kansrijk Oost", Kind.PROVIDER, "Almelo"),
    "desk": ("Beheerstichting Effect Oost", Kind.INTERMEDIARY, "Deventer"),
    "assessors": ("Instituut voor Effecttoetsing", Kind.ASSESSOR, "Utrecht"),
    "audit": ("Rekenkamercommissie Twente", Kind.AUDITOR, "Enschede"),
    "portal": ("Bewezen", Kind.PORTAL, "Enschede"),
}

ADDRESSES = {  # the two municipalities' own; the others are of nobody
    "enschede": ("Postbus 20", "7500 AA"),
    "hengelo": ("Postbus 18", "7550 AA"),
    "desk": ("Voorbeeldkade 1", "0000 AA"),
}
VAT_NUMBERS = {"desk": "NL999999990B01"}  # of nobody

# (short name = first part of the address, name, organisation, language)
PEOPLE = [
    ("government", "Marijke ten Brink", "enschede", "nl"),
    ("official2", "Bas Wolters", "enschede", "nl"),
    ("hengelo", "Saskia Oude Elferink", "hengelo", "nl"),
    ("investor", "Joris van Laar", "fund", "nl"),
    ("investor2", "Els Verhaeghe", "bank", "nl_BE"),
    ("provider", "Fatima Amrani", "bridge", "nl"),
    ("partner", "Koen Nijhuis", "home", "nl"),
    ("rival", "Petra Lansink", "rival", "nl"),
    ("intermediary", "Ruben de Groot", "desk", "nl"),
    ("treasurer", "Ingrid Mulder", "desk", "nl"),
    ("assessor", "Hanna Visser", "assessors", "nl"),
    ("assessor2", "Thijs Koopman", "assessors", "nl"),
    ("assessor3", "Amelie Peeters", "assessors", "nl_BE"),
    ("scorer1", "Wim Scholten", "enschede", "nl"),
    ("scorer2", "Nadia El Idrissi", "hengelo", "nl"),
    ("scorer3", "Gert Jansen", "hengelo", "nl"),
    ("auditor", "Lotte Smit", "audit", "en"),
    ("admin", "Robin Beheer", "portal", "nl"),
]


CASE_OWNERS = {"government", "hengelo"}  # follow the residents of their municipality


@dataclass
class Cast:
    """Who plays: `cast.user("hengelo")`, `cast.organisation("desk")`; read anew, so never stale."""

    users: dict[str, uuid.UUID] = field(default_factory=dict)
    organisations: dict[str, uuid.UUID] = field(default_factory=dict)

    def user(self, name: str) -> User:
        return db.session.get_one(User, self.users[name])

    def organisation(self, name: str) -> Organisation:
        return db.session.get_one(Organisation, self.organisations[name])


@housekeeping
def invite_everybody() -> Cast:
    """Lay the accounts: who they are is not an act on a bond. Passwords are hashed once; all have the same."""
    cast = Cast()
    hashed = hash_password(PASSWORD)
    for short, (name, kind, locality) in ORGANISATIONS.items():
        organisation = Organisation(
            id=uuid.uuid4(), name=name, kind=kind, locality=locality, vetted_at=clock.now(), created_at=clock.now()
        )
        organisation.street, organisation.postal_code = ADDRESSES.get(short, ("", ""))
        organisation.vat_number = VAT_NUMBERS.get(short, "")
        db.session.add(organisation)
        cast.organisations[short] = organisation.id
    for short, name, works_at, locale in PEOPLE:
        user = User(
            id=uuid.uuid4(),
            name=name,
            email=f"{short}@demo.example",
            password=hashed,
            confirmed_at=clock.now(),
            locale=locale,
            is_admin=short == "admin",
        )
        db.session.add(user)
        works = {"organisation_id": cast.organisations[works_at], "is_case_owner": short in CASE_OWNERS}
        db.session.add(Membership(user=user, is_manager=True, **works))
        cast.users[short] = user.id
    return cast

import functools
import itertools
from typing import Any

from flask_security import hash_password

from app.core import clock
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User
from tests.factories.keeping import keep

# No name holds a digit, a word or another name, and they sort as they were made: what a page must not tell is then
# never in it by chance.
_words = ("".join(letters) for letters in itertools.product("bcdfghjklmnpqrstvwxz", repeat=4))
PASSWORD = "correct horse battery staple"


def make_organisation(
    kind: OrganisationKind = OrganisationKind.MUNICIPALITY, name: str = "", **facts: Any
) -> Organisation:
    address = {"vetted_at": clock.now(), "street": "Marktstraat 1", "postal_code": "7511 AB", "locality": "Enschede"}
    facts = address | facts
    organisation = Organisation(kind=kind, name=name or f"{kind.value.title()} {next(_words)}", **facts)
    db.session.add(organisation)
    keep()
    return organisation


def make_user(organisation: Organisation | None = None, name: str = "", **facts: Any) -> User:
    word = next(_words)
    facts.setdefault("email", f"person.{word}@test.example")
    facts.setdefault("confirmed_at", clock.now())
    facts.setdefault("locale", "en")
    user = User(name=name or f"Person {word}", **facts)
    db.session.add(user)
    if organisation is not None:
        follows = organisation.kind == OrganisationKind.MUNICIPALITY
        works = Membership(user=user, organisation=organisation, is_manager=True, is_case_owner=follows)
        db.session.add(works)
    keep()
    return user


def with_password(*users: User) -> dict[str, str]:
    """From now on these sign with `PASSWORD`; what a form asks of them for it."""
    for user in users:
        user.password = _hashed()
    keep()
    return {"password": PASSWORD}


@functools.cache
def _hashed() -> str:
    return str(hash_password(PASSWORD))

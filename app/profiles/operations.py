"""The only code that changes profiles."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.profiles.models import Profile
from app.programmes.models import LifeDomain

NOT_YET = 0  # the version of a profile that nobody has written


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFacts:
    """`capacity`: people supported at once; `municipality_ids`: of municipalities on the portal."""

    about: str
    life_domains: tuple[str, ...] = ()
    municipality_ids: tuple[str, ...] = ()
    elsewhere: str = ""
    capacity: int | None = None
    quality_marks: str = ""


def profile_of(organisation: Organisation) -> Profile | None:
    return db.session.scalar(select(Profile).where(Profile.organisation_id == organisation.id))


@operation
def write_profile(
    organisation: Organisation, facts: ProfileFacts, *, actor: User, version: int | None = None
) -> Profile:
    """Say anew what the organisation does. Refused for whoever is no service provider, and without a life domain."""
    if organisation.kind != OrganisationKind.PROVIDER:
        raise Refused(_("Only service providers have a profile."))
    if not facts.life_domains:
        raise Refused(_("Choose at least one life domain."), "life_domains")
    profile = profile_of(organisation)
    if profile is None:
        profile = Profile(organisation=organisation)
        db.session.add(profile)
    else:
        profile.expect_version(version)
    for name, value in asdict(facts).items():
        setattr(profile, name, list(value) if isinstance(value, tuple) else value)
    profile.life_domains = ordered(facts.life_domains)
    record(Action.PROFILE_WRITE, organisation, actor, life_domains=profile.life_domains)
    return profile


def ordered(life_domains: Iterable[str]) -> list[str]:
    """In the order of the call, each once."""
    return [domain.value for domain in LifeDomain if domain in set(life_domains)]

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled
from app.people.models import Organisation, OrganisationKind, User


class Role(Labelled):
    """The hats. Those of the first block do not depend on the thing at hand; the others are worn towards one bond,
    one call, one consortium, one claim."""

    ANYONE = "anyone", _l("anyone")
    SIGNED_IN = "signed_in", _l("signed in")
    ADMIN = "admin", _l("administrator of the portal")
    COMMISSIONER = "commissioner", _l("official of a municipality")
    TENDERER = "tenderer", _l("service provider on the portal")
    CONTRIBUTOR = "contributor", _l("vetted municipality, intermediary, service provider or auditor")
    VETTED_TENDERER = "vetted_tenderer", _l("vetted service provider")
    SYSTEM = "system", _l("the portal itself")

    SELF = "self", _l("the person concerned")
    MANAGER = "manager", _l("manager of the organisation")
    MEMBER = "member", _l("member of the organisation")

    OFFICIAL = "official", _l("official of a municipality in the bond")
    LEAD_OFFICIAL = "lead_official", _l("official of the leading municipality")
    CASE_OWNER = "case_owner", _l("official who follows residents of the municipality")
    PAYER = "payer", _l("official of the municipality that pays")
    INVESTOR = "investor", _l("investor in the bond")
    INTERMEDIARY = "intermediary", _l("intermediary of the bond")
    PROVIDER = "provider", _l("service provider in the bond")
    ASSESSOR = "assessor", _l("independent assessor of the bond")
    AUDITOR = "auditor", _l("auditor or council member")

    LEAD = "lead", _l("lead partner of the consortium")
    PARTNER = "partner", _l("partner in the consortium")
    INVITED = "invited", _l("invited to the consortium")
    READER = "reader", _l("reader of the test")
    SCORER = "scorer", _l("tender scorer")
    OPENER = "opener", _l("official who opens the proposals")
    CONFLICTED = "conflicted", _l("judge with a conflict of interest")
    CLEARED = "cleared", _l("judge who declared no conflict of interest")
    CLEARED_OFFICIAL = (
        "cleared_official",
        _l("official of the lead who declared no conflict of interest"),
    )
    SIGNATORY = "signatory", _l("party that signs")
    KEY_KEEPER = "key_keeper", _l("keeper of the key of codes and names")


# Kinds of organisations that fill the register of unit costs. Investors and assessors gain or judge by its figures.
CONTRIBUTORS = frozenset(
    {
        OrganisationKind.MUNICIPALITY,
        OrganisationKind.INTERMEDIARY,
        OrganisationKind.PROVIDER,
        OrganisationKind.AUDITOR,
    }
)


def base_roles(user: Any) -> set[Role]:
    """The hats a person wears whatever the thing at hand; None is the portal itself (due work)."""
    if user is None:
        return {Role.SYSTEM}
    roles = {Role.ANYONE}
    if not user.is_authenticated:
        return roles
    roles.add(Role.SIGNED_IN)
    if user.is_admin:
        roles.add(Role.ADMIN)
    vetted = user.kinds(vetted=True)
    if OrganisationKind.MUNICIPALITY in vetted:
        roles.add(Role.COMMISSIONER)
    if vetted & CONTRIBUTORS:
        roles.add(Role.CONTRIBUTOR)
    if OrganisationKind.PROVIDER in user.kinds():
        roles.add(Role.TENDERER)
    if OrganisationKind.PROVIDER in vetted:
        roles.add(Role.VETTED_TENDERER)
    return roles


def roles_towards(subject: Any, user: Any) -> set[Role]:
    """All hats of `user` towards `subject` (none: towards the portal as a whole)."""
    roles = base_roles(user)
    if user is None or subject is None:
        return roles
    if isinstance(subject, User | Organisation):
        return roles | _roles_towards_people(subject, user)
    if hasattr(subject, "roles_of"):
        roles |= subject.roles_of(user)
    return roles


def _roles_towards_people(subject: Any, user: Any) -> set[Role]:
    """People and organisations stand below this table, so they cannot name hats themselves."""
    if isinstance(subject, User):
        return {Role.SELF} if user.id is not None and subject.id == user.id else set()
    own = [membership for membership in user.memberships if membership.organisation_id == subject.id]
    roles = {Role.MEMBER} if own else set()
    return roles | {Role.MANAGER} if any(membership.is_manager for membership in own) else roles

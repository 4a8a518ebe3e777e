"""The replacement, insolvency or departure of a party: an amendment of its own kind."""

import uuid
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.agreements.amending import without_party
from app.agreements.amendment_models import Amendment
from app.agreements.amendment_operations import lay_before
from app.agreements.amendment_states import UNASKED, AmendmentKind, LeaveCause
from app.agreements.ending_models import WhoConsents, ending_of
from app.agreements.models import Agreement, AgreementParty
from app.agreements.states import FLOW
from app.agreements.terms import named
from app.core import clock
from app.core.errors import Refused
from app.core.format import day
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes.models import Part
from app.programmes.operations import expect_independence
from app.programmes.told_codes import refuse_code

KIND_OF_PART = {
    Part.PROVIDER: OrganisationKind.PROVIDER,
    Part.INTERMEDIARY: OrganisationKind.INTERMEDIARY,
    Part.ASSESSOR: OrganisationKind.ASSESSOR,
}


@dataclass(frozen=True, slots=True)
class LeavingFacts:
    """Who goes, why, its `last_day`, and who takes over its work: a party of the same part, or somebody new."""

    leaving: Organisation
    successor: Organisation
    cause: LeaveCause
    last_day: date
    reason: str


def replaceable(agreement: Agreement) -> list[AgreementParty]:
    """An investor passes its commitment on instead, and a municipality pays for its own residents."""
    return [one for one in agreement.standing if one.left_on is None and one.part in KIND_OF_PART]


@operation
def propose_replacement(
    agreement: Agreement, facts: LeavingFacts, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Amendment:
    """Lay before the parties that one of them goes, and who takes over.

    Everybody signs, the one who comes as well, unless the agreement says that the payers and the intermediary are
    enough; an insolvent or failing party is not asked. Refused for a successor that may not have this part.
    """
    existing = db.session.get(Amendment, once)
    if existing is not None:
        return existing
    agreement.expect_version(version)
    FLOW.advance(agreement, Action.AMENDMENT_PROPOSE)
    refuse_national_id(reason=facts.reason)
    refuse_code(reason=facts.reason)
    going = next((one for one in replaceable(agreement) if one.organisation_id == facts.leaving.id), None)
    if going is None:
        raise Refused(_("Only a service provider, the intermediary or the assessor is replaced."), "leaving")
    if not clock.today() <= facts.last_day <= agreement.programme.tail_until:
        until = day(agreement.programme.tail_until)
        raise Refused(_("The last day lies between today and %(until)s.", until=until), "last_day")
    stays = _stays(agreement, going, facts.successor)
    if not stays:
        _check_new(agreement, going.part, facts.successor)
    who = named(going.organisation), named(facts.successor)
    terms = without_party(agreement.terms, going.part, *who, year=facts.last_day.year)
    return lay_before(
        agreement,
        AmendmentKind.DEPARTURE if stays else AmendmentKind.REPLACEMENT,
        agreement.text,
        terms,
        facts.reason,
        actor=actor,
        once=once,
        asked=_asked(agreement, going, facts),
        last_day=facts.last_day,
        leaving=going.organisation,
        joining=facts.successor,
        cause=facts.cause,
    )


def _stays(agreement: Agreement, going: AgreementParty, successor: Organisation) -> bool:
    """Is the successor another service provider of this agreement?"""
    if successor.id == going.organisation_id:
        raise Refused(_("Choose another organisation: this one leaves."), "successor")
    others = [one for one in replaceable(agreement) if one.part == Part.PROVIDER == going.part]
    return any(one.organisation_id == successor.id for one in others)


def _check_new(agreement: Agreement, part: Part, organisation: Organisation) -> None:
    had = {one.organisation_id for one in agreement.parties} | {
        one.organisation_id for one in agreement.programme.parties
    }
    if organisation.id in had:
        raise Refused(_("%(name)s has, or had, another part in this bond.", name=organisation.name), "successor")
    if organisation.vetted_at is None:
        raise Refused(_("%(name)s has not been vetted by a government yet.", name=organisation.name), "successor")
    if organisation.kind != KIND_OF_PART[part]:
        words = {"name": organisation.name, "kind": organisation.kind.label, "part": part.label}
        raise Refused(_("%(name)s is on the portal as %(kind)s, so it cannot be %(part)s.", **words), "successor")
    expect_independence(agreement.programme, organisation, part, "successor")


def _asked(agreement: Agreement, going: AgreementParty, facts: LeavingFacts) -> list[tuple[Organisation, Part]]:
    everybody = ending_of(agreement.terms).consents == WhoConsents.ALL
    asked = {
        one.organisation_id: (one.organisation, one.part)
        for one in agreement.standing
        if one.left_on is None and (everybody or one.part in (Part.GOVERNMENT, Part.INTERMEDIARY))
    }
    asked[going.organisation_id] = (going.organisation, going.part)
    asked[facts.successor.id] = (facts.successor, going.part)
    if facts.cause in UNASKED:
        del asked[going.organisation_id]
    return list(asked.values())

from datetime import date
from typing import Any

from app.extensions import db
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import BudgetYear, MunicipalityShare, Part, Party, Programme
from app.programmes.states import ProgrammeState
from tests.factories.keeping import keep
from tests.factories.people import make_organisation


def make_programme(
    lead: Organisation | None = None, *, state: ProgrammeState = ProgrammeState.APPROVED, **facts: Any
) -> Programme:
    """A programme of one municipality with all of the cohort and a reservation for it."""
    lead = lead or make_organisation(OrganisationKind.MUNICIPALITY)
    defaults = {
        "title": "SIB Test",
        "problem": "Debts and early school leaving.",
        "entry_conditions": "Two life domains at once.",
        "cohort_size": 70,
        "age_from": 16,
        "age_to": 23,
        "jurisdiction": "NL",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2028, 12, 31),
        "tail_until": date(2029, 12, 31),
        "council_decision": "2025-114",
        "council_decided_on": date(2025, 11, 3),
        "dpia_reference": "DPIA 2025-7",
        "dpia_on": date(2025, 11, 10),
    }
    programme = Programme(lead=lead, state=state, **(defaults | facts))
    share = MunicipalityShare(programme=programme, organisation=lead, cohort_size=programme.cohort_size)
    reserved = {2026: 50_000_000, 2027: 50_000_000, 2028: 40_000_000, 2029: 10_000_000}
    share.budget = [BudgetYear(year=year, reserved_minor=minor) for year, minor in reserved.items()]
    db.session.add_all(
        [programme, share, Party(programme=programme, organisation=lead, part=Part.GOVERNMENT, is_lead=True)]
    )
    keep()
    return programme


def make_party(programme: Programme, part: Part, organisation: Organisation | None = None) -> Organisation:
    organisation = organisation or make_organisation(
        OrganisationKind(part.value if part != Part.GOVERNMENT else "municipality")
    )
    db.session.add(Party(programme=programme, organisation=organisation, part=part))
    keep()
    return organisation

"""The only code that changes programmes. `actor` is who does it; the trail keeps each act."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, OrganisationKind, User
from app.programmes import notices
from app.programmes.models import BudgetYear, MunicipalityShare, Part, Party, Programme
from app.programmes.states import FLOW, Phase


@dataclass(frozen=True, slots=True)
class ProgrammeFacts:
    """What a programme says. Sizes are people, ages whole years, days inclusive."""

    title: str
    problem: str
    entry_conditions: str
    cohort_size: int
    age_from: int
    age_to: int
    jurisdiction: str
    starts_on: date
    ends_on: date
    tail_until: date
    council_decision: str = ""
    council_decided_on: date | None = None
    dpia_reference: str = ""
    dpia_on: date | None = None
    illustrative: bool = False


@operation
def draft_programme(lead: Organisation, facts: ProgrammeFacts, *, actor: User, once: uuid.UUID) -> Programme:
    """A municipality (`lead`) starts a programme; its official `actor` becomes an official of the bond.

    Refused when the actor does not belong to `lead` or when the figures contradict each other.
    """
    existing = db.session.get(Programme, once)
    if existing is not None:
        return existing  # the second half of a double click
    if lead.kind != OrganisationKind.MUNICIPALITY or lead.id not in actor.organisation_ids:
        raise Refused(_("Choose a municipality that you work for."), "lead")
    _check(facts)
    programme = Programme(id=once, lead=lead, **asdict(facts))
    db.session.add(programme)
    db.session.add(Party(programme=programme, organisation=lead, part=Part.GOVERNMENT, is_lead=True))
    record(Action.PROGRAMME_DRAFT, programme, actor, title=facts.title, lead=lead.name)
    return programme


@operation
def edit_programme(programme: Programme, facts: ProgrammeFacts, *, actor: User, version: int | None = None) -> None:
    """Change a draft. `version` is the one the person was reading; an older one is told that it changed meanwhile."""
    programme.expect_version(version)
    FLOW.advance(programme, Action.PROGRAMME_EDIT)
    _check(facts)
    for name, value in asdict(facts).items():
        setattr(programme, name, value)
    record(Action.PROGRAMME_EDIT, programme, actor, **asdict(facts))


def _check(facts: ProgrammeFacts) -> None:
    if facts.ends_on <= facts.starts_on:
        raise Refused(_("The end must be after the start."), "ends_on")
    if facts.tail_until < facts.ends_on:
        raise Refused(_("Effects accrue at least until the end of the programme."), "tail_until")
    if facts.age_to < facts.age_from:
        raise Refused(_("The highest age must not be below the lowest."), "age_to")


@operation
def submit_programme(programme: Programme, *, actor: User) -> None:
    """Ask a second official to approve. Refused while the municipalities do not add up to the cohort."""
    FLOW.advance(programme, Action.PROGRAMME_SUBMIT)
    living = sum(share.cohort_size for share in programme.shares)
    if living != programme.cohort_size:
        raise Refused(
            _("The municipalities add up to %(sum)d of %(size)d participants.", sum=living, size=programme.cohort_size)
        )
    if any(not share.budget for share in programme.shares):
        raise Refused(_("Each municipality needs a reservation for at least one budget year."))
    record(Action.PROGRAMME_SUBMIT, programme, actor)
    notices.tell_submitted(programme, actor)


@operation
def return_programme(programme: Programme, reason: str, *, actor: User) -> None:
    """The second official asks for a change."""
    FLOW.advance(programme, Action.PROGRAMME_RETURN)
    record(Action.PROGRAMME_RETURN, programme, actor, reason=reason)
    notices.tell_returned(programme, reason)


@operation
def approve_programme(programme: Programme, *, actor: User) -> None:
    """A second official approves (four eyes): from now on the programme is public."""
    FLOW.advance(programme, Action.PROGRAMME_APPROVE)
    record(Action.PROGRAMME_APPROVE, programme, actor)
    reach_phase(programme, Phase.PRICES)
    notices.tell_approved(programme)


@operation
def add_party(programme: Programme, organisation: Organisation, part: Part, *, actor: User) -> Party:
    """Give an organisation its one part in this bond.

    Refused when it has another part already: an assessor that is also a provider proves nothing.
    """
    found = db.session.scalar(select(Party).filter_by(programme_id=programme.id, organisation_id=organisation.id))
    if found is not None:
        raise Refused(_("%(name)s already has a part in this bond.", name=organisation.name), "organisation")
    party = Party(programme=programme, organisation=organisation, part=part)
    db.session.add(party)
    record(Action.PROGRAMME_ADD_PARTY, programme, actor, organisation=organisation.name, part=part)
    return party


@operation
def set_share(
    programme: Programme, municipality: Organisation, cohort_size: int, budget: dict[int, int], *, actor: User
) -> MunicipalityShare:
    """How many of the cohort live in `municipality`, and `budget`: reserved minor units per year. Makes it a party."""
    FLOW.advance(programme, Action.PROGRAMME_EDIT)
    if municipality.kind != OrganisationKind.MUNICIPALITY:
        raise Refused(_("Only a municipality pays for its residents."), "municipality")
    share = db.session.scalar(
        select(MunicipalityShare).filter_by(programme_id=programme.id, organisation_id=municipality.id)
    )
    if share is None:
        share = MunicipalityShare(programme=programme, organisation=municipality, cohort_size=cohort_size)
        db.session.add(share)
        if municipality.id != programme.lead_id:
            add_party(programme, municipality, Part.GOVERNMENT, actor=actor)
    share.cohort_size = cohort_size
    for year in list(share.budget):
        db.session.delete(year)
    db.session.flush()
    db.session.add_all(BudgetYear(share=share, year=year, reserved_minor=minor) for year, minor in budget.items())
    record(Action.PROGRAMME_EDIT, programme, actor, municipality=municipality.name, cohort=cohort_size, budget=budget)
    return share


def reach_phase(programme: Programme, phase: Phase) -> None:
    """The bond has come at least this far; called by the operations of later packages, never backwards."""
    phases = list(Phase)
    if phases.index(phase) > phases.index(programme.phase):
        programme.phase = phase

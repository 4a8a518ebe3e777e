"""The only code that changes programmes. `actor` is who does it; the trail keeps each act."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Membership, Organisation, OrganisationKind, User
from app.programmes import notices
from app.programmes.models import BudgetYear, MunicipalityShare, Part, Party, Programme
from app.programmes.states import FLOW, Phase, Route

LONGEST_YEARS = 20
# The parts that an official gives by hand; the others follow from an act: a share, a commitment, a signature.
NAMED_PARTS = (Part.INTERMEDIARY, Part.ASSESSOR, Part.AUDITOR)


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
    route: Route = Route.CONTRACT
    route_reason: str = ""


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
    _refuse_same_title(lead, facts.title)
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
    _refuse_same_title(programme.lead, facts.title, besides=programme)
    for name, value in asdict(facts).items():
        setattr(programme, name, value)
    record(Action.PROGRAMME_EDIT, programme, actor, **asdict(facts))


def _check(facts: ProgrammeFacts) -> None:
    if facts.cohort_size < 1:
        raise Refused(_("At least one participant is needed."), "cohort_size")
    if facts.ends_on <= facts.starts_on:
        raise Refused(_("The end must be after the start."), "ends_on")
    if facts.ends_on <= clock.today():
        raise Refused(_("This day has passed: a bond is drafted for what is still to come."), "ends_on")
    if facts.tail_until < facts.ends_on:
        raise Refused(_("Effects accrue at least until the end of the programme."), "tail_until")
    if facts.tail_until.year - facts.starts_on.year > LONGEST_YEARS:
        message = _("This is more than %(number)d years after the start: check the dates.", number=LONGEST_YEARS)
        raise Refused(message, "tail_until")
    for text, field in (("council_decision", "council_decided_on"), ("dpia_reference", "dpia_on")):
        decided = getattr(facts, field)
        if decided is not None and decided > clock.today():
            raise Refused(_("This day is still to come."), field)
        if decided is None and getattr(facts, text):
            raise Refused(_("Give the day of this decision."), field)
        if decided is not None and not getattr(facts, text):
            raise Refused(_("Give the number that belongs to this day."), text)
    if facts.route == Route.NO_TENDER and not facts.route_reason:
        raise Refused(_("Say why nothing is tendered: the reason is public."), "route_reason")
    if facts.age_to < facts.age_from:
        raise Refused(_("The highest age must not be below the lowest."), "age_to")


def _refuse_same_title(lead: Organisation, title: str, besides: Programme | None = None) -> None:
    """Two bonds of one municipality with one name cannot be told apart on the public list."""
    named = select(Programme).filter_by(lead_id=lead.id)
    if besides is not None:
        named = named.where(Programme.id != besides.id)
    wanted = _plain(title)
    if any(_plain(other.title) == wanted for other in db.session.scalars(named).unique()):
        raise Refused(_("%(name)s already has a bond with this name.", name=lead.name), "title")


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


@operation
def submit_programme(programme: Programme, *, actor: User) -> None:
    """Ask a second official to approve.

    Refused while the municipalities do not add up to the cohort, or without the council decision (number and date)
    that reserves the money over the years (domain, section 4, C1).
    """
    FLOW.advance(programme, Action.PROGRAMME_SUBMIT)
    living = sum(share.cohort_size for share in programme.shares)
    if living != programme.cohort_size:
        raise Refused(
            _("The municipalities add up to %(sum)d of %(size)d participants.", sum=living, size=programme.cohort_size)
        )
    if any(not share.budget for share in programme.shares):
        raise Refused(_("Each municipality needs a reservation for at least one budget year."))
    if not programme.council_decision or programme.council_decided_on is None:
        raise Refused(_("The council decision that reserves the money is missing: give its number and its date."))
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

    Refused when it has another part already, or when the assessor would not be independent: an assessor that is also
    a provider, or shares people with a provider or investor, proves nothing (domain, section 2).
    """
    found = db.session.scalar(select(Party).filter_by(programme_id=programme.id, organisation_id=organisation.id))
    if found is not None:
        _refuse_second(found, part)
    if part in NAMED_PARTS and organisation.vetted_at is None:
        raise Refused(_("%(name)s has not been vetted by a government yet.", name=organisation.name), "organisation")
    if part == Part.ASSESSOR and organisation.kind != OrganisationKind.ASSESSOR:
        message = _("%(name)s is on the portal as %(kind)s, so it cannot assess.")
        raise Refused(message % {"name": organisation.name, "kind": organisation.kind.label}, "organisation")
    expect_independence(programme, organisation, part)
    party = Party(programme=programme, organisation=organisation, part=part)
    db.session.add(party)
    record(Action.PROGRAMME_ADD_PARTY, programme, actor, organisation=organisation.name, part=part)
    if part in (*NAMED_PARTS, Part.GOVERNMENT):
        notices.tell_added(programme, organisation, part, actor)
    return party


@operation
def remove_party(programme: Programme, organisation: Organisation, *, actor: User) -> None:
    """Take back a part that was given by hand, to the wrong organisation for instance.

    `NotNow` from the final award on: the agreement names the parties. Refused for a part that follows from an act.
    """
    FLOW.advance(programme, Action.PROGRAMME_REMOVE_PARTY)
    party = next((one for one in programme.parties if one.organisation_id == organisation.id), None)
    if party is None:
        raise Refused(_("%(name)s has no part in this bond.", name=organisation.name))
    if party.part not in NAMED_PARTS:
        raise Refused(_("%(name)s did not get its part here, so it cannot be taken back here.", name=organisation.name))
    programme.parties.remove(party)
    record(Action.PROGRAMME_REMOVE_PARTY, programme, actor, organisation=organisation.name, part=party.part)
    notices.tell_removed(programme, organisation, party.part, actor)


def _refuse_second(found: Party, part: Part) -> None:
    words = {"name": found.organisation.name, "part": found.part.label}
    if Part.ASSESSOR in (part, found.part) and part != found.part:
        message = _("%(name)s is %(part)s in this bond. The assessor must be independent of the others.", **words)
    else:
        message = _("%(name)s already has a part in this bond: %(part)s.", **words)
    raise Refused(message, "organisation")


def expect_independence(
    programme: Programme, organisation: Organisation, part: Part, field: str = "organisation"
) -> None:
    """No person may belong both to an assessor of the bond and to one of its providers or investors."""
    if part == Part.ASSESSOR:
        opposite = [Part.PROVIDER, Part.INVESTOR]
    elif part in (Part.PROVIDER, Part.INVESTOR):
        opposite = [Part.ASSESSOR]
    else:
        return
    own = select(Membership.user_id).where(Membership.organisation_id == organisation.id)
    tied = (
        select(Organisation)
        .join(Party, Party.organisation_id == Organisation.id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Party.programme_id == programme.id, Party.part.in_(opposite), Membership.user_id.in_(own))
    )
    other = db.session.scalars(tied.limit(1)).first()
    if other is not None:
        message = _("%(name)s and %(other)s have a member in common, so the assessor would not be independent.")
        raise Refused(message % {"name": organisation.name, "other": other.name}, field)


@operation
def set_share(
    programme: Programme,
    municipality: Organisation,
    cohort_size: int,
    budget: dict[int, int],
    *,
    actor: User,
    version: int | None = None,
) -> MunicipalityShare:
    """How many of the cohort live in `municipality`, and `budget`: reserved minor units per year. Makes it a party.

    `version` is that of the programme the person was reading. Refused for a year outside the period and its tail.
    """
    programme.expect_version(version)
    FLOW.advance(programme, Action.PROGRAMME_EDIT)
    if municipality.kind != OrganisationKind.MUNICIPALITY:
        raise Refused(_("Only a municipality pays for its residents."), "municipality")
    _check_share(programme, cohort_size, budget)
    share = _share_of(programme, municipality)
    if share is not None and _is_same(share, cohort_size, budget):
        return share
    if share is None:
        share = MunicipalityShare(programme=programme, organisation=municipality, cohort_size=cohort_size)
        db.session.add(share)
        if municipality.id != programme.lead_id:
            add_party(programme, municipality, Part.GOVERNMENT, actor=actor)
    share.cohort_size = cohort_size
    share.budget.clear()
    db.session.flush()
    share.budget.extend(BudgetYear(year=year, reserved_minor=minor) for year, minor in sorted(budget.items()))
    _touch(programme)
    record(Action.PROGRAMME_EDIT, programme, actor, municipality=municipality.name, cohort=cohort_size, budget=budget)
    return share


def _is_same(share: MunicipalityShare, cohort_size: int, budget: dict[int, int]) -> bool:
    """Nothing reserved in a year and no line for that year say the same."""
    stored = {one.year: one.reserved_minor for one in share.budget if one.reserved_minor}
    return (share.cohort_size, stored) == (cohort_size, {year: minor for year, minor in budget.items() if minor})


def _check_share(programme: Programme, cohort_size: int, budget: dict[int, int]) -> None:
    if not 0 < cohort_size <= programme.cohort_size:
        message = _("Give a number from 1 to the %(size)d participants of the bond.", size=programme.cohort_size)
        raise Refused(message, "cohort_size")
    for year, minor in budget.items():
        if year not in programme.years:
            raise Refused(_("%(year)d is outside the period of this bond.", year=year), f"year_{year}")
        if minor < 0:
            raise Refused(_("The amount is too low."), f"year_{year}")
    if not any(budget.values()):
        raise Refused(_("Give a reservation for at least one budget year."), f"year_{programme.years[0]}")


def _share_of(programme: Programme, municipality: Organisation) -> MunicipalityShare | None:
    found = select(MunicipalityShare).filter_by(programme_id=programme.id, organisation_id=municipality.id)
    return db.session.scalar(found)


def _touch(programme: Programme) -> None:
    """Its shares are part of what people edit together: a new version, so that the second one hears of the first."""
    flag_modified(programme, "cohort_size")


@operation
def remove_share(programme: Programme, municipality: Organisation, *, actor: User) -> None:
    """Take a municipality out of a draft; only the leading one stays a party without a share."""
    FLOW.advance(programme, Action.PROGRAMME_EDIT)
    share = _share_of(programme, municipality)
    if share is None:
        raise Refused(_("%(name)s has no part of the cohort.", name=municipality.name))
    programme.shares.remove(share)
    if municipality.id != programme.lead_id:
        party = select(Party).filter_by(programme_id=programme.id, organisation_id=municipality.id)
        programme.parties.remove(db.session.scalars(party).one())
    _touch(programme)
    record(Action.PROGRAMME_EDIT, programme, actor, removed_municipality=municipality.name)


def reach_phase(programme: Programme, phase: Phase) -> None:
    """The bond has come at least this far; called by the operations of later packages, never backwards."""
    phases = list(Phase)
    if phases.index(phase) > phases.index(programme.phase):
        programme.phase = phase

"""What the page of a bond reads beyond its own row: its rooms, and whose turn it is."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, case, or_, select

from app.access.actions import Action as A
from app.access.guard import can, may
from app.access.roles import Role
from app.people.models import Organisation
from app.programmes.models import Part, Party, Programme
from app.programmes.states import Phase, ProgrammeState, Route


def search_programmes(user: Any, q: str) -> Select[Programme]:
    """The bonds this person may see whose name or leading municipality holds `q`, the newest first."""
    found = Programme.visible_to(user).order_by(Programme.created_at.desc(), Programme.id)
    if not q:
        return found
    named = Programme.title.icontains(q, autoescape=True)
    led = Organisation.name.icontains(q, autoescape=True)
    return found.join(Organisation, Organisation.id == Programme.lead_id).where(or_(named, led))


def parties_of(programme: Programme) -> Select[Party]:
    """Who has a part in a bond, the investors last: they may be ten thousand."""
    found = select(Party).where(Party.programme_id == programme.id)
    return found.order_by(case((Party.part == Part.INVESTOR, 1), else_=0), Party.created_at, Party.id)


@dataclass(frozen=True, slots=True)
class Room:
    """A place in the bond that this reader may enter; the room answers for what is in it."""

    label: Any
    says: Any
    url: str


# endpoint, the action that opens it, its name, what stands there. Endpoints of packages that are absent are left out.
ROOMS = (
    ("pricing.index", A.TABLE_READ, _l("Price per effect"), _l("What is paid per proven effect, in every version.")),
    ("capital.index", A.ROUND_READ, _l("Investor round"), _l("Target, terms and commitments of the investors.")),
    ("scenarios.explore", A.SCENARIO_EXPLORE, _l("What if"), _l("Payments and returns under your own assumptions.")),
    (
        "calls.of_programme",
        A.CALL_READ,
        _l("Consortium calls"),
        _l("Published calls to service providers, with questions."),
    ),
    (
        "direct.index",
        A.DIRECT_READ,
        _l("Named providers"),
        _l("Who was named without a tender, why, and their answers."),
    ),
    ("agreements.index", A.AGREEMENT_READ, _l("Agreement"), _l("Terms, parties and signatures.")),
    ("outcomes.index", A.DELIVERY_READ, _l("Delivery"), _l("Intake, effects claimed and signed off.")),
    ("progress.index", A.PROGRESS_READ, _l("Progress"), _l("Plan against actual, warnings, what is done about them.")),
    ("settlement.index", A.SETTLEMENT_READ, _l("Settlements"), _l("What each municipality owes for proven effects.")),
    ("treasury.index", A.TREASURY_READ, _l("Treasury"), _l("Capital calls, running costs, distributions.")),
    ("treasury.holding", A.HOLDING_READ, _l("Your investment"), _l("Committed, called, paid back.")),
    ("treasury.trial_balance", A.LEDGER_READ, _l("The books"), _l("Journal, ledger accounts, trial balance.")),
    ("treasury.closing", A.CLOSING_READ, _l("Close of the bond"), _l("What must be behind the bond before it closes.")),
    ("reports.results", A.RESULTS_READ, _l("Results"), _l("What the bond brought, for everybody.")),
    ("reports.trail", A.TRAIL_READ, _l("Audit trail"), _l("Every act in this bond, in order.")),
)


def rooms_of(programme: Programme, user: Any) -> list[Room]:
    if programme.state != ProgrammeState.APPROVED:
        return []
    other = "calls.of_programme" if programme.route == Route.NO_TENDER else "direct.index"
    return [
        Room(label, says, url_for(endpoint, id=programme.id))
        for endpoint, action, label, says in ROOMS
        if endpoint in current_app.view_functions and endpoint != other and _opens(action, programme, user)
        if endpoint != "treasury.closing" or programme.phase in (Phase.DELIVERY, Phase.CLOSED)
    ]


def _opens(action: A, programme: Programme, user: Any) -> bool:
    if action == A.HOLDING_READ:  # a holding is an investor's own; the bond itself has no member
        return Role.INVESTOR in programme.roles_of(user)
    return may(action, programme, user)


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes next in the bond and who does it; `endpoint` is where, for whoever can do `action` now."""

    what: Any
    whose: Any
    endpoint: str = ""
    action: A | None = None

    def url(self, programme: Programme, user: Any) -> str | None:
        if self.endpoint not in current_app.view_functions or self.action is None:
            return None
        return url_for(self.endpoint, id=programme.id) if can(self.action, programme, user) else None


LEAD = _l("the leading municipality")
PREPARERS = _l("the intermediary or the leading municipality")
DELIVERERS = _l("service providers, assessor, intermediary")
NEXT = {
    Phase.PREPARATION: Turn(_l("Approve the programme"), LEAD),
    Phase.PRICES: Turn(_l("Publish the price per effect"), LEAD, "pricing.index", A.TABLE_READ),
    Phase.INVESTORS: Turn(_l("Bring the investors together"), PREPARERS, "capital.index", A.ROUND_READ),
    Phase.CALL: Turn(_l("Call for consortia, and award"), LEAD, "calls.of_programme", A.CALL_READ),
    Phase.AGREEMENT: Turn(_l("Sign the agreement"), _l("all parties"), "agreements.index", A.AGREEMENT_READ),
    Phase.DELIVERY: Turn(_l("Prove effects and settle them"), DELIVERERS, "outcomes.index", A.DELIVERY_READ),
    Phase.CLOSED: Turn(_l("Nothing: the bond is closed"), _l("nobody")),
}


def turn_of(programme: Programme) -> Turn:
    """Whose turn it is, from the state of the paper first and the phase of the bond after that."""
    if programme.state == ProgrammeState.IN_REVIEW:
        second = _l("a second official of the leading municipality")
        return Turn(_l("Approve the programme, or return it"), second, "programmes.approve", A.PROGRAMME_APPROVE)
    if programme.state == ProgrammeState.DRAFT:
        living = sum(share.cohort_size for share in programme.shares)
        if living == programme.cohort_size:
            ask = _l("Ask a second official to approve the programme")
            return Turn(ask, LEAD, "programmes.submit", A.PROGRAMME_SUBMIT)
        divide = _(
            "Divide the participants over the municipalities: %(sum)d of %(size)d have a place",
            sum=living,
            size=programme.cohort_size,
        )
        return Turn(divide, LEAD, "programmes.shares", A.PROGRAMME_EDIT)
    if programme.route == Route.NO_TENDER and programme.phase == Phase.CALL:
        name = _l("No tender is held: name the service providers and agree with them")
        return Turn(name, LEAD, "direct.index", A.DIRECT_READ)
    return NEXT[programme.phase]

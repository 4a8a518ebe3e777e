"""What a provider needs to know of a participant: what can be claimed, what is due, what lapses; and a picture of it.

`lines_of` asks a fixed number of statements, however many people are on the page.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import clock
from app.core.flow import Labelled
from app.extensions import db
from app.intake.models import Participant
from app.outcomes import clocks
from app.outcomes.models import Claim, ClockRun, Milestone
from app.outcomes.states import COUNTING, ClaimState
from app.pricing.models import PERSONAL, Effect, PriceTable
from app.programmes.models import LifeDomain

SOON = timedelta(days=30)
LAPSES_WITHIN = timedelta(days=14)


class Standing(Labelled):
    LAPSES = "lapses", _l("lapses soon"), "bad"
    NOW = "now", _l("can be claimed now"), "good"
    SOON = "soon", _l("due soon"), "info"
    LATER = "later", _l("later"), "neutral"
    LAPSED = "lapsed", _l("evidence window passed"), "bad"


@dataclass(frozen=True, slots=True)
class Possible:
    """An effect that a clock makes. `after`: what must be claimed before it."""

    effect: Effect
    due_on: date
    lapses_on: date
    standing: Standing
    after: Effect | None


@dataclass(slots=True)
class Line:
    """One participant: its claims, what is possible, when clocks ran, and which clocks were never started."""

    participant: Participant
    claims: list[Claim] = field(default_factory=list)
    possible: list[Possible] = field(default_factory=list)
    runs: dict[str, list[clocks.Run]] = field(default_factory=dict)
    noted: list[ClockRun] = field(default_factory=list)
    idle: list[Effect] = field(default_factory=list)


def standing_of(due_on: date, lapses_on: date) -> Standing:
    today = clock.today()
    if lapses_on < today:
        return Standing.LAPSED
    if due_on > today:
        return Standing.SOON if due_on <= today + SOON else Standing.LATER
    return Standing.LAPSES if lapses_on <= today + LAPSES_WITHIN else Standing.NOW


def lines_of(people: Sequence[Participant], table: PriceTable | None, *, handed_in: bool = False) -> list[Line]:
    """For each of `people` its line; three statements. `handed_in`: only of claims that the assessor may read."""
    ids = [person.id for person in people]
    of_people = select(Claim).where(Claim.participant_id.in_(ids)).order_by(Claim.achieved_on)
    claims = _by_person(of_people.where(Claim.submitted_at.is_not(None)) if handed_in else of_people)
    noted = _by_person(select(ClockRun).where(ClockRun.participant_id.in_(ids)).order_by(ClockRun.started_on))
    found = _by_person(select(Milestone).where(Milestone.participant_id.in_(ids)).order_by(Milestone.due_on))
    return [_line(person, table, claims[person.id], noted[person.id], found[person.id]) for person in people]


def _by_person(statement: Any) -> dict[Any, list[Any]]:
    rows = defaultdict(list)
    for row in db.session.scalars(statement).unique():
        rows[row.participant_id].append(row)
    return rows


def _line(
    person: Participant,
    table: PriceTable | None,
    claims: list[Claim],
    noted: list[ClockRun],
    milestones: list[Milestone],
) -> Line:
    line = Line(person, claims=claims, noted=noted)
    counting = [claim for claim in claims if claim.state in COUNTING]
    claimed = {claim.effect.code for claim in counting}
    known = {effect.code: effect for effect in table.effects} if table else {}
    for one in milestones:
        if person.died_on is not None and one.due_on > person.died_on:
            continue
        missing = next((known[code] for code in one.effect.requires if code in known and code not in claimed), None)
        standing = standing_of(one.due_on, one.lapses_on)
        line.possible.append(Possible(one.effect, one.due_on, one.lapses_on, standing, missing))
    for chain in clocks.chains_in(effect for effect in known.values() if effect.kind in PERSONAL):
        runs = clocks.runs_of(chain, noted, counting, person.started_on)
        line.runs[chain.code] = clocks.until(runs, person.died_on)
        if chain.lasts and chain.code not in claimed and not line.runs[chain.code]:
            line.idle.append(chain)
    return line


# The picture: lanes of life domains over time, in whole pixels of a box that is `WIDTH` wide.
WIDTH, LABELS, LANE, TOP = 720, 150, 26, 24


@dataclass(frozen=True, slots=True)
class Mark:
    """At `x`: a claim (its state tells the tone) or a milestone (`claim` None)."""

    x: int
    tone: str
    words: str


@dataclass(slots=True)
class Lane:
    domain: LifeDomain
    y: int
    bars: list[tuple[int, int]] = field(default_factory=list)  # (x, width): a clock ran
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    lanes: list[Lane]
    height: int
    today: int
    years: list[tuple[int, str]]  # (x, label) of the first day of each half-year


def key_of_claims() -> dict[str, list[ClaimState]]:
    """Which states the mark of each tone stands for."""
    key: dict[str, list[ClaimState]] = defaultdict(list)
    for state in ClaimState:
        key[state.tone].append(state)
    return key


def picture_of(line: Line, table: PriceTable) -> Picture:
    """From the start of the participant to today or the last day that is due, whichever is later."""
    today, start = clock.today(), line.participant.started_on
    end = max([today + SOON, *(one.due_on for one in line.possible if one.standing != Standing.LATER)])

    def at(day: date) -> int:
        share = (min(max(day, start), end) - start).days
        return LABELS + share * (WIDTH - LABELS - 10) // max((end - start).days, 1)

    personal = [effect for effect in table.effects if effect.kind in PERSONAL]
    domains = sorted({effect.life_domain for effect in personal}, key=list(LifeDomain).index)
    lanes = {domain: Lane(domain, TOP + LANE * number) for number, domain in enumerate(domains)}
    of_chain = {chain.code: chain.life_domain for chain in clocks.chains_in(personal)}
    for code, runs in line.runs.items():
        for run in runs:
            left, right = at(run.started_on), at(run.stopped_on or today)
            lanes[of_chain[code]].bars.append((left, max(right - left, 2)))
    for claim in line.claims:
        if claim.effect.life_domain in lanes:
            words = f"{claim.effect.name}: {claim.state.label}"
            lanes[claim.effect.life_domain].marks.append(Mark(at(claim.achieved_on), claim.state.tone, words))
    for one in line.possible:
        if one.due_on <= end:
            words = f"{one.effect.name}: {one.standing.label}"
            lanes[one.effect.life_domain].marks.append(Mark(at(one.due_on), "due", words))
    return Picture(list(lanes.values()), TOP + LANE * len(lanes), at(today), _half_years(start, end, at))


def _half_years(start: date, end: date, at: Any) -> list[tuple[int, str]]:
    firsts = [date(year, month, 1) for year in range(start.year, end.year + 1) for month in (1, 7)]
    return [(at(first), f"{first.month}-{first.year}") for first in firsts if start < first < end]

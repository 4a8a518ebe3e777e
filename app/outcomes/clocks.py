"""When a clock ran, and when it makes an effect: pure, rows in, days out.

Effects that last stand in a chain: each requires the one before it, and one clock counts for all of them. It starts on
the day of the effect that begins the chain ("home-start"), or, where the first one lasts itself ("work-13w"), on the
day that the provider notes; once that one is claimed, at the latest as long before it as it lasts, and never before the
participant started. When the clock stops before an effect is reached, it counts from its next start. Source: the
domain, sections 4 (D4) and 5.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.pricing.models import Effect, Lasts


@dataclass(frozen=True, slots=True)
class Run:
    """`stopped_on`: the first day on which it no longer ran; None: it runs."""

    started_on: date
    stopped_on: date | None = None

    def reaches(self, effect: Effect) -> date | None:
        """The day on which it makes the effect; None when it stopped before."""
        due = after(self.started_on, effect.lasts, effect.lasts_unit)
        return due if self.stopped_on is None or due <= self.stopped_on else None


def after(start: date, lasts: int, unit: Lasts) -> date:
    """`lasts` units later: the same day of the week or of the month, or the last day of a month that has none
    (Regulation 1182/71, article 3(2)(c))."""
    if unit == Lasts.MONTHS:
        return _months_on(start, lasts)
    return start + timedelta(days=lasts * (7 if unit == Lasts.WEEKS else 1))


def before(end: date, lasts: int, unit: Lasts) -> date:
    return after(end, -lasts, unit)


def _months_on(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def chain_of(effect: Effect) -> Effect:
    """The effect that begins the chain in which this one stands."""
    known = {other.code: other for other in effect.table.effects}
    passed = {effect.code}
    while effect.lasts and effect.requires and effect.requires[0] in known and effect.requires[0] not in passed:
        effect = known[effect.requires[0]]
        passed.add(effect.code)
    return effect


def chains_in(effects: Iterable[Effect]) -> list[Effect]:
    """The first effect of each chain in which something lasts."""
    return list({begins.code: begins for begins in (chain_of(one) for one in effects if one.lasts)}.values())


def runs_of(chain: Effect, noted: Iterable[Any], counting: Iterable[Any], started_on: date) -> list[Run]:
    """When the clock of `chain` ran, oldest first. `noted`: the clock runs of the participant; `counting`: its claims
    that are neither rejected nor withdrawn; `started_on`: when it started."""
    found = sorted((run.started_on, run.stopped_on or date.max) for run in noted if run.chain == chain.code)
    if found:
        return [Run(started, None if stopped == date.max else stopped) for started, stopped in found]
    begun = [claim.achieved_on for claim in counting if claim.effect.code == chain.code]
    return [Run(max(before(min(begun), chain.lasts, chain.lasts_unit), started_on))] if begun else []


def until(runs: Iterable[Run], last: date | None) -> list[Run]:
    """The same clocks, none of which runs on after `last`."""
    if last is None:
        return list(runs)
    return [Run(run.started_on, min(run.stopped_on or last, last)) for run in runs if run.started_on <= last]


def reached_on(effect: Effect, runs: Sequence[Run]) -> date | None:
    """The first day on which a clock makes the effect, or will when it runs on; None: no clock that runs does."""
    days = [due for run in runs if (due := run.reaches(effect)) is not None]
    return min(days, default=None)

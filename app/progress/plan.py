"""Intake and effects against plan, as each reader may know them. Pure where it reckons.

The plan of an effect is the number in the agreement, spread as the people come in by the agreed intake and shifted by
the months that the price table gives it (gate C5). Effects are signed off per half-year, so what is proven today is
laid beside the plan up to the last half-year that must be signed off by now: nobody is late for what cannot be proven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.agreements.intake_clause import IntakeClause, agreed_end, clause_of, even_plan, until_the_end
from app.agreements.models import Agreement
from app.core import clock
from app.intake.figures import intake, sees_rows
from app.intake.plan import last_full_month
from app.intake.rules import agreement_of
from app.intake.suppression import Figure
from app.outcomes.disclosure import PROVEN, Key, Readable, disclosure
from app.people.models import Organisation
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme

SIGNED_WITHIN = timedelta(days=45)  # after a half-year ended
TOLERATED_PERCENT = 20  # how far an effect may be behind its plan before a warning is given
SMALL = 4  # the most that a figure can be that says "<5"

Starts = Mapping[str, int]  # month ("2026-01") -> how many come in


def month_of(day: date) -> str:
    return day.strftime("%Y-%m")


def months_back(month: str, number: int) -> str:
    """The month `number` months before."""
    year, of_year = int(month[:4]), int(month[5:])
    index = year * 12 + of_year - 1 - number
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def come_in(starts: Starts, until: str) -> int:
    """How many come in by plan, up to and including the month `until`."""
    return sum(number for month, number in starts.items() if month <= until)


def planned_of(volume: int, starts: Starts, months_after: int, until: str, places: int) -> int:
    """How many of `volume` effects for `places` people are planned up to and including the month `until`; rounded
    down, in favour of whoever delivers."""
    return volume * come_in(starts, months_back(until, months_after)) // places if places else 0


def at_most(figure: Figure) -> int | None:
    """The most that a figure can be for whoever reads it; None where it tells nothing."""
    if figure.count is not None:
        return figure.count
    if figure.small:
        return SMALL
    return figure.between[1] if figure.between else None


def is_behind(figure: Figure, planned: int, tolerated_percent: int) -> bool:
    """Whether a reader sees that it is further behind than is tolerated; whatever is hidden gives no warning."""
    most = at_most(figure)
    return most is not None and most * 100 < planned * (100 - tolerated_percent)


@dataclass(frozen=True, slots=True)
class IntakeLine:
    """Of one municipality, or (None) of the bond: `places` in all, `planned` up to the last whole month, `started`."""

    municipality: Organisation | None
    places: int
    planned: int
    started: Figure


@dataclass(frozen=True, slots=True)
class EffectLine:
    """`volume` in the agreement, `planned` up to `proven_until`, `claimed` and `proven` until now."""

    effect: Effect
    volume: int
    planned: int
    claimed: Figure
    proven: Figure


@dataclass(frozen=True, slots=True)
class Setting:
    """What was agreed about a bond: the table, the volumes by effect code, who comes in when."""

    agreement: Agreement
    table: PriceTable
    clause: IntakeClause
    is_agreed: bool  # an intake plan stands in the agreement; else the places are spread evenly over the period
    starts: Starts  # less what an early end cuts off
    places: int  # in all, as agreed

    @property
    def tolerated_percent(self) -> int:
        return self.clause.tolerance_bp // 100

    def volume(self, effect: Effect) -> int:
        """As the parties signed it; where they agreed on none, as the price table expects it."""
        volumes = self.agreement.terms.get("volumes") or self.agreement.volumes
        return int(volumes.get(effect.code, 0) if volumes else effect.expected_count or 0)


def setting_of(programme: Programme) -> Setting | None:
    """None before the agreement is in force: there is nothing to guard yet."""
    agreement = agreement_of(programme)
    if agreement is None:
        return None
    agreed = clause_of(agreement)
    whole = agreed or IntakeClause(even_plan(programme, agreed_end(agreement)))
    clause = until_the_end(agreement, whole)
    starts: dict[str, int] = {}
    for months in clause.plan.values():
        for month, number in months.items():
            starts[month] = starts.get(month, 0) + number
    places = sum(sum(months.values()) for months in whole.plan.values())
    return Setting(agreement, agreement.table, clause, agreed is not None, starts, places)


def planned_until() -> date:
    """The last day of the last whole month: only whole months are compared with the plan of the intake."""
    return last_full_month(clock.today())


def proven_until(programme: Programme) -> date | None:
    """The last half-year that must be signed off by now; None before there is one."""
    today = clock.today()
    return max((end for end in programme.settlement_days if end + SIGNED_WITHIN <= today), default=None)


def intake_lines(programme: Programme, setting: Setting, user: Any) -> list[IntakeLine]:
    """Per municipality, then the bond."""
    until = month_of(planned_until())
    lines = []
    for municipality, places, started in intake(programme, user):
        planned = (
            setting.clause.total(municipality.id, until) if municipality is not None else come_in(setting.starts, until)
        )
        lines.append(IntakeLine(municipality, places, planned, started))
    return lines


def effect_lines(programme: Programme, setting: Setting, user: Any) -> list[EffectLine]:
    """Effects of which the agreement plans a number. `user` None: as everybody may know them."""
    told, exact = disclosure(programme.id), user is not None and sees_rows(programme.id, user)
    until = proven_until(programme)
    return [
        _line(effect, setting, told, until, exact)
        for effect in setting.table.effects
        if effect.is_counted and setting.volume(effect)
    ]


def _line(effect: Effect, setting: Setting, told: Readable, until: date | None, exact: bool) -> EffectLine:
    volume = setting.volume(effect)
    planned = planned_of(volume, setting.starts, effect.months_after, month_of(until), setting.places) if until else 0
    return EffectLine(
        effect,
        volume,
        planned,
        claimed=told.figure(Key(effect.id), exact=exact),
        proven=told.figure(Key(effect.id, stage=PROVEN), exact=exact),
    )


def shown_only(lines: Sequence[Any], name: str) -> list[Any]:
    """The lines of which the figure `name` may be drawn."""
    return [line for line in lines if not getattr(line, name).hidden]

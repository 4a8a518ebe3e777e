"""What a plan would cost at the most: pure arithmetic over volumes, prices and ceilings, in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.programmes.models import LifeDomain


@dataclass(frozen=True, slots=True)
class Line:
    """One effect of the table: its volume, and the most that the cohort can reach (`ceiling`, none: no limit)."""

    effect: Any
    volume: int
    ceiling: int | None

    @property
    def amount_minor(self) -> int:
        return int(self.effect.amount_of(self.volume))

    @property
    def is_over(self) -> bool:
        return self.ceiling is not None and self.volume > self.ceiling


@dataclass(frozen=True, slots=True)
class Budget:
    """`cap_minor`: the most that the contract pays, none: no cap. `illustrative`: the prices are made up."""

    lines: list[Line]
    cap_minor: int | None
    illustrative: bool

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def effects(self) -> int:
        return sum(line.volume for line in self.lines)

    def per_domain(self) -> list[tuple[LifeDomain, int]]:
        """Minor units per life domain that the plan works on."""
        sums: dict[LifeDomain, int] = {}
        for line in self.lines:
            if line.volume:
                sums[line.effect.life_domain] = sums.get(line.effect.life_domain, 0) + line.amount_minor
        return [(domain, sums[domain]) for domain in LifeDomain if domain in sums]

    def problems(self) -> list[str]:
        """Why this plan cannot be handed in as it is."""
        found = [
            _(
                "%(effect)s: %(volume)d is more than the %(ceiling)d that the cohort can reach.",
                effect=line.effect.name,
                volume=line.volume,
                ceiling=line.ceiling,
            )
            for line in self.lines
            if line.is_over
        ]
        if self.cap_minor is not None and self.total_minor > self.cap_minor:
            found.append(_("The plan costs more than the contract ceiling."))
        return found


def budget_of(volumes: Mapping[str, int], call: Any) -> Budget:
    """The volumes (by effect id) against the price table of the call and the cohort of its bond."""
    cohort = call.programme.cohort_size
    lines = [
        Line(
            effect,
            volumes.get(str(effect.id), 0),
            _most(effect, cohort),
        )
        for effect in call.table.effects
        if effect.is_counted
    ]
    return Budget(lines, _cap(call.table, cohort), call.table.illustrative or call.programme.illustrative)


def _most(effect: Any, cohort: int) -> int | None:
    limits = [effect.max_count, cohort * effect.max_per_person if effect.max_per_person is not None else None]
    return min((limit for limit in limits if limit is not None), default=None)


def _cap(table: Any, cohort: int) -> int | None:
    """The contract ceiling, or what the caps of all participants come to where that is less."""
    caps = [table.cap_contract_minor]
    if table.cap_per_person_minor is not None:
        caps.append(cohort * table.cap_per_person_minor)
    return min((cap for cap in caps if cap is not None), default=None)

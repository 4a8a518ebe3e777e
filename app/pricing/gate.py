"""What a gate is: what it asks, what was found per effect, who let it pass."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled
from app.pricing.budget import PayerYears, calendar_of
from app.pricing.models import Effect, GateOverride, PriceTable
from app.programmes.models import MunicipalityShare, Programme
from app.readers.queries import Tested


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a gate stays shut: a sentence for whoever must mend it, the effect concerned, if it is one, and the `field`
    of `EffectFacts` (with an effect), of `TableFacts` or of the programme (`where`) in which it is mended."""

    message: str
    effect: Effect | None = None
    field: str = ""
    where: str = "table"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one effect (None: of the whole table) for one gate; `caution` for what a person must weigh, and
    `caution_field` the field of `EffectFacts` in which it is mended, where there is one."""

    evidence: str
    effect: Effect | None = None
    faults: tuple[Fault, ...] = ()
    caution: str = ""
    caution_field: str = ""


@dataclass(frozen=True)
class Case:
    """Everything that the gates look at; nothing else decides. `tests` are those of the definitions as they are now;
    `lapsed`, by id of an override, the effects that it does not cover: added, or defined anew, since it was made."""

    table: PriceTable
    shares: Sequence[MunicipalityShare] = ()
    tests: Mapping[str, Tested] = field(default_factory=dict)
    overrides: Sequence[GateOverride] = ()
    lapsed: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=dict)

    @property
    def programme(self) -> Programme:
        return self.table.programme

    @property
    def effects(self) -> Sequence[Effect]:
        return self.table.effects

    @cached_property
    def calendar(self) -> list[PayerYears]:
        """Computed once for all gates that look at it; empty while the programme has no period."""
        return calendar_of(self.table, self.shares) if self.programme.starts_on else []


class Verdict(Labelled):
    PASSES = "passes", _l("passes"), "good"
    OVERRIDDEN = "overridden", _l("overridden"), "warn"
    FAILS = "fails", _l("fails"), "bad"
    UNTESTED = "untested", _l("nothing to test yet"), "neutral"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate. `may_be_overridden` is false for what no official can let pass: grade C, and what the engine needs."""

    code: str
    title: Any
    asks: Any
    findings: Sequence[Finding]
    overrides: Sequence[GateOverride] = ()
    may_be_overridden: bool = True
    is_tested: bool = True  # false while the table has no effect: nothing can pass
    lapsed: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=dict)  # as of `Case`

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, overridden or not."""
        return [fault for finding in self.findings for fault in finding.faults]

    @property
    def open_faults(self) -> list[Fault]:
        """What still keeps the table from being submitted and published."""
        return [fault for fault in self.faults if self.override_of(fault.effect) is None]

    @property
    def verdict(self) -> Verdict:
        if self.open_faults:
            return Verdict.FAILS
        if self.faults:
            return Verdict.OVERRIDDEN
        return Verdict.PASSES if self.is_tested else Verdict.UNTESTED

    @property
    def to_weigh(self) -> list[Finding]:
        """What passes and can be mended all the same, in a field that the finding names."""
        return [finding for finding in self.findings if finding.caution and finding.caution_field]

    @property
    def asks_attention(self) -> bool:
        """Whether a reader must see more than that it passes: it fails, was overridden, or somebody must weigh it."""
        weighed = any(finding.caution for finding in self.findings)
        return self.verdict != Verdict.PASSES or bool(self.overrides) or weighed

    def verdict_of(self, finding: Finding) -> Verdict:
        if not finding.faults:
            return Verdict.PASSES if self.is_tested else Verdict.UNTESTED
        return Verdict.FAILS if self.override_of(finding.effect) is None else Verdict.OVERRIDDEN

    def override_of(self, effect: Effect | None) -> Any:
        """The override that covers this effect, or the table as a whole: never an effect that was added, or a
        definition that was changed, after the official gave the reason."""
        if not self.may_be_overridden:
            return None
        covering = (override for override in self.overrides if _names(override, effect))
        return next((o for o in covering if effect is None or effect.code not in self.lapsed.get(o.id, ())), None)

    @property
    def uncovered(self) -> list[Effect]:
        """The effects that an override of this gate names, or names with the whole table, and does not cover."""
        found = {fault.effect.code: fault.effect for fault in self.open_faults if fault.effect}
        return [effect for effect in found.values() if any(_names(override, effect) for override in self.overrides)]


def _names(override: GateOverride, effect: Effect | None) -> bool:
    return override.effect_code in (("",) if effect is None else ("", effect.code))

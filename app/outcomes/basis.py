"""What must be said of how a cohort was measured, and what groups of that size can show.

Pure but for the words. Source: the domain, sections 4 (D6, D7) and 8: each measured result has its source, method and
interval, and says which difference it could have shown.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _

from app.core.errors import Refused
from app.core.format import exact
from app.pricing.attribution import baseline_of
from app.pricing.models import MEASURED, Counterfactual, Effect, EffectKind
from app.pricing.power import smallest_difference_bp
from app.pricing.rules import decimal_in

WITH_A_GROUP = (Counterfactual.MATCHED, Counterfactual.WAITING_LIST, Counterfactual.RCT)
# What was measured, where one field says so; a share of events avoided is worked out of two.
FIGURE_OF = {EffectKind.STEPS: "value", EffectKind.BANDS: "value", EffectKind.SHARE: "avoided_minor"}
FIELDS = ("source", "method", "low", "high", "people", "compared", "compared_value")


@dataclass(frozen=True, slots=True)
class Basis:
    """See `MeasurementBasis`; `low` and `high` as typed, with a point or a comma. What misses `check_basis` says."""

    source: str
    method: Counterfactual | None
    low: str
    high: str
    people: int | None
    compared: int | None = None
    compared_value: str | None = None


def is_asked(effect: Effect) -> bool:
    """A fee is counted, not measured."""
    return effect.kind in MEASURED


def is_share(effect: Effect) -> bool:
    """Is its figure a share of the cohort, from 0 to 1? So say the steps of the table: none of them lies above 1."""
    steps = [decimal_in(str(one.get("at", ""))) for one in effect.scale] if effect.kind == EffectKind.STEPS else []
    return bool(steps) and all(step is not None and 0 <= step <= 1 for step in steps)


def check_basis(effect: Effect, said: dict[str, Any], measured: dict[str, Any]) -> None:
    """Raise `Refused` with all that is wrong in `said` (the fields of `Basis`; None: not filled in well)."""
    if not is_asked(effect):
        return
    found = [*_missing(effect, said), *_group(effect, said), *_interval(effect, said, measured)]
    if found:
        raise Refused(found[0].message, found[0].field, found[1:])


def _missing(effect: Effect, said: dict[str, Any]) -> list[Refused]:
    fields = ["source", "method", "low", "high", "people"]
    if effect.kind == EffectKind.DIFFERENCE or said.get("method") in WITH_A_GROUP:
        fields.append("compared")
    if asks_group(effect) and said.get("method") in WITH_A_GROUP:
        fields.append("compared_value")
    told = _("Rule “basis”: fill this in, for a measured result is weighed by it.")
    return [Refused(told, name) for name in fields if said.get(name) in (None, "")]


def asks_group(effect: Effect) -> bool:
    """A share that was found says little without the same share among whom the cohort was compared with. Of events
    avoided that figure is what is paid by already (`control`)."""
    return is_share(effect)


def _group(effect: Effect, said: dict[str, Any]) -> list[Refused]:
    typed = said.get("compared_value")
    if typed in (None, ""):
        return []
    if not asks_group(effect) or (said.get("method") and said["method"] not in WITH_A_GROUP):
        return [
            Refused(
                _("Rule “basis”: leave this empty, for it is asked only of a share, where a group was compared with."),
                "compared_value",
            )
        ]
    share = decimal_in(str(typed))
    if share is None:
        return [Refused(_("Give a number, such as 0.1."), "compared_value")]
    if not 0 <= share <= 1:
        return [Refused(_("Rule “figures”: a share lies from 0 to 1, such as 0.625."), "compared_value")]
    return []


def _interval(effect: Effect, said: dict[str, Any], measured: dict[str, Any]) -> list[Refused]:
    """The interval is of the figure that is paid for, so that figure lies in it."""
    typed = {name: said.get(name) for name in ("low", "high")}
    ends = {name: decimal_in(text) if text else None for name, text in typed.items()}
    faults = [Refused(_("Give a number, such as 0.1."), name) for name in ends if typed[name] and ends[name] is None]
    low, high = ends["low"], ends["high"]
    figure = figure_of(effect.kind, measured)
    if faults or low is None or high is None:
        return faults
    if is_share(effect) and not (0 <= low <= 1 and 0 <= high <= 1):
        told = _("Rule “interval”: the interval of a share lies from 0 to 1.")
        return [Refused(told, name) for name, end in ends.items() if end is not None and not 0 <= end <= 1]
    if low > high:
        return [Refused(_("Rule “interval”: this must be at least the low end."), "high")]
    if figure is not None and not low <= figure <= high:
        shown = exact(_short(figure))
        told = _("Rule “interval”: the figure that was measured, %(figure)s, lies outside.", figure=shown)
        cell = FIGURE_OF.get(effect.kind) or ("low" if figure < low else "high")
        return [Refused(told, cell)]
    return []


def _short(figure: Decimal) -> str:
    """At most four decimals, and none that say nothing."""
    return f"{round(figure, 4).normalize():f}"


def figure_of(kind: EffectKind, measured: dict[str, Any]) -> Decimal | None:
    """What the interval is about; None while it cannot be told."""
    if kind in (EffectKind.STEPS, EffectKind.BANDS):
        return decimal_in(measured.get("value") or "")
    if kind == EffectKind.SHARE:
        avoided = measured.get("avoided_minor")
        return None if avoided is None else Decimal(avoided) / 100
    treatment, control = (decimal_in(measured.get(name) or "") for name in ("treatment", "control"))
    return None if treatment is None or not control else 1 - treatment / control


def points_found(measurement: Any) -> str | None:
    """How far a measured share lies from the published baseline, in percentage points; None: it is no share, or there
    is no baseline."""
    baseline, value = baseline_of(measurement.effect), decimal_in(measurement.value or "")
    if baseline is None or value is None or not is_share(measurement.effect):
        return None
    return f"{round((value - baseline) * 100, 1):f}"


def points_beside(measurement: Any) -> str | None:
    """How far a measured share lies from the same share in the comparison group, in percentage points; None: nobody was
    compared, or their share was not asked yet."""
    basis = measurement.basis
    beside = decimal_in(basis.compared_value or "") if basis is not None else None
    value = decimal_in(measurement.value or "")
    return None if beside is None or value is None else f"{round((value - beside) * 100, 1):f}"


def shares_beside(value: Decimal, people: int) -> list[tuple[int, Decimal]]:
    """A share of the cohort is a number of people, as exact as it was typed. Of a share that none of `people` gives the
    two beside it, as (people, share); empty where it is one."""
    unit, fewer = Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0)), int(value * people)
    near = [(one, (Decimal(one) / people).quantize(unit, ROUND_HALF_UP)) for one in (fewer, fewer + 1)]
    return [] if value in [share for _count, share in near] else near


def shows_bp(basis: Any, effect: Effect) -> int | None:
    """The smallest difference (basis points) that groups of this size show at 80 % power and 5 % two-sided, from the
    published baseline of the effect on; None: there is no baseline, or no difference would show."""
    baseline = baseline_of(effect)
    if baseline is None or basis.compared is None:
        return None
    return smallest_difference_bp(basis.people, baseline, basis.compared)

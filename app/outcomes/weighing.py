"""What an assessor must see of a measured figure before it decides: where nothing shows what it seems to show.

Pure but for the words. Source: the domain, sections 4 (D6, D7) and 8: a measured result is weighed by its interval and
by the difference that groups of its size can show.
"""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core.format import exact
from app.outcomes.basis import figure_of, is_share, points_beside, points_found, shares_beside, shows_bp
from app.pricing.attribution import baseline_of
from app.pricing.models import EffectKind
from app.pricing.rules import decimal_in


def doubts_about(measurement: Any) -> list[str]:
    """In words, the gravest first; empty where the figures raise none, or are not there."""
    basis = measurement.basis
    if basis is None:
        return []
    low, high = decimal_in(basis.low), decimal_in(basis.high)
    found = [] if low is None or high is None else [*_compared(measurement, low, high), *_threshold(measurement, low)]
    return [*found, *_too_small(measurement), *_no_whole_number(measurement)]


def _compared(measurement: Any, low: Decimal, high: Decimal) -> list[str]:
    """The interval holds what would be found if the programme did nothing."""
    without = _without(measurement)
    if without is None or not low <= without <= high:
        return []
    return [
        _(
            "No difference is shown: the interval, %(low)s to %(high)s, contains what was found or expected without "
            "the programme, %(without)s.",
            low=exact(measurement.basis.low),
            high=exact(measurement.basis.high),
            without=exact(f"{without:f}"),
        )
    ]


def _without(measurement: Any) -> Decimal | None:
    """The share of the comparison group, or the published baseline of a share; no event and no cost avoided."""
    if measurement.effect.kind in (EffectKind.DIFFERENCE, EffectKind.SHARE):
        return Decimal(0)
    if not is_share(measurement.effect):
        return None
    beside = decimal_in(measurement.basis.compared_value or "")
    return baseline_of(measurement.effect) if beside is None else beside


def _threshold(measurement: Any, low: Decimal) -> list[str]:
    """The figure is paid from a threshold on that the interval does not rule out to be missed."""
    figure = figure_of(measurement.effect.kind, _figures(measurement))
    least = least_paid(measurement.effect)
    if least is None or figure is None or not low < least <= figure:
        return []
    told = _("The interval contains the threshold from which is paid, %(least)s: that it was reached is not sure.",
             least=exact(f"{least:f}"))  # fmt: skip
    return [told]


def least_paid(effect: Any) -> Decimal | None:
    """The figure from which the table pays."""
    if effect.kind == EffectKind.STEPS:
        return min((Decimal(str(one["at"])) for one in effect.scale), default=None)
    return decimal_in(effect.threshold or "") if effect.kind in (EffectKind.BANDS, EffectKind.DIFFERENCE) else None


def _figures(measurement: Any) -> dict[str, Any]:
    return {name: getattr(measurement, name) for name in ("value", "treatment", "control", "avoided_minor")}


def _too_small(measurement: Any) -> list[str]:
    """A share differs by less than groups of this size can show."""
    if not is_share(measurement.effect):
        return []
    shows, found = shows_bp(measurement.basis, measurement.effect), points_beside(measurement)
    found = points_found(measurement) if found is None else found
    if shows is None or found is None or abs(Decimal(found)) * 100 >= shows:
        return []
    return [
        _(
            "No difference is shown: %(found)s percentage points were found, and groups of this size show %(least)s "
            "at the least.",
            found=exact(found),
            least=said_points(shows),
        )
    ]


def said_points(basis_points: int) -> str:
    """A difference of two shares is told in percentage points, never in per cent."""
    return _("%(points)s percentage points", points=exact(f"{Decimal(basis_points) / 100:f}"))


def _no_whole_number(measurement: Any) -> list[str]:
    """Asked when it was registered (`measurement_rules`); the provider said that it was meant so."""
    value, people = decimal_in(measurement.value or ""), measurement.basis.people
    if not is_share(measurement.effect) or value is None or not people or not shares_beside(value, people):
        return []
    return [
        _(
            "No whole number of %(people)d people is a share of %(value)s: look at the figures, or say in the note how "
            "it was reckoned.",
            people=people,
            value=exact(measurement.value),
        )
    ]

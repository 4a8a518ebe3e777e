"""What an investor earned: the multiple and XIRR of a cash flow. Reported rates only; nothing is paid by them."""

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from pyxirr import xirr as find_rate

NO_SIGN_CHANGE = "no sign change: money must go both in and out"
NOT_FOUND = "no rate can be computed"


def multiple(paid_in: int, distributed: int) -> str | None:
    """Distributed / paid in, 4 decimals half up; None where nothing was paid in."""
    if not paid_in:
        return None
    return _rounded(Fraction(distributed, paid_in), 4)


def xirr(flows: Mapping[date, int], distributed: int) -> tuple[str | None, str | None]:
    """The yearly rate (actual/365) at which `flows` (minor units; paid in below zero) are worth nothing.

    Six decimals and no reason, or no rate and the reason. A total loss is -1 by definition.
    """
    moved = {day: amount for day, amount in flows.items() if amount}
    if moved and not distributed:
        return "-1.000000", None
    if not any(amount < 0 for amount in moved.values()) or not any(amount > 0 for amount in moved.values()):
        return None, NO_SIGN_CHANGE
    rate = find_rate(list(moved), list(moved.values()), silent=True)
    if rate is None or not math.isfinite(rate) or not _solves(rate, moved):
        rate = _search(moved)
    return (None, NOT_FOUND) if rate is None else (_rounded(Fraction(rate), 6), None)


def _worth(growth: float, flows: Mapping[date, int]) -> float:
    """The flows on their first or last day (no overflow); `growth` is the logarithm of 1 + rate."""
    anchor = min(flows) if growth >= 0 else max(flows)
    return math.fsum(amount * math.exp(-growth * (day - anchor).days / 365) for day, amount in flows.items())


def _solves(rate: float, flows: Mapping[date, int]) -> bool:
    if rate <= -1:
        return False
    near = 1e-7 * (1 + abs(rate))
    low, high = (_worth(math.log1p(max(rate + change, -1 + 1e-12)), flows) for change in (-near, near))
    return (low > 0) != (high > 0)


def _search(flows: Mapping[date, int]) -> float | None:
    """The root nearest to 0 %, by halving the span that holds it; None when there is none within reach."""
    bounds = [number / 10 for number in range(51)] + [5.0 * 2**power for power in range(1, 16)]
    for near, far in pairwise(bounds):
        for low, high in ((-far, -near), (near, far)):
            if (_worth(low, flows) > 0) != (_worth(high, flows) > 0):
                try:
                    return math.expm1(_halve(low, high, flows))
                except OverflowError:
                    return None
    return None


def _halve(low: float, high: float, flows: Mapping[date, int]) -> float:
    sign = _worth(low, flows) > 0
    for _ in range(100):
        middle = (low + high) / 2
        if (_worth(middle, flows) > 0) == sign:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _rounded(number: Fraction, digits: int) -> str:
    scaled = number * 10**digits
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return f"{Decimal(whole if scaled >= 0 else -whole).scaleb(-digits):f}"

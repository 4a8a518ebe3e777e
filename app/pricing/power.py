"""How sure a baseline is, and how small a difference a cohort can show. Decimals, no floats.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), for the
interval; J. L. Fleiss, B. Levin, M. C. Paik, "Statistical Methods for Rates and Proportions", chapter 4, for the size
of two groups (two-sided 5 %, power 80 %, no continuity correction).
"""

from decimal import Decimal

WHOLE = 10_000  # basis points
Z_TWO_SIDED = Decimal("1.959964")  # 5 % two-sided, and the 95 % interval
Z_POWER = Decimal("0.841621")  # 80 %


def wilson(count: int, n: int) -> tuple[Decimal, Decimal]:
    """The 95 % confidence interval of a rate of `count` in `n` people, as fractions of 1. `n` is above zero."""
    size, rate, z2 = Decimal(n), Decimal(count) / n, Z_TWO_SIDED**2
    middle = rate + z2 / (2 * size)
    spread = Z_TWO_SIDED * (rate * (1 - rate) / size + z2 / (4 * size**2)).sqrt()
    whole = 1 + z2 / size
    return max(Decimal(0), (middle - spread) / whole), min(Decimal(1), (middle + spread) / whole)


def smallest_difference_bp(size: int, baseline: Decimal) -> int | None:
    """The smallest rise above `baseline` (a fraction) that two groups of `size` show at 80 % power and 5 % two-sided,
    in basis points, rounded up. None: not even a rise to 100 % shows."""
    room = int((1 - baseline) * WHOLE)
    low, high = 0, room  # what shows is monotone in the difference: halve the room until one step is left
    if size <= 0 or room <= 0 or not _shows(size, baseline, room):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _shows(size, baseline, middle):
            high = middle
        else:
            low = middle
    return high


def _shows(size: int, baseline: Decimal, difference_bp: int) -> bool:
    return Decimal(size) >= people_needed(baseline, Decimal(difference_bp) / WHOLE)


def people_needed(baseline: Decimal, difference: Decimal) -> Decimal:
    """How many people each of two groups needs, to show a rise of `difference` (fractions of 1)."""
    reached = baseline + difference
    mean = (baseline + reached) / 2
    by_chance = Z_TWO_SIDED * (2 * mean * (1 - mean)).sqrt()
    real = Z_POWER * (baseline * (1 - baseline) + reached * (1 - reached)).sqrt()
    return (by_chance + real) ** 2 / difference**2

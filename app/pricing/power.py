"""How sure a baseline is, and how small a difference a cohort can show. Decimals, no floats.

Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), for the
interval; J. L. Fleiss, B. Levin, M. C. Paik, "Statistical Methods for Rates and Proportions", chapter 4, for the size
of two groups, equal or not (two-sided 5 %, power 80 %, no continuity correction).
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


def smallest_difference_bp(size: int, baseline: Decimal, compared: int | None = None) -> int | None:
    """The smallest rise above `baseline` (a fraction) that a group of `size` beside one of `compared` (none: as large)
    shows at 80 % power and 5 % two-sided, in basis points, rounded up. None: not even a rise to 100 % shows."""
    ratio = Decimal(size if compared is None else compared) / size if size > 0 else Decimal(0)
    room = int((1 - baseline) * WHOLE)
    low, high = 0, room  # what shows is monotone in the difference: halve the room until one step is left
    if ratio <= 0 or room <= 0 or not _shows(size, baseline, room, ratio):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _shows(size, baseline, middle, ratio):
            high = middle
        else:
            low = middle
    return high


def _shows(size: int, baseline: Decimal, difference_bp: int, ratio: Decimal) -> bool:
    return Decimal(size) >= people_needed(baseline, Decimal(difference_bp) / WHOLE, ratio)


def people_needed(baseline: Decimal, difference: Decimal, ratio: Decimal = Decimal(1)) -> Decimal:
    """How many people the supported group needs to show a rise of `difference`, when the group beside it is `ratio`
    times as large (all fractions of 1). With r the ratio, p the rate that is reached, q the baseline and m their mean,
    weighted by the sizes: n = (z1 sqrt((1 + 1/r) m (1 - m)) + z2 sqrt(p (1 - p) + q (1 - q) / r))^2 / (p - q)^2
    (Fleiss, Levin and Paik, section 4.4, unequal sample sizes)."""
    reached = baseline + difference
    mean = (reached + ratio * baseline) / (1 + ratio)
    by_chance = Z_TWO_SIDED * ((1 + 1 / ratio) * mean * (1 - mean)).sqrt()
    real = Z_POWER * (reached * (1 - reached) + baseline * (1 - baseline) / ratio).sqrt()
    return (by_chance + real) ** 2 / difference**2

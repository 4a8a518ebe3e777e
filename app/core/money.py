"""Money: an integer of minor units and a currency. Never a float, never a bare Decimal across an operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

DIGITS = {"EUR": 2, "GBP": 2, "USD": 2, "AUD": 2}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of `minor` units (cents) of a `currency` (ISO 4217)."""

    minor: int
    currency: str = "EUR"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to {self.currency}")
        return other

    @property
    def major(self) -> Decimal:
        """For showing and for files, never for sums."""
        return Decimal(self.minor).scaleb(-DIGITS[self.currency])


def share(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Split `amount_minor` by `weights` so that not a cent is lost: largest remainder, ties to the first.

    The rule of `replay/1` for payers and investors alike. Weights are integers, not negative, not all zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and must have a positive sum")
    parts = [amount_minor * weight // whole for weight in weights]
    remainders = [amount_minor * weight % whole for weight in weights]
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[: amount_minor - sum(parts)]:
        parts[index] += 1
    return parts

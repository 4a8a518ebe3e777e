"""How far two readers agree, beyond what chance alone would bring. Exact fractions.

Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960);
the limits are those of gate D2 (domain, section 4).
"""

from dataclasses import dataclass
from fractions import Fraction

LEAST_FILES = 10
LEAST_AGREEMENT = Fraction(90, 100)
LEAST_KAPPA = Fraction(80, 100)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The 2 x 2 table: of how many files both, only the first, only the second or neither reader said yes."""

    both_yes: int
    first_only: int
    second_only: int
    both_no: int

    @property
    def files(self) -> int:
        return self.both_yes + self.first_only + self.second_only + self.both_no

    @property
    def observed(self) -> Fraction:
        """The share of the files on which both said the same; 0 without files."""
        return Fraction(self.both_yes + self.both_no, self.files) if self.files else Fraction(0)

    @property
    def expected(self) -> Fraction:
        """The share on which they would agree by chance, each keeping its own number of yes."""
        if not self.files:
            return Fraction(0)
        first, second = self.both_yes + self.first_only, self.both_yes + self.second_only
        by_chance = first * second + (self.files - first) * (self.files - second)
        return Fraction(by_chance, self.files**2)

    @property
    def kappa(self) -> Fraction | None:
        """(observed - expected) / (1 - expected); None where both said the same of every file: nothing was tested."""
        if not self.files or self.expected == 1:
            return None
        return (self.observed - self.expected) / (1 - self.expected)

    @property
    def passes(self) -> bool:
        kappa = self.kappa
        enough = self.files >= LEAST_FILES and self.observed >= LEAST_AGREEMENT
        return enough and kappa is not None and kappa >= LEAST_KAPPA

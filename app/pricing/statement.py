"""What the parties read: statements, the lines that explain them, and their sums. Amounts are minor units."""

from dataclasses import dataclass, field
from datetime import date

from app.pricing.gross import Taken
from app.pricing.rounding import Number
from app.pricing.terms import Fact

RULES = (
    *("requires", "max_per_person", "best_of", "price", "tier", "deadweight", "discount", "rounding"),
    *(
        "caps.per_person",
        "effect.max_count",
        "effect.max_amount",
        "caps.periods",
        "payer.ceiling",
        "caps.contract",
        "split",
        "vat",
    ),
)

REFUSALS = (*RULES[:3], "tier")  # what these refuse, or a tier no longer pays, is no part of any gross


@dataclass(slots=True)
class EffectSum:
    """One effect in one statement, or in all: `quantity` units of `gross`, and what was `paid` (minor units)."""

    quantity: Number = 0
    gross: Number = 0
    paid: int = 0


@dataclass(slots=True)
class Line:
    """One fact in one statement, explained.

    `fact.key` says which claim it is. `payers` holds minor units per payer. `carried` is true when it pays what an
    earlier statement cut and carried over, `pooled` when it pays a cohort that missed its own threshold because all
    cohorts together reached theirs. `steps` go from the first rule met to VAT.
    """

    fact: Fact
    statement: date
    gross: Number
    paid: int
    net: int
    payers: dict[str, int]
    steps: list[Taken]
    carried: bool = False
    pooled: bool = False


@dataclass(slots=True)
class Statement:
    """What is owed on one date (minor units): `paid` by `payers` together, `net` of VAT to the investors.

    `reductions` holds, per rule in the order of the steps, what this statement cut.
    """

    on: date
    gross: Number = 0
    paid: int = 0
    net: int = 0
    payers: dict[str, int] = field(default_factory=dict)
    effects: dict[str, EffectSum] = field(default_factory=dict)
    reductions: dict[str, Number] = field(default_factory=dict)


@dataclass(slots=True)
class Valuation:
    """Every statement, oldest first; `lines` only when asked for.

    Of what a maximum per period cut and carried over, `paid_late` was paid by a later statement, and `owed` still is
    not after the last one (minor units; None where a table carries nothing over).
    """

    statements: list[Statement]
    lines: list[Line]
    paid_late: int = 0
    owed: int | None = None

    @property
    def gross(self) -> Number:
        return sum(statement.gross for statement in self.statements)

    @property
    def paid(self) -> int:
        return sum(statement.paid for statement in self.statements)

    @property
    def net(self) -> int:
        return sum(statement.net for statement in self.statements)

    def cuts(self) -> dict[str, Number]:
        """Per rule what it took off in the end: gross less all of these but VAT and REFUSALS is what is paid.

        A statement's `reductions` name carried money again as often as a period has no room for it; here it counts
        once, and only where no statement paid it.
        """
        sums: dict[str, Number] = {}
        for statement in self.statements:
            for rule, amount in statement.reductions.items():
                sums[rule] = sums.get(rule, 0) + amount
        if self.owed is not None:
            sums["caps.periods"] = self.owed
        return {rule: sums[rule] for rule in RULES if sums.get(rule)}

    def effects(self) -> dict[str, EffectSum]:
        """Sums over all statements, in the order of the table."""
        sums: dict[str, EffectSum] = {}
        for statement in self.statements:
            for effect, part in statement.effects.items():
                whole = sums.setdefault(effect, EffectSum())
                whole.quantity += part.quantity
                whole.gross += part.gross
                whole.paid += part.paid
        return sums

"""What the assumptions bring: payments by `pricing.valuation`, returns by `capital.waterfall`, nothing of its own."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.capital.terms import Capital, Flow, Investor, Tranche
from app.capital.waterfall import Outcome, distribute
from app.core.money import share
from app.pricing.statement import Statement, Valuation
from app.pricing.terms import Fact
from app.pricing.valuation import value
from app.scenarios.assumptions import CASES, Assumptions
from app.scenarios.made_facts import facts_of


@dataclass(frozen=True, slots=True)
class Outlook:
    """One case. `outcome` is None where the bond has no round of investors."""

    case: str
    facts: list[Fact]
    valuation: Valuation
    outcome: Outcome | None

    def per_year(self) -> dict[tuple[str, int], int]:
        """Minor units by (payer, year of the statement)."""
        return per_year(self.valuation.statements)

    @property
    def paid(self) -> int:
        return self.valuation.paid


def work_out(assumptions: Assumptions, minor_per_major: int = 100) -> dict[str, Outlook]:
    """Low, expected and high."""
    return {case: outlook_of(assumptions, case, minor_per_major) for case in CASES}


def outlook_of(assumptions: Assumptions, case: str, minor_per_major: int) -> Outlook:
    """One of the three."""
    facts = facts_of(assumptions, case, minor_per_major)
    valuation = value(assumptions.terms, facts, assumptions.settle_on)
    return Outlook(case, facts, valuation, returns(assumptions, valuation))


def returns(assumptions: Assumptions, valuation: Valuation) -> Outcome | None:
    """Each statement's payment, net of VAT, comes in on its own date."""
    if assumptions.capital is None:
        return None
    receipts = [Flow(statement.on, statement.net) for statement in valuation.statements]
    return distribute(assumptions.capital, receipts, assumptions.settle_on, assumptions.terms.step)


def per_year(statements: Iterable[Statement]) -> dict[tuple[str, int], int]:
    sums: dict[tuple[str, int], int] = defaultdict(int)
    for statement in statements:
        for payer, amount in statement.payers.items():
            sums[payer, statement.on.year] += amount
    return sums


def capital_of(
    tranches: Iterable[Tranche], amounts: dict[str, int], own: dict[str, int], days: tuple[date, ...], step: int
) -> Capital | None:
    """Capital called in equal parts on `days`, and spent on the work on the same days; None without any.

    `amounts` and `own`: minor units per tranche, in all and of the reader. No money is kept in hand, so that no
    scenario counts on early money.
    """
    used = tuple(tranche for tranche in tranches if amounts.get(tranche.id))
    drawdowns, investors = [], []
    for tranche in used:
        whole = amounts[tranche.id]
        mine = min(own.get(tranche.id, 0), whole)
        if mine:
            investors.append(Investor(own_id(tranche.id), tranche.id, mine))
        if whole > mine:
            investors.append(Investor(f"other:{tranche.id}", tranche.id, whole - mine))
        parts = share(whole // step, [1] * len(days))
        amounts_called = [part * step for part in parts]
        amounts_called[0] += whole % step
        drawdowns += [Flow(day, amount, tranche.id) for day, amount in zip(days, amounts_called, strict=True) if amount]
    if not used:
        return None
    costs = tuple(Flow(flow.on, flow.amount) for flow in drawdowns)
    return Capital(used, tuple(investors), tuple(drawdowns), costs)


def own_id(tranche: str) -> str:
    """The reader's own part of a tranche."""
    return f"own:{tranche}"

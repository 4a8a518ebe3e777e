"""The terms and limits of choosing for one call, by the rules of its day (calls.legal)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.calls.legal import Key, Term, TermKind, term_counted
from app.calls.models import Call, CriterionKind, TieRule
from app.core import clock
from app.evaluation.proof_models import Proof
from app.evaluation.ranking import Rules, Weight
from app.evaluation.states import ProofKind


def answer_term(call: Call) -> Term:
    """How long a bidder has to repair or to explain: from the day after it is asked, off weekends and holidays."""
    found = call.rule(Key.REPAIR)
    return term_counted(TermKind.REPAIR, found, clock.today(), call.binding(found))


PROOF_KEYS = {
    ProofKind.REGISTER: Key.PROOF_REGISTER,
    ProofKind.CONDUCT: Key.PROOF_CONDUCT,
    ProofKind.TAX: Key.PROOF_TAX,
}


@dataclass(frozen=True, slots=True)
class ProofRule:
    """A document that each partner of the winner owes: at most `months` old on the day the plans were due."""

    kind: ProofKind
    months: int | None
    oldest_on: date | None
    basis: str


def proof_rules(call: Call) -> list[ProofRule]:
    """What the law of the call asks of the winner; where it takes an implicit declaration, the ESPD alone; for a
    subsidy nothing."""
    asked, due = [], clock.day_of(call.deadline)
    for kind, key in PROOF_KEYS.items():
        try:
            found = call.rule(key)
        except LookupError:
            continue
        if found.says == "implicit":
            return [ProofRule(ProofKind.ESPD, None, None, f"{found.basis}: {found.amount}")]
        asked.append(ProofRule(kind, found.value, months_before(due, found.value or 0), found.basis))
    return asked


def basis_of(proof: Proof) -> str:
    """The article in the language of the reader; it was kept in that of whoever decided, for when the law changes."""
    return next((one.basis for one in proof_rules(proof.opened.call) if one.kind == proof.kind), proof.basis)


def months_before(day: date, months: int) -> date:
    """The same day of the month, or the last one that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def low_prices(discounts: dict[Any, int], threshold_bp: int) -> set[Any]:
    """The plans whose price (what is left of the table, in basis points) lies at least `threshold_bp` below the mean.

    Exact: price x n x 10,000 <= sum of prices x (10,000 - threshold). One plan alone has nothing to be compared with.
    """
    if len(discounts) < 2:
        return set()
    left = {plan: 10_000 - bp for plan, bp in discounts.items()}
    limit = sum(left.values()) * (10_000 - threshold_bp)
    return {plan for plan, price in left.items() if price * len(left) * 10_000 <= limit}


def rules_of(call: Call) -> Rules:
    """How this call ranks: its criteria, minimums, scale and rule for ties, as published."""
    discount = next((one.id for one in call.criteria if one.kind == CriterionKind.DISCOUNT), None)
    return Rules(
        weights=[Weight(one.id, one.weight, one.minimum) for one in call.criteria],
        most=max(call.scale),
        minimum_total=call.minimum_total,
        discount=discount,
        by_heaviest=call.tie_rule == TieRule.HEAVIEST,
    )


def quality_of(call: Call) -> list[Any]:
    """The criteria that people give points for."""
    return [one for one in call.criteria if one.kind == CriterionKind.QUALITY]

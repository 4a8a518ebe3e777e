"""The terms and limits of choosing for one call, by the rules of its day (calls.legal)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.calls.models import Call, CriterionKind, TieRule
from app.core import clock
from app.evaluation.ranking import Rules, Weight
from app.evaluation.states import ProofKind

REPAIR_DAYS = 5
MONTHS = {ProofKind.REGISTER: 6, ProofKind.CONDUCT: 24, ProofKind.TAX: 6}
# A price that lies this far below the mean of all prices is asked about. No statute names a figure for these services;
# art. 36 of the Belgian Royal Decree of 18 April 2017 uses 15 % for works, and the portal takes it over as its default.
LOW_PRICE_BP = 1_500


@dataclass(frozen=True, slots=True)
class AnswerTerm:
    """The last day to answer, the day that was counted, and why."""

    until: date
    counted_to: date
    basis: str


def answer_term(call: Call) -> AnswerTerm:
    """How long a bidder has to repair or to explain, from the day after it is asked."""
    today = clock.today()
    until = clock.term_end(today, REPAIR_DAYS, call.programme.jurisdiction)
    return AnswerTerm(until, today + timedelta(days=REPAIR_DAYS), _("art. 56(3) of Directive 2014/24/EU"))


@dataclass(frozen=True, slots=True)
class ProofRule:
    """A document that each partner of the winner owes: at most `months` old on the day the plans were due."""

    kind: ProofKind
    months: int | None
    oldest_on: date | None
    basis: str


def proof_rules(call: Call) -> list[ProofRule]:
    if call.programme.jurisdiction == "BE":
        basis = _("art. 73 of the Belgian Act of 17 June 2016: an implicit declaration, and the ESPD")
        return [ProofRule(ProofKind.ESPD, None, None, basis)]
    due = call.deadline.astimezone(clock.LOCAL).date()
    basis = _("art. 2.89 of the Dutch Public Procurement Act 2012")
    return [ProofRule(kind, months, months_before(due, months), basis) for kind, months in MONTHS.items()]


def months_before(day: date, months: int) -> date:
    """The same day of the month, or the last one that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def low_prices(discounts: dict[Any, int], threshold_bp: int = LOW_PRICE_BP) -> set[Any]:
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

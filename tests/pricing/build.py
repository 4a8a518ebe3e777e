"""Short words for terms and facts, so that a test shows its rule and little else. Amounts are minor units."""

from datetime import date

from app.pricing.statement import Statement, Valuation
from app.pricing.terms import Caps, Effect, Fact, Payer, PayerRule, Terms
from app.pricing.valuation import value

END = date(2024, 12, 31)
ONE = (Payer("city"),)


def day(text: str) -> date:
    return date.fromisoformat(f"2024-{text}")


def fact(effect: str, on: str, who: str | None = None, **more) -> Fact:
    return Fact(effect, day(on), who, **more)


def settle(
    effects: list[Effect],
    facts: list[Fact],
    on: tuple[date, ...] = (END,),
    *,
    payers: tuple[Payer, ...] = ONE,
    rule: PayerRule = "single",
    caps: Caps | None = None,
    step: int = 1,
    vat_rate=None,
    lines: bool = False,
    final: bool = True,
) -> Valuation:
    terms = Terms(tuple(effects), payers, rule, caps or Caps(), step, vat_rate)
    return value(terms, facts, on, lines=lines, final=final)


def only(valuation: Valuation) -> Statement:
    [statement] = valuation.statements
    return statement

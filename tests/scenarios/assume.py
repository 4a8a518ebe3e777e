"""Assumptions for tests: two payers, six people, one effect; replace what a test is about."""

from datetime import date

from app.pricing.terms import Caps, Effect, Payer, Terms
from app.programmes.half_years import half_year_ends
from app.scenarios.assumptions import Assumptions, Guess

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def terms(*effects, ceilings=(None, None), rule="residence", caps=None, **more):
    payers = tuple(Payer(name, ceiling=ceiling) for name, ceiling in zip(("north", "south"), ceilings, strict=True))
    effects = effects or (Effect("work", "per_person", price=100_000),)
    return Terms(effects, payers[:1] if rule == "single" else payers, rule, caps or Caps(), **more)


def assume(terms, *, cohort=(4, 2), intakes=(FIRST,), settle_on=None, capital=None, weights=(), **guesses):
    """`work=(rates, units, months)` per effect, or only the rates; 50 % of all, once, after six months by default."""
    found = {}
    for effect in terms.effects:
        given = guesses.get(effect.id.replace("-", "_"), (5_000, 5_000, 5_000))
        rates, units, months = given if isinstance(given[0], tuple) else (given, 1, 6)
        found[effect.id] = Guess(tuple(rates), units, months)
    days = settle_on or half_year_ends(FIRST, LAST)
    return Assumptions(terms, cohort[: len(terms.payers)], tuple(intakes), found, days, capital, tuple(weights))

"""The steps of a line in words: which rule, from which amount to which."""

from collections.abc import Iterable
from fractions import Fraction

from flask_babel import lazy_gettext as _l

from app.core.format import money
from app.pricing.caps import PERIODS
from app.pricing.rounding import half_up
from app.settlement import claw_back

RULE_NAMES = {
    "requires": _l("the effect that must come first is not proven"),
    "max_per_person": _l("maximum per participant"),
    "best_of": _l("only the dearest effect of the group"),
    "price": _l("price of the table"),
    "tier": _l("price of the tier"),
    "deadweight": _l("less what would have happened anyway"),
    "discount": _l("less the discount of the plan that won"),
    "rounding": _l("rounded to whole cents"),
    "caps.per_person": _l("most that is paid per participant"),
    "effect.max_count": _l("most units of this effect"),
    "effect.max_amount": _l("most that is paid for this effect"),
    "caps.periods": _l("most that is paid in this period"),
    "payer.ceiling": _l("ceiling of the municipality"),
    "caps.contract": _l("ceiling of the contract"),
    "split": _l("split over the payers"),
    "vat": _l("VAT taken out"),
    claw_back.TAKEN_BACK: _l("paid before, and now that the effect no longer counts"),
    claw_back.WORTH_ANEW: _l("paid before, and now that another effect was taken back"),
    claw_back.REST: _l("no statement is below zero: what is taken back now; the rest follows in the next settlement"),
}


CARRIED_OVER = _l("carried over from a period that was full")
STILL_OWED = _l("postponed by the maximum of a period, and still not paid at the end")
REST_CARRIED = _l("most that is paid in this period; the rest is carried over")


def in_words(steps: Iterable[dict[str, str]], currency: str, carries: bool = False) -> list[tuple[object, str, str]]:
    """(rule, before, after) per step, with amounts as people read them; `carries`: the table lets nothing be lost
    that only a maximum per period cuts off."""
    return [
        (
            _rule(step, carries),
            money(_minor(step["before_minor"]), currency),
            money(_minor(step["after_minor"]), currency),
        )
        for step in steps
    ]


def _rule(step: dict[str, str], carries: bool) -> object:
    if step["rule"] == PERIODS and Fraction(step["after_minor"]) > Fraction(step["before_minor"]):
        return CARRIED_OVER
    return REST_CARRIED if carries and step["rule"] == PERIODS else RULE_NAMES.get(step["rule"], step["rule"])


def _minor(exact: str) -> int:
    return half_up(Fraction(exact), 1)

"""The steps of a line in words: which rule, from which amount to which."""

from collections.abc import Iterable
from fractions import Fraction

from flask_babel import lazy_gettext as _l

from app.core.format import money
from app.pricing.rounding import half_up

RULE_NAMES = {
    "requires": _l("the effect that must come first is not proven"),
    "max_per_person": _l("maximum per participant"),
    "best_of": _l("only the dearest effect of the group"),
    "price": _l("price of the table"),
    "tier": _l("price of the tier"),
    "deadweight": _l("less what would have happened anyway"),
    "rounding": _l("rounded to whole cents"),
    "caps.per_person": _l("most that is paid per participant"),
    "effect.max_count": _l("most units of this effect"),
    "effect.max_amount": _l("most that is paid for this effect"),
    "caps.periods": _l("most that is paid in this period"),
    "payer.ceiling": _l("ceiling of the municipality"),
    "caps.contract": _l("ceiling of the contract"),
    "split": _l("split over the payers"),
    "vat": _l("VAT taken out"),
}


def in_words(steps: Iterable[dict[str, str]], currency: str) -> list[tuple[object, str, str]]:
    """(rule, before, after) per step, with amounts as people read them."""
    return [
        (
            RULE_NAMES.get(step["rule"], step["rule"]),
            money(_minor(step["before_minor"]), currency),
            money(_minor(step["after_minor"]), currency),
        )
        for step in steps
    ]


def _minor(exact: str) -> int:
    return half_up(Fraction(exact), 1)

"""Who gets how much of a round that more was promised to than it takes. Pure; to the cent; explained per commitment."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled
from app.core.money import share


class AllotmentRule(Labelled):
    FIRST_COME = "first_come", _l("first come: nobody can commit more than is left")
    PRO_RATA = "pro_rata", _l("pro rata: above the maximum everybody is cut alike")


@dataclass(frozen=True, slots=True)
class Allotted:
    """What one commitment gets and why (minor units). `rounding_minor` is the cent that largest remainder gave it."""

    rule: AllotmentRule
    room_minor: int
    asked_in_all_minor: int
    asked_minor: int
    before_minor: int
    amount_minor: int
    rounding_minor: int

    def explained(self) -> dict[str, Any]:
        return asdict(self) | {"rule": self.rule.value}


def allot(rule: AllotmentRule, room_minor: int, asked: Sequence[int]) -> list[Allotted]:
    """Share `room_minor` among commitments of `asked` minor units, given in the order in which they were made.

    Nobody gets more than it asked, and not a cent of the room is left while somebody asked for it. First come: each
    gets what those before it left. Pro rata: everybody the same fraction, largest remainder, ties to the first.
    """
    whole = sum(asked)
    if whole <= room_minor:
        amounts, cents = list(asked), [0] * len(asked)
    elif rule == AllotmentRule.PRO_RATA:
        amounts = share(room_minor, asked)
        cents = [amount - room_minor * one // whole for amount, one in zip(amounts, asked, strict=True)]
    else:
        before = [sum(asked[:n]) for n in range(len(asked))]
        amounts = [max(0, min(one, room_minor - had)) for had, one in zip(before, asked, strict=True)]
        cents = [0] * len(asked)
    return [Allotted(rule, room_minor, whole, one, sum(asked[:n]), amounts[n], cents[n]) for n, one in enumerate(asked)]

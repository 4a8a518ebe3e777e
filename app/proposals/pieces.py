"""The pieces that a plan is written in: what the call asks, and the discount where it allows one.

Each piece is a slot of the vault with a version of its own, so that two people at two pieces never meet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.calls.asked import LONGEST, ItemKind, Lot, PlanItem
from app.consortia.models import Consortium
from app.core.errors import Refused
from app.proposals.budget import WHOLE
from app.proposals.content import DISCOUNT, slot_of_item

DISCOUNT_KEY = "_discount"  # no key of an item: those are slugs
MOST_DISCOUNT_BP = 9_999


@dataclass(frozen=True, slots=True)
class Piece:
    """`item` is what the call asks, None for the discount; `slot` where its answer lies in the vault."""

    key: str
    slot: str
    title: Any
    guidance: Any
    required: bool
    item: PlanItem | None

    @property
    def kind(self) -> str:
        return self.item.kind if self.item is not None else DISCOUNT

    @property
    def is_priced(self) -> bool:
        """Does its page show prices of the table?"""
        return self.kind in (DISCOUNT, ItemKind.BUDGET, ItemKind.VOLUMES)

    @property
    def is_second(self) -> bool:
        """Does it go into the second envelope?"""
        return self.kind in (DISCOUNT, ItemKind.BUDGET)


def pieces_of(consortium: Consortium) -> list[Piece]:
    """In the order in which the call asks them; the discount last."""
    call = consortium.call
    pieces = [Piece(i.key, slot_of_item(i), i.title, i.guidance, i.required, i) for i in call.items]
    if call.allows_discount:
        said = _("Off every price of the table alike. It is opened only when the points for quality stand.")
        pieces.append(Piece(DISCOUNT_KEY, DISCOUNT, _("Discount on the price table"), said, False, None))
    return pieces


def find_piece(consortium: Consortium, key: str) -> Piece | None:
    return next((piece for piece in pieces_of(consortium) if piece.key == key), None)


def lot_of(consortium: Consortium) -> Lot | None:
    """The lot that the consortium bids for; None: the call as a whole."""
    key = getattr(consortium, "lot_id", None)
    return next((lot for lot in consortium.call.lots if lot.id == key), None) if key else None


def cohort_of(consortium: Consortium) -> int:
    """How many participants the plan is for."""
    lot = lot_of(consortium)
    return lot.cohort_size if lot is not None else consortium.call.programme.cohort_size


def expect_right(piece: Piece, value: Any, consortium: Consortium) -> None:
    """Raise `Refused` for a value that the piece cannot hold, whatever page or program it came from. An answer that is
    not there yet, or passes a cap, may be kept: it is not handed in."""
    if value is None:
        return
    check = CHECKS.get(piece.kind)
    if check is not None:
        check(piece, value, consortium)


def _text(piece: Piece, value: Any, _consortium: Consortium) -> None:
    longest = (piece.item.longest if piece.item else None) or LONGEST
    if len(value) > longest:
        raise Refused(_("At most %(max)d characters.", max=longest), "answer")


def _number(piece: Piece, value: Any, _consortium: Consortium) -> None:
    item = piece.item
    if item is None:
        return
    if (item.least is not None and value < item.least) or (item.most is not None and value > item.most):
        raise Refused(_("This number is outside the bounds of the call."), "answer")


def _choice(piece: Piece, value: Any, _consortium: Consortium) -> None:
    if piece.item is not None and value not in piece.item.choices:
        raise Refused(_("Choose one of the answers that the call offers."), "answer")


def _volumes(_piece: Piece, value: Any, consortium: Consortium) -> None:
    known = {str(effect.id) for effect in consortium.call.table.effects if effect.is_counted}
    if not set(value["numbers"]) <= known:
        raise Refused(_("A volume is given for an effect that is not in the price table of this call."))
    if any(number < 0 for number in value["numbers"].values()):
        raise Refused(_("A volume cannot be negative."))
    years = {str(year) for year in consortium.call.programme.years}
    if not set(value["years"]) <= years or any(part < 0 for part in value["years"].values()):
        raise Refused(_("Effects are expected in a year in which none are paid."))
    if value["years"] and sum(value["years"].values()) != WHOLE:
        raise Refused(_("The percentages per year must add up to 100; they add up to %(sum)d.",
                        sum=sum(value["years"].values())))  # fmt: skip


def _budget(_piece: Piece, value: Any, consortium: Consortium) -> None:
    partners = {str(partner.organisation_id) for partner in consortium.taking_part}
    if any(line["organisation_id"] not in partners for line in value):
        raise Refused(_("A budget line is of an organisation that does not take part."))
    if any(line["year"] not in consortium.call.programme.years or line["amount_minor"] < 0 for line in value):
        raise Refused(_("A budget line lies outside the years of the bond, or is negative."))


def _discount(_piece: Piece, value: Any, _consortium: Consortium) -> None:
    if not 0 <= value <= MOST_DISCOUNT_BP:
        raise Refused(_("Give a percentage from 0 to 99.99."), "answer")


CHECKS: dict[str, Callable[[Piece, Any, Consortium], None]] = {
    ItemKind.TEXT: _text,
    ItemKind.NUMBER: _number,
    ItemKind.CHOICE: _choice,
    ItemKind.VOLUMES: _volumes,
    ItemKind.BUDGET: _budget,
    DISCOUNT: _discount,
}

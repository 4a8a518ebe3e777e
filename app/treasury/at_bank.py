"""What the books say is on the account, beside what the bank says: one piece for every page that shows it.

The bank is known above the treasury: that package adds to `AT_BANK`, `UNBOOKED` and `READ`.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core import format
from app.core.errors import NotNow
from app.core.money import Money
from app.programmes.models import Programme


@dataclass(frozen=True, slots=True)
class AtBank:
    """The newest balance that the bank told (minor units), what was approved and what was received of which no line is
    there yet, and the lines by then that nobody booked: what they come to (none: there are no such lines), and how many
    they are, for two may be nothing together."""

    on: date
    balance_minor: int
    unpaid_minor: int
    unreported_minor: int = 0
    unbooked_minor: int | None = None
    unbooked_lines: int = 0

    def unexplained_minor(self, books_minor: int) -> int:
        """What the bank has beyond the books and all that is known to lie between: a statement is missing, or tells no
        balance of its last days."""
        between = self.unpaid_minor - self.unreported_minor + (self.unbooked_minor or 0)
        return self.balance_minor - books_minor - between


AT_BANK: list[Callable[[uuid.UUID], AtBank | None]] = []
UNBOOKED: list[Callable[[uuid.UUID], int]] = []  # how many lines of the bank nobody booked
READ: list[Callable[[uuid.UUID], bool]] = []
Figure = tuple[str, str] | tuple[str, str, str]


def in_hand(programme: Programme, books_minor: int) -> list[Figure]:
    """Label, amount and remark: the books, what lies between, and the bank on its newest day; it adds up."""

    def shown(minor: int) -> str:
        return format.money(Money(minor, programme.currency))

    told = next((one for found in AT_BANK if (one := found(programme.id)) is not None), None)
    figures: list[Figure] = [(_("In the books"), shown(books_minor), _("approved payments are taken off already"))]
    if told is None:
        return [*figures, (_("At the bank"), "–", _("no statement yet"))]
    if told.unbooked_minor is not None:
        lines = ngettext("%(num)d line on the work list", "%(num)d lines on the work list", told.unbooked_lines)
        figures.append((_("At the bank, not booked"), shown(told.unbooked_minor), lines))
    if told.unreported_minor:
        words = _("received by the books; the bank has not shown it")
        figures.append((_("Booked, on no statement yet"), shown(-told.unreported_minor), words))
    figures.append((_("Approved, not yet paid by the bank"), shown(told.unpaid_minor)))
    if rest := told.unexplained_minor(books_minor):
        words = _("a statement is missing, or tells no balance of its last days")
        figures.append((_("Not explained by the statements"), shown(rest), words))
    return [*figures, (_("At the bank"), shown(told.balance_minor), format.day(told.on))]


def lines_not_booked(programme_id: uuid.UUID) -> int:
    return sum(found(programme_id) for found in UNBOOKED)


def is_bank_read(programme_id: uuid.UUID) -> bool:
    """Was ever a statement of the bank imported for this bond? From then on money is booked from the lines of the bank;
    before it nobody here knows what the bank carried out."""
    return any(found(programme_id) for found in READ)


def expect_by_hand(programme: Programme) -> None:
    """Not now once the lines of the bank say what came in: what was typed in by hand would stand there twice."""
    if is_bank_read(programme.id):
        raise NotNow(
            _("The statements of the bank of this bond are read in: what comes in is booked from the work list.")
        )

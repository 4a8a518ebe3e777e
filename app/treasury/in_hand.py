"""What is in hand and may still be promised to somebody."""

import uuid

from app.ledger.balances import Sums, sums_of
from app.ledger.models import AccountKind
from app.treasury.vat import vat_not_received


def free_minor(programme_id: uuid.UUID) -> int:
    """In minor units; see `free_of`."""
    return free_of(programme_id, sums_of(programme_id))


def free_of(programme_id: uuid.UUID, sums: Sums) -> int:
    """The bank balance less everything pending, less VAT that came in and belongs to the tax authority, and less what
    is owed back. VAT that is to come back is not there yet."""
    vat = vat_to_pay_on(programme_id, sums.vat())
    return sums.total(AccountKind.BANK) - sums.pending() - vat - sums.payer_credit()


def vat_to_pay_on(programme_id: uuid.UUID, owed_minor: int) -> int:
    """Of the VAT that is owed what municipalities paid: the rest the bond does not hold (minor units)."""
    return max(0, owed_minor - vat_not_received(programme_id)) if owed_minor > 0 else 0

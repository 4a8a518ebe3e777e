"""Recycling: what municipalities paid is used again for running costs, where the investors agreed to it.

In the order of the books: capital that comes in after it does not undo it, for that is other investors' money. Capital
that is booked back was never there: the cost that it had paid was paid from what municipalities paid, and stays so when
the same capital is received anew.
"""

import uuid
from dataclasses import dataclass
from itertools import dropwhile

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.capital.models import Round, standing_round
from app.core.errors import Refused
from app.extensions import db
from app.ledger.balances import pending_minor, sums_of
from app.ledger.models import AccountKind
from app.programmes.models import Programme
from app.treasury import notices
from app.treasury.flows import undrawn_minor
from app.treasury.in_hand import vat_to_pay_on
from app.treasury.models import CapitalCall, CapitalCallPart
from app.treasury.movements import apart_from_investors, bank_of, bank_runs
from app.treasury.plan import guarantee_in_hand
from app.treasury.states import CapitalCallState
from app.treasury.trace import Purse, left_and_borrowed


def check_recycling(round: Round, amount_minor: int) -> None:
    """Refused where the round does not allow it and less capital is left than `amount_minor`, after what waits."""
    if round.recycles:
        return
    programme = round.programme
    left = capital_left_minor(programme.id) - pending_minor(programme.id, AccountKind.RUNNING_COSTS)
    if amount_minor > left:
        shown = notices.shown(max(left, 0), programme)
        raise Refused(
            _(
                "Of the capital %(left)s is left. What municipalities paid may not be used for running costs: the "
                "round does not allow it.",
                left=shown,
            ),
            "amount",
        )


def recycled_minor(programme_id: uuid.UUID) -> int:
    """Running costs that were paid from what municipalities paid (minor units), since no capital was left."""
    bank = bank_of(programme_id)
    apart = apart_from_investors(bank)
    spent = dropwhile(lambda one: not one.is_from_outside, apart)  # since a municipality paid
    if not any((one.meant == AccountKind.RUNNING_COSTS and not one.incoming) or one.back for one in spent):
        return 0
    runs = bank_runs(bank, apart)
    costs = {one.id for one, kind in runs if not one.incoming and kind == AccountKind.RUNNING_COSTS}
    _left, borrowed = left_and_borrowed(one for one, _kind in runs)
    return sum(minor for id, minor in borrowed.items() if id in costs)


def capital_left_minor(programme_id: uuid.UUID) -> int:
    """Capital in hand that nothing was paid from yet (minor units)."""
    bank = bank_of(programme_id)
    left, _borrowed = left_and_borrowed(one for one, _kind in bank_runs(bank, apart_from_investors(bank)))
    return left[Purse.CAPITAL]


@dataclass(frozen=True, slots=True)
class PaidFrom:
    """What a running cost would take, were it paid now (minor units), and in words the capital that is not there yet;
    empty where all of it is."""

    capital_minor: int
    used_again_minor: int
    lacking: str


def to_be_paid_from(programme: Programme, amount_minor: int) -> PaidFrom:
    """Capital first; of what that does not reach, what municipalities paid."""
    capital = min(amount_minor, max(0, capital_left_minor(programme.id)))
    return PaidFrom(capital, amount_minor - capital, capital_not_there(programme))


def capital_for_more(programme: Programme) -> int:
    """Capital in hand for another cost, after those that wait for a second person (minor units)."""
    return max(0, capital_left_minor(programme.id) - pending_minor(programme.id, AccountKind.RUNNING_COSTS))


def capital_not_there(programme: Programme) -> str:
    """Capital that was called and did not come in, and what was not called yet, in words; empty where there is none."""
    waits = select(func.coalesce(func.sum(CapitalCallPart.amount_minor), 0)).join(CapitalCall)
    waits = waits.where(CapitalCall.programme_id == programme.id, CapitalCall.state == CapitalCallState.CALLED)
    called = int(db.session.scalar(waits.where(CapitalCallPart.received_on.is_(None))) or 0)
    round = db.session.scalar(standing_round(programme.id))
    undrawn = undrawn_minor(round) if round is not None else 0
    told = []
    if called:
        told.append(_("%(amount)s was called and is not paid in", amount=notices.shown(called, programme)))
    if undrawn:
        told.append(_("%(amount)s was not called yet", amount=notices.shown(undrawn, programme)))
    return "; ".join(told)


@dataclass(frozen=True, slots=True)
class NotSpent:
    """What is on the account by what it came in as (minor units). `earned`: paid by municipalities, without VAT and
    what is owed to them, neither used again for costs nor given to investors. `capital`: paid in by investors."""

    earned_minor: int
    capital_minor: int

    def capital_in(self, own_minor: int) -> int:
        """How much of a distribution of `own_minor`, without the guarantor's money, is capital that was not spent."""
        return max(0, own_minor - self.earned_minor)


def not_spent(programme: Programme) -> NotSpent:
    bank = bank_of(programme.id)
    left, _borrowed = left_and_borrowed(one for one, _kind in bank_runs(bank, apart_from_investors(bank)))
    sums = sums_of(programme.id)
    vat = vat_to_pay_on(programme.id, sums.total(AccountKind.VAT))
    others = vat + sums.total(AccountKind.PAYER_CREDIT) + guarantee_in_hand(programme)
    there = left[Purse.OUTCOMES] + left[Purse.VAT] + left[Purse.GUARANTEE]
    return NotSpent(max(0, there - others), left[Purse.CAPITAL])

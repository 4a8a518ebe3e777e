"""A distribution that could be made today: computed and shown before anything is set aside."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.capital.models import Commitment, Tranche, standing_round
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.programmes.models import Programme
from app.treasury import notices
from app.treasury.flows import Due, owed_apart, what_is_due
from app.treasury.guarantee import GuaranteeCall
from app.treasury.in_hand import free_minor
from app.treasury.models import CapitalCallPart, Distribution, DistributionPart
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import GuaranteeState, PaymentState, RemittanceKind


@dataclass(frozen=True, slots=True)
class Plan:
    """A distribution that could be made: all amounts in minor units."""

    on: date
    available_minor: int
    reserve_minor: int
    due: list[Due]
    guarantee_minor: int = 0  # of it, paid in by the guarantor
    apart: bool = False  # each investor is owed on its own, for not all paid in at the same times

    @property
    def amount_minor(self) -> int:
        return sum(one.amount_minor for one in self.due)

    @property
    def left_minor(self) -> int:
        """What stays in hand beside the reserve, because no tranche is owed more."""
        return self.available_minor - self.reserve_minor - self.amount_minor

    @property
    def paying(self) -> list[Due]:
        """Whoever gets anything."""
        return [one for one in self.due if one.amount_minor]

    def whole(self) -> tuple[int, int]:
        """(capital, return) of all together."""
        return sum(one.principal_minor for one in self.due), sum(one.return_minor for one in self.due)

    def figures(self) -> str:
        """The same text for the same figures, so that what is made is what was shown: their SHA-256."""
        told = " ".join(f"{one.principal_minor}+{one.return_minor}" for one in self.due)
        return hashlib.sha256(told.encode()).hexdigest()


def plan_distribution(programme: Programme, reserve_minor: int, on: date | None = None) -> Plan:
    """What today's money gives to whom when `reserve_minor` is kept in hand for running costs.

    Refused when less is in hand; not now while another distribution waits, or was made on the same day.
    """
    on = on or clock.today()
    reason = why_none_on(programme, on)
    if reason is not None:
        raise NotNow(reason)
    paid_in_for, free = guarantee_in_hand(programme), own_in_hand(programme)
    if reserve_minor < 0 or reserve_minor > free:
        shown = notices.shown(max(free, 0), programme)
        raise Refused(_("In hand and not promised to somebody is %(free)s.", free=shown), "reserve")
    apart = owed_apart(programme, on)
    due = what_is_due(programme, on, free - reserve_minor, paid_in_for, apart=apart)
    without = what_is_due(programme, on, free - reserve_minor, apart=apart) if paid_in_for else due
    covered = sum(one.amount_minor for one in due) - sum(one.amount_minor for one in without)
    plan = Plan(on, free + paid_in_for, reserve_minor, due, covered, apart)
    if not plan.amount_minor:
        raise Refused(_("There is nothing to distribute: no money is left, or no tranche is owed any."), "reserve")
    return plan


def suggested_reserve(programme: Programme, capital_minor: int) -> int:
    """What the desk is first asked to keep in hand: the capital that was not spent, for it would go by the order of
    payment, perhaps to another investor than who paid it in. Lowered where it is not needed any more."""
    return max(0, min(capital_minor, own_in_hand(programme)))


def why_none_on(programme: Programme, on: date) -> str | None:
    """Why no distribution can be made on this day, whatever is in hand, in words for the desk."""
    last = last_distribution(programme)
    if last is None:
        return None
    if last.state == PaymentState.PREPARED:
        return _("Another distribution waits for a second person. Decide on that one first.")
    if guarantee_paid_out(programme) and not guarantee_to_distribute(programme):
        return _("The guarantee was paid out: that was the last distribution of this bond.")
    if last.on >= on:
        next_day = notices.day(last.on + timedelta(days=1))
        return _(
            "Money was distributed today already. The next distribution can be made tomorrow, %(day)s: what is owed is "
            "reckoned per day.",
            day=next_day,
        )
    return None


def own_in_hand(programme: Programme) -> int:
    """What is in hand for investors beside the guarantor's money (minor units). Nothing once that was paid out: what
    comes in after the last distribution is left, and only what else the guarantor pays still goes to investors."""
    return 0 if guarantee_paid_out(programme) else free_minor(programme.id) - guarantee_in_hand(programme)


def guarantee_paid_out(programme: Programme) -> int:
    found = select(func.coalesce(func.sum(Distribution.guarantee_minor), 0)).where(
        Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED
    )
    return int(db.session.scalar(found) or 0)


def guarantee_to_distribute(programme: Programme) -> int:
    """What the guarantor paid in for capital that is still outstanding (minor units): the last distribution pays it
    out, and until then investors are owed it. What is not needed goes back to the guarantor."""
    round = db.session.scalar(standing_round(programme.id))
    covered = next((one for one in round.tranches if one.guarantee_minor), None) if round is not None else None
    return min(guarantee_in_hand(programme), outstanding_minor(covered)) if covered is not None else 0


def outstanding_minor(tranche: Tranche) -> int:
    """Capital of a tranche that was paid in and did not come back yet."""
    paid_in = select(func.coalesce(func.sum(CapitalCallPart.amount_minor), 0)).join(CapitalCallPart.commitment)
    paid_in = paid_in.where(CapitalCallPart.received_on.is_not(None), Commitment.tranche_id == tranche.id)
    back = select(func.coalesce(func.sum(DistributionPart.principal_minor), 0)).join(Distribution)
    back = back.where(DistributionPart.tranche_id == tranche.id, Distribution.state == PaymentState.APPROVED)
    return int(db.session.scalar(paid_in) or 0) - int(db.session.scalar(back) or 0)


def guarantee_in_hand(programme: Programme) -> int:
    """What the guarantor paid in and was neither paid out, set aside for it nor paid back (minor units). What the bank
    gave back of that is there again."""
    paid_in = select(func.coalesce(func.sum(GuaranteeCall.amount_minor), 0)).where(
        GuaranteeCall.programme_id == programme.id, GuaranteeCall.state == GuaranteeState.RECEIVED
    )
    paid_out = select(func.coalesce(func.sum(Distribution.guarantee_minor), 0)).where(
        Distribution.programme_id == programme.id, Distribution.state != PaymentState.REJECTED
    )
    back = select(func.coalesce(func.sum(Remittance.amount_minor), 0)).where(
        Remittance.programme_id == programme.id,
        Remittance.kind == RemittanceKind.GUARANTEE_BACK,
        Remittance.state != PaymentState.REJECTED,
    )
    returned = select(func.coalesce(func.sum(ReturnedPayment.amount_minor), 0))
    returned = returned.join(RemittancePart, RemittancePart.id == ReturnedPayment.cause_id).join(Remittance)
    returned = returned.where(
        Remittance.programme_id == programme.id, Remittance.kind == RemittanceKind.GUARANTEE_BACK
    )
    came, again, *went = (int(db.session.scalar(one) or 0) for one in (paid_in, returned, paid_out, back))
    return came + again - sum(went)


def last_distribution(programme: Programme) -> Distribution | None:
    """The newest that was not rejected."""
    found = select(Distribution).where(
        Distribution.programme_id == programme.id, Distribution.state != PaymentState.REJECTED
    )
    return db.session.scalars(found.order_by(Distribution.number.desc()).limit(1)).first()

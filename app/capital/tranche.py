"""One tranche during the run: what it paid in, what it is owed on a day, and what it gets."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from app.capital.day_count import YEAR, days
from app.capital.terms import Investor, Repayment, Tranche
from app.pricing.rounding import down, half_up, largest_remainder

EXACT = Context(prec=120, Emax=999_999_999, Emin=-999_999_999)
NEARLY = Decimal("1e-40")


class Holding:
    """One investor's money in its tranche (minor units), and its cash flow by day (paid in below zero)."""

    def __init__(self, investor: Investor):
        self.id, self.committed = investor.id, investor.committed
        self.paid_in = self.interest = self.principal = 0
        self.called = Fraction(0)
        self.flows: dict[date, int] = defaultdict(int)

    @property
    def distributed(self) -> int:
        return self.interest + self.principal

    def pay_in(self, amount: int, on: date) -> None:
        self.paid_in += amount
        self.flows[on] -= amount


class Account:
    """The running state of one tranche. Amounts are minor units."""

    def __init__(self, tranche: Tranche, holdings: list[Holding], repayments: list[Repayment], step: int):
        self.tranche, self.holdings, self.step = tranche, holdings, step
        self.schedule = sorted(repayments, key=lambda repayment: repayment.on) if repayments else None
        self.paid_in = self.principal = self.interest = 0
        self.interest_due = 0
        self.accrued = 0
        self.since: date | None = None
        self.capped = Decimal(0)

    @property
    def outstanding(self) -> int:
        return 0 if self.tranche.kind == "grant" else self.paid_in - self.principal

    def pass_time(self, to: date) -> None:
        """Bring interest days and the capped claim to a later day, before money moves."""
        if self.since is None or to <= self.since:
            self.since = self.since or to
            return
        if self.tranche.kind == "loan":
            self.accrued += self.outstanding * days(self.tranche.day_count, self.since, to)
        if self.tranche.irr_cap is not None and self.capped:
            self.capped = EXACT.multiply(self.capped, growth(self.tranche.irr_cap, (to - self.since).days))
        self.since = to

    def draw(self, amount: int, on: date) -> None:
        self.pass_time(on)
        self.paid_in += amount
        self.capped = EXACT.add(self.capped, Decimal(amount))

    def claim(self, on: date) -> int:
        """What the tranche is owed on a day with a limit; further money of an uncapped return is not in it."""
        self.pass_time(on)
        kind = self.tranche.kind
        if kind == "grant":
            return 0
        due = self.principal_due(on)
        if kind == "loan":
            self._charge_interest()
            return self.interest_due + due
        if self.tranche.irr_cap is None:
            return due
        return max(0, self._cap_left() - (self.outstanding - due))

    def principal_due(self, on: date) -> int:
        """Outstanding capital; with a schedule, only what is scheduled up to the day and not yet repaid."""
        if self.schedule is None:
            return self.outstanding
        scheduled = sum(repayment.principal for repayment in self.schedule if repayment.on <= on)
        return max(0, min(self.outstanding, scheduled - self.principal))

    def takes_the_rest(self) -> bool:
        """An uncapped return takes all further money, once something was paid in."""
        return self.tranche.kind == "return" and self.tranche.irr_cap is None and self.paid_in > 0

    def pay(self, amount: int, on: date) -> None:
        """Loans: interest first, then principal. Returns: capital first, the rest is interest."""
        if self.tranche.kind == "loan":
            interest = min(amount, self.interest_due)
            self.interest_due -= interest
        else:
            interest = amount - min(amount, self.principal_due(on))
        self._hand_out(amount - interest, interest, on)

    def cover(self, amount: int, on: date) -> None:
        """A guarantee pays capital back."""
        self._hand_out(amount, 0, on)

    def _charge_interest(self) -> None:
        year = YEAR[self.tranche.day_count]
        self.interest_due += half_up(Fraction(self.accrued) * self.tranche.rate / year, self.step)
        self.accrued = 0

    def _cap_left(self) -> int:
        """What brings XIRR exactly to the cap: the flows grown to today, rounded down to the step.

        A value within 1e-40 of a whole number is that number, for whole years grow to exact amounts.
        """
        nearest = self.capped.to_integral_value(context=EXACT)
        if abs(EXACT.subtract(self.capped, nearest)) < NEARLY:
            whole = int(nearest)
        else:
            whole = int(self.capped.to_integral_value(rounding=ROUND_FLOOR, context=EXACT))
        return max(0, down(whole, self.step))

    def _hand_out(self, principal: int, interest: int, on: date) -> None:
        self.principal += principal
        self.interest += interest
        self.capped = EXACT.subtract(self.capped, Decimal(principal + interest))
        weights = [holding.paid_in for holding in self.holdings]
        if not any(weights):
            return
        for holding, part in zip(self.holdings, share(principal, weights, self.step), strict=True):
            holding.principal += part
            holding.flows[on] += part
        for holding, part in zip(self.holdings, share(interest, weights, self.step), strict=True):
            holding.interest += part
            holding.flows[on] += part


def share(amount: int, weights: list[int], step: int) -> list[int]:
    """Largest remainder to the step, or to the minor unit where the file's own amount is no multiple of the step."""
    return largest_remainder(amount, weights, 1 if amount % step else step)


def growth(rate: int | Fraction, elapsed: int) -> Decimal:
    """(1 + rate) ** (days / 365), exact to 120 digits."""
    base = EXACT.divide(Decimal((1 + rate).numerator), Decimal((1 + rate).denominator))
    return EXACT.power(base, EXACT.divide(Decimal(elapsed), Decimal(365)))

"""One tranche during the run: what it paid in, what it is owed on a day, and what it gets."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from app.capital.day_count import YEAR, days
from app.capital.terms import Investor, Repayment, Tranche
from app.pricing.rounding import Number, down, half_up, largest_remainder

EXACT = Context(prec=120, Emax=999_999_999, Emin=-999_999_999)
NEARLY = Decimal("1e-40")


class Holding:
    """One investor's money in its tranche (minor units), and its cash flow by day (paid in below zero)."""

    def __init__(self, investor: Investor):
        self.id, self.committed = investor.id, investor.committed
        self.paid_in = self.interest = self.principal = 0
        self.called: Number = 0
        self.flows: dict[date, int] = defaultdict(int)

    @property
    def distributed(self) -> int:
        return self.interest + self.principal

    def pay_in(self, amount: int, on: date) -> None:
        self.paid_in += amount
        self.flows[on] -= amount

    def receive(self, principal: int, interest: int, on: date) -> None:
        self.principal += principal
        self.interest += interest
        self.flows[on] += principal + interest


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

    def draw(self, holding: Holding, amount: int, on: date) -> None:
        """One of its investors pays in."""
        self.pass_time(on)
        holding.pay_in(amount, on)
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

    def book(self, parts: Mapping[str, tuple[int, int]], on: date) -> None:
        """What its investors were given on a day (capital, return), as it was booked."""
        self.claim(on)
        for holding in self.holdings:
            principal, interest = parts.get(holding.id, (0, 0))
            self.interest_due = max(0, self.interest_due - interest)
            self._count(principal, interest)
            holding.receive(principal, interest, on)

    def _charge_interest(self) -> None:
        year = YEAR[self.tranche.day_count]
        self.interest_due += half_up(Fraction(self.accrued) * self.tranche.rate / year, self.step)
        self.accrued = 0

    def _cap_left(self) -> int:
        """What brings XIRR exactly to the cap: the flows grown to today, rounded down to the step."""
        return max(0, down(whole_of(self.capped), self.step))

    def _hand_out(self, principal: int, interest: int, on: date) -> None:
        self._count(principal, interest)
        weights = [holding.paid_in for holding in self.holdings]
        if any(weights):
            none = [0] * len(weights)
            split = [share(amount, weights, self.step) if amount else none for amount in (principal, interest)]
            for holding, of_principal, of_interest in zip(self.holdings, *split, strict=True):
                holding.receive(of_principal, of_interest, on)

    def _count(self, principal: int, interest: int) -> None:
        self.principal += principal
        self.interest += interest
        self.capped = EXACT.subtract(self.capped, Decimal(principal + interest))


def whole_of(amount: Decimal) -> int:
    """Rounded down; within 1e-40 of a whole number it is that number, for whole years grow to exact amounts."""
    nearest = amount.to_integral_value(context=EXACT)
    if abs(EXACT.subtract(amount, nearest)) < NEARLY:
        return int(nearest)
    return int(amount.to_integral_value(rounding=ROUND_FLOOR, context=EXACT))


def share(amount: int, weights: list[int], step: int) -> list[int]:
    """Largest remainder to the step, or to the minor unit where the file's own amount is no multiple of the step."""
    return largest_remainder(amount, weights, 1 if amount % step else step)


@lru_cache(maxsize=1024)
def growth(rate: int | Fraction, elapsed: int) -> Decimal:
    """(1 + rate) ** (days / 365), exact to 120 digits."""
    base = EXACT.divide(Decimal((1 + rate).numerator), Decimal((1 + rate).denominator))
    return EXACT.power(base, EXACT.divide(Decimal(elapsed), Decimal(365)))


def within(parts: list[int], room: list[int]) -> list[int]:
    """Move what rounding put over a limit to the next one with room; the sum stays where the room allows it."""
    fitted = [min(part, left) for part, left in zip(parts, room, strict=True)]
    over = sum(parts) - sum(fitted)
    for number, left in enumerate(room):
        more = min(over, left - fitted[number])
        fitted[number] += more
        over -= more
    return fitted

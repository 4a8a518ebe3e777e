"""Money in, who gets what: the distribution waterfall of a bond (source: the format replay/1, part capital).

Within a day: drawdowns, receipts, costs, distributions. All cash in hand is distributable, nothing is reserved. By
rank, finite claims first and pro rata; what is left goes to the uncapped returns of that rank; else to the next rank.
What no tranche is owed stays in hand until the last date and is then excess. All amounts are minor units.
Inside a tranche by what each paid in; where not all paid in at the same times, by what each is owed itself (`apart`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.capital.apart import Apart
from app.capital.returns import multiple, xirr
from app.capital.terms import Capital, Flow
from app.capital.tranche import Account, Holding, share, within
from app.pricing.rounding import largest_remainder


class MoneyError(ValueError):
    """The file asks for money that is not there. `place` names the entry, `reason` says what it lacks."""

    def __init__(self, place: str, reason: str):
        super().__init__(f"{place}: {reason}")
        self.place, self.reason = place, reason


@dataclass(slots=True)
class Position:
    """How an investor or a tranche came out (minor units). `outstanding` is principal only.

    `multiple` and `xirr` are reported rates as text; `xirr_reason` says why there is none.
    """

    id: str
    paid_in: int
    interest: int
    principal: int
    outstanding: int
    multiple: str | None
    xirr: str | None
    xirr_reason: str | None

    @property
    def distributed(self) -> int:
        return self.interest + self.principal


@dataclass(slots=True)
class Outcome:
    """The end of the run (minor units). `cash` is 0: what was left in hand on the last date is `excess`."""

    investors: list[Position]
    tranches: list[Position]
    excess: int
    peak_exposure: int
    unspent: int


def distribute(
    capital: Capital, receipts: Iterable[Flow], settle_on: Sequence[date], step: int, *, rates: bool = True
) -> Outcome:
    """Run the whole money side of a bond.

    `receipts`: what came in, net of VAT. `settle_on`: the dates of distribution, besides the last date of all. Without
    `rates` no position says how it did: of ten thousand investors that takes most of the time.
    Raises `MoneyError` for a drawdown over the commitments and for a cost that money in hand cannot meet.
    """
    return _Run(capital, list(receipts), settle_on, step, rates).finish()


class _Run:
    def __init__(self, capital: Capital, receipts: list[Flow], settle_on: Sequence[date], step: int, rates: bool):
        self.capital, self.step, self.rates = capital, step, rates
        self.receipts = receipts
        self.holdings = {investor.id: Holding(investor) for investor in capital.investors}
        self.accounts: dict[str, Account] = {
            tranche.id: (Apart if capital.apart else Account)(
                tranche,
                [self.holdings[investor.id] for investor in capital.investors if investor.tranche == tranche.id],
                [repayment for repayment in capital.repayments if repayment.tranche == tranche.id],
                step,
            )
            for tranche in capital.tranches
        }
        self.account_of = {investor.id: self.accounts[investor.tranche] for investor in capital.investors}
        moves = {flow.on for flow in (*capital.drawdowns, *capital.costs, *receipts)}
        self.days = sorted({*settle_on, *moves, *(due.on for due in capital.repayments)})
        self.settles = {*settle_on, *self.days[-1:]}
        self.cash = self.drawn = self.spent = self.given = self.peak = 0

    def finish(self) -> Outcome:
        drawdowns, costs = _by_day(self.capital.drawdowns), _by_day(self.capital.costs)
        receipts = _by_day(self.receipts)
        for day in self.days:
            for number, flow in drawdowns.get(day, ()):
                self._draw(number, flow)
            self.cash += sum(flow.amount for _, flow in receipts.get(day, ()))
            for number, flow in costs.get(day, ()):
                self._spend(number, flow)
            self.peak = max(self.peak, self.drawn - self.given)
            if day in self.settles:
                self._distribute(day)
        if self.days:
            self._cover(self.days[-1])
        return Outcome(
            investors=[self._investor(investor.id, investor.tranche) for investor in self.capital.investors],
            tranches=[self._tranche(account) for account in self.accounts.values()],
            excess=self.cash,
            peak_exposure=self.peak,
            unspent=max(0, self.drawn - self.spent),
        )

    def _draw(self, number: int, flow: Flow) -> None:
        place = f"capital.drawdowns[{number}].amount"
        if flow.investor is not None:
            self._draw_of_one(place, flow.investor, flow)
            return
        called = [
            (account, holding)
            for account in self.accounts.values()
            if flow.tranche in (None, account.tranche.id)
            for holding in account.holdings
        ]
        committed = [holding.committed for _, holding in called]
        if flow.amount and not any(committed):
            raise MoneyError(place, "over the commitment: nothing was committed")
        for _, holding in called:
            holding.called += Fraction(flow.amount * holding.committed, sum(committed) or 1)
            if holding.called > holding.committed:
                raise MoneyError(place, f"over the commitment of {holding.id}")
        parts = share(flow.amount, committed, self.step) if flow.amount else [0] * len(called)
        parts = within(parts, [holding.committed - holding.paid_in for _, holding in called])
        for (account, holding), part in zip(called, parts, strict=True):
            account.draw(holding, part, flow.on)
        self.cash += flow.amount
        self.drawn += flow.amount

    def _draw_of_one(self, place: str, investor: str, flow: Flow) -> None:
        """As above, without shares: a living bond names who pays in, ten thousand times a call."""
        account, holding = self.account_of.get(investor), self.holdings.get(investor)
        called = account is not None and flow.tranche in (None, account.tranche.id)
        if account is None or holding is None or not called or not holding.committed:
            if flow.amount:
                raise MoneyError(place, "over the commitment: nothing was committed")
            return
        holding.called += flow.amount
        if holding.called > holding.committed:
            raise MoneyError(place, f"over the commitment of {holding.id}")
        part = min(flow.amount, holding.committed - holding.paid_in)
        account.draw(holding, part, flow.on)
        self.cash += flow.amount
        self.drawn += flow.amount

    def _spend(self, number: int, flow: Flow) -> None:
        if flow.amount > self.cash:
            raise MoneyError(f"capital.costs[{number}].amount", "cannot be met from the money in hand")
        self.cash -= flow.amount
        self.spent += flow.amount

    def _distribute(self, day: date) -> None:
        if day in self.capital.booked:
            self._book(day)
            return
        for rank in sorted({tranche.rank for tranche in self.capital.tranches}):
            accounts = [account for account in self.accounts.values() if account.tranche.rank == rank]
            claims = [account.claim(day) for account in accounts]
            if sum(claims) > self.cash:
                unit = 1 if any(amount % self.step for amount in (self.cash, *claims)) else self.step
                claims = largest_remainder(self.cash, claims, unit)
            for account, amount in zip(accounts, claims, strict=True):
                self._pay(account, amount, day)
            open_ended = [account for account in accounts if account.takes_the_rest()]
            if open_ended and self.cash:
                parts = share(self.cash, [account.paid_in for account in open_ended], self.step)
                for account, amount in zip(open_ended, parts, strict=True):
                    self._pay(account, amount, day)

    def _book(self, day: date) -> None:
        """What was given out that day, as it was booked. Money of a guarantor in it was never in hand."""
        parts = self.capital.booked[day]
        for account in self.accounts.values():
            account.book(parts, day)
        whole = sum(sum(part) for part in parts.values())
        self.cash = max(0, self.cash - whole)
        self.given += whole

    def _pay(self, account: Account, amount: int, day: date) -> None:
        if amount:
            account.pay(amount, day)
            self.cash -= amount
            self.given += amount

    def _cover(self, day: date) -> None:
        guarantee = self.capital.guarantee
        if guarantee is not None:
            account = self.accounts[guarantee.tranche]
            amount = min(guarantee.amount, account.outstanding)
            if amount:
                account.cover(amount, day)
                self.given += amount

    def _investor(self, investor: str, tranche: str) -> Position:
        held = self.holdings[investor]
        grant = self.accounts[tranche].tranche.kind == "grant"
        rate, reason = xirr(held.flows, held.distributed) if self.rates else (None, None)
        outstanding = 0 if grant else held.paid_in - held.principal
        times = multiple(held.paid_in, held.distributed) if self.rates else None
        return Position(investor, held.paid_in, held.interest, held.principal, outstanding, times, rate, reason)

    def _tranche(self, account: Account) -> Position:
        flows: dict[date, int] = {}
        for holding in account.holdings:
            for day, amount in holding.flows.items():
                flows[day] = flows.get(day, 0) + amount
        rate, reason = xirr(flows, account.principal + account.interest) if self.rates else (None, None)
        times = multiple(account.paid_in, account.principal + account.interest)
        return Position(
            account.tranche.id,
            account.paid_in,
            account.interest,
            account.principal,
            account.outstanding,
            times,
            rate,
            reason,
        )


def _by_day(flows: Iterable[Flow]) -> dict[date, list[tuple[int, Flow]]]:
    days: dict[date, list[tuple[int, Flow]]] = {}
    for number, flow in enumerate(flows):
        days.setdefault(flow.on, []).append((number, flow))
    return days

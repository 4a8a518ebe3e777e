"""One tranche whose investors are each owed on their own, since not all of them paid in at the same times.

Who comes in later, for a commitment changed hands or a call was paid late, had its money out for less long and may have
had nothing back yet: split by what each paid in, one of them would come above the cap of its return. Each investor is
therefore reckoned as a tranche of its own on the same terms: capital by what each has outstanding, interest and capped
return by what each is still owed, a return without a cap by what each paid in.
Where all paid in on the same days in the same proportion this gives what `tranche.Account` gives, but for cents.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce

from app.capital.terms import Flow, Repayment, Tranche
from app.capital.tranche import EXACT, Account, Holding, share, whole_of, within
from app.pricing.rounding import down


class Apart(Account):
    """The running state of such a tranche (minor units). A schedule of repayments is not known here."""

    def __init__(self, tranche: Tranche, holdings: list[Holding], repayments: list[Repayment], step: int):
        if repayments:
            raise ValueError(
                f"{tranche.id}: investors paid in at other times, which a schedule of repayments has no rule for"
            )
        super().__init__(tranche, holdings, repayments, step)
        self.ones = {holding.id: Account(tranche, [holding], [], step) for holding in holdings}
        self.owed = [0] * len(holdings)

    def draw(self, holding: Holding, amount: int, on: date) -> None:
        self.ones[holding.id].draw(holding, amount, on)
        self.paid_in += amount

    def claim(self, on: date) -> int:
        """What all are owed, each by itself; with a cap never more than the tranche may have as a whole."""
        self.owed = [one.claim(on) for one in self.ones.values()]
        owed = sum(self.owed)
        if self.tranche.irr_cap is None:
            return owed
        together = reduce(EXACT.add, (one.capped for one in self.ones.values()), Decimal(0))
        return min(owed, max(0, down(whole_of(together), self.step)))

    def pay(self, amount: int, on: date) -> None:
        """As `Account.pay`, each of the two by what every investor is owed of it."""
        ones = list(self.ones.values())
        outstanding = [one.outstanding for one in ones]
        if self.tranche.kind == "loan":
            first, second = [one.interest_due for one in ones], outstanding
        elif self.tranche.irr_cap is None:
            first, second = outstanding, [one.paid_in for one in ones]
        else:
            first = [min(capital, owed) for capital, owed in zip(outstanding, self.owed, strict=True)]
            second = [owed - capital for owed, capital in zip(self.owed, first, strict=True)]
        of_first = min(amount, sum(first))
        split = self._split(of_first, first), self._split(amount - of_first, second, limited=not self.takes_the_rest())
        self._give([sum(parts) for parts in zip(*split, strict=True)], Account.pay, on)

    def cover(self, amount: int, on: date) -> None:
        self._give(self._split(amount, [one.outstanding for one in self.ones.values()]), Account.cover, on)

    def book(self, parts: Mapping[str, tuple[int, int]], on: date) -> None:
        for id, one in self.ones.items():
            one.book(parts, on)
            self._count(*parts.get(id, (0, 0)))

    def _split(self, amount: int, weights: Sequence[int], *, limited: bool = True) -> list[int]:
        if not amount:
            return [0] * len(weights)
        parts = share(amount, list(weights), self.step)
        return within(parts, list(weights)) if limited else parts

    def _give(self, parts: Sequence[int], how: Callable[[Account, int, date], None], on: date) -> None:
        for one, part in zip(self.ones.values(), parts, strict=True):
            if part:
                before = one.principal, one.interest
                how(one, part, on)
                self._count(one.principal - before[0], one.interest - before[1])
        self.owed = [max(0, owed - part) for owed, part in zip(self.owed, parts, strict=True)]


def paid_at_other_times(drawdowns: Iterable[Flow]) -> bool:
    """Did the investors of a tranche, those who paid in anything, not each pay the same part of every day's money?
    A cent or two a call is rounding. Where they did, shares by what each paid in are the shares by what each is owed.
    """
    tranches: dict[str | None, dict[str | None, list[Flow]]] = defaultdict(lambda: defaultdict(list))
    for flow in drawdowns:
        if flow.amount:
            tranches[flow.tranche][flow.investor].append(flow)
    return any(_unlike(list(members.values())) for members in tranches.values() if len(members) > 1)


def _unlike(members: Sequence[Sequence[Flow]]) -> bool:
    days = Counter[date]()
    for flow in (flow for flows in members for flow in flows):
        days[flow.on] += flow.amount
    whole = days.total()
    for flows in members:
        own = Counter[date]()
        for flow in flows:
            own[flow.on] += flow.amount
        paid_in, cents = own.total(), 2 * len(flows)
        if any(abs(own[on] * whole - paid_in * of_all) > cents * whole for on, of_all in days.items()):
            return True
    return False

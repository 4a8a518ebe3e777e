"""What holds for every bond: no cent appears or vanishes between the parties, and no claim is overpaid."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.capital.terms import Capital, Flow, Guarantee, Investor, Repayment, Tranche
from app.capital.waterfall import MoneyError, distribute

START = date(2022, 1, 1)
days = st.integers(0, 1500).map(lambda n: START + timedelta(days=n))
amounts = st.integers(0, 100_000)
receipts = st.lists(st.builds(Flow, days, amounts), max_size=5)
CAP = Fraction("0.08")


@st.composite
def bonds(draw) -> Capital:
    kinds = draw(st.lists(st.sampled_from(["return", "capped", "loan", "grant"]), min_size=1, max_size=4))
    tranches = tuple(
        Tranche(
            f"t{n}",
            draw(st.integers(1, 2)),
            "return" if kind == "capped" else kind,
            irr_cap=CAP if kind == "capped" else None,
            rate=Fraction("0.065"),
            day_count=draw(st.sampled_from(["ACT/365F", "30E/360"])),
        )
        for n, kind in enumerate(kinds)
    )
    investors = tuple(
        Investor(f"i{n}", draw(st.sampled_from(tranches)).id, 10**7) for n in range(draw(st.integers(1, 4)))
    )
    funded = sorted({investor.tranche for investor in investors})
    return Capital(
        tranches,
        investors,
        drawdowns=tuple(draw(st.lists(st.builds(Flow, days, amounts, st.sampled_from([None, *funded])), max_size=4))),
        costs=tuple(draw(st.lists(st.builds(Flow, days, st.integers(0, 20_000)), max_size=3))),
        repayments=tuple(
            draw(st.lists(st.builds(Repayment, days, st.sampled_from([t.id for t in tranches]), amounts), max_size=2))
        ),
        guarantee=draw(st.none() | st.builds(Guarantee, amounts, st.just("t0"))),
    )


@settings(max_examples=300, deadline=None)
@given(bonds(), receipts, st.lists(days, max_size=5), st.sampled_from([1, 100]))
def test_money_in_is_money_out(capital, receipts, settle_on, step):
    try:
        outcome = distribute(capital, receipts, settle_on, step)
    except MoneyError:
        return
    came_in = sum(flow.amount for flow in (*capital.drawdowns, *receipts))
    went_out = sum(cost.amount for cost in capital.costs) + outcome.excess
    distributed = sum(investor.distributed for investor in outcome.investors)
    guaranteed = distributed + went_out - came_in
    assert 0 <= guaranteed <= (capital.guarantee.amount if capital.guarantee else 0)
    assert outcome.excess >= 0
    for tranche, terms in zip(outcome.tranches, capital.tranches, strict=True):
        members = [i for i, who in zip(outcome.investors, capital.investors, strict=True) if who.tranche == tranche.id]
        assert sum(member.paid_in for member in members) == tranche.paid_in
        assert sum(member.interest for member in members) == tranche.interest
        assert sum(member.principal for member in members) == tranche.principal <= tranche.paid_in
        if terms.kind == "grant":
            assert tranche.distributed == 0
        if terms.irr_cap is not None and tranche.xirr is not None:
            assert Fraction(tranche.xirr) <= CAP
    assert 0 <= outcome.peak_exposure <= sum(flow.amount for flow in capital.drawdowns)

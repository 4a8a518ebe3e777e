"""What a what-if says was taken off. Source: replay/1, `overshoot: carried`: what a full period cuts is owed later, so
it is a reduction only where no statement paid it in the end."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from app.pricing.terms import Caps, Period
from app.scenarios.figures import WhatIf
from app.scenarios.outlook import work_out
from tests.scenarios.assume import assume, terms

pytestmark = pytest.mark.usefixtures("app")

FULL = Period(date(2026, 1, 1), date(2028, 12, 31), 250_000)
ROOM = Period(date(2028, 1, 1), date(2028, 12, 31), 100_000)


def figures(overshoot: str, *periods: Period) -> WhatIf:
    """Six people reach it in the first half-year: 6,000.00 is asked, and five statements follow."""
    assumptions = assume(terms(caps=Caps(periods=periods, overshoot=overshoot)), work=(10_000,) * 3)
    return WhatIf(SimpleNamespace(), assumptions, work_out(assumptions), SimpleNamespace())


def test_carried_money_is_taken_off_once_although_every_statement_found_the_period_full():
    later = Period(date(2027, 1, 1), date(2027, 12, 31), 1)
    first = replace(FULL, end=date(2026, 12, 31))
    found = figures("carried", first, later)
    # 6,000.00 asked, 2,500.00 paid in 2026 and a cent in 2027; four statements found too little room
    assert found.reductions() == [
        ("postponed by the maximum of a period, and still not paid at the end", (600_000 - 250_000 - 1,) * 3)
    ]
    assert found.paid_late() == (1,) * 3


def test_what_a_later_period_pays_was_not_taken_off():
    first = replace(FULL, end=date(2027, 12, 31))
    found = figures("carried", first, ROOM)
    assert found.reductions()[0][1] == (600_000 - 250_000 - 100_000,) * 3
    assert found.paid_late() == (100_000,) * 3


def test_what_is_lost_is_taken_off_by_the_period():
    found = figures("lost", FULL)
    assert found.reductions() == [("most that is paid in this period", (350_000,) * 3)]
    assert found.paid_late() == (0,) * 3

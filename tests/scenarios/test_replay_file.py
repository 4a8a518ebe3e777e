"""Every rule of the engine's terms survives the way into a file and back (source: replay/1)."""

import json
from datetime import date
from types import SimpleNamespace

import pytest

from app.capital.terms import Tranche
from app.core.errors import NotNow
from app.pricing.terms import Caps
from app.scenarios import replay_file as module
from app.scenarios.assumptions import CASES as LEVELS
from app.scenarios.outlook import capital_of, work_out
from app.scenarios.replay import compute, read
from app.scenarios.replay_file import replay_file
from tests.scenarios.assume import FIRST, assume, terms
from tests.scenarios.test_draws import CASES, CHAIN, GUESSES, HALVES, MONEY, REFUSED


def what_if(given, money="capped and open"):
    capital = capital_of(MONEY[money], {"s": 600_000, "j": 300_100}, {"j": 100}, (FIRST, date(2026, 9, 1)), given.step)
    assumed = assume(given, cohort=(5, 4), intakes=HALVES, capital=capital, **GUESSES)
    setting = SimpleNamespace(
        programme=SimpleNamespace(currency="EUR"),
        illustrative=False,
        minor_per_major=100,
        payer_name=str.title,
        effect_name=str.title,
    )
    return SimpleNamespace(setting=setting, assumptions=assumed, cases=work_out(assumed))


GIVEN = {**CASES, **{name: found for name, found in REFUSED.items() if name != "int64"}}


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("level", LEVELS)
def test_the_terms_come_back_as_they_were(name, level):
    found = what_if(GIVEN[name])
    bond = read(json.dumps(replay_file(found, level, "What if")).encode())
    given = found.assumptions.terms
    assert bond.terms == given
    computed = compute(bond)
    case = found.cases[level]
    assert computed.valuation.statements == case.valuation.statements
    assert computed.outcome.tranches == case.outcome.tranches
    assert computed.outcome.investors == case.outcome.investors


@pytest.mark.parametrize("money", MONEY)
def test_the_money_side_comes_back_as_it_was(money):
    found = what_if(terms(*CHAIN), money)
    bond = read(json.dumps(replay_file(found, "expected", "What if")).encode())
    assert bond.money.capital == found.assumptions.capital
    assert compute(bond).outcome == found.cases["expected"].outcome


def test_a_rule_that_the_format_lacks_is_named_and_refused(app, monkeypatch):
    monkeypatch.setitem(module.KNOWN, Caps, "contract periods reduce overshoot")
    found = what_if(terms(*CHAIN, caps=Caps(per_person=150_000)))
    with pytest.raises(NotNow, match="per_person"):
        replay_file(found, "low", "What if")
    assert replay_file(what_if(terms(*CHAIN)), "low", "What if")


def test_capital_is_called_in_equal_parts_and_spent_at_once():
    """1,000.01 in three parts: 333.34, 333.34, 333.33; the cent over goes to the first (largest remainder)."""
    days = (date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1))
    capital = capital_of((Tranche("s", 1, "return"),), {"s": 100_001}, {}, days, 1)
    assert [flow.amount for flow in capital.drawdowns] == [33_334, 33_334, 33_333]
    assert [flow.amount for flow in capital.costs] == [33_334, 33_334, 33_333]
    assert capital_of((Tranche("s", 1, "return"),), {"s": 0}, {}, days, 1) is None

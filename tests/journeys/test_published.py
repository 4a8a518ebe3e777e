"""Issue 6: published bonds reproduce through live operations too, not only through `replay`.

The files of tests/scenarios/cases, each lived from the programme to the last distribution: what its rows say then is
what the file expects, and what `flask replay` makes of it to the cent.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.ledger.cli import faults
from app.scenarios.check import differences
from app.scenarios.replay import compute, read
from app.scenarios.result import result_of as replayed
from tests.journeys.published_bond import make_published
from tests.journeys.published_life import given_back, live, result_of

CASES = {path.stem: path for path in (Path(__file__).parents[1] / "scenarios" / "cases").glob("*.json")}
ISTANBUL = ("istanbul-tiers-400", "istanbul-tiers-548")  # one bond: the second count goes on where the first ended
LEDGER = "street-impact-brighton-loan"  # of which the effects are not known, only what came in


def tree_of(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(CASES[name].read_text())
    return tree


def lived(tree: dict[str, Any]):
    bond = make_published(read(json.dumps(tree).encode()))
    live(bond)
    return bond, result_of(bond)


def assert_as_replayed(bond: Any, found: dict[str, Any]) -> None:
    """Every amount that both tell, nothing left out: by effect, statement, payer, rule and investor."""
    file = replayed(compute(bond.replay))
    for part in ("effects", "statements", "reductions", "total"):
        assert differences({part: found[part]}, file) == []
        assert len(found[part]) == len(file[part])  # type: ignore[arg-type]
    if bond.replay.money is not None:
        assert differences({"investors": found["investors"]}, file) == []
    else:
        assert found["investors"][0]["distributed"] == found["total"]["net_of_vat"]
    assert given_back(bond) == sum(round(float(one["distributed"]) * 100) for one in found["investors"])


@pytest.mark.parametrize("name", sorted({*CASES} - {*ISTANBUL, LEDGER}))
def test_a_published_bond_lives_as_it_is_replayed(app, name):
    tree = tree_of(name)
    bond, found = lived(tree)
    assert differences(tree["expected"], found) == []
    assert_as_replayed(bond, found)
    assert faults() == []


def test_tiers_run_on_from_one_settlement_to_the_next(app):
    """Istanbul Kodluyor: 400 people are worth 437,000.00, and 548 are worth 632,000.00, also when 148 come later."""
    few, all_of_them = map(tree_of, ISTANBUL)
    fact = few["facts"][0]
    tree = few | {"facts": [fact, fact | {"on": "2022-06-30", "count": 148}], "settle_on": [fact["on"], "2022-06-30"]}
    bond, found = lived(tree)
    assert found["statements"][0]["paid"] == few["expected"]["total"]["paid"]
    assert found["total"]["paid"] == all_of_them["expected"]["total"]["paid"]
    assert_as_replayed(bond, found)
    assert faults() == []


def test_a_published_loan_is_paid_back_to_the_pound(app):
    """Street Impact Brighton: each receipt is a statement of income; interest and principal are split as published.

    Its scheduled repayments are what money allowed on those days, so they come out of the order of payment alone."""
    tree = tree_of(LEDGER)
    _bond, found = lived(tree)
    assert differences({"investors": tree["expected"]["investors"]}, found) == []
    receipts = [(row["on"], row["amount"]) for row in tree["capital"]["receipts"]]
    assert [(row["on"], row["paid"]) for row in found["statements"]] == receipts
    lent, repaid = (float(found["investors"][0][name]) for name in ("paid_in", "principal"))
    assert lent - repaid == float(tree["expected"]["tranches"][0]["outstanding"])
    assert faults() == []

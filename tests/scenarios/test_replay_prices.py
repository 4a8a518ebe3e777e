"""`prices` in a file: our extension of replay/1. A file without it is read as before."""

import pytest

from tests.scenarios.build import computed, run, whole
from tests.scenarios.test_replay_faults import AMOUNT, put


def test_a_payer_named_pays_its_own_price(tmp_path):
    # whole(): a lives with x, b's job is paid by y, of which 20 % is deadweight; two tiers are x's, from 10.00 and 8.00
    bond = put(whole(), "effects.0.prices", {"y": "900.00"})
    bond["effects"][4]["tiers"][1]["prices"] = {"x": "7.00", "y": "6.00"}
    effects = {row["id"]: row["gross"] for row in computed(tmp_path, bond)["effects"]}
    assert effects["job"] == "1900.00"
    assert effects["volume"] == "99.00"  # 5 x 10 + 7 x 7


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        ("effects.0.prices", {"z": "1.00"}, "effects[0].prices.z: no payer has the id z"),
        ("effects.0.prices", {"a\nb": "1.00"}, "effects[0].prices.a\\nb: no payer has the id a\\nb"),
        ("effects.0.prices", {"x": 1}, f"effects[0].prices.x: {AMOUNT}"),
        ("effects.0.prices", {"x": None}, "effects[0].prices.x: may not be null"),
        ("effects.0.prices", ["x"], "effects[0].prices: must be an object"),
        ("effects.0.prices", None, "effects[0].prices: may not be null"),
        ("effects.4.prices", {"x": "1.00"}, "effects[4].prices: stand inside each tier, not beside them"),
        ("effects.4.tiers.0.prices", {"z": "1.00"}, "effects[4].tiers[0].prices.z: no payer has the id z"),
        ("effects.6.prices", {"x": "1.00"}, "effects[6].prices: unknown key for the kind steps"),
        ("effects.7.prices", {"x": "1.00"}, "effects[7].prices: unknown key for the kind bands"),
        ("effects.9.prices", {"x": "1.00"}, "effects[9].prices: unknown key for the kind share"),
    ],
)
def test_prices_that_mean_nothing_are_refused(place, value, line, tmp_path):
    result = run(tmp_path, put(whole(), place, value))
    assert (result.exit_code, result.stderr) == (2, line + "\n")


@pytest.mark.parametrize("rule", ["single", "weight"])
def test_prices_need_the_rule_residence(rule, tmp_path):
    bond = put(put(whole(), "payer_rule", rule), "payers.0.weight", "1")
    bond["effects"][0]["prices"] = {"x": "1.00"}
    if rule == "single":
        del bond["payers"][1]
        bond["facts"] = [{"effect": "start", "on": "2024-01-01", "count": 1}]
        del bond["participants"]
    result = run(tmp_path, bond)
    assert result.exit_code == 2
    assert result.stderr == ("effects[0].prices: is only for the payer rule residence, where each fact has one payer\n")

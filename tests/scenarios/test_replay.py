"""The command and its result. Source: the format replay/1, Result and the exit statuses on its first lines."""

import json

import pytest

from tests.scenarios.build import computed, run, simple, whole


def test_one_of_everything_by_hand(tmp_path):
    """Euros, June (all facts): job 2 x 1000 x 0.8 = 1600; home 500; level 700 + 200; volume 5 x 10 + 7 x 8 = 106;
    days (14.5 - 10) x 30 = 135; rate 150; points 10 x 1 + 2 x 2 = 14; saved 2000 x 0.5 + 400 x 0.1 = 1040; fee 2000.
    Events missed 10 % (7 of 100) but pooled 7 % >= 5 %: 700 in December.
    """
    result = computed(tmp_path, whole())
    assert [(row["id"], row["quantity"], row["gross"], row["paid"]) for row in result["effects"]] == [
        ("job", "2", "2000.00", "1600.00"),
        ("home", "1", "500.00", "500.00"),
        ("level1", "1", "700.00", "700.00"),
        ("level2", "1", "200.00", "200.00"),
        ("volume", "12", "106.00", "106.00"),
        ("days", "4.5", "135.00", "135.00"),
        ("rate", "1", "150.00", "150.00"),
        ("points", "12", "14.00", "14.00"),
        ("events", "7", "700.00", "700.00"),
        ("saved", "1", "1040.00", "1040.00"),
        ("start", "1", "2000.00", "2000.00"),
    ]
    # y: b's job 800, points 14, events 700; x: the rest
    june = {"on": "2024-06-30", "gross": "6845.00", "paid": "6445.00"}
    assert result["statements"][0] == june | {
        "payers": [{"id": "x", "amount": "5631.00"}, {"id": "y", "amount": "814.00"}]
    }
    assert result["statements"][1]["payers"] == [{"id": "x", "amount": "0.00"}, {"id": "y", "amount": "700.00"}]
    # VAT out of each line: 661.16 x 2, 413.22, 578.51, 165.29, 87.60, 111.57, 123.97, 11.57, 859.50, 1652.89, 578.51
    assert result["total"] == {"gross": "7545.00", "paid": "7145.00", "net_of_vat": "5904.95"}
    assert {"rule": "deadweight", "on": "2024-06-30", "amount": "400.00"} in result["reductions"]
    assert result["excess"]["to"] == "provider"


def test_investors_receive_the_payments_net_of_vat(tmp_path):
    """June: 5,326.44 in hand. Loan: 1000 x 5 % x 181/365 = 24.79 interest, no principal before December.
    Equity: 2000 x 1.08 ^ (181/365) = 2077.80 (down), and 1.0389 ^ (365/181) = 1.079996.
    December: 578.51 and what was left; loan 1000 x 5 % x 184/365 = 25.21.
    """
    result = computed(tmp_path, whole())
    bank, fund, city = result["investors"]
    assert (bank["interest"], bank["principal"], bank["multiple"]) == ("50.00", "1000.00", "1.0500")
    assert (fund["paid_in"], fund["distributed"], fund["xirr"]) == ("2000.00", "2077.80", "0.079996")
    assert (city["paid_in"], city["multiple"], city["xirr"]) == ("0.00", None, None)
    assert city["xirr_reason"].startswith("no sign change")
    assert result["excess"]["amount"] == "2777.15"  # 5904.95 - 1050.00 - 2077.80
    assert (result["peak_exposure"], result["unspent"]) == ("3000.00", "0.00")


def test_the_default_is_one_statement_on_the_last_facts_date(tmp_path):
    bond = simple(
        {"effect": "job", "on": "2024-03-01", "count": 1}, {"effect": "job", "on": "2024-01-01", "count": "2"}
    )
    assert [row["on"] for row in computed(tmp_path, bond)["statements"]] == ["2024-03-01"]


def test_the_facts_payer_wins_over_the_participants(tmp_path):
    bond = whole()
    bond["facts"] = [{"participant": "a", "effect": "job", "on": "2024-02-01", "payer": "y"}]
    payers = computed(tmp_path, bond)["statements"][0]["payers"]
    assert payers == [{"id": "x", "amount": "0.00"}, {"id": "y", "amount": "800.00"}]


def test_amounts_print_with_the_currencys_digits_whatever_the_rounding(tmp_path):
    yen = simple(currency="JPY")
    yen["effects"][0]["price"] = "100"
    assert computed(tmp_path, yen)["total"]["paid"] == "100"
    dinar = simple(currency="KWD")
    dinar["effects"][0]["price"] = "100.125"
    assert computed(tmp_path, dinar)["total"]["paid"] == "100.125"
    whole_euros = simple(rounding="1")
    whole_euros["effects"][0]["price"] = "100.50"
    result = computed(tmp_path, whole_euros)
    assert result["total"] == {"gross": "100.50", "paid": "101.00", "net_of_vat": "101.00"}
    assert result["reductions"] == [{"rule": "rounding", "on": "2024-01-01", "amount": "-0.50"}]


def test_reductions_stand_by_date_and_then_by_step_without_empty_rows(tmp_path):
    facts = [{"effect": "job", "on": f"2024-0{month}-01", "count": 3} for month in (1, 2)]
    bond = simple(*facts, settle_on=["2024-02-01", "2024-01-01"], caps={"contract": "400.00"}, vat_rate="0.25")
    bond["effects"][0] |= {"max_amount": "500.00", "deadweight": "0.1"}
    rows = [(row["on"], row["rule"], row["amount"]) for row in computed(tmp_path, bond)["reductions"]]
    assert rows == [
        ("2024-01-01", "deadweight", "30.00"),
        ("2024-01-01", "vat", "54.00"),
        ("2024-02-01", "deadweight", "30.00"),
        ("2024-02-01", "effect.max_amount", "40.00"),
        ("2024-02-01", "caps.contract", "100.00"),
        ("2024-02-01", "vat", "26.00"),
    ]


def test_lines_explain_every_fact_on_request_only(tmp_path):
    bond = simple(caps={"contract": "60.00"})
    assert "lines" not in computed(tmp_path, bond)
    assert computed(tmp_path, bond, "--lines")["lines"] == [
        {
            "fact": 0,
            "on": "2024-01-01",
            "statement": "2024-01-01",
            "effect": "job",
            "participant": None,
            "payer": "city",
            "paid": "60.00",
            "steps": [
                {"rule": "price", "before": "0.00", "after": "100.00"},
                {"rule": "caps.contract", "before": "100.00", "after": "60.00"},
            ],
        }
    ]


def test_a_line_that_several_pay_names_each_part(tmp_path):
    payers = [{"id": "x", "name": "X", "weight": 1}, {"id": "y", "name": "Y", "weight": "2"}]
    [line] = computed(tmp_path, simple(payers=payers, payer_rule="weight"), "--lines")["lines"]
    assert line["payer"] is None
    assert line["payers"] == [{"id": "x", "amount": "33.33"}, {"id": "y", "amount": "66.67"}]
    assert line["steps"][-1] == {"rule": "split", "before": "100.00", "after": "100.00"}
    table = run(tmp_path, simple(payers=payers, payer_rule="weight"), "--lines").stdout
    assert "split 100.00 -> 100.00 (x 33.33, y 66.67)" in table


def test_a_line_that_one_pays_has_no_parts(tmp_path):
    payers = [{"id": "x", "name": "X", "weight": 1}]
    assert " (x" not in run(tmp_path, simple(payers=payers), "--lines").stdout


@pytest.mark.parametrize("typed", [100, 100.0, 99, 10**20])
def test_check_wants_amounts_as_decimal_strings(tmp_path, typed):
    """replay-result/1: amounts are decimal strings; a JSON number is refused, whether its value is right or not."""
    for place, expected in (
        ("expected.total.paid", {"total": {"paid": typed}}),
        ("expected.effects[0].gross", {"effects": [{"id": "job", "gross": typed}]}),
    ):
        result = run(tmp_path, simple() | {"expected": expected}, "--check")
        assert result.exit_code == 1
        assert result.stderr == f'{place}: must be a decimal string, such as "100.00", and no JSON number\n'
    assert run(tmp_path, simple() | {"expected": {"total": {"paid": "100"}}}, "--check").exit_code == 0


@pytest.mark.parametrize(("count", "exit_code"), [("3.5", 2), ("0.5", 2), ("3.0", 0), (3, 0)])
def test_a_count_of_people_is_whole(tmp_path, count, exit_code):
    """With max_per_person 1 the count is taken as distinct people; where it may be more, it counts units."""
    bond = simple({"effect": "job", "on": "2024-01-01", "count": count})
    del bond["effects"][0]["max_per_person"]
    result = run(tmp_path, bond)
    assert result.exit_code == exit_code
    if exit_code:
        assert result.stderr == "facts[0].count: must be whole: with max_per_person 1 it counts people\n"
    bond["effects"][0]["max_per_person"] = None
    assert run(tmp_path, bond).exit_code == 0


def test_a_file_without_capital_has_an_empty_money_side(tmp_path):
    result = computed(tmp_path, simple())
    assert (result["investors"], result["tranches"], result["excess"]) == ([], [], None)


def test_receipts_stand_instead_of_the_statements_payments(tmp_path):
    bond = whole()
    bond["capital"]["receipts"] = [{"on": "2024-12-31", "amount": "10.00"}]
    assert computed(tmp_path, bond)["investors"][0]["distributed"] == "10.00"


def test_the_table_is_for_people(tmp_path):
    result = run(tmp_path, whole(), "--lines")
    assert result.exit_code == 0
    assert "One of everything (EUR)" in result.stdout
    assert "2024-06-30  6845.00  6445.00  5631.00  814.00" in result.stdout
    assert "excess to provider" in result.stdout
    assert "2024-02-01 job a x: price 0.00 -> 1000.00; deadweight 1000.00 -> 800.00" in result.stdout


def test_the_table_names_effects_and_payers_and_the_json_keeps_their_ids(tmp_path):
    """An id may be a long number of the portal; the payers of this file share one id with an effect."""
    bond = simple(payers=[{"id": "job", "name": "Gemeente Enschede"}])
    bond["effects"][0]["name"] = "Dertien weken werk"
    rows = [line.split("  ") for line in run(tmp_path, bond).stdout.splitlines() if line.startswith("  ")]
    heads = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert ["Dertien weken werk", "1", "100.00", "100.00"] in heads
    assert ["date", "gross", "paid", "Gemeente Enschede"] in heads
    assert "job" not in run(tmp_path, bond).stdout
    result = computed(tmp_path, bond)
    assert result["effects"][0]["id"] == "job"
    assert result["statements"][0]["payers"][0]["id"] == "job"


# --check


def test_check_compares_only_the_keys_given_and_matches_rows_by_id_or_date(tmp_path):
    bond = whole()
    bond["expected"] = {
        "effects": [{"id": "start", "paid": "2000"}, {"id": "job", "quantity": "2.0"}],
        "statements": [{"on": "2024-12-31", "payers": [{"id": "y", "amount": "700.00"}]}],
        "reductions": [
            {"rule": "deadweight", "on": "2024-06-30", "amount": "400.00"},
            {"rule": "caps.contract", "on": "2024-06-30", "amount": "0.00"},
        ],
        "investors": [{"id": "city", "xirr": None}],
    }
    assert run(tmp_path, bond, "--check").exit_code == 0


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ({"total": {"paid": "1.00"}}, "expected.total.paid: expected 1.00, found 100.00"),
        ({"total": {"paied": "1.00"}}, "expected.total.paied: the result has no such key"),
        ({"effects": [{"id": "jobs"}]}, "expected.effects[0]: the result has no such row"),
        ({"effects": [{"paid": "1.00"}]}, "expected.effects[0]: names no id to match by"),
        ({"effects": ["job"]}, "expected.effects[0]: must be an object"),
        ({"reductions": [{"rule": "vat", "on": "2024-01-01", "amount": "1.00"}]}, "expected.reductions[0]: the result"),
        ({"total": "100.00"}, "expected.total: expected 100.00, found {"),
        ([], "expected: must be an object"),
        (None, "expected: nothing to compare with"),
    ],
)
def test_check_prints_a_line_per_difference_and_exits_1(expected, line, tmp_path):
    result = run(tmp_path, simple(expected=expected), "--check")
    assert result.exit_code == 1
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


def test_without_check_expectations_do_not_matter(tmp_path):
    assert run(tmp_path, simple(expected={"total": {"paid": "1.00"}})).exit_code == 0


def test_json_goes_to_standard_output_and_differences_to_standard_error(tmp_path):
    result = run(tmp_path, simple(expected={"total": {"paid": "1.00"}}), "--json", "--check")
    assert json.loads(result.stdout)["format"] == "replay-result/1"
    assert result.stderr == "expected.total.paid: expected 1.00, found 100.00\n"

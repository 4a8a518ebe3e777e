"""Price tables that were really published, on histories of our own, with the result worked out by hand beside each.

Prices, caps, thresholds and unit costs come from the sources named; who proved what and when is illustrative, and so is
every figure marked so. Nothing here was read from the program's output.
"""

import pytest

from tests.scenarios.build import run


def effect(effect_id: str, price: str, kind: str = "per_person", **more) -> dict:
    return {"id": effect_id, "name": effect_id, "kind": kind, "price": price, **more}


def proven(effect_id: str, on: str, who: str | None = None, **more) -> dict:
    return {"effect": effect_id, "on": on, **({"participant": who} if who else {}), **more}


def bond(effects: list[dict], facts: list[dict], source: str, expected: dict, currency: str = "GBP", **more) -> dict:
    return {
        "format": "replay/1",
        "title": source,
        "currency": currency,
        "payers": [{"id": "payer", "name": "Payer"}],
        "effects": effects,
        "facts": facts,
        "sources": [source],
        "expected": expected,
        **more,
    }


def total(gross: str, paid: str, net: str | None = None) -> dict:
    return {"gross": gross, "paid": paid, "net_of_vat": net or paid}


def cut(rule: str, on: str, amount: str) -> dict:
    return {"rule": rule, "on": on, "amount": amount}


IF1 = "DWP, Innovation Fund, price table of round 1"
IF2 = "DWP, Innovation Fund, price table of round 2"
ROUND_1 = [
    effect(name, price)
    for name, price in (
        ("behaviour", "1300"),
        ("attendance", "800"),
        ("level1", "700"),
        ("level2", "2200"),
        ("level3", "3300"),
        ("work13", "2600"),
        ("work26", "1000"),
    )
]
ROUND_2 = [
    effect(name, price)
    for name, price in (
        ("behaviour", "1300"),
        ("attendance", "1400"),
        ("level1", "1100"),
        ("level2", "3300"),
        ("level3", "5100"),
        ("work13", "3500"),
    )
]

# 1,300 + 800 + 700 + 2,200 = 5,000 in 2013. In 2014: 3,200 left of 8,200 for the 3,300; nothing for 2,600 and 1,000.
FUND_1 = bond(
    ROUND_1,
    [
        *(proven(name, f"2013-0{n}-01", "a") for n, name in enumerate(("behaviour", "attendance", "level1"), start=1)),
        proven("level2", "2013-12-31", "a"),
        proven("level3", "2014-02-01", "a"),
        proven("work13", "2014-03-01", "a"),
        proven("work26", "2014-06-01", "a"),
        proven("work13", "2014-03-01", "b"),
    ],
    IF1,
    {
        "total": total("14500", "10800"),
        "statements": [{"on": "2013-12-31", "paid": "5000"}, {"on": "2014-12-31", "paid": "5800"}],
        "reductions": [cut("caps.per_person", "2014-12-31", "3700")],
    },
    settle_on=["2013-12-31", "2014-12-31"],
    caps={"per_person": "8200"},
)

# 11,700 over 15,700: 1,300 -> 968.7898, 1,400 -> 1,043.3121, 1,100 -> 819.7452, 3,300 -> 2,459.2357,
# 5,100 -> 3,800.6369, 3,500 -> 2,608.2803. Rounded down they lack 3 cents, which go to .98, .69 and .57 of a cent.
FUND_2 = bond(
    ROUND_2,
    [proven(row["id"], "2014-01-01", "a") for row in ROUND_2],
    IF2,
    {
        "total": total("15700", "11700"),
        "effects": [
            {"id": "behaviour", "paid": "968.79"},
            {"id": "attendance", "paid": "1043.31"},
            {"id": "level1", "paid": "819.74"},
            {"id": "level2", "paid": "2459.24"},
            {"id": "level3", "paid": "3800.64"},
            {"id": "work13", "paid": "2608.28"},
        ],
    },
    caps={"per_person": "11700", "reduce": "pro_rata"},
)

# a: 500 + 500 + 200, move in 500, two homes 3,000, part-time 3,000, then full-time 4,500 - 3,000, 26 weeks 2,000:
# 11,200.
# b: 3 months before moving in is refused (1,500); at 6 months the 3 months are on record, paid or not, and the move
# is of that very day: 500 + 1,500. Together 13,200. (Which effects exclude or require each other is illustrative.)
FAIR_CHANCE = bond(
    [
        effect("assessment1", "500"),
        effect("assessment2", "500"),
        effect("assessment3", "200"),
        effect("move_in", "500"),
        effect("home3", "1500", requires=["move_in"]),
        effect("home6", "1500", requires=["move_in", "home3"]),
        effect("full13", "4500", best_of="work13"),
        effect("part13", "3000", best_of="work13"),
        effect("full26", "3500", best_of="work26"),
        effect("part26", "2000", best_of="work26"),
    ],
    [
        *(proven(f"assessment{n}", f"2015-0{n}-01", "a") for n in (1, 2, 3)),
        proven("move_in", "2015-04-01", "a"),
        proven("home3", "2015-07-01", "a"),
        proven("home6", "2015-10-01", "a"),
        proven("part13", "2015-08-01", "a"),
        proven("full13", "2015-12-01", "a"),
        proven("part26", "2015-11-01", "a"),
        proven("home3", "2015-07-01", "b"),
        proven("home6", "2015-10-01", "b"),
        proven("move_in", "2015-10-01", "b"),
    ],
    "DCLG, Fair Chance Fund, maximum rates",
    {
        "total": total("13200", "13200"),
        "effects": [{"id": "full13", "gross": "1500"}, {"id": "home3", "quantity": "1"}],
        "reductions": [cut("requires", "2015-12-01", "1500")],
    },
)

# a: 600 + 1,500 + 1,500 + 2,600 + 2,500 + 1,800 = 10,500, then 9,000 (illustrative) of which 8,500 fit in 19,000.
# b leaves its home; the clock restarts: moving in again (600) and 3 months again (1,500) are not paid
# twice, 6 months is.
ROUGH_SLEEPERS = bond(
    [
        effect("home", "600"),
        effect("home3", "1500", requires=["home"]),
        effect("home6", "1500", requires=["home3"]),
        effect("home12", "2600", requires=["home6"]),
        effect("home18", "2500", requires=["home12"]),
        effect("home24", "1800", requires=["home18"]),
        effect("work", "9000", notes="illustrative"),
    ],
    [
        *(
            proven(name, on, "a")
            for name, on in (
                ("home", "2018-01-01"),
                ("home3", "2018-04-01"),
                ("home6", "2018-07-01"),
                ("home12", "2019-01-01"),
                ("home18", "2019-07-01"),
                ("home24", "2020-01-01"),
                ("work", "2020-01-02"),
            )
        ),
        *(
            proven(name, on, "b")
            for name, on in (
                ("home", "2018-01-01"),
                ("home3", "2018-04-01"),
                ("home", "2018-06-01"),
                ("home3", "2018-09-01"),
                ("home6", "2018-12-01"),
            )
        ),
    ],
    "MHCLG, Entrenched Rough Sleepers Social Impact Bond, rates and the cap of 19,000 a person",
    {
        "total": total("23100", "22600"),
        "reductions": [cut("max_per_person", "2020-01-02", "2100"), cut("caps.per_person", "2020-01-02", "500")],
    },
    caps={"per_person": "19000"},
)

# Each threshold passed is 2,750: a penny below the first 0; the first 2,750; below the third 5,500; beyond the last
# 11,000.
CARE_LEAVERS = bond(
    [
        {
            "id": "earnings",
            "name": "Cumulative earnings",
            "kind": "steps",
            "steps": [
                {"at": at, "amount": amount}
                for at, amount in (("768", "2750"), ("1631", "5500"), ("3350", "8250"), ("8155", "11000"))
            ],
        }
    ],
    [proven("earnings", "2021-03-31", value=value) for value in ("767.99", "768", "3349.99", "9000")],
    "DfE, Care Leavers Social Impact Bond, earnings outcomes of 2,750 at 768, 1,631, 3,350 and 8,155 pounds",
    {"total": total("19250", "19250"), "effects": [{"id": "earnings", "quantity": "3"}]},
)

# 21,000 days expected, 17,500 used: 3,500 x 41.50 = 145,250. 100,000 in 2022, the rest in 2023, by 25 : 45 young
# people:
# 35,714.2857 and 64,285.7143 (the cent to the larger remainder, Hengelo); 16,160.714 and 29,089.286 (to Enschede).
DAYS_OFF_BENEFIT = bond(
    [effect("days", "41.50", "difference", notes="the price and the durations are illustrative")],
    [proven("days", "2022-12-31", cohort="1", treatment="17500", control="21000")],
    "Dutch bonds: days off benefit against an expected duration; Hengelo's part is 25 of 70 young people",
    {
        "total": total("145250", "145250"),
        "statements": [
            {"on": "2022-12-31", "payers": [{"id": "h", "amount": "35714.29"}, {"id": "e", "amount": "64285.71"}]},
            {"on": "2023-12-31", "payers": [{"id": "h", "amount": "16160.71"}, {"id": "e", "amount": "29089.29"}]},
        ],
        "reductions": [cut("caps.periods", "2022-12-31", "45250"), cut("caps.periods", "2023-12-31", "0")],
    },
    "EUR",
    payers=[{"id": "h", "name": "Hengelo", "weight": 25}, {"id": "e", "name": "Enschede", "weight": 45}],
    payer_rule="weight",
    settle_on=["2022-12-31", "2023-12-31"],
    caps={
        "periods": [{"from": f"{year}-01-01", "to": f"{year}-12-31", "amount": "100000"} for year in (2022, 2023)],
        "overshoot": "carried",
    },
)

# After 91 days of work (13 weeks) all days are paid: a 60 + 40 = 100 x 12.34; b 91 reaches it; c 90.5 does not.
# 2,357 - by whole euros: 1,234 and 1,122.94 -> 1,123. VAT 21 %: 1,019.83 -> 1,020 and 928.10 -> 928.
WORK_BY_DAY = bond(
    [effect("days", "12.34", "per_unit", unit="day", after=91, retroactive=True)],
    [
        proven("days", "2022-03-01", "a", quantity=60),
        proven("days", "2022-04-10", "a", quantity="40"),
        proven("days", "2022-04-10", "b", quantity=91),
        proven("days", "2022-04-10", "c", quantity="90.5"),
    ],
    "DWP and DCLG tables: work of 13 weeks, here by the day as Dutch bonds do; the price is illustrative",
    {"total": total("2356.94", "2357", "1948"), "effects": [{"id": "days", "quantity": "191"}]},
    "EUR",
    rounding="1",
    vat_rate="0.21",
)

# 10 % exactly pays at once: 100 x 1,700. 5 % misses; pooled 1,850 of 2,000 is 7.5 % exactly: 50 x 1,700 at the end.
POOLED_EXACTLY = bond(
    [effect("events", "1700", "difference", threshold="0.1", pooled_threshold="0.075", notes="price illustrative")],
    [
        proven("events", "2014-06-30", cohort="1", treatment="900", control="1000"),
        proven("events", "2014-06-30", cohort="2", treatment="950", control="1000"),
    ],
    "MoJ, HMP Peterborough: 10 % per cohort, 7.5 % over all cohorts together",
    {
        "total": total("255000", "255000"),
        "statements": [{"on": "2014-06-30", "paid": "170000"}, {"on": "2017-06-30", "paid": "85000"}],
    },
    settle_on=["2014-06-30", "2017-06-30"],
)

# Half of 3 x 51,080 = 76,620. Then 23,380 until 100,000 use 46,760 of 102,160; 10 % of the other 55,400 is 5,540.
CHILDREN_IN_CARE = bond(
    [
        {
            "id": "care",
            "name": "Care avoided",
            "kind": "share",
            "share": "0.5",
            "share_after": "0.1",
            "until": "100000",
            "notes": "the shares are illustrative",
        }
    ],
    [proven("care", "2014-03-31", avoided="153240"), proven("care", "2015-03-31", avoided="102160")],
    "GMCA Unit Cost Database v1.4 (CC BY 4.0): child in care 51,080 a year (2013/14)",
    {
        "total": total("105540", "105540"),
        "statements": [{"on": "2014-03-31", "paid": "76620"}, {"on": "2015-03-31", "paid": "28920"}],
    },
    settle_on=["2014-03-31", "2015-03-31"],
)

# 4.9 is below the threshold; 12.5 is 10 x 4,257 + 2.5 x 7,900; 30 is 10 x 4,257 + 10 x 7,900, and no more.
NEET_POINTS = bond(
    [
        {
            "id": "points",
            "name": "Points below the baseline",
            "kind": "bands",
            "threshold": "5",
            "bands": [
                {"from": 0, "to": 10, "per_point": "4257"},
                {"from": 10, "to": 20, "per_point": "7900"},
            ],
            "notes": "the bands are illustrative",
        }
    ],
    [proven("points", "2012-12-31", value=value) for value in ("4.9", "12.5", "30")],
    "GMCA Unit Cost Database v1.4 (CC BY 4.0): NEET 4,257 and rough sleeper 7,900 a year (2010/11), per point",
    {"total": total("183890", "183890"), "effects": [{"id": "points", "quantity": "32.5"}]},
)

# 2012: 150 x 2,600. 2013: 50 x 2,600 and 100 x 1,000, of which 60,000 (illustrative) fit; the count runs on to 300.
TIERED_WORK = bond(
    [
        {
            "id": "work",
            "name": "Work",
            "kind": "per_person",
            "max_per_person": None,
            "tiers": [
                {"up_to": 200, "price": "2600"},
                {"up_to": None, "price": "1000", "max_amount": "60000"},
            ],
        }
    ],
    [proven("work", "2012-12-31", count=150), proven("work", "2013-12-31", count="150")],
    f"{IF1} (13 and 26 weeks); the tiers are illustrative",
    {
        "total": total("580000", "580000"),
        "statements": [{"on": "2012-12-31", "paid": "390000"}, {"on": "2013-12-31", "paid": "190000"}],
        "reductions": [cut("tier", "2013-12-31", "40000")],
        "effects": [{"id": "work", "quantity": "300"}],
    },
    settle_on=["2012-12-31", "2013-12-31"],
)

# 60 x 3,300 = 198,000. Loan 100,000 x 6 % x 365/365 = 6,000 and its capital; the return 50,000 x 1.10; 37,000 are left.
INVESTORS = bond(
    [effect("level2", "3300")],
    [proven("level2", "2023-01-01", count=60)],
    f"{IF2}; the money side is illustrative",
    {
        "total": total("198000", "198000"),
        "investors": [
            {"id": "bank", "interest": "6000", "principal": "100000", "multiple": "1.0600", "xirr": "0.060000"},
            {"id": "fund", "interest": "5000", "principal": "50000", "multiple": "1.1000", "xirr": "0.100000"},
        ],
        "excess": {"to": "provider", "amount": "37000"},
        "peak_exposure": "150000",
        "unspent": "0",
    },
    capital={
        "tranches": [
            {"id": "loan", "rank": 1, "terms": {"type": "loan", "rate": "0.06", "day_count": "ACT/365F"}},
            {"id": "equity", "rank": "2", "terms": {"type": "return"}, "irr_cap": "0.10"},
        ],
        "investors": [
            {"id": "bank", "tranche": "loan", "committed": "100000"},
            {"id": "fund", "tranche": "equity", "committed": "50000"},
        ],
        "drawdowns": [{"on": "2022-01-01", "amount": "150000"}],
        "costs": [{"on": "2022-01-01", "amount": "150000"}],
        "excess": "provider",
    },
)

# Each city pays for its own: Hengelo's 3 x 2,600 stop at its 5,000 (illustrative); nothing moves to Enschede.
RESIDENCE = bond(
    [effect("work13", "2600"), effect("work26", "1000", max_count=1)],
    [
        *(proven("work13", f"2022-01-0{n}", who) for n, who in enumerate("abcd", start=1)),
        proven("work26", "2022-06-01", "d"),
        proven("work26", "2022-06-02", "a"),
    ],
    f"{IF1}, as two cities would pay it, each for its residents",
    {
        "total": total("12400", "8600"),
        "statements": [{"on": "2022-06-02", "payers": [{"id": "h", "amount": "5000"}, {"id": "e", "amount": "3600"}]}],
        "reductions": [cut("effect.max_count", "2022-06-02", "1000"), cut("payer.ceiling", "2022-06-02", "2800")],
    },
    payers=[{"id": "h", "name": "Hengelo", "ceiling": "5000"}, {"id": "e", "name": "Enschede"}],
    payer_rule="residence",
    participants=[*({"id": who, "payer": "h"} for who in "abc"), {"id": "d", "payer": "e"}],
)

BONDS = (
    *(FUND_1, FUND_2, FAIR_CHANCE, ROUGH_SLEEPERS, CARE_LEAVERS, DAYS_OFF_BENEFIT, WORK_BY_DAY, POOLED_EXACTLY),
    *(CHILDREN_IN_CARE, NEET_POINTS, TIERED_WORK, INVESTORS, RESIDENCE),
)


@pytest.mark.parametrize("bond", BONDS, ids=lambda bond: bond["title"].split(",")[0])
def test_the_result_is_what_was_worked_out_by_hand(bond, tmp_path):
    result = run(tmp_path, bond, "--check")
    assert (result.exit_code, result.stderr) == (0, "")

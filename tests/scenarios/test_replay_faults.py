"""Every rule of the format replay/1 and the line that refuses a file which breaks it."""

import pytest

from tests.scenarios.build import run, simple, whole

MISSING = object()


def put(bond: dict, place: str, value: object) -> dict:
    """Set, or take away, what stands at a place such as `effects.0.price`."""
    *way, last = (int(word) if word.isdigit() else word for word in place.split("."))
    node = bond
    for word in way:
        node = node[word]
    if value is MISSING:
        del node[last]
    else:
        node[last] = value
    return bond


AMOUNT = 'must be an amount in a decimal string, such as "1250.00", not below zero'
NUMBER = 'must be a whole number or a decimal string, such as "0.65"'
FLOAT = 'is a float; write it as a decimal string, such as "0.65"'
DATE = "must be a date such as 2026-06-30"
# Effects: 0 job, 1 home, 2 level1, 3 level2, 4 volume (tiers), 5 days, 6 rate, 7 points, 8 events, 9 saved, 10 start
CASES = [
    # the file
    ("format", "replay/2", "format: must be one of replay/1"),
    ("format", MISSING, "format: is missing"),
    ("title", "", "title: may not be empty"),
    ("title", 7, "title: must be text"),
    ("title", 1.5, "title: must be text"),
    ("title", "a\nb", "title: must be one line of at most 500 characters"),
    ("title", "\ud800", "title: must be one line of at most 500 characters"),
    ("currency", "EURO", "currency: must be a currency code of ISO 4217, such as EUR"),
    ("currency", "eur", "currency: must be a currency code of ISO 4217, such as EUR"),
    ("rounding", "0", "rounding: must be above zero"),
    ("rounding", "0.001", "rounding: has more than 2 decimals, the currency's digits"),
    ("vat_rate", "1.5", "vat_rate: may not be above 1"),
    ("vat_rate", "-0.1", "vat_rate: may not be below 0"),
    ("vat_rate", 0.21, f"vat_rate: {FLOAT}"),
    ("prices", {}, "prices: unknown key"),
    ("bad\nkey", {}, "bad\\nkey: unknown key"),
    ("caps", [], "caps: must be an object"),
    # payers
    ("payers", {}, "payers: must be a list"),
    ("payers.1.id", "x", "payers[1].id: x is used twice"),
    ("payers.0.name", MISSING, "payers[0].name: is missing"),
    ("payers.0.ceiling", 90000, f"payers[0].ceiling: {AMOUNT}"),
    ("payers.1.weight", "0", "payers[1].weight: must be above zero"),
    ("payers.1.weight", "-1", "payers[1].weight: may not be below 0"),
    ("payers.1.weight", True, f"payers[1].weight: {NUMBER}"),
    ("payers.1.address", "here", "payers[1].address: unknown key"),
    ("payer_rule", MISSING, "payer_rule: is missing; it is needed with more than one payer"),
    ("payer_rule", "single", "payer_rule: single is for one payer"),
    ("payer_rule", "weight", "payers[0].weight: is missing; the payer rule is weight"),
    ("payer_rule", "town", "payer_rule: must be one of single, weight, residence"),
    ("participants.1.id", "a", "participants[1].id: a is used twice"),
    ("participants.1.payer", "z", "participants[1].payer: no payer has the id z"),
    ("participants.1.age", 17, "participants[1].age: unknown key"),
    ("facts.1.payer", MISSING, "facts[1].payer: is missing; the payer rule is residence"),
    ("facts.1.payer", "z", "facts[1].payer: no payer has the id z"),
    ("participants", MISSING, "participants: is missing; facts name people and the payer rule is residence"),
    # effects
    ("effects.1.id", "job", "effects[1].id: job is used twice"),
    ("effects.0.name", MISSING, "effects[0].name: is missing"),
    ("effects.0.kind", "gift", "effects[0].kind: must be one of per_person, per_unit, steps, bands, difference, share"),
    ("effects.0.price", MISSING, "effects[0].price: is missing"),
    ("effects.0.price", 1000, f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", 10.5, f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", "1e3", f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", "-5", f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", "1,000.00", f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", "٣", f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", "9" * 16, f"effects[0].price: {AMOUNT}"),
    ("effects.0.price", "10.505", "effects[0].price: has more than 2 decimals, the currency's digits"),
    ("effects.0.price", None, "effects[0].price: may not be null"),
    ("effects.0.unit", "day", "effects[0].unit: unknown key for the kind per_person"),
    ("effects.0.deadweight", "1.01", "effects[0].deadweight: may not be above 1"),
    ("effects.0.deadweight", 0.2, f"effects[0].deadweight: {FLOAT}"),
    ("effects.0.max_amount", True, f"effects[0].max_amount: {AMOUNT}"),
    ("effects.0.max_count", -1, "effects[0].max_count: may not be below 0"),
    ("effects.0.max_count", 10**15, "effects[0].max_count: is too large"),
    ("effects.0.max_count", 10**40, f"effects[0].max_count: {NUMBER}"),
    ("effects.0.max_person", 1, "effects[0].max_person: unknown key for the kind per_person"),
    ("effects.0.max_per_person", 0, "effects[0].max_per_person: may not be below 1"),
    ("effects.0.max_per_person", "1.5", "effects[0].max_per_person: must be a whole number, or null for unlimited"),
    ("effects.1.requires", "job", "effects[1].requires: must be a list"),
    ("effects.1.requires", ["work"], "effects[1].requires[0]: no effect has the id work"),
    ("effects.1.requires", [1], "effects[1].requires[0]: must be the id of an effect"),
    ("effects.2.max_per_person", 2, "effects[2].best_of: is not allowed with a max_per_person other than 1"),
    ("effects.2.max_per_person", None, "effects[2].best_of: is not allowed with a max_per_person other than 1"),
    ("effects.3.deadweight", "0.1", "effects[3].deadweight: must be the same for every effect of a best_of group"),
    ("effects.4.price", "1.00", "effects[4].price: stands instead of tiers, not beside them"),
    ("effects.4.tiers", [], "effects[4].tiers: needs at least one tier"),
    ("effects.4.tiers", "10.00", "effects[4].tiers: must be a list"),
    ("effects.4.tiers.1.up_to", 9, "effects[4].tiers[1].up_to: must be null in the last tier"),
    ("effects.4.tiers.0.up_to", None, "effects[4].tiers[0].up_to: may not be null"),
    ("effects.4.tiers.0.up_to", 0, "effects[4].tiers[0].up_to: must rise from tier to tier"),
    ("effects.4.tiers.0.price", "x", f"effects[4].tiers[0].price: {AMOUNT}"),
    ("effects.4.tiers.0.cost", "1", "effects[4].tiers[0].cost: unknown key"),
    ("effects.5.unit", MISSING, "effects[5].unit: is missing"),
    ("effects.5.after", 1.5, f"effects[5].after: {FLOAT}"),
    ("effects.5.retroactive", "yes", "effects[5].retroactive: must be true or false"),
    ("effects.6.between", "curve", "effects[6].between: must be one of step, linear"),
    ("effects.6.steps", [], "effects[6].steps: needs at least one step"),
    ("effects.6.steps.1.at", "0.5", "effects[6].steps[1].at: must rise from step to step"),
    ("effects.6.steps.1.amount", 5, f"effects[6].steps[1].amount: {AMOUNT}"),
    ("effects.7.bands", [], "effects[7].bands: needs at least one band"),
    ("effects.7.bands.1.from", "11", "effects[7].bands[1].from: must be the end of the band before"),
    ("effects.7.bands.1.to", "10", "effects[7].bands[1].to: must be above from"),
    ("effects.7.bands.1.to", None, "effects[7].bands[1].to: may not be null"),
    ("effects.8.threshold", "10", "effects[8].threshold: may not be above 1"),
    ("effects.8.pooled_threshold", 0.05, f"effects[8].pooled_threshold: {FLOAT}"),
    ("effects.9.share", "1.1", "effects[9].share: may not be above 1"),
    ("effects.9.until", MISSING, "effects[9].until: is missing; it comes together with share_after"),
    ("effects.9.share_after", MISSING, "effects[9].share_after: is missing; it comes together with until"),
    ("effects.10.deadweight", "0.1", "effects[10].deadweight: a fee is never reduced by deadweight"),
    # caps
    ("caps.contract", -1, f"caps.contract: {AMOUNT}"),
    ("caps.total", "1.00", "caps.total: unknown key"),
    ("caps.reduce", "oldest_first", "caps.reduce: must be one of latest_first, pro_rata"),
    ("caps.overshoot", "kept", "caps.overshoot: must be one of lost, carried"),
    ("caps.periods.0.from", "2025-01-01", "caps.periods[0].to: is before from"),
    ("caps.periods.0.to", "31-12-2024", f"caps.periods[0].to: {DATE}"),
    ("caps.periods.0.amount", MISSING, "caps.periods[0].amount: is missing"),
    # facts
    ("facts", MISSING, "facts: is missing"),
    ("facts.0", "a", "facts[0]: must be an object"),
    ("facts.0.effect", "jobs", "facts[0].effect: no effect has the id jobs"),
    ("facts.0.participant", "z", "facts[0].participant: no participant has the id z"),
    ("facts.0.participant", MISSING, "facts[0].participant: is missing; a fact of this kind names a participant"),
    ("facts.0.count", 1, "facts[0].count: stands instead of a participant, not beside one"),
    ("facts.0.quantity", 1.0, f"facts[0].quantity: {FLOAT}"),
    ("facts.0.quantity", -1, "facts[0].quantity: may not be below 0"),
    ("facts.0.value", "1", "facts[0].value: unknown key for a fact of the kind per_person"),
    ("facts.0.on", "2024-02-30", f"facts[0].on: {DATE}"),
    ("facts.0.on", "20240201", f"facts[0].on: {DATE}"),
    ("facts.0.on", "2024-W05-4", f"facts[0].on: {DATE}"),
    ("facts.0.on", 20240201, f"facts[0].on: {DATE}"),
    ("facts.0.on", "2025-01-01", "facts[0].on: is after the last statement"),
    ("facts.5.count", "12,5", f"facts[5].count: {NUMBER}"),
    ("facts.5.count", False, f"facts[5].count: {NUMBER}"),
    ("facts.7.value", MISSING, "facts[7].value: is missing"),
    ("facts.7.participant", "a", "facts[7].participant: unknown key for a fact of the kind steps"),
    ("facts.9.control", "0", "facts[9].control: must be above zero"),
    ("facts.9.treatment", "-1", "facts[9].treatment: may not be below 0"),
    ("facts.9.cohort", MISSING, "facts[9].cohort: is missing"),
    ("facts.10.avoided", "-1.00", f"facts[10].avoided: {AMOUNT}"),
    # dates of statements
    ("settle_on", [], "settle_on: needs at least one date"),
    ("settle_on", "2024-12-31", "settle_on: must be a list"),
    ("settle_on.0", "2024-12-31", "settle_on[1]: this date stands twice"),
    ("settle_on.0", "soon", f"settle_on[0]: {DATE}"),
    # capital
    ("capital.tranches", [], "capital.tranches: needs at least one tranche"),
    ("capital.tranches.1.id", "loan", "capital.tranches[1].id: loan is used twice"),
    ("capital.tranches.0.rank", 0, "capital.tranches[0].rank: may not be below 1"),
    ("capital.tranches.0.rank", "1.5", "capital.tranches[0].rank: must be a whole number"),
    ("capital.tranches.0.terms", MISSING, "capital.tranches[0].terms: is missing"),
    ("capital.tranches.0.terms.type", "bond", "capital.tranches[0].terms.type: must be one of return, loan, grant"),
    ("capital.tranches.0.terms.rate", MISSING, "capital.tranches[0].terms.rate: is missing"),
    (
        "capital.tranches.0.terms.day_count",
        "ACT/360",
        "capital.tranches[0].terms.day_count: must be one of ACT/365F",
    ),
    ("capital.tranches.1.terms.rate", "0.1", "capital.tranches[1].terms.rate: unknown key for the type return"),
    ("capital.tranches.0.irr_cap", "0.1", "capital.tranches[0].irr_cap: is only for the type return"),
    ("capital.tranches.2.irr_cap", "0.1", "capital.tranches[2].irr_cap: is only for the type return"),
    ("capital.tranches.1.irr_cap", "-0.1", "capital.tranches[1].irr_cap: may not be below 0"),
    ("capital.investors.1.id", "bank", "capital.investors[1].id: bank is used twice"),
    ("capital.investors.1.tranche", "fund", "capital.investors[1].tranche: no tranche has the id fund"),
    ("capital.drawdowns", MISSING, "capital.drawdowns: is missing"),
    ("capital.drawdowns.0.tranche", "fund", "capital.drawdowns[0].tranche: no tranche has the id fund"),
    ("capital.drawdowns.0.amount", "1000.01", "capital.drawdowns[0].amount: over the commitment of bank"),
    ("capital.costs.0.amount", "3000.01", "capital.costs[0].amount: cannot be met from the money in hand"),
    ("capital.repayments.0.tranche", "gift", "capital.repayments[0].tranche: is a grant, which is owed nothing"),
    ("capital.guarantee.tranche", "none", "capital.guarantee.tranche: no tranche has the id none"),
    ("capital.excess", "investors", "capital.excess: must be one of payer, provider"),
    ("capital.fees", [], "capital.fees: unknown key"),
]


@pytest.mark.parametrize(("place", "value", "line"), CASES, ids=[f"{place}-{n}" for n, (place, *_) in enumerate(CASES)])
def test_a_broken_rule_is_refused_with_one_line_that_names_its_place(place, value, line, tmp_path):
    result = run(tmp_path, put(whole(), place, value))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


def test_tiers_are_refused_in_a_best_of_group(tmp_path):
    bond = put(put(whole(), "effects.4.best_of", "level"), "effects.4.max_per_person", 1)
    del bond["facts"][5]  # the counted fact of this effect
    assert run(tmp_path, bond).stderr == "effects[4].tiers: are not allowed with best_of\n"


def test_every_fault_has_its_line(tmp_path):
    bond = whole()
    for place, value in (("effects.3.price", "x"), ("facts.2.on", None), ("capital.excess", "me"), ("more", 1)):
        put(bond, place, value)
    result = run(tmp_path, bond, "--json")
    assert sorted(line.split(":")[0] for line in result.stderr.splitlines()) == [
        "capital.excess",
        "effects[3].price",
        "facts[2].on",
        "more",
    ]


@pytest.mark.parametrize(
    ("effect", "caps", "rule"),
    [
        ({"requires": ["job"]}, {}, "requires"),
        ({"best_of": "level", "max_per_person": 1}, {}, "best_of"),
        ({"max_per_person": 2}, {}, "max_per_person above 1"),
        ({}, {"per_person": "1000.00"}, "caps.per_person"),
        ({"kind": "per_unit", "unit": "day", "after": 3, "max_per_person": MISSING}, {}, "after"),
    ],
)
def test_a_counted_fact_is_refused_where_totals_cannot_tell(effect, caps, rule, tmp_path):
    bond = simple(caps=caps)
    for key, value in effect.items():
        put(bond, f"effects.0.{key}", value)
    result = run(tmp_path, bond)
    assert result.exit_code == 2
    assert result.stderr == f"facts[0].count: {rule} cannot be computed from totals; name the participants\n"


@pytest.mark.parametrize("most", [1, None, "1"])
def test_a_counted_fact_is_taken_with_one_or_unlimited_per_person(most, tmp_path):
    assert run(tmp_path, put(simple(), "effects.0.max_per_person", most)).exit_code == 0


def test_overlapping_periods_are_refused(tmp_path):
    periods = [
        {"from": "2024-07-01", "to": "2024-12-31", "amount": "1.00"},
        {"from": "2024-01-01", "to": "2024-07-01", "amount": "1.00"},
    ]
    result = run(tmp_path, simple(caps={"periods": periods}))
    assert result.stderr == "caps.periods[1].from: overlaps another period\n"


def test_dates_of_statements_are_needed_where_there_is_no_fact(tmp_path):
    result = run(tmp_path, simple() | {"facts": []})
    assert result.stderr == "settle_on: is missing; it is needed where there is no fact\n"


def test_a_payer_is_needed(tmp_path):
    assert run(tmp_path, simple(payers=[], payer_rule="single")).stderr == "payers: needs at least one payer\n"


def test_sources_and_notes_may_hold_anything(tmp_path):
    bond = simple(sources=[1.5, None, {"deep": []}], notes=None)
    bond["effects"][0]["notes"] = "as published"
    assert run(tmp_path, bond).exit_code == 0


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "file: no JSON: Expecting value on line 1, column 1"),
        (b"{", "file: no JSON: Expecting property name enclosed in double quotes on line 1, column 2"),
        (b'{"title": "\xff"}', "file: byte 11 is not UTF-8"),
        (b'{"a": NaN}', "file: NaN is not a number of JSON"),
        (b'{"a": -Infinity}', "file: -Infinity is not a number of JSON"),
        (b"[" * 100_000, "file: nested too deep"),
        (b'{"a":' * 100_000, "file: nested too deep"),
        (b'{"payers": [{"id": "x", "id": "y"}]}', "payers[0].id: key used twice"),
        (b"[]", "file: must be an object"),
        (b"null", "file: must be an object"),
        (b'"replay/1"', "file: must be an object"),
    ],
)
def test_what_is_no_such_json_is_refused(content, line, tmp_path):
    result = run(tmp_path, content)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == line + "\n"


def test_huge_numbers_and_exponents_are_refused(tmp_path):
    for number in ("1e999999999", "9" * 5000, "1E400", "-" + "9" * 30):
        content = b'{"format": "replay/1", "vat_rate": ' + number.encode() + b"}"
        result = run(tmp_path, content)
        assert result.exit_code == 2
        assert "\nvat_rate: " in result.stderr


def test_a_file_that_is_not_there_or_no_file_is_refused(tmp_path):
    from click.testing import CliRunner

    from app.scenarios.cli import replay

    for path in (tmp_path / "none.json", tmp_path):
        result = CliRunner().invoke(replay, [str(path)])
        assert result.exit_code == 2
        assert result.stderr.startswith("file: cannot be read: ")

"""Files with something wrong in them: never a traceback, and never a wrong total."""

import copy
import json
import random
from fractions import Fraction
from pathlib import Path

from app.scenarios.replay import compute, read
from app.scenarios.result import result_of
from app.scenarios.strict_json import Refused
from tests.scenarios.build import whole

VALUES = [
    *(None, True, False, 0, 1, -1, 2, 10**14, 10**30, [], {}, [[]], [{}], {"id": "x"}),
    *("", "0", "1", "0.00", "1.00", "0.5", "-1", "1e9", "NaN", "٣", "\ud800", "a\nb"),
    *("9" * 15, "9" * 15 + ".99", "0." + "3" * 18),
    *("2024-02-29", "2023-02-29", "0000-01-01", "9999-12-31", "0001-01-01"),
    *("job", "a", "x", "city", "replay/1", "JPY", "KWD", "30E/360", "loan", "pro_rata", "carried"),
    *("per_person", "per_unit", "steps", "bands", "difference", "share", "fee", "weight", "single", "residence"),
]


def priced_per_payer() -> dict:
    """A bond in which payers promise different prices: our extension `prices`, beside a price and inside tiers."""
    bond = whole()
    for effect in bond["effects"]:
        if "price" in effect:
            effect["prices"] = {"y": "333.33"}
        for tier in effect.get("tiers", ()):
            tier["prices"] = {"x": "7.00", "y": "6.00"}
    return bond


SEEDS = [
    whole(),
    priced_per_payer(),
    *(json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "cases").glob("*.json"))),
]


def places(node: object) -> list[tuple[object, object]]:
    """Every (container, key) of a JSON tree."""
    found: list[tuple[object, object]] = []
    keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in list(keys):
        found.append((node, key))
        found += places(node[key])
    return found


def mutate(bond: dict, chance: random.Random) -> None:
    """One change somewhere: another value, a key gone or renamed, an entry twice, two values swapped."""
    node, key = chance.choice(places(bond))
    other, other_key = chance.choice(places(bond))
    match chance.randrange(8):
        case 0:
            del node[key]
        case 1:
            node[key] = copy.deepcopy(other[other_key])
        case 2 if isinstance(node, list):
            node.append(copy.deepcopy(node[key]))
        case 3 if isinstance(node, list):
            chance.shuffle(node)
        case 4 if isinstance(node, dict):
            node[chance.choice(["extra", "count", "tiers", "irr_cap", "quantity", "payer", "after", "prices"])] = node[
                key
            ]
        case 5 if isinstance(node[key], str) and node[key].replace(".", "").isdigit():
            node[key] = str(chance.randrange(10**6))
        case _:
            node[key] = copy.deepcopy(chance.choice(VALUES))


def check_total(bond: dict, result: dict) -> None:
    """What every accepted file must add up to, from the printed result alone."""
    total = Fraction(result["total"]["paid"])
    assert total == sum(Fraction(row["paid"]) for row in result["statements"])
    assert total == sum(Fraction(row["paid"]) for row in result["effects"])
    assert total == sum(Fraction(payer["amount"]) for row in result["statements"] for payer in row["payers"])
    caps = bond.get("caps", {})
    if "contract" in caps:
        assert total <= Fraction(caps["contract"])
    for payer in bond["payers"]:
        if "ceiling" in payer:
            paid = [row["amount"] for s in result["statements"] for row in s["payers"] if row["id"] == payer["id"]]
            assert sum(map(Fraction, paid)) <= Fraction(payer["ceiling"])
    assert sum(Fraction(row["paid"]) for row in result.get("lines", ())) == (total if "lines" in result else 0)
    for row in result.get("investors", ()):
        assert Fraction(row["distributed"]) == Fraction(row["interest"]) + Fraction(row["principal"])
    if result["excess"]:
        assert Fraction(result["excess"]["amount"]) >= 0


def test_mutated_files_are_refused_or_add_up():
    chance = random.Random(3)
    accepted = refused = 0
    for _ in range(6000):
        bond = copy.deepcopy(chance.choice(SEEDS))
        for _ in range(chance.choice([1, 1, 1, 2, 5])):
            mutate(bond, chance)
        try:
            replay = read(json.dumps(bond).encode())
            result = result_of(compute(replay, lines=True), lines=True)
        except Refused as error:
            refused += 1
            assert error.faults
            assert all("\n" not in fault and ": " in fault for fault in error.faults)
            "\n".join(error.faults).encode()
        else:
            accepted += 1
            check_total(bond, json.loads(json.dumps(result)))
    assert accepted > 100
    assert refused > 100


def test_mutated_bytes_are_refused_or_add_up():
    chance = random.Random(4)
    for _ in range(1500):
        content = bytearray(json.dumps(chance.choice(SEEDS)).encode())
        for _ in range(chance.choice([1, 2, 8])):
            at = chance.randrange(len(content))
            match chance.randrange(3):
                case 0:
                    content[at] = chance.randrange(256)
                case 1:
                    del content[at : at + chance.randrange(1, 30)]
                case _:
                    content[at:at] = chance.choice([b'"', b"{", b"]", b",", b"0", b"e9", b"NaN", b"\x00", b"-"])
        try:
            replay = read(bytes(content))
            result = result_of(compute(replay))
        except Refused as error:
            assert error.faults
        else:
            check_total(json.loads(content), result)

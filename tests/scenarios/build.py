"""Bonds as files, for the tests: a whole one to break, and a way to run the command."""

import copy
import json
from pathlib import Path

from click.testing import CliRunner, Result

from app.scenarios.cli import replay

WHOLE = {
    "format": "replay/1",
    "title": "One of everything",
    "currency": "EUR",
    "rounding": "0.01",
    "vat_rate": "0.21",
    "payer_rule": "residence",
    "payers": [{"id": "x", "name": "X", "ceiling": "90000.00"}, {"id": "y", "name": "Y", "weight": "2"}],
    "participants": [{"id": "a", "payer": "x"}, {"id": "b"}],
    "effects": [
        {
            "id": "job",
            "name": "Job",
            "kind": "per_person",
            "price": "1000.00",
            "deadweight": "0.2",
            "max_amount": "9000.00",
            "max_count": 20,
        },
        {"id": "home", "name": "Home", "kind": "per_person", "price": "500.00", "requires": ["job"]},
        {"id": "level1", "name": "Level 1", "kind": "per_person", "price": "700.00", "best_of": "level"},
        {"id": "level2", "name": "Level 2", "kind": "per_person", "price": "900.00", "best_of": "level"},
        {
            "id": "volume",
            "name": "Volume",
            "kind": "per_person",
            "max_per_person": None,
            "tiers": [{"up_to": 5, "price": "10.00"}, {"up_to": None, "price": "8.00", "max_amount": "80.00"}],
        },
        {"id": "days", "name": "Days", "kind": "per_unit", "unit": "day", "price": "30.00", "after": 10},
        {
            "id": "rate",
            "name": "Rate",
            "kind": "steps",
            "between": "linear",
            "steps": [{"at": "0.5", "amount": "100.00"}, {"at": "0.6", "amount": "200.00"}],
        },
        {
            "id": "points",
            "name": "Points",
            "kind": "bands",
            "threshold": "5",
            "bands": [{"from": "0", "to": "10", "per_point": "1.00"}, {"from": "10", "to": "20", "per_point": "2.00"}],
        },
        {
            "id": "events",
            "name": "Events",
            "kind": "difference",
            "price": "100.00",
            "threshold": "0.1",
            "pooled_threshold": "0.05",
        },
        {
            "id": "saved",
            "name": "Saved",
            "kind": "share",
            "share": "0.5",
            "share_after": "0.1",
            "until": "1000.00",
        },
        {"id": "start", "name": "Start", "kind": "fee", "price": "2000.00"},
    ],
    "caps": {
        "contract": "100000.00",
        "periods": [{"from": "2024-01-01", "to": "2024-12-31", "amount": "50000.00"}],
        "reduce": "latest_first",
        "overshoot": "carried",
    },
    "facts": [
        {"participant": "a", "effect": "job", "on": "2024-02-01"},
        {"participant": "b", "effect": "job", "on": "2024-02-02", "payer": "y"},
        {"participant": "a", "effect": "home", "on": "2024-03-01"},
        {"participant": "a", "effect": "level1", "on": "2024-03-01"},
        {"participant": "a", "effect": "level2", "on": "2024-04-01"},
        {"effect": "volume", "on": "2024-04-01", "count": 12, "payer": "x"},
        {"participant": "a", "effect": "days", "on": "2024-05-01", "quantity": "14.5"},
        {"effect": "rate", "on": "2024-06-01", "value": "0.55", "payer": "x"},
        {"effect": "points", "on": "2024-06-01", "value": "12", "payer": "y"},
        {"effect": "events", "on": "2024-06-01", "cohort": "1", "treatment": "93", "control": "100", "payer": "y"},
        {"effect": "saved", "on": "2024-06-01", "avoided": "2400.00", "payer": "x"},
        {"effect": "start", "on": "2024-01-01", "count": 1, "payer": "x"},
    ],
    "settle_on": ["2024-06-30", "2024-12-31"],
    "capital": {
        "tranches": [
            {"id": "loan", "rank": 1, "terms": {"type": "loan", "rate": "0.05", "day_count": "ACT/365F"}},
            {"id": "equity", "rank": 2, "terms": {"type": "return"}, "irr_cap": "0.08"},
            {"id": "gift", "rank": 3, "terms": {"type": "grant"}},
        ],
        "investors": [
            {"id": "bank", "tranche": "loan", "committed": "1000.00"},
            {"id": "fund", "tranche": "equity", "committed": "2000.00"},
            {"id": "city", "tranche": "gift", "committed": "500.00"},
        ],
        "drawdowns": [
            {"on": "2024-01-01", "amount": "1000.00", "tranche": "loan"},
            {"on": "2024-01-01", "amount": "2000.00", "tranche": "equity"},
        ],
        "costs": [{"on": "2024-01-01", "amount": "3000.00"}],
        "repayments": [{"on": "2024-12-31", "tranche": "loan", "principal": "1000.00"}],
        "guarantee": {"amount": "100.00", "tranche": "equity"},
        "excess": "provider",
    },
    "sources": ["made up for the tests"],
    "notes": {"anything": 1.5},
}


def whole() -> dict:
    return copy.deepcopy(WHOLE)


def simple(*facts: dict, **more) -> dict:
    """One payer, one effect of 100.00 per person, unlimited."""
    effect = {"id": "job", "name": "Job", "kind": "per_person", "price": "100.00", "max_per_person": None}
    return {
        "format": "replay/1",
        "title": "Simple",
        "currency": "EUR",
        "payers": [{"id": "city", "name": "City"}],
        "effects": [effect],
        "facts": list(facts) or [{"effect": "job", "on": "2024-01-01", "count": 1}],
        **more,
    }


def run(tmp_path: Path, bond: dict | list | str | bytes, *options: str) -> Result:
    """The command on a file with this content; whatever goes wrong, it may not be an exception."""
    path = tmp_path / "bond.json"
    content = bond if isinstance(bond, (str, bytes)) else json.dumps(bond)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    result = CliRunner().invoke(replay, [str(path), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def computed(tmp_path: Path, bond: dict, *options: str) -> dict:
    result = run(tmp_path, bond, "--json", *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)

"""Published bonds, reproduced to the cent. Each file in cases/ names its own sources."""

import json
from pathlib import Path

import pytest

from tests.scenarios.build import run

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


def test_there_are_cases():
    assert len(CASES) >= 9


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_published_result_is_reproduced(case, tmp_path):
    result = run(tmp_path, case.read_bytes(), "--check")
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_names_its_sources_and_a_wrong_expectation_is_noticed(case, tmp_path):
    bond = json.loads(case.read_text())
    assert bond["sources"]
    bond["expected"].setdefault("total", {})["paid"] = "0.01"
    result = run(tmp_path, bond, "--check")
    assert result.exit_code == 1
    assert result.stderr.startswith("expected.total.paid: expected 0.01, found ")

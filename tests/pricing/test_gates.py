"""All gates together, grades and overrides (domain, section 4), and what the engine needs of every table."""

import pytest

from app.pricing.gate import Verdict
from app.pricing.gates import JUDGES, faults_of, gates_of
from app.pricing.grade import grade_of
from app.pricing.models import (
    Counterfactual,
    EffectKind,
    EvidenceType,
    GateOverride,
    Grade,
)
from tests.pricing.judging import effect, judged, messages, read_by_two, shares, table

# Nothing here touches the database; the context is for the language only.
pytestmark = pytest.mark.usefixtures("app")


def test_a_good_table_passes_every_gate():
    made = table(effect())
    verdicts = {g.code: g.verdict for g in gates_of(made, shares(), {"work-13w": read_by_two()})}
    assert set(verdicts) == {"", "grade", *JUDGES}
    assert set(JUDGES) == {*(f"D{n}" for n in range(1, 12)), *(f"C{n}" for n in range(1, 7))}
    assert set(verdicts.values()) == {Verdict.PASSES}


@pytest.mark.parametrize(
    ("kind", "word"),
    [(EffectKind.PER_PERSON, "A: binary"), (EffectKind.PER_UNIT, "A: measured"), (EffectKind.SHARE, "A: measured")],
)
def test_what_is_paid_by_its_size_is_not_called_binary(kind, word):
    row = effect(kind=kind, share_bp=1_000, until_minor=1_000, evidence_type=EvidenceType.REGISTRY)
    (finding,) = judged("grade", table(row)).findings
    assert finding.evidence.startswith(f"{word}, from a registry, with a fixed discount of 20%")


def test_a_table_without_effects_is_no_promise():
    assert messages("") == ["The table has no effect yet."]
    verdicts = [gate.verdict for gate in gates_of(table(), shares())]
    assert (verdicts[0], verdicts.count(Verdict.PASSES)) == (Verdict.FAILS, 0)
    assert Verdict.UNTESTED in verdicts


def test_a_requirement_names_an_effect_of_the_table():
    (message,) = messages("", effect(requires=["home-3m"]))
    assert message == "Work requires “home-3m”, which is not in this table."


def test_requirements_form_no_circle():
    chain = [effect("a", requires=["b"]), effect("b", requires=["c"]), effect("c", requires=["a"])]
    assert len(messages("", *chain)) == 3
    assert messages("", effect("a"), effect("b", requires=["a"]), effect("c", requires=["b"])) == []
    assert len(messages("", effect("a", requires=["b"]), effect("b", requires=["b"]))) == 1


@pytest.mark.parametrize(
    ("facts", "grade"),
    [
        ({"evidence_type": EvidenceType.REGISTRY, "counterfactual": Counterfactual.RCT}, Grade.A),
        ({"evidence_type": EvidenceType.REGISTRY, "counterfactual": Counterfactual.NONE}, Grade.B),
        ({"evidence_type": EvidenceType.EMPLOYER, "counterfactual": Counterfactual.RCT}, Grade.B),
        ({"evidence_type": EvidenceType.SCALE}, Grade.C),
        ({"evidence_type": EvidenceType.SELF_REPORT}, Grade.C),
        ({"evidence_type": EvidenceType.CARE, "definition": "At least 3 on the scale of the matrix."}, Grade.C),
        ({"evidence_type": EvidenceType.CARE, "definition": "Minstens 4 op de ZRM."}, Grade.C),
    ],
)
def test_a_row_has_its_grade(facts, grade):
    assert grade_of(effect(**facts)) == grade


DOCUMENT, REGISTRY = {"evidence_type": EvidenceType.EMPLOYER}, {"evidence_type": EvidenceType.REGISTRY}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            DOCUMENT | {"counterfactual": Counterfactual.MATCHED, "deadweight_bp": 0},
            "B: binary, from a document, compared with a matched group",
        ),
        (
            DOCUMENT | {"counterfactual": Counterfactual.FIXED, "deadweight_bp": 1_250},
            "B: binary, from a document, with a fixed discount of 12.5%",
        ),
        (
            DOCUMENT | {"counterfactual": Counterfactual.WAITING_LIST, "deadweight_bp": 2_000},
            "B: binary, from a document, compared with a waiting list, with a fixed discount of 20%",
        ),
        (
            REGISTRY | {"counterfactual": Counterfactual.NONE, "deadweight_bp": 0},
            "B: binary, from a registry, with no comparison and no discount",
        ),
        (
            REGISTRY | {"counterfactual": Counterfactual.RCT, "deadweight_bp": 0, "kind": EffectKind.DIFFERENCE},
            "A: measured, from a registry, compared in a randomised controlled trial",
        ),
    ],
)
def test_the_grade_says_what_was_found_and_no_more(facts, said):
    """Domain, section 4: a discount of 0 % is none, and a matched group is a comparison, whatever the grade."""
    (finding,) = judged("grade", table(effect(**facts))).findings
    assert finding.evidence == said


@pytest.mark.parametrize(
    ("facts", "passes"),
    [
        ({"counterfactual": Counterfactual.MATCHED, "deadweight_bp": 0}, True),
        ({"counterfactual": Counterfactual.NONE, "deadweight_bp": 1}, True),
        ({"counterfactual": Counterfactual.NONE, "deadweight_bp": 0}, False),
        ({"counterfactual": Counterfactual.FIXED, "deadweight_bp": 0}, False),
        ({"counterfactual": Counterfactual.NONE, "deadweight_bp": 0, "kind": EffectKind.FEE}, True),
    ],
)
def test_grade_b_asks_for_a_discount_or_a_comparison(facts, passes):
    """Domain, section 4 (a fixed discount), and the decision that a comparison may stand for it."""
    gate = judged("grade", table(effect(**DOCUMENT | facts)))
    assert [fault.field for fault in gate.faults] == ([] if passes else ["deadweight_bp"])
    assert "fixed discount or a comparison" in str(gate.asks)


def test_grade_c_stays_shut_whatever_an_official_writes():
    row = effect(evidence_type=EvidenceType.SCALE)
    overrides = [GateOverride(gate=gate, effect_code="", reason="So be it.") for gate in ("grade", "D3")]
    shut = faults_of(table(row), shares(), {"work-13w": read_by_two()}, overrides)
    assert [gate.code for gate, _fault in shut] == ["grade"]


def test_an_override_covers_its_gate_and_its_effect_alone():
    rows = [effect("a", gaming=""), effect("b", gaming="", companion="")]
    made = GateOverride(gate="D8", effect_code="a", reason="For a reason that is given.")
    tests = {row.code: read_by_two() for row in rows}
    shut = faults_of(table(*rows), shares(), tests, [made])
    assert [(gate.code, fault.effect.code) for gate, fault in shut] == [("D8", "b"), ("D9", "b")]
    made.effect_code = ""
    assert judged("D8", table(*rows), tests=tests, overrides=[made]).verdict == Verdict.OVERRIDDEN

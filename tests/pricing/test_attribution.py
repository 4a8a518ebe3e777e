"""Gates D5 to D11 (domain, section 4), each with a case that it must refuse beside one that it must not."""

import pytest

from app.pricing.gate import Verdict
from app.pricing.models import (
    Counterfactual,
    EffectKind,
)
from tests.pricing.judging import effect, judged, messages, programme, table

# Nothing here touches the database; the context is for the language only.
pytestmark = pytest.mark.usefixtures("app")


def test_d5_the_baseline_stands_with_its_interval():
    """7 of 20: Wilson's interval is 18.1 % to 56.7 %, where the textbook one would give 14.1 % to 55.9 %."""
    (finding,) = judged("D5", table(effect(baseline_n=20, baseline_count=7))).findings
    assert "7 of 20 people: 35.0% (95% interval 18.1% to 56.7%)" in finding.evidence
    assert not finding.faults


@pytest.mark.parametrize("facts", [{"baseline_n": None, "baseline_count": None}, {"baseline_source": ""}])
def test_d5_a_baseline_without_numbers_or_source_fails(facts):
    assert len(messages("D5", effect(**facts))) == 1


def test_a_fixed_fee_has_no_baseline():
    fee = effect(kind=EffectKind.FEE, baseline_n=None, baseline_count=None, counterfactual=None, deadweight_bp=0)
    assert [judged(code, table(fee)).verdict for code in ("D5", "D6", "D7")] == [Verdict.PASSES] * 3


@pytest.mark.parametrize(
    ("chosen", "deadweight", "passes"),
    [
        (None, 2_000, False),
        (Counterfactual.NONE, 0, False),
        (Counterfactual.NONE, 1, True),
        (Counterfactual.FIXED, 0, False),
        (Counterfactual.RCT, 0, True),
    ],
)
def test_d6_none_only_with_a_published_deadweight(chosen, deadweight, passes):
    gate = judged("D6", table(effect(counterfactual=chosen, deadweight_bp=deadweight)))
    assert (gate.verdict == Verdict.PASSES) is passes


@pytest.mark.parametrize(
    ("difference", "deadweight", "passes"),
    [(2_314, 0, False), (2_315, 0, True), (None, 0, False), (None, 1, True), (100, 2_000, True)],
)
def test_d7_two_groups_of_70_at_30_percent_detect_only_about_23_points(difference, deadweight, passes):
    """The anchor of the domain's D7; below it, individual effects are paid with a discount instead."""
    made = table(effect(difference_bp=difference, deadweight_bp=deadweight))
    assert (judged("D7", made).verdict == Verdict.PASSES) is passes


def test_d7_speaks_of_percentage_points_and_asks_for_what_passes(app):
    """The smallest that shows is 23.15 points: one decimal, rounded up, so that who gives that number passes."""
    gate = judged("D7", table(effect(difference_bp=2_000, deadweight_bp=0)))
    assert "at least 23.2 percentage points" in gate.faults[0].message
    assert "smallest difference 23.2 percentage points; expected 20.0 percentage points" in gate.findings[0].evidence


def test_d7_a_discount_does_not_help_what_is_measured_for_a_cohort():
    made = table(effect(kind=EffectKind.DIFFERENCE, max_per_person=None, deadweight_bp=2_000))
    assert judged("D7", made).verdict == Verdict.FAILS


@pytest.mark.parametrize(
    ("gate", "field"),
    [
        ("D8", "gaming"),
        ("D8", "countermeasure"),
        ("D9", "companion"),
        ("D9", "companion_view"),
        ("D10", "double_payment"),
        ("D11", "legal_basis"),
    ],
)
def test_d8_to_d11_what_must_be_said_is_said(gate, field):
    (fault,) = judged(gate, table(effect(**{field: None}))).faults
    assert fault.field == field


def test_d10_one_event_is_not_paid_by_two_rows():
    same = {"definition": "Works at least 12 hours a week."}
    assert "would be paid twice" in messages("D10", effect("a", **same), effect("b", **same))[0]
    assert messages("D10", effect("a", **same, best_of="x"), effect("b", **same, best_of="x")) == []
    group = [effect(code, name=f"Row {code}", **same) for code in "abcd"]
    assert messages("D10", *group) == ["Row d says the same as Row a, Row b, Row c: one event would be paid twice."]


def test_d10_a_chain_that_forgets_its_requirement_is_pointed_at():
    rows = [effect("a", definition="In work for 13 weeks."), effect("b", definition="In work for 26 weeks.")]
    cautions = [finding.caution for finding in judged("D10", table(*rows)).findings]
    assert cautions[0] == "" and "differs from Work only in a number" in cautions[1]
    rows[1].requires = ["a"]
    assert not any(finding.caution for finding in judged("D10", table(*rows)).findings)


@pytest.mark.parametrize("missing", [{"dpia_reference": ""}, {"dpia_on": None}])
def test_d11_the_dpia_has_a_reference_and_a_date(missing):
    (message,) = messages("D11", effect(), bond=programme(**missing))
    assert "DPIA" in message


def test_no_dash_stands_for_a_number_to_type():
    """D7: without a baseline, or in a cohort in which nothing shows, there is no least difference to name."""
    bare = {"deadweight_bp": 0, "counterfactual": Counterfactual.MATCHED}
    (unmeasured,) = messages("D7", effect(**bare, baseline_n=None, baseline_count=None))
    assert unmeasured == "Work: first fill in the baseline; then the smallest difference can be computed."
    (small,) = messages("D7", effect(**bare), bond=programme(cohort_size=3))
    assert "no difference shows in a cohort of this size" in small

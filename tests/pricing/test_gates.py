"""Every gate of the domain's section 4: a case that it must refuse beside one that it must not."""

from datetime import date
from uuid import UUID

import pytest

from app.pricing.budget import calendar_of
from app.pricing.gate import Verdict
from app.pricing.gates import JUDGES, faults_of, gates_of
from app.pricing.grade import grade_of
from app.pricing.models import (
    CompanionView,
    Counterfactual,
    Effect,
    EffectKind,
    EvidenceType,
    GateOverride,
    Grade,
    Overshoot,
    PriceTable,
    Reduce,
)
from app.programmes.models import BudgetYear, LifeDomain, MunicipalityShare, Programme
from app.readers.models import ReaderTest
from app.readers.queries import Tested
from app.unit_costs.models import Bearer, SavingClass

# Nothing here touches the database; the context is for the language only.
pytestmark = pytest.mark.usefixtures("app")

AGREED = (5, 0, 0, 5)


def effect(code: str = "work-13w", **facts) -> Effect:
    defaults = {
        "name": "Work",
        "life_domain": LifeDomain.WORK,
        "kind": EffectKind.PER_PERSON,
        "who": "Participants without work",
        "definition": f"Works at least 12 hours a week, {code}.",
        "unit": "",
        "sustained": "13 weeks",
        "achieved_when": "The last day of week 13",
        "resets": "Nothing",
        "price_minor": 100,
        "payer_prices": {},
        "tiers": [],
        "scale": [],
        "deadweight_bp": 2_000,
        "max_per_person": 1,
        "requires": [],
        "best_of": "",
        "evidence_type": EvidenceType.EMPLOYER,
        "evidence_holder": "The employer",
        "evidence_days": 90,
        "companion": "How they like it",
        "companion_view": CompanionView.PARTICIPANT,
        "baseline_n": 100,
        "baseline_count": 30,
        "baseline_period": "2024",
        "baseline_source": "Records",
        "counterfactual": Counterfactual.FIXED,
        "gaming": "A friend signs",
        "countermeasure": "Payroll data of a sample",
        "double_payment": "No subsidy",
        "legal_basis": "GDPR 6(1)(e)",
        "expected_count": 1,
        "months_after": 0,
    }
    return Effect(code=code, **(defaults | facts))


def programme(**facts) -> Programme:
    defaults = {
        "currency": "EUR",
        "cohort_size": 70,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "tail_until": date(2027, 12, 31),
        "council_decision": "2025-114",
        "council_decided_on": date(2025, 11, 3),
        "dpia_reference": "DPIA 7",
        "dpia_on": date(2025, 11, 4),
    }
    return Programme(**(defaults | facts))


def table(*effects: Effect, cap: int | None = 100_00, bond: Programme | None = None, **facts) -> PriceTable:
    facts = {
        "reduce": Reduce.LATEST_FIRST,
        "overshoot": Overshoot.LOST,
        "step_minor": 1,
        "period_caps": [],
        "note": "",
    } | facts
    made = PriceTable(programme=bond or programme(), cap_contract_minor=cap, **facts)
    made.effects = list(effects)
    return made


def shares(*reserved: dict[int, int], sizes: tuple[int, ...] = (1, 1)) -> list[MunicipalityShare]:
    reserved = reserved or ({2026: 50_00, 2027: 10_00}, {2026: 30_00, 2027: 10_00})
    return [
        MunicipalityShare(
            organisation_id=UUID(int=n),
            cohort_size=sizes[n],
            budget=[BudgetYear(year=year, reserved_minor=minor) for year, minor in years.items()],
        )
        for n, years in enumerate(reserved)
    ]


def read_by_two(counts: tuple[int, int, int, int] = AGREED) -> Tested:
    names = ("both_yes", "first_only", "second_only", "both_no")
    return Tested(ReaderTest(**dict(zip(names, counts, strict=True))), 1, None)


def judged(gate: str, made: PriceTable, paying=None, tests=None, overrides=()):
    tests = {e.code: read_by_two() for e in made.effects} if tests is None else tests
    found = gates_of(made, shares() if paying is None else paying, tests, overrides)
    return next(g for g in found if g.code == gate)


def messages(gate: str, *effects: Effect, **facts) -> list[str]:
    return [fault.message for fault in judged(gate, table(*effects, **facts)).faults]


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
    assert finding.evidence.startswith(f"{word}, from a registry, with a counterfactual")


def test_a_table_without_effects_is_no_promise():
    assert messages("") == ["The table has no effect yet."]
    verdicts = [gate.verdict for gate in gates_of(table(), shares())]
    assert (verdicts[0], verdicts.count(Verdict.PASSES)) == (Verdict.FAILS, 0)
    assert Verdict.UNTESTED in verdicts


@pytest.mark.parametrize(
    "definition",
    [
        "Works at least 12 hours a week.",
        "Holds a diploma.",
        "Has signed a lease in the own name.",
        "Is debt-free.",
        "Heeft een startkwalificatie.",
        "Staat ingeschreven bij de gemeente.",
        "Behaviour at school is better: at most 2 reports a month.",
        "Receives no benefit any more.",
        "Attends the Goodwill school on 4 days a week.",  # only contains a vague word
    ],
)
def test_d1_a_number_or_a_fact_that_is_so_or_not_so_is_a_threshold(definition):
    assert messages("D1", effect(definition=definition)) == []


@pytest.mark.parametrize(
    ("definition", "word"),
    [
        ("Feels better.", "better"),
        ("Improved behaviour at home.", "Improved"),
        ("Attends school sufficiently.", "sufficiently"),
        ("Gaat beter om met geld.", "beter"),
        ("Verbeterde schoolgang.", "Verbeterde"),
        ("Heeft voldoende inkomen.", "voldoende"),
        ("Works 12 hours a week. Feels better.", "better"),  # the number belongs to another sentence
    ],
)
def test_d1_a_direction_without_a_threshold_is_refused_by_name(definition, word):
    (message,) = messages("D1", effect(definition=definition))
    assert f"“{word}”" in message
    assert "Say in the same sentence" in message


def test_d1_a_definition_without_any_threshold_is_refused():
    (message,) = messages("D1", effect(definition="Goes to school."))
    assert "has no threshold" in message


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"who": ""}, "for whom it counts"),
        ({"sustained": ""}, "the period"),
        ({"kind": EffectKind.PER_UNIT}, "the unit"),
    ],
)
def test_d1_who_period_and_unit_are_filled_in(facts, part):
    assert messages("D1", effect(**facts)) == [f"Work: fill in {part}."]


def test_a_requirement_names_an_effect_of_the_table():
    (message,) = messages("", effect(requires=["home-3m"]))
    assert message == "Work requires “home-3m”, which is not in this table."


def test_requirements_form_no_circle():
    chain = [effect("a", requires=["b"]), effect("b", requires=["c"]), effect("c", requires=["a"])]
    assert len(messages("", *chain)) == 3
    assert messages("", effect("a"), effect("b", requires=["a"]), effect("c", requires=["b"])) == []
    assert len(messages("", effect("a", requires=["b"]), effect("b", requires=["b"]))) == 1


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((5, 0, 0, 5), None),
        ((4, 0, 1, 5), None),  # 9 of 10, kappa exactly 0.8
        ((3, 0, 1, 6), "did not agree enough"),  # 9 of 10, but kappa 0.78
        ((8, 1, 1, 0), "did not agree enough"),  # 8 of 10; as often as by chance, so kappa below zero
        ((10, 0, 0, 0), "that is no test"),  # kappa is not defined
        ((4, 0, 0, 5), "did not agree enough"),  # nine files are too few
    ],
)
def test_d2_two_readers_agree_beyond_chance(counts, message):
    gate = judged("D2", table(effect()), tests={"work-13w": read_by_two(counts)})
    found = [fault.message for fault in gate.faults]
    assert found == [] if message is None else message in found[0]


def test_d2_an_untested_definition_is_shut():
    assert judged("D2", table(effect()), tests={}).verdict == Verdict.FAILS


@pytest.mark.parametrize("proof", [EvidenceType.SELF_REPORT, EvidenceType.SCALE])
def test_d3_own_word_and_scales_prove_nothing(proof):
    (message,) = messages("D3", effect(evidence_type=proof))
    assert "somebody other than the service provider" in message


def test_d3_somebody_is_named_who_holds_it():
    assert messages("D3", effect(evidence_holder="")) == ["Work: say who holds the evidence."]


@pytest.mark.parametrize("field", ["achieved_when", "resets"])
def test_d4_the_day_and_the_clock_are_said(field):
    """Nothing starting it again must be said too: an empty field is not "nothing"."""
    (fault,) = judged("D4", table(effect(**{field: ""}))).faults
    assert fault.field == field


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


def test_c1_the_reservations_cover_the_contract_maximum_to_the_cent():
    reserved = shares({2026: 5_000_00, 2027: 1_000_00}, {2026: 3_000_00, 2027: 1_000_00})
    assert judged("C1", table(effect(), cap=10_000_00), reserved).faults == []
    (fault,) = judged("C1", table(effect(), cap=10_000_01), reserved).faults
    for words in ("€10,000.01", "€10,000.00", "€0.01 is missing"):
        assert words in fault.message


def test_c1_without_a_contract_maximum_nobody_knows():
    (message,) = messages("C1", effect(), cap=None)
    assert "Give the table a maximum for the contract" in message


def test_c1_a_sum_that_suffices_does_not_cover_a_year_that_falls_short():
    """1.00 for each of two people and effects; in the tail nothing is reserved, although the years together hold
    enough. The second effect falls a year after intake; the first may come that late too, so 4.00 may be asked there.
    """
    made = table(effect("a", deadweight_bp=0), effect("b", deadweight_bp=0, months_after=12), cap=4_00)
    paying = shares({2026: 4_00, 2027: 0}, sizes=(2,))
    (fault,) = judged("C1", made, paying).faults
    assert "2027" in fault.message and "€4.00 is missing" in fault.message
    assert judged("C1", made, shares({2026: 2_00, 2027: 4_00}, sizes=(2,))).faults == []


def test_c1_a_year_stands_although_the_maximum_may_be_used_up_before_it():
    """Of a maximum of 1.00 the early effect of 2026 leaves nothing for the tail; but when nobody reaches anything
    before, the tail asks all of it. Nothing reserved for the tail must fail."""
    made = table(effect(deadweight_bp=0), cap=1_00)
    (payer,) = calendar_of(made, shares({2026: 1_00, 2027: 0}, sizes=(1,)))
    assert (payer.worst, payer.worst_total) == ({2026: 1_00, 2027: 1_00}, 1_00)
    (fault,) = judged("C1", made, shares({2026: 1_00, 2027: 0}, sizes=(1,))).faults
    assert "€1.00 is missing" in fault.message and "2027" in fault.message


def test_c1_the_worst_case_of_a_year_is_never_below_what_is_expected_in_it():
    """What is expected after the tail is counted on its last day, where nobody can reach everything any more."""
    made = table(effect(deadweight_bp=0, months_after=24))
    (payer,) = calendar_of(made, shares({2026: 4_00}, sizes=(1,)))
    assert (payer.expected, payer.worst) == ({2026: 0, 2027: 1_00}, {2026: 0, 2027: 1_00})


@pytest.mark.parametrize("missing", [{"council_decision": ""}, {"council_decided_on": None}])
def test_c1_a_council_decided(missing):
    assert len(messages("C1", effect(), bond=programme(**missing))) == 1


SAVED = {"saving_minor": 100_00, "saving_source": "Records", "saving_bearer": Bearer.MUNICIPALITY}


def test_c2_only_cashable_savings_are_called_a_return():
    social = effect(**SAVED, saving_class=SavingClass.SOCIAL, saving_note="Het terugverdieneffect is groot.")
    assert "terugverdieneffect" in messages("C2", social)[0]
    social.saving_class = SavingClass.CASHABLE
    assert messages("C2", social) == []


def test_c2_the_total_that_comes_back_counts_cashable_savings_alone():
    rows = [effect("a", **SAVED, saving_class=SavingClass.CASHABLE, expected_count=3)]
    rows.append(effect("b", **SAVED, saving_class=SavingClass.SOCIAL, expected_count=5))
    assert "Return in money (cashable alone): €300.00." in judged("C2", table(*rows)).findings[0].evidence
    assert "no saving of this table is cashable" in messages("C2", rows[1], note="Dit verdient zich terug.")[0]


@pytest.mark.parametrize(
    ("occupancy", "waiting", "kind", "passes"),
    [
        (9_499, False, SavingClass.CASHABLE, True),
        (9_500, False, SavingClass.CASHABLE, False),
        (None, True, SavingClass.CASHABLE, False),
        (9_900, True, SavingClass.CAPACITY, True),
    ],
)
def test_c3_a_place_that_is_filled_again_frees_capacity_only(occupancy, waiting, kind, passes):
    row = effect(**SAVED, saving_class=kind, saving_occupancy_bp=occupancy, saving_waiting_list=waiting)
    assert (judged("C3", table(row)).verdict == Verdict.PASSES) is passes


@pytest.mark.parametrize(
    ("bearer", "note", "passes"),
    [
        (Bearer.MUNICIPALITY, "", True),
        (Bearer.INSURER, "", False),
        (Bearer.INSURER, "The insurer pays half.", True),
        (None, "", False),
    ],
)
def test_c4_who_saves_without_paying_is_noted(bearer, note, passes):
    row = effect(**SAVED | {"saving_bearer": bearer}, saving_class=SavingClass.SOCIAL, saving_note=note)
    assert (judged("C4", table(row)).verdict == Verdict.PASSES) is passes


def test_c5_expected_numbers_are_given_and_fit_in_each_year():
    assert messages("C5", effect(expected_count=None)) == ["Work: say how many are expected."]
    made = table(effect(deadweight_bp=0, expected_count=2, months_after=12), cap=2_00)
    (fault,) = judged("C5", made, shares({2026: 4_00, 2027: 1_00}, sizes=(2,))).faults
    assert "expects to pay €1.00 more in 2027" in fault.message


def test_c6_what_is_expected_fits_below_the_maximums():
    made = table(effect(deadweight_bp=0, expected_count=2), cap=1_50)
    gate = judged("C6", made, shares({2026: 4_00}, sizes=(2,)))
    assert "€0.50 would not be paid" in gate.faults[0].message
    assert "0%: €0.00; expected: €1.50; 100%: €1.50; ceiling: €1.50" in gate.findings[0].evidence.replace(" %", "%")

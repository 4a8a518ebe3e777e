"""Gates D1, D3 and C1 (domain, section 4), and that requirements can be met at all."""

import pytest

from app.pricing.gates import faults_of, gates_of
from app.pricing.models import Effect, EffectKind, EvidenceType, PriceTable
from app.programmes.models import BudgetYear, LifeDomain, MunicipalityShare, Programme

# Nothing here touches the database; the context is for the language only.
pytestmark = pytest.mark.usefixtures("app")


def effect(code: str = "work-13w", **facts) -> Effect:
    defaults = {
        "name": "Work",
        "life_domain": LifeDomain.WORK,
        "kind": EffectKind.PER_PERSON,
        "who": "Participants without work",
        "definition": "Works at least 12 hours a week.",
        "unit": "",
        "sustained": "13 weeks",
        "price_minor": 100,
        "requires": [],
        "evidence_type": EvidenceType.EMPLOYER,
    }
    return Effect(code=code, **(defaults | facts))


def faults(*effects: Effect, cap: int | None = 100, reserved: tuple[int, ...] = (60, 40)) -> list[str]:
    table = PriceTable(programme=Programme(currency="EUR"), effects=list(effects), cap_contract_minor=cap)
    shares = [MunicipalityShare(budget=[BudgetYear(year=2026, reserved_minor=minor)]) for minor in reserved]
    return [fault.message for fault in faults_of(table, shares)]


def test_a_good_table_has_no_fault():
    assert faults(effect()) == []


def test_a_table_without_effects_is_no_promise():
    assert faults() == ["The table has no effect yet."]


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
    ],
)
def test_a_number_or_a_fact_that_is_so_or_not_so_is_a_threshold(definition):
    assert faults(effect(definition=definition)) == []


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
def test_a_direction_without_a_threshold_is_refused_by_name(definition, word):
    (message,) = faults(effect(definition=definition))
    assert f"“{word}”" in message
    assert "Say in the same sentence" in message


def test_a_definition_without_any_threshold_is_refused():
    (message,) = faults(effect(definition="Goes to school."))
    assert "has no threshold" in message


def test_a_word_that_only_contains_a_vague_one_is_not_vague():
    assert faults(effect(definition="Attends the Goodwill school on 4 days a week.")) == []


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"who": ""}, "for whom it counts"),
        ({"sustained": ""}, "the period"),
        ({"kind": EffectKind.PER_UNIT}, "the unit"),
    ],
)
def test_who_period_and_unit_are_filled_in(facts, part):
    assert faults(effect(**facts)) == [f"Work: fill in {part}."]


def test_a_requirement_names_an_effect_of_the_table():
    (message,) = faults(effect(requires=["home-3m"]))
    assert message == "Work requires “home-3m”, which is not in this table."


def test_requirements_form_no_circle():
    chain = [effect("a", requires=["b"]), effect("b", requires=["c"]), effect("c", requires=["a"])]
    assert len(faults(*chain)) == 3
    assert faults(effect("a"), effect("b", requires=["a"]), effect("c", requires=["b"])) == []
    tail_of_a_circle = [effect("a", requires=["b"]), effect("b", requires=["b"])]
    assert len(faults(*tail_of_a_circle)) == 1


def test_the_reservations_cover_the_contract_maximum_to_the_cent():
    assert faults(effect(), cap=10_000_00, reserved=(6_000_00, 4_000_00)) == []
    (message,) = faults(effect(), cap=10_000_01, reserved=(6_000_00, 4_000_00))
    assert "€10,000.01" in message and "€10,000.00" in message and "€0.01 is missing" in message


def test_without_a_contract_maximum_nobody_knows():
    (message,) = faults(effect(), cap=None)
    assert "Give the table a maximum for the contract" in message


@pytest.mark.parametrize("proof", [EvidenceType.SELF_REPORT, EvidenceType.SCALE])
def test_own_word_and_scales_prove_nothing(proof):
    """D3: evidence is held by someone other than the provider; self-report alone fails (domain, section 4)."""
    (message,) = faults(effect(evidence_type=proof))
    assert "somebody other than the service provider" in message


def test_each_gate_has_its_verdict():
    table = PriceTable(programme=Programme(currency="EUR"), effects=[effect(who="")], cap_contract_minor=None)
    verdicts = {gate.code: bool(gate.faults) for gate in gates_of(table, []) if gate.code}
    assert verdicts == {"D1": True, "D3": False, "C1": True}

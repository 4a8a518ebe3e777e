"""Gates D1 to D4 (domain, section 4), each with a case that it must refuse beside one that it must not."""

import pytest

from app.pricing.gate import Verdict
from app.pricing.models import (
    EffectKind,
    EvidenceType,
)
from tests.pricing.judging import effect, judged, messages, read_by_two, table

# Nothing here touches the database; the context is for the language only.
pytestmark = pytest.mark.usefixtures("app")


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


def cautions(**facts):
    (finding,) = judged("D4", table(effect(**facts))).findings
    return finding.caution


@pytest.mark.parametrize(
    "said",
    [
        *("6 months", "13 weeks in a row", "half a year", "a 26-week job", "twenty-six weeks", "one year", "90 days"),
        *("zes maanden", "13 weken behouden", "een half jaar", "dertien weken", "anderhalf jaar", "een jaar werk"),
    ],
)
@pytest.mark.parametrize("field", ["sustained", "name", "definition"])
def test_d4_a_duration_in_words_without_a_clock_is_weighed(field, said):
    """Nothing counts it then: a claim on the first day passes. A warning, since it may be the period looked at."""
    texts = {"sustained": "once", "name": "Work", "definition": "Has a contract."}
    assert cautions(**texts | {field: said})
    assert cautions(**texts | {field: said}, lasts=13) == ""
    assert judged("D4", table(effect(**texts | {field: said}))).verdict == Verdict.PASSES


@pytest.mark.parametrize(
    "said",
    [
        *("once, on the day", "op de dag zelf", "within 13 weeks", "binnen 6 maanden", "12 hours a week"),
        *("24 uur per week", "4 days a week", "aged 16 to 23 years", "18 jaar", "the last day of the month"),
    ],
)
def test_d4_a_deadline_an_age_or_how_often_is_no_duration(said):
    assert cautions(sustained="once", definition=said) == ""


def test_d4_what_is_paid_per_unit_has_no_duration():
    assert cautions(kind=EffectKind.PER_UNIT, unit="day", sustained="13 weeks") == ""

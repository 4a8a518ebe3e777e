"""Gates C1 to C6 (domain, section 4), each with a case that it must refuse beside one that it must not."""

from datetime import date

import pytest

from app.pricing.budget import calendar_of, stress_of
from app.pricing.gate import Verdict
from app.pricing.models import EffectKind, Overshoot, PriceTable
from app.unit_costs.models import Bearer, SavingClass
from tests.pricing.judging import effect, judged, messages, programme, shares, table

# Nothing here touches the database; the context is for the language only.
pytestmark = pytest.mark.usefixtures("app")


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


THREE_YEARS = {"tail_until": date(2028, 12, 31)}


def capped(overshoot: Overshoot, *rooms: int) -> PriceTable:
    """Four people, 1.00 each, all in 2026; `rooms` is the maximum of each year from 2026 on."""
    periods = [
        {"from": f"{year}-01-01", "to": f"{year}-12-31", "amount_minor": room}
        for year, room in enumerate(rooms, start=2026)
    ]
    bond = programme(**THREE_YEARS)
    return table(
        effect(deadweight_bp=0, expected_count=4), cap=10_00, bond=bond, period_caps=periods, overshoot=overshoot
    )


RESERVED = {2026: 4_00, 2027: 4_00, 2028: 4_00}


@pytest.mark.parametrize(
    ("overshoot", "rooms", "paid", "said"),
    [
        (Overshoot.LOST, (1_50, 1_00), 1_50, "take off €2.50"),
        (Overshoot.CARRIED, (1_50, 1_00), 2_50, "postpone €1.00 to a later period, where it is paid, and €1.50"),
        (Overshoot.CARRIED, (1_50, 1_00, 1_00), 3_50, "postpone €2.00 to a later period, where it is paid, and €0.50"),
    ],
)
def test_c6_settles_by_the_calendar_of_c5_period_maximums_included(overshoot, rooms, paid, said):
    """One statement at the very end would meet no period at all, and let C6 promise more than C5 (domain, section 4:
    both look at what is paid each year)."""
    made = capped(overshoot, *rooms)
    paying = shares(RESERVED, sizes=(4,))
    (payer,) = calendar_of(made, paying)
    none, expected, everybody, _ceiling = stress_of(made, paying)
    assert (none.total, expected.total, everybody.total) == (0, paid, paid)
    assert sum(payer.expected.values()) == paid  # C5 says the same
    gate = judged("C6", made, paying)
    assert said in gate.findings[0].evidence and said in gate.findings[0].caution
    assert gate.faults[0].field == "period_caps"


def test_c6_passes_when_what_is_postponed_is_paid_in_the_end():
    gate = judged("C6", capped(Overshoot.CARRIED, 1_50, 2_50), shares(RESERVED, sizes=(4,)))
    assert gate.faults == [] and "postpone €2.50" in gate.findings[0].evidence


def test_c6_does_not_speak_of_periods_where_there_are_none():
    (found,) = judged("C6", table(effect(deadweight_bp=0)), shares(RESERVED, sizes=(4,))).findings
    assert "period" not in found.evidence


@pytest.mark.parametrize(
    ("facts", "fails", "weighed"),
    [
        ({"expected_count": 30, "max_per_person": 1}, False, False),
        ({"expected_count": 31, "max_per_person": 1}, True, False),
        ({"expected_count": 60, "max_per_person": 2}, False, False),
        ({"expected_count": 61, "max_per_person": 2}, True, False),
        ({"expected_count": 31, "max_per_person": None}, False, True),
        ({"expected_count": 30, "max_per_person": None}, False, False),
        ({"expected_count": 900, "max_per_person": None, "kind": EffectKind.PER_UNIT}, False, False),  # days
    ],
)
def test_c5_no_more_is_expected_than_the_cohort_can_reach(facts, fails, weighed):
    """30 people, each paid once: 31 is no expectation (domain, section 4: expected payments per year)."""
    made = table(effect(deadweight_bp=0, price_minor=1, **facts), cap=100_00, bond=programme(cohort_size=30))
    (found,) = [one for one in judged("C5", made, shares(RESERVED, sizes=(30,))).findings if one.effect]
    assert bool(found.faults) is fails and bool(found.caution) is weighed
    assert all(fault.field == "expected_count" for fault in found.faults)

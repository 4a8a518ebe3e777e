"""What an earlier effect earns later: carried over from a full period, or pooled at the bond's last settlement.

Source: the format replay/1 (`overshoot`, `pooled_threshold`, and its fine print). Amounts by hand.
"""

import uuid
from datetime import date

import pytest

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.models import Transfer
from app.outcomes.disclosure import Key, disclosure
from app.outcomes.states import ClaimState
from app.pricing.models import EffectKind, Overshoot, Reduce
from app.pricing.states import TableState
from app.settlement.models import Settlement
from app.settlement.operations import discard_settlement, prepare_settlement
from app.settlement.states import LineKind, SettlementState
from tests.browser import soup
from tests.factories.outcomes import (
    make_claim,
    make_delivery,
    make_every_kind,
    make_measured,
    make_measurement,
    make_signed_off,
    publish,
)
from tests.factories.pricing import make_effect, make_table
from tests.factories.settlement import make_settlement, statement_of
from tests.settlement.test_valuing import assert_equal_to_replay, nothing_is_wrong

SPRING, SUMMER, AUTUMN, LAST = date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30), date(2026, 10, 31)


def quarters(*amounts: int) -> list[dict]:
    days = [("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-12-31")]
    return [{"from": a, "to": b, "amount_minor": n} for (a, b), n in zip(days, amounts, strict=False)]


def make_carrying(*amounts: int, **facts):
    """Work of 2,000.00 (after 20 % off) for either municipality, days of 10.00; what a quarter cuts is carried."""
    table = {"period_caps": quarters(*amounts), "overshoot": Overshoot.CARRIED}
    return make_delivery(table=table | facts)


def lines_of(settlement) -> list[tuple]:
    return [(line.kind, line.proof_id, line.gross_minor, line.paid_minor) for line in settlement.lines]


@pytest.fixture
def carried(app):
    """The first quarter pays 3,000.00 of two effects of 2,000.00: 1,000.00 of Hengelo's is owed."""
    bond = make_carrying(300_000, 250_000, 900_000)
    first = make_signed_off(bond, bond.enschede, achieved_on=date(2026, 2, 1))
    second = make_signed_off(bond, bond.hengelo, achieved_on=date(2026, 2, 2))
    return bond, first, second, make_settlement(bond, SPRING, approved=True)


def test_carried_money_is_a_line_that_names_its_first_settlement(carried):
    """Second quarter: 1,000.00 carried comes before the new 2,000.00, of which 1,500.00 fits in 2,500.00."""
    bond, first, second, spring = carried
    assert lines_of(spring) == [
        (LineKind.FIRST, first.id, 250_000, 200_000),
        (LineKind.FIRST, second.id, 250_000, 100_000),
    ]
    new = make_signed_off(bond, bond.enschede, achieved_on=date(2026, 4, 15))
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer) == [
        (LineKind.CARRIED, second.id, 0, 100_000),
        (LineKind.FIRST, new.id, 250_000, 150_000),
    ]
    assert summer.lines[0].first_settlement_id == spring.id
    assert summer.lines[0].steps == [{"rule": "caps.periods", "before_minor": "0", "after_minor": "100000"}]
    assert (summer.gross_minor, summer.paid_minor) == (250_000, 250_000)
    assert statement_of(summer, bond.hengelo).amount_minor == 100_000, "the same municipality pays it"
    assert statement_of(summer, bond.enschede).amount_minor == 150_000
    autumn = make_settlement(bond, AUTUMN, approved=True)  # nothing new: what is owed is enough
    assert lines_of(autumn) == [(LineKind.CARRIED, new.id, 0, 50_000)]
    with pytest.raises(Refused, match="waits for settlement"):
        make_settlement(bond, LAST)  # all is paid
    assert_equal_to_replay(bond, [spring, summer, autumn])
    assert nothing_is_wrong() == []


@pytest.mark.parametrize("reduce", list(Reduce))
def test_a_live_bond_with_carried_money_equals_its_replay(app, reduce):
    """Every kind of limit binds with it, over three periods, a late claim and remainders that are cut again."""
    bond = make_carrying(
        333_333, 200_001, 400_000, cap_per_person_minor=250_000, cap_contract_minor=900_000, reduce=reduce
    )
    bond.programme.shares[1].budget[0].reserved_minor = 350_000  # Hengelo's ceiling
    person = [make_signed_off(bond, bond.hengelo, achieved_on=date(2026, 1, 20)).participant]
    for place, payer in enumerate((bond.enschede, bond.hengelo, bond.enschede)):
        claim = make_signed_off(bond, payer, achieved_on=date(2026, 2, 1 + place))
        person.append(claim.participant)
    first = make_settlement(bond, SPRING, approved=True)
    for place, one in enumerate(person[:3]):
        make_signed_off(bond, code="work-26w", participant=one, achieved_on=date(2026, 4, 2 + place))
    make_signed_off(bond, bond.hengelo, "days", quantity=33, achieved_on=date(2026, 3, 3))  # late
    second = make_settlement(bond, SUMMER, approved=True)
    make_signed_off(bond, bond.hengelo, "days", quantity=17, achieved_on=date(2026, 8, 3))
    third = make_settlement(bond, AUTUMN, approved=True)
    assert {line.kind for one in (second, third) for line in one.lines} == {LineKind.FIRST, LineKind.CARRIED}
    assert (first.paid_minor, second.paid_minor) == (333_333, 200_001)
    assert_equal_to_replay(bond, [first, second, third])
    assert nothing_is_wrong() == []


def test_what_stays_owed_is_owed_on(app):
    """The next quarter has room for 0.01 only."""
    bond = make_carrying(100_000, 1, 900_000)
    claim = make_signed_off(bond, achieved_on=date(2026, 2, 1))
    first = make_settlement(bond, SPRING, approved=True)
    second = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(second) == [(LineKind.CARRIED, claim.id, 0, 1)]
    third = make_settlement(bond, AUTUMN)
    assert lines_of(third) == [(LineKind.CARRIED, claim.id, 0, 99_999)]
    assert_equal_to_replay(bond, [first, second, third])


def test_a_discarded_settlement_gives_its_carried_money_back(carried):
    bond, _, second, _spring = carried
    summer = make_settlement(bond, SUMMER)
    assert lines_of(summer) == [(LineKind.CARRIED, second.id, 0, 100_000)]
    discard_settlement(summer, "A line is wrong.", actor=bond.intermediary)
    db.session.refresh(second)
    assert second.state == ClaimState.SETTLED, "its own settlement still stands"
    again = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(again) == [(LineKind.CARRIED, second.id, 0, 100_000)]
    assert nothing_is_wrong() == []


def test_tampering_with_a_carried_line_shows(carried):
    bond, *_ = carried
    summer = make_settlement(bond, SUMMER)
    summer.lines[0].paid_minor += 1
    db.session.commit()
    faults = nothing_is_wrong()
    assert any("pays more than was carried over" in fault for fault in faults)
    assert any("line 1 was paid 100001, now 100000" in fault for fault in faults)
    assert any("fingerprint" in fault for fault in faults)


def test_the_pages_say_where_carried_money_came_from(carried, browse):
    bond, _, second, spring = carried
    summer = make_settlement(bond, SUMMER, approved=True)
    was = soup(browse(bond.neighbour).get_ok(f"/settlements/{spring.id}")).select_one("main").text
    assert "the rest is carried over" in was
    statement = statement_of(summer, bond.hengelo)
    for reader, path in (
        (bond.intermediary, f"/settlements/{summer.id}"),
        (bond.neighbour, f"/statements/{statement.id}"),
        (bond.provider, f"/settlements/{summer.id}"),
    ):
        page = soup(browse(reader).get_ok(path)).select_one("main")
        assert "carried over from an earlier settlement" in page.text
        assert "carried over from a period that was full: €0.00 → €1,000.00" in page.text
        assert "Of it for earlier effects" in page.text
        assert page.select(f"a[href='/settlements/{spring.id}']")
    claim = soup(browse(bond.provider).get_ok(f"/claims/{second.id}")).select_one("main")
    assert [a["href"] for a in claim.select("a[href^='/settlements/']")] == [
        f"/settlements/{spring.id}",
        f"/settlements/{summer.id}",
    ]


def test_a_carried_cent_is_followed_to_its_effect(carried, browse):
    bond, _, second, spring = carried
    summer = make_settlement(bond, SUMMER, approved=True)
    statement = statement_of(summer, bond.hengelo)
    transfer = db.session.scalars(db.select(Transfer).where(Transfer.cause_id == statement.id)).one()
    page = soup(browse(bond.neighbour).get_ok(f"/transfers/{transfer.id}")).select_one("main")
    assert page.select(f"a[href='/claims/{second.id}']") and page.select(f"a[href='/settlements/{spring.id}']")


def test_an_effect_is_counted_once_and_its_later_money_is_not_shown_apart(app, browse):
    """Ten effects of 2,000.00; 10,000.00 is paid for them at once, 10,000.00 later. Of the whole bond the public reads
    ten and 20,000.00; what the second settlement pays for the first one's effects nobody reads but who knows them."""
    bond = make_carrying(1_000_000, 5_000_000)
    for _ in range(10):
        make_claim(bond, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id, achieved_on=date(2026, 2, 1))
    make_signed_off(bond, code="days", quantity=1, achieved_on=date(2026, 2, 1))
    first, second = (make_settlement(bond, day, approved=True) for day in (SPRING, SUMMER))
    publish(bond)
    told = disclosure(bond.programme.id)
    whole, later = told.figure(Key(stage="signed_off")), told.figure(Key(settlement=second.id))
    assert (first.paid_minor, second.paid_minor) == (1_000_000, 1_001_000)
    effect = told.figure(Key(bond.effect("work-13w").id, stage="signed_off"), exact=True)
    assert (effect.count, effect.amount_minor) == (10, 2_000_000)
    assert told.figure(Key(stage="signed_off"), exact=True).count == 11
    assert (later.amount_minor, later.amount_between) == (None, None)
    assert whole.amount_minor is None or whole.amount_minor == 2_001_000
    page = soup(browse(bond.neighbour).get_ok(f"/settlements/{second.id}")).select_one("main").text
    assert "10,010" not in page and "10,000" not in page


COHORTS = [("1395", "1550"), ("1420", "1550")]  # 10 % and 8.4 % fewer: together 9.2 %


def make_pooling(threshold: str = "0.09", **facts):
    """1,000.00 per event avoided from 10 % on; from `threshold` over all cohorts every cohort is paid at the end."""
    bond = make_every_kind()
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0, cap_contract_minor=None, **facts)
    events = {"kind": EffectKind.DIFFERENCE, "price_minor": 100_000, "threshold": "0.1", "deadweight_bp": 0}
    make_effect(table, "events", name="Events", max_per_person=None, pooled_threshold=threshold, **events)
    bond.agreement.table, bond.table = table, table
    bond.programme.tail_until = AUTUMN
    db.session.commit()
    return bond


def measured(bond, number: int, on: date):
    treatment, control = COHORTS[number]
    return make_measured(
        bond, "events", bond.hengelo, cohort=str(number), treatment=treatment, control=control, achieved_on=on
    )


def settle_last(bond, day=AUTUMN):
    return prepare_settlement(bond.programme, day, is_final=True, actor=bond.intermediary, once=uuid.uuid4())


def test_pooled_cohorts_are_paid_in_the_last_settlement(app):
    """The second cohort missed 10 %: 130 events are paid at the end, since 285 of 3,100 are 9.2 %."""
    bond = make_pooling()
    missed = measured(bond, 1, date(2026, 2, 1))
    first = make_settlement(bond, SPRING, approved=True)
    assert lines_of(first) == [(LineKind.FIRST, missed.id, 0, 0)]
    reached = measured(bond, 0, date(2026, 8, 1))
    last = settle_last(bond)
    assert lines_of(last) == [
        (LineKind.FIRST, reached.id, 15_500_000, 15_500_000),
        (LineKind.POOLED, missed.id, 13_000_000, 13_000_000),
    ]
    assert last.lines[1].first_settlement_id == first.id
    assert_equal_to_replay(bond, [first, last])
    assert nothing_is_wrong() == []


def test_a_cohort_of_the_last_settlement_is_pooled_in_it(app):
    """It has two lines there: nothing on its own, then what it earns with the others."""
    bond = make_pooling()
    reached, missed = measured(bond, 0, date(2026, 2, 1)), measured(bond, 1, date(2026, 2, 2))
    last = settle_last(bond)
    assert [(line.kind, line.proof_id, line.paid_minor) for line in last.lines] == [
        (LineKind.FIRST, reached.id, 15_500_000),
        (LineKind.FIRST, missed.id, 0),
        (LineKind.POOLED, missed.id, 13_000_000),
    ]
    assert last.lines[2].first_settlement_id == last.id
    assert_equal_to_replay(bond, [last])
    assert nothing_is_wrong() == []


def test_below_the_pooled_threshold_nothing_more_is_paid(app):
    bond = make_pooling("0.095")
    missed = measured(bond, 1, date(2026, 2, 1))
    first = make_settlement(bond, SPRING, approved=True)
    measured(bond, 0, date(2026, 8, 1))
    last = settle_last(bond)
    assert missed.id not in {line.measurement_id for line in last.lines}
    assert_equal_to_replay(bond, [first, last])


def test_the_last_settlement_is_the_last(app, browse):
    """Ticked on the form; not before the tail ends, not while an effect waits, and nothing follows."""
    bond = make_pooling()
    measured(bond, 0, date(2026, 2, 1))
    open_one = make_measurement(bond, "events", bond.hengelo, cohort="9", treatment="1", control="2")
    desk = browse(bond.intermediary)
    path = f"/programmes/{bond.programme.id}/settlements/prepare"
    early = desk.post_form(path, {"period_to": str(SUMMER), "is_final": "y"})
    assert early.status_code == 422 and "still accrue until" in soup(early).text
    waits = desk.post_form(path, {"period_to": str(AUTUMN), "is_final": "y"})
    assert waits.status_code == 422 and "not signed off yet" in soup(waits).text
    assert not db.session.query(Settlement).count()
    open_one.state = ClaimState.REJECTED
    db.session.commit()
    assert desk.post_form(path, {"period_to": str(AUTUMN), "is_final": "y"}).status_code == 303
    last = db.session.query(Settlement).one()
    assert last.is_final
    assert "last settlement of the bond" in soup(desk.get_ok(f"/settlements/{last.id}")).select_one("main").text
    last.state = SettlementState.PAID
    db.session.commit()
    assert not soup(desk.get_ok(f"/programmes/{bond.programme.id}/settlements")).select(f"a[href='{path}']")
    with pytest.raises(NotNow, match="was the last one"):
        make_settlement(bond, LAST)


def test_a_settlement_that_calls_itself_last_cannot_be_made_another(app):
    """The fingerprint holds it: without the mark the pooled line has no reason."""
    bond = make_pooling()
    measured(bond, 0, date(2026, 2, 1)), measured(bond, 1, date(2026, 2, 2))
    last = settle_last(bond)
    last.is_final = False
    db.session.commit()
    faults = nothing_is_wrong()
    assert any("has 3 lines, now 2" in fault for fault in faults)
    assert any("fingerprint" in fault for fault in faults)

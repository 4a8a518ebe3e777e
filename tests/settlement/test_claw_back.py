"""What was paid for an effect that does not count comes back in the next settlement, to the cent and with its own line.

Source: the domain, section 7 ("clawback of a falsified effect is netted in the next settlement with its own line") and
issue 6 (recomputed from its inputs at any time; books balance; every payment has its cause). Amounts by hand:
work-13w pays 2,000.00, work-26w, which requires it, 1,200.00, a day 10.00.
"""

import uuid
from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.intake.models import Participant
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.pricing.models import Effect as EffectRow
from app.pricing.models import Overshoot, Reduce
from app.pricing.terms import Caps, Effect, Payer, Terms, Tier
from app.settlement.operations import approve_statement, check_settlement, discard_settlement
from app.settlement.states import LineKind, StatementState
from app.settlement.valuing import Period, made_lines, out_in, owed_of, value_periods, vat_of
from app.treasury.operations import receive_payment
from app.verification.appeal_states import ReopenReason
from app.verification.reopening import reopen_proof
from tests.factories.outcomes import make_delivery, make_every_kind, make_measured, make_signed_off
from tests.factories.settlement import approver, make_settlement, statement_of

SPRING, SUMMER, AUTUMN = date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)
FIRST, ADJUSTED, BACK = LineKind.FIRST, LineKind.ADJUSTED, LineKind.CLAWED_BACK


def reopen(bond, proof):
    reopen_proof(proof, ReopenReason.FALSIFIED, "The employer never heard of it.", actor=bond.assessor)


def signed(bond, month, payer=None, code="work-13w", **facts):
    return make_signed_off(bond, payer or bond.enschede, code, achieved_on=date(2026, month, 10), **facts)


def lines_of(settlement):
    return [(line.kind, line.proof_id, line.gross_minor, line.paid_minor) for line in settlement.lines]


@pytest.fixture
def bond(app):
    return make_delivery()


def test_the_next_settlement_takes_it_back_with_a_line_that_names_the_first(bond):
    """Enschede: 3 x 2,000.00 new, less 2,000.00. Hengelo, which it does not concern, pays as ever."""
    false = signed(bond, 2)
    spring = make_settlement(bond, SPRING, approved=True)
    stood = (spring.digest, lines_of(spring))
    reopen(bond, false)
    new = [signed(bond, month) for month in (4, 5, 6)]
    other = signed(bond, 4, bond.hengelo, "days", quantity=3)
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer)[-1] == (BACK, false.id, -250_000, -200_000)
    assert summer.lines[-1].first_settlement_id == spring.id
    assert {line[1] for line in lines_of(summer)[:-1]} == {other.id, *(one.id for one in new)}
    assert summer.lines[-1].steps == [{"rule": "claw_back", "before_minor": "200000", "after_minor": "0"}]
    assert (summer.gross_minor, summer.paid_minor) == (3 * 250_000 + 3_000 - 250_000, 403_000)
    assert statement_of(summer, bond.enschede).amount_minor == 400_000
    assert statement_of(summer, bond.hengelo).amount_minor == 3_000
    assert (spring.digest, lines_of(spring)) == stood, "what was settled first never changes"
    assert make_last(bond).paid_minor == 200_000, "it is taken back once"
    assert faults() == []


def make_last(bond):
    signed(bond, 8)
    return make_settlement(bond, AUTUMN, approved=True)


def test_a_statement_is_never_below_zero_and_the_rest_follows(bond):
    """2,000.00 to take back: 30 days bring 300.00, then 12.00 and 3 days, then 2,000.00."""
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    signed(bond, 4, code="days", quantity=30)
    second = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(second)[-1] == (BACK, false.id, -250_000, -30_000)
    rest = {"rule": "claw_back.rest", "before_minor": "-200000", "after_minor": "-30000"}
    assert second.lines[-1].steps[-1] == rest
    own = statement_of(second, bond.enschede)
    assert (own.amount_minor, own.state, own.invoices) == (0, StatementState.PAID, [])
    with pytest.raises(Refused, match="waits for settlement"):
        make_settlement(bond, AUTUMN)  # nothing to take it from
    signed(bond, 8)
    third = make_settlement(bond, AUTUMN, approved=True)
    assert lines_of(third)[-1] == (BACK, false.id, 0, -170_000)
    assert statement_of(third, bond.enschede).amount_minor == 30_000
    assert faults() == []


def test_another_municipality_does_not_pay_it_back(bond):
    """Hengelo's new effect brings nothing for what Enschede paid too much."""
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    signed(bond, 4, bond.hengelo)
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer)[-1] == (BACK, false.id, -250_000, 0)
    assert statement_of(summer, bond.hengelo).amount_minor == 200_000
    assert statement_of(summer, bond.enschede).amount_minor == 0
    assert faults() == []


def test_what_required_it_is_worth_nothing_either(bond):
    """Half a year of work counts only after thirteen weeks that are proven: 1,200.00 goes with it."""
    false = signed(bond, 1)
    follows = signed(bond, 2, code="work-26w", participant=false.participant)
    spring = make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    for month in (4, 5):
        signed(bond, month)
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer)[-2:] == [
        (BACK, false.id, -250_000, -200_000),
        (ADJUSTED, follows.id, -150_000, -120_000),
    ]
    assert summer.lines[-1].first_settlement_id == spring.id
    assert statement_of(summer, bond.enschede).amount_minor == 80_000
    assert faults() == []


def test_who_lost_to_a_ceiling_gets_the_room_back(app):
    """The contract pays 3,000.00: the second effect lost 1,000.00 to the first, which was false."""
    bond = make_delivery(table={"cap_contract_minor": 300_000})
    false, cut = signed(bond, 1), signed(bond, 2, bond.hengelo)
    spring = make_settlement(bond, SPRING, approved=True)
    assert [line.paid_minor for line in spring.lines] == [200_000, 100_000]
    reopen(bond, false)
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer) == [(ADJUSTED, cut.id, 0, 100_000), (BACK, false.id, -250_000, 0)]
    new = signed(bond, 8)
    autumn = make_settlement(bond, AUTUMN, approved=True)
    assert lines_of(autumn) == [(FIRST, new.id, 250_000, 100_000), (BACK, false.id, 0, -100_000)]
    assert faults() == []


def test_the_same_effect_proven_later_is_paid(bond):
    """Once per person: the false one no longer stands in the way of the true one."""
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    true = signed(bond, 5, participant=false.participant)
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer) == [(FIRST, true.id, 250_000, 200_000), (BACK, false.id, -250_000, -200_000)]
    assert statement_of(summer, bond.enschede).amount_minor == 0
    assert faults() == []


def test_carried_money_is_taken_back_too(app):
    """1,500.00 in the first quarter, 500.00 carried to the second; the third takes all 2,000.00 back."""
    quarters = [("01-01", "03-31", 150_000), ("04-01", "06-30", 900_000), ("07-01", "12-31", 900_000)]
    caps = [{"from": f"2026-{a}", "to": f"2026-{b}", "amount_minor": n} for a, b, n in quarters]
    bond = make_delivery(table={"period_caps": caps, "overshoot": Overshoot.CARRIED})
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    make_settlement(bond, SUMMER, approved=True)
    reopen(bond, false)
    for month in (7, 8):
        signed(bond, month)
    autumn = make_settlement(bond, AUTUMN, approved=True)
    assert lines_of(autumn)[-1] == (BACK, false.id, -250_000, -200_000)
    assert autumn.paid_minor == 200_000
    assert faults() == []


def test_a_measurement_is_taken_back_as_well(app):
    bond = make_every_kind()
    false = make_measured(bond, "events", treatment="1000", control="1500", cohort="1", achieved_on=date(2026, 2, 1))
    spring = make_settlement(bond, SPRING, approved=True)
    paid = spring.lines[0].paid_minor
    reopen(bond, false)
    make_measured(bond, "fee", quantity=1, achieved_on=date(2026, 5, 1))
    summer = make_settlement(bond, SUMMER, approved=True)
    assert lines_of(summer)[-1] == (BACK, false.id, -paid, -paid)
    assert summer.paid_minor == 383_855_600 - paid
    assert [fault for fault in faults() if not fault.startswith("agreements.")] == []  # the factory changes its table


def test_vat_goes_with_it(app):
    """At 21 % the 2,000.00 hold 347.11. Against 300.00 of days (52.07) nothing is left, VAT neither."""
    bond = make_delivery(table={"vat_bp": 2_100})
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    signed(bond, 4, code="days", quantity=30)
    none = statement_of(make_settlement(bond, SUMMER, approved=True), bond.enschede)
    assert (none.amount_minor, none.vat_minor) == (0, 0)
    for month in (7, 8):
        signed(bond, month)
    own = statement_of(make_settlement(bond, AUTUMN, approved=True), bond.enschede)
    assert (own.amount_minor, own.vat_minor) == (400_000 - 170_000, 2 * 34_711 - (34_711 - 5_207))
    booked = balances(bond.programme.id)
    assert booked[AccountKind.VAT, None] == 34_711 + own.vat_minor
    assert faults() == []


def test_nobody_pays_for_what_is_reopened_while_it_is_with_the_parties(bond):
    """Neither the check nor the last approval goes through; prepared anew, it is not in it, and nothing is owed."""
    false, true = signed(bond, 2), signed(bond, 2, bond.hengelo)
    spring = make_settlement(bond, SPRING, checked=True)
    own = statement_of(spring, bond.hengelo)
    approve_statement(own, actor=approver(bond, own))
    reopen(bond, false)
    own = statement_of(spring, bond.enschede)
    with pytest.raises(NotNow, match="reopened since"):
        approve_statement(own, actor=approver(bond, own))
    discard_settlement(spring, "A line is wrong.", actor=bond.intermediary)
    again = make_settlement(bond, SPRING)
    assert lines_of(again) == [(FIRST, true.id, 250_000, 200_000)]
    reopen(bond, true)
    with pytest.raises(NotNow, match="reopened since"):
        check_settlement(again, actor=bond.colleague)
    discard_settlement(again, "A line is wrong.", actor=bond.intermediary)
    assert not any(balances(bond.programme.id).values())
    assert faults() == []


def test_one_found_between_two_settlements_waits_for_the_next(bond):
    """The second was prepared before it was found, and goes through without it; the third takes it back."""
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    signed(bond, 5)
    summer = make_settlement(bond, SUMMER)
    with clock.at(clock.now() + timedelta(hours=1)):
        reopen(bond, false)
        check_settlement(summer, actor=bond.colleague)
        for own in summer.statements:
            approve_statement(own, actor=approver(bond, own))
    assert [line.kind for line in summer.lines] == [FIRST]
    assert faults() == []
    with clock.at(clock.now() + timedelta(hours=2)):
        autumn = make_last(bond)
    assert lines_of(autumn)[-1][0] == BACK
    assert faults() == []


def test_a_falsified_effect_found_a_year_later(bond):
    """Paid in 2026 and received; found in 2027: the settlement of that year asks, and the bank gets, that much less."""
    with clock.at(clock.local(date(2026, 7, 1), 12)):
        false = signed(bond, 2)
        first = make_settlement(bond, SUMMER, approved=True)
        receive_payment(statement_of(first, bond.enschede), actor=bond.intermediary)
    bond.programme.ends_on = bond.programme.tail_until = date(2027, 12, 31)
    db.session.commit()
    with clock.at(clock.local(date(2027, 7, 1), 12)):
        reopen(bond, false)
        for day in (1, 2):
            make_signed_off(bond, bond.enschede, achieved_on=date(2027, 5, day))
        second = make_settlement(bond, date(2027, 6, 30), approved=True)
        receive_payment(statement_of(second, bond.enschede), actor=bond.intermediary)
    assert statement_of(second, bond.enschede).amount_minor == 200_000
    assert balances(bond.programme.id)[AccountKind.BANK, None] == 400_000, "two effects count, and two are paid"
    assert faults() == []


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda back, false: setattr(back, "paid_minor", back.paid_minor + 1), "line 2 was paid -199999, now -200000"),
        (lambda back, false: setattr(false, "state", ClaimState.SETTLED), "which was not reopened"),
        (lambda back, false: db.session.delete(back), "does not take back"),
    ],
)
def test_tampering_shows(bond, spoil, said):
    false = signed(bond, 2)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    signed(bond, 5)
    with clock.at(clock.now() + timedelta(hours=1)):
        summer = make_settlement(bond, SUMMER, approved=True)
    back = next(line for line in summer.lines if line.kind == BACK)
    if "not reopened" in said:
        db.session.execute(db.text("DROP TRIGGER reopening_no_delete"))
        db.session.execute(db.text("DELETE FROM reopening"))
    spoil(back, false)
    db.session.commit()
    db.session.expire_all()
    assert any(said in fault for fault in faults())


PAYERS = [uuid.UUID(int=1), uuid.UUID(int=2)]
PEOPLE = [Participant(code=f"P{n}", payer_id=PAYERS[n % 2]) for n in range(4)]
JOBS = {code: EffectRow(code=code) for code in ("job", "stay", "days")}


@st.composite
def histories(draw):
    """Terms with every limit that can bind, then four periods of new effects and of effects that prove to be false."""
    few = st.one_of(st.none(), st.integers(100, 3_000))
    days = Effect(
        "days", "per_unit", 70, tiers=(Tier(3, 90), Tier(None, 40)), max_per_person=None, max_amount=draw(few)
    )
    effects = (
        Effect("job", "per_person", 1_000, best_of=draw(st.sampled_from([None, "a"]))),
        Effect("stay", "per_person", 600, deadweight=Fraction(1, 3), requires=("job",)),
        days,
    )
    caps = Caps(per_person=draw(few), contract=draw(few), reduce=draw(st.sampled_from(list(Reduce))).value)
    vat = draw(st.sampled_from([None, Fraction(21, 100)]))
    payers = tuple(Payer(str(id), ceiling=draw(few)) for id in PAYERS)
    terms = Terms(effects, payers, "residence", caps, vat_rate=vat)
    fact = st.tuples(st.sampled_from(list(JOBS)), st.sampled_from(PEOPLE), st.integers(1, 5))
    periods = [draw(st.lists(fact, max_size=5)) for _ in range(4)]
    false = [draw(st.sets(st.integers(0, 19), max_size=3)) for _ in range(4)]
    return terms, periods, false


@settings(deadline=None, max_examples=50)
@given(histories())
def test_in_the_end_nothing_is_paid_but_what_the_table_gives_for_what_counts(history):
    """Whatever is found false and when: no statement below zero, no VAT beyond its amount, of no effect more back than
    was paid; and where a municipality pays anything, all that it ever paid is what what still counts is worth."""
    terms, given_facts, found_false = history
    claims: list[Claim] = []
    periods: list[Period] = []
    before: list[SimpleNamespace] = []
    out: set[uuid.UUID] = set()
    for number, facts in enumerate(given_facts):
        first = date(2026, 1 + 2 * number, 1)
        settled = [claim.id for claim in claims]
        out |= {settled[n] for n in found_false[number] if n < len(settled)}
        new = [
            Claim(id=uuid.uuid4(), participant=who, effect=JOBS[code], quantity=n, achieved_on=first)
            for code, who, n in facts
        ]
        new = [one for one in new if one.effect.code == "days" or one.__setattr__("quantity", 1) is None]
        claims += new
        periods.append(Period(first, first + timedelta(days=27), new))
        valued = value_periods(terms, periods, out=out)
        made = made_lines(uuid.uuid4(), terms, valued, before, out)
        before.append(SimpleNamespace(id=uuid.uuid4(), lines=made))
        assert out_in(before) == out
        owed, vat = owed_of(made), vat_of(made)
        assert all(0 <= vat[payer] <= owed[payer] for payer in owed)
        of_proof: dict[uuid.UUID, int] = {}
        paid = dict.fromkeys(PAYERS, 0)
        for line in (line for one in before for line in one.lines):
            of_proof[line.proof_id] = of_proof.get(line.proof_id, 0) + line.paid_minor
            paid[line.payer_id] += line.paid_minor
        assert all(amount >= 0 for amount in of_proof.values())
        counts = value_all(terms, periods, out)
        for payer in PAYERS:
            assert paid[payer] >= counts[payer]
            if owed.get(payer, 0):
                assert paid[payer] == counts[payer]


def value_all(terms, periods, out):
    """By payer, what everything that counts is worth, by the engine alone."""
    valued = value_periods(terms, periods, out=out or {None})
    worth = dict.fromkeys(PAYERS, 0)
    for line in [*valued.lines, *valued.earlier]:
        worth[uuid.UUID(line.fact.payer)] += line.paid
    return worth

"""What the database keeps beside millions of rows is at any moment what a count of them gives, on both databases.

Rule: domain, section 9: a figure that may be shown is decided from exact counts. A trigger that is missing, that
counts a row twice or forgets the side it left breaks one of these.
"""

import json
import uuid
from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from app.extensions import db
from app.intake.figures import started_by
from app.intake.models import Participant
from app.intake.recusals import Recusal
from app.outcomes.clock_operations import start_clock, stop_clock
from app.outcomes.disclosure import Key, _cells_of, as_it_is
from app.outcomes.invariants import kept_counts_are_right
from app.outcomes.models import Claim, Milestone
from app.outcomes.publishing import effects_now, people_now, several_provide
from app.outcomes.queries import claims_seen, kept_count
from app.outcomes.states import ClaimState
from app.outcomes.tally_models import NONE, LineTally, MilestoneTally, ProofTally
from app.programmes.models import Part
from app.settlement.models import SettlementLine
from app.settlement.operations import discard_settlement
from tests.factories.outcomes import (
    START,
    make_batch,
    make_claim,
    make_every_kind,
    make_lasting,
    make_measured,
    make_participant,
    make_signed_off,
)
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement
from tests.factories.verification import make_claims, make_sampled

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}
COUNTED = ("participant", "claim", "measurement", "settlement_line", "milestone")


@pytest.fixture
def app(both):
    return both


def test_the_triggers_stand(app):
    """A migration that makes a table anew on SQLite loses them without a word."""
    found = set(db.session.scalars(text(TRIGGERS[db.engine.dialect.name])))
    assert {f"tally_{table}_{event}" for table in COUNTED for event in ("insert", "update", "delete")} <= found


def kept(bond, **facts):
    """(state, in a batch, number) of what is counted in a bond and holds `facts`."""
    rows = select(ProofTally.state, ProofTally.batch_id, ProofTally.number)
    rows = rows.where(ProofTally.programme_id == bond.programme.id)
    rows = rows.where(*(getattr(ProofTally, name) == fact for name, fact in facts.items()))
    found = Counter()
    for state, batch, number in db.session.execute(rows):
        found[state, batch != NONE] += number
    return sorted((*key, number) for key, number in found.items() if number)


def test_from_a_claim_to_a_batch(app):
    bond = make_every_kind()
    claim = make_claim(bond, code="work")
    make_claim(bond, make_participant(bond, bond.hengelo), code="work", state=ClaimState.REJECTED)
    assert kept(bond) == [("rejected", False, 1), ("submitted", False, 1)]
    claim.state = ClaimState.VERIFIED
    db.session.commit()
    assert kept(bond, payer_id=bond.enschede.id) == [("verified", False, 1)]
    make_batch(bond)
    assert kept(bond) == [("rejected", True, 1), ("signed_off", True, 1)]
    make_measured(bond, "fee")
    assert kept(bond, kind="measurement") == [("signed_off", True, 1)]
    assert [*kept_counts_are_right()] == []


def test_many_in_one_statement(app):
    """What is signed is signed in one statement; each row must count, and once."""
    bond = make_sampled()
    ids = make_claims(bond, 40) + make_claims(bond, 20, payer=bond.hengelo)
    db.session.execute(update(Claim).where(Claim.id.in_(ids[:50])).values(state=ClaimState.VERIFIED))
    assert kept(bond) == [("submitted", False, 10), ("verified", False, 50)]
    assert kept(bond, payer_id=bond.hengelo.id) == [("submitted", False, 10), ("verified", False, 10)]
    db.session.execute(update(Claim).where(Claim.id.in_(ids)).values(note="Seen."))
    db.session.execute(delete(Claim).where(Claim.id.in_(ids[45:])))
    assert kept(bond) == [("verified", False, 45)]
    assert [*kept_counts_are_right()] == []


def test_a_municipality_that_was_put_right_takes_its_counts_along(app):
    bond = make_every_kind()
    person = make_participant(bond)
    make_signed_off(bond, code="work", participant=person)
    make_settlement(bond, START + timedelta(days=120), approved=True)
    effect, cities = bond.effect("work").id, (bond.enschede.id, bond.hengelo.id)
    assert started_by(bond.programme, cities) == {cities[0]: 1, cities[1]: 0}
    before = as_it_is(bond.programme.id).cells
    assert {(key.effect, key.payer, sums) for key, sums in before.items()} == {(effect, cities[0], (1, 260_000))}
    person.payer = bond.hengelo
    db.session.commit()
    assert started_by(bond.programme, cities) == {cities[0]: 0, cities[1]: 1}
    after = as_it_is(bond.programme.id).cells
    assert after == {key._replace(payer=cities[1]): sums for key, sums in before.items()}, "what was paid stays so"
    assert [*kept_counts_are_right()] == []


def test_what_a_discarded_settlement_took_waits_again(app):
    bond = make_every_kind()
    for city in (bond.enschede, bond.hengelo):
        make_claim(bond, make_participant(bond, city), "work", ClaimState.VERIFIED)
    make_batch(bond)
    make_measured(bond, "fee")
    waits = as_it_is(bond.programme.id).cells
    assert sum(count for count, _paid in waits.values()) == 3
    settlement = make_settlement(bond, START + timedelta(days=120))
    taken = as_it_is(bond.programme.id).cells
    assert {key.settlement for key in taken} == {settlement.id}
    assert sum(paid for _count, paid in taken.values()) == settlement.paid_minor
    assert [*kept_counts_are_right()] == []
    discard_settlement(settlement, "A line is wrong.", actor=bond.intermediary)
    assert as_it_is(bond.programme.id).cells == waits
    db.session.execute(delete(SettlementLine).where(SettlementLine.settlement_id == settlement.id))
    assert [*kept_counts_are_right()] == []


def test_reopened_proofs_leave_what_is_proven_and_stay_with_their_settlement(app):
    bond = make_every_kind()
    for city in (bond.enschede, bond.enschede, bond.hengelo):
        make_claim(bond, make_participant(bond, city), "work", ClaimState.VERIFIED)
    make_batch(bond)
    settlement = make_settlement(bond, START + timedelta(days=120), approved=True)
    assert kept(bond) == [("settled", True, 3)]
    one = db.session.scalars(db.select(Claim)).unique().first()
    one.state = ClaimState.REOPENED
    db.session.commit()
    told = as_it_is(bond.programme.id)
    assert told.figure(Key(stage="signed_off"), exact=True).count == 2
    assert told.figure(Key(stage="reopened"), exact=True).count == 1
    assert told.figure(Key(settlement=settlement.id), exact=True).count == 3
    assert [*kept_counts_are_right()] == []


def test_a_wrong_count_is_told(app):
    bond = make_every_kind()
    claim = make_claim(bond, code="work")
    db.session.execute(update(ProofTally).values(number=7))
    (fault,) = kept_counts_are_right()
    assert "(7,) kept, (1,) counted" in fault and str(claim.effect_id) in fault


def test_effects_that_a_clock_makes_are_counted_by_their_days(app):
    """Laid, moved to other days, many at once, and gone: home and caseload read these counts alone."""
    bond = make_lasting()
    people = [make_participant(bond) for _ in range(3)]
    for person in people:
        start_clock(person, bond.effect("work-13w"), date(2026, 8, 10), actor=bond.provider, once=uuid.uuid4())
    assert laid(bond) == {date(2026, 11, 9): 3, date(2027, 2, 8): 3}  # 13 weeks, 26 weeks
    stop_clock(people[0], bond.effect("work-13w"), date(2026, 11, 14), "The job ended.", actor=bond.provider)
    assert laid(bond) == {date(2026, 11, 9): 3, date(2027, 2, 8): 2}
    db.session.execute(update(Milestone).where(Milestone.due_on < date(2027, 1, 1)).values(due_on=date(2026, 11, 10)))
    assert laid(bond) == {date(2026, 11, 10): 3, date(2027, 2, 8): 2}
    db.session.execute(update(Milestone).values(told_due_at=None))
    db.session.execute(delete(Milestone).where(Milestone.participant_id == people[1].id))
    assert laid(bond) == {date(2026, 11, 10): 2, date(2027, 2, 8): 1}
    assert [*kept_counts_are_right()] == []
    db.session.execute(update(MilestoneTally).values(number=7))
    assert len([*kept_counts_are_right()]) == 3, "each day, also the one that counts nothing"


def test_claims_are_counted_for_the_provider_that_the_person_is_with(app):
    """Those of another one's people are never among them; who takes a person over has the claims with it."""
    bond = make_every_kind()
    partner = make_party(bond.programme, Part.PROVIDER)
    people = [make_participant(bond), make_participant(bond), make_participant(bond)]
    claims = [make_claim(bond, person, "work", ClaimState.REGISTERED) for person in people]
    make_claim(bond, people[0], "days")
    make_measured(bond, "fee")  # of nobody: every provider reads it
    own, other = bond.provider.organisations[0].id, partner.id
    assert of_providers(bond) == {(own, "registered"): 3, (own, "submitted"): 1, (NONE, "signed_off"): 1}
    people[2].provider = partner
    claims[1].state = ClaimState.QUESTIONED
    db.session.commit()
    beside = {(own, "submitted"): 1, (NONE, "signed_off"): 1}
    asked = {(own, "registered"): 1, (own, "questioned"): 1, (other, "registered"): 1}
    assert of_providers(bond) == asked | beside
    assert [*kept_counts_are_right()] == []
    db.session.execute(update(Participant).values(provider_id=partner.id))
    assert of_providers(bond) == {
        **{(other, "registered"): 2, (other, "questioned"): 1},
        **{(other, "submitted"): 1, (NONE, "signed_off"): 1},
    }
    db.session.execute(delete(Claim).where(Claim.participant_id == people[2].id))
    db.session.execute(update(Claim).where(Claim.id == claims[1].id).values(state=ClaimState.REGISTERED))
    assert of_providers(bond) == {(other, "registered"): 2, (other, "submitted"): 1, (NONE, "signed_off"): 1}
    assert [*kept_counts_are_right()] == []


def of_providers(bond):
    found = Counter()
    rows = select(ProofTally.provider_id, ProofTally.state, ProofTally.number)
    for provider, state, number in db.session.execute(rows.filter_by(programme_id=bond.programme.id)):
        found[provider, state.value] += number
    return {key: number for key, number in found.items() if number}


def test_people_and_what_was_paid_for_them_are_counted_for_their_provider(app):
    bond = make_every_kind()
    partner = make_party(bond.programme, Part.PROVIDER)
    mine, other = make_participant(bond), make_participant(bond, provider=partner)
    for person in (mine, other):
        make_claim(bond, person, "work", ClaimState.VERIFIED)
    make_batch(bond)
    make_settlement(bond, START + timedelta(days=120), approved=True)
    own = bond.provider.organisations[0].id
    assert paid_for(bond) == {own: (1, 260_000), partner.id: (1, 260_000)}
    assert several_provide(bond.programme)
    city = str(bond.enschede.id)
    assert people_now(bond.programme, True) == sorted([city, str(id), 1] for id in (own, partner.id))
    mine.provider = partner
    db.session.commit()
    assert paid_for(bond) == {partner.id: (2, 520_000)}
    assert people_now(bond.programme, True) == [[city, str(partner.id), 2]]
    assert people_now(bond.programme, False) == [[city, None, 2]]
    assert [*kept_counts_are_right()] == []


def paid_for(bond):
    """(number, minor units) of lines by provider."""
    rows = select(LineTally.provider_id, LineTally.number, LineTally.paid_minor)
    rows = rows.filter_by(programme_id=bond.programme.id).where(LineTally.number != 0)
    return {provider: (number, paid) for provider, number, paid in db.session.execute(rows)}


def laid(bond):
    rows = select(MilestoneTally.due_on, MilestoneTally.number).filter_by(programme_id=bond.programme.id)
    return {day: number for day, number in db.session.execute(rows) if number}


def test_every_list_knows_how_long_it_is(app):
    """A list of claims is as long as what it finds, for each reader, also where a case is left to a colleague or other
    providers took people in."""
    bond = make_every_kind()
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    people = [make_participant(bond, city) for city in (bond.enschede, bond.enschede, bond.hengelo)]
    for person in people:
        make_claim(bond, person, "work")
        make_claim(bond, person, "days", ClaimState.REGISTERED)
    make_measured(bond, "fee")
    db.session.add(Recusal(participant_id=people[0].id, user_id=bond.assessor.id))
    db.session.commit()
    expect_lists(bond, {bond.provider: 3, bond.assessor: 2, bond.neighbour: 1, bond.official: 2, partner: 0})
    people[2].provider = partner.organisations[0]
    db.session.commit()
    expect_lists(bond, {bond.provider: 2, bond.assessor: 2, bond.neighbour: 1, bond.official: 2, partner: 1})
    make_claim(bond, people[2], "days", ClaimState.VERIFIED)
    batch = make_batch(bond)
    for user, number in ((bond.provider, 0), (bond.assessor, 1), (bond.neighbour, 1), (bond.official, 0), (partner, 1)):
        listed = db.session.scalars(claims_seen(bond.programme, user).where(Claim.batch_id == batch.id)).all()
        assert db.session.scalar(kept_count(bond.programme, user, batch=batch)) == len(listed) == number


def expect_lists(bond, numbers):
    """How many people with two claims each reader has."""
    for user, number in numbers.items():
        for state, times in ((None, 2), (ClaimState.SUBMITTED, 1), (ClaimState.VERIFIED, 0)):
            ids = claims_seen(bond.programme, user)
            found = ids if state is None else ids.where(Claim.state == state)
            if user == bond.assessor and state is None:
                times = 1  # what is not handed in is not for the assessor
            listed = len(db.session.scalars(found).all())
            assert db.session.scalar(kept_count(bond.programme, user, state=state)) == listed == number * times


def test_what_is_published_is_what_the_database_keeps(app):
    """Counted in another way than the triggers do, with every kind of effect, a settlement, one that waits and one
    that was reopened."""
    bond = make_every_kind()
    for city in (bond.enschede, bond.hengelo):
        make_claim(bond, make_participant(bond, city), "work")
    make_signed_off(bond, code="work")
    reopened = make_signed_off(bond, code="days", quantity=3)
    make_measured(bond, "fee")
    make_settlement(bond, START + timedelta(days=120), approved=True)
    reopened.state = ClaimState.REOPENED
    db.session.commit()
    now = as_it_is(bond.programme.id)
    laid = _cells_of(json.loads(json.dumps(effects_now(bond.programme, False))))
    assert (laid.cells, laid.later) == (now.cells, now.later)
    assert len(now.cells) > 4
    split = _cells_of(effects_now(bond.programme, True))
    assert {cell.provider for cell in split.cells} == {None, bond.provider.organisations[0].id}
    assert {cell._replace(provider=None): sums for cell, sums in split.cells.items()} == now.cells

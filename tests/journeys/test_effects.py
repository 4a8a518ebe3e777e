"""Seventy people over seven life domains in two municipalities, with every kind of effect: from who comes in to what
each municipality owes. Sources: the domain, sections 3, 4 (D4), 7 and 9; replay/1."""

import uuid
from datetime import date

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.intake.models import ExitReason, Participant
from app.intake.operations import exit_participant
from app.outcomes import due
from app.outcomes.clock_operations import start_clock, stop_clock
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.pricing.models import Effect, EffectKind
from app.programmes.models import LifeDomain
from app.settlement.invariants import no_claim_is_settled_twice
from app.verification.invariants import batches_hold_what_was_signed, draws_can_be_made_again
from app.verification.models import Docket
from app.verification.states import Finding
from tests.journeys.effects_steps import EFFECTS, Journey, lay_bond, on
from tests.settlement.test_valuing import assert_equal_to_replay, nothing_is_wrong
from tests.told import told, words_told


@pytest.fixture
def journey(app):
    with on(2026, 1, 5):
        made = Journey(lay_bond())
        made.register()
    return made


def owed(journey, settlement):
    owes = {one.payer_id: one.amount_minor for one in settlement.statements}
    return tuple(owes.get(city.id, 0) for city in (journey.bond.enschede, journey.bond.hengelo))


def test_seventy_people_reach_every_kind_of_effect(journey, browse):
    assert {facts.get("kind", EffectKind.PER_PERSON) for facts in EFFECTS.values()} == set(EffectKind)
    assert {effect.life_domain for effect in journey.bond.table.effects} == set(LifeDomain)
    seats = [
        sum(p.payer_id == city.id for p in journey.people) for city in (journey.bond.enschede, journey.bond.hengelo)
    ]
    assert seats == [45, 25]

    first = first_half_year(journey)
    the_job_that_nobody_proved(journey, browse)
    the_home_that_was_left(journey)
    second = second_half_year(journey)
    third = the_home_that_was_found_again(journey)

    assert_equal_to_replay(journey.bond, [first, second, third])
    assert nothing_is_wrong() == []
    faults = [*batches_hold_what_was_signed(), *draws_can_be_made_again(), *no_claim_is_settled_twice()]
    assert faults == []
    only_the_parties_read_codes(journey, browse)


def first_half_year(journey):
    """A sample of 30 from 40 homes shows one fault of 30, within 5 per cent: the ten that were not drawn count as
    claimed, and the fault is rejected. So 39 homes of 500 (13 of them in Hengelo), 6 x 1,000 three months on, 700 and
    2 x 2,200 for levels (of one person only the dearest), 2,500 less 20 % for a job, 5 people x 5 months of 80;
    for the cohort 10 events avoided of 1,000 in Hengelo, and in Enschede (10 x 1,000 + 2.5 x 2,000) less 10 % and a fee
    of 3,000: 61,100, of which Hengelo 6,500 + 2,000 + 800 + 10,000."""
    bond, people = journey.bond, journey.people
    with on(2026, 2, 2):
        for number in (10, 11):
            job = bond.effect("work-13w")
            start_clock(people[number], job, date(2026, 2, 2), actor=bond.provider, once=uuid.uuid4())
    with on(2026, 6, 30):
        journey.claim("home-start", range(40), date(2026, 1, 12))
        journey.claim("home-3m", range(6), date(2026, 4, 12))
        journey.claim("level-1", (6, 7), date(2026, 3, 2))
        journey.claim("level-2", (6, 8), date(2026, 5, 4))
        with pytest.raises(Refused, match="Rule “best of”"):
            journey.claim("level-1", [8], date(2026, 5, 5))
        with pytest.raises(Refused, match=r"Rule “duration”.*4 May 2026"):
            journey.claim("work-13w", [10], date(2026, 5, 3))
        journey.claim("work-13w", [10], date(2026, 5, 4))
        journey.claim("debt-month", range(20, 25), date(2026, 6, 15), quantity=5)
        journey.measure("crime", bond.hengelo, date(2026, 6, 30), cohort="2026", treatment="40", control="50")
        journey.measure("family", bond.enschede, date(2026, 6, 30), value="12.5")
        journey.measure("set-up", bond.enschede, date(2026, 6, 30), quantity=1)
        journey.hand_in()
    with on(2026, 7, 6):
        journey.verify(with_fault=True)
        docket = db.session.scalars(db.select(Docket)).one()
        found = {one.effect.code: (one.size, one.drawn, one.faults, one.finding) for one in docket.strata}
        assert found["home-start"] == (40, 30, 1, Finding.WITHIN)
        assert found["home-3m"] == (6, 6, 0, Finding.WHOLE)
        assert states_of("home-start") == {ClaimState.SIGNED_OFF: 39, ClaimState.REJECTED: 1}
        unseen = db.select(db.func.count()).where(Claim.accepted_unseen)
        assert db.session.scalar(unseen) == 10
        settlement = journey.settle(date(2026, 6, 30))
    assert owed(journey, settlement) == (4_180_000, 1_930_000)
    paid = {line.claim_id: line.paid_minor for line in settlement.lines}
    assert journey.faulty.id not in paid, "an error in the sample is never paid"
    dearer = next(c for c in people[6].claims if c.effect.code == "level-2")
    assert paid[dearer.id] == 150_000, "of one group only the dearest is paid: what the first brought is taken off"
    return settlement


def states_of(code):
    found = db.select(Claim.state, db.func.count()).join(Effect, Effect.id == Claim.effect_id)
    return dict(iter(db.session.execute(found.where(Effect.code == code).group_by(Claim.state))))


def the_job_that_nobody_proved(journey, browse):
    """Thirteen weeks were full on 4 May; evidence counts until 2 August. The provider is reminded before, and after it
    nothing can be claimed."""
    bond, person = journey.bond, journey.people[11]
    with on(2026, 7, 25):
        due.run_due()
        assert told("milestone.remind") == {bond.provider.email}
        assert person.code not in words_told("milestone.remind")
    with on(2026, 8, 10):
        page = (
            browse(bond.provider).get_ok(f"/programmes/{bond.programme.id}/caseload?show=lapsed&q={person.code}").text
        )
        assert person.code in page
        assert "evidence window passed" in page
        with pytest.raises(Refused, match=r"Rule “evidence window”.*2 August 2026"):
            journey.claim("work-13w", [11], date(2026, 5, 4), evidence_on=date(2026, 8, 5))


def the_home_that_was_left(journey):
    """Domain, section 5: leaving the home restarts the clock. Three months stay earned, six count anew."""
    bond, person = journey.bond, journey.people[0]
    chain = bond.effect("home-start")
    with on(2026, 8, 20):
        stop_clock(person, chain, date(2026, 6, 1), "The rent was ended.", actor=bond.provider)
        start_clock(person, chain, date(2026, 8, 20), actor=bond.provider, once=uuid.uuid4())
        with pytest.raises(Refused, match=r"Rule “clock reset”.*20 February 2027"):
            journey.claim("home-6m", [0], date(2026, 7, 12))


def second_half_year(journey):
    """Six months at home and a level are 1,200 and 2,200, in Enschede; half a year of work is 1,500, in Hengelo. Of the
    cohort: halfway 0.5 and 0.7 lies 40,000 in Hengelo; half of 30,000 avoided in Enschede. Together 59,900."""
    bond = journey.bond
    with on(2026, 12, 31):
        exit_participant(journey.people[30], date(2026, 9, 1), ExitReason.COMPLETED, actor=bond.provider)
        journey.claim("home-6m", [1], date(2026, 7, 12))
        journey.claim("level-2", [1], date(2026, 10, 5))
        journey.claim("work-26w", [10], date(2026, 8, 3))
        journey.measure("care", bond.hengelo, date(2026, 12, 31), value="0.6")
        journey.measure("care-cost", bond.enschede, date(2026, 12, 31), avoided_minor=3_000_000)
        journey.hand_in()
    with on(2027, 1, 6):
        journey.verify()
        settlement = journey.settle(date(2026, 12, 31))
    assert owed(journey, settlement) == (1_840_000, 4_150_000)
    return settlement


def the_home_that_was_found_again(journey):
    """Six months after the second start: 1,200, in Enschede."""
    with on(2027, 2, 20):
        journey.claim("home-6m", [0], date(2027, 2, 20))
        journey.hand_in()
        journey.verify()
        settlement = journey.settle(date(2027, 2, 20))
    assert owed(journey, settlement) == (120_000, 0)
    return settlement


def only_the_parties_read_codes(journey, browse):
    """Domain, section 9: nobody reads a person beyond provider, assessor and who pays for this resident."""
    bond = journey.bond
    codes = set(db.session.scalars(db.select(Participant.code)))
    pages = ["", "/delivery", "/settlements", "/results", "/verification", "/treasury", "/holding", "/participants"]
    paths = [f"/programmes/{bond.programme.id}{page}" for page in pages]
    with on(2027, 2, 21):
        for reader in (bond.investor, bond.intermediary, bond.auditor, None):
            browser = browse(reader)
            for path in paths:
                text = browser.get(path).text
                assert not any(code in text for code in codes), path
        own = {person.code for person in journey.people if person.payer_id == bond.hengelo.id}
        listed = browse(bond.neighbour).get_ok(paths[-1]).text
        assert {code for code in codes if code in listed} == own

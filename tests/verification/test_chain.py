"""A chain of requirements: half a year in a home requires three months, which require the home. An undecided link that
lost its ground holds up what comes after it; one that was signed off is on record, which is enough to be paid
(replay/1: `requires` is met by any fact on record, paid or not), and who judges reads which earlier link is gone."""

import uuid
from datetime import date

import pytest

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.operations import register_claim
from app.outcomes.proving import reject_proof, verify_proof, withdraw_proof
from app.outcomes.required import held_back, lacking, missing_of
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import OPEN, ClaimState
from app.pricing.models import Effect
from app.verification.appeal_operations import decide_appeal, file_appeal
from app.verification.appeal_states import ReopenReason
from app.verification.judging import PROVEN, judge_claim
from app.verification.reopening import reopen_proof
from app.verification.signing import sign_off
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_lasting, make_participant, make_signed_off
from tests.factories.verification import make_colleague
from tests.told import words_told

NO = (RejectionReason.NO_EVIDENCE, "Unreadable.")
HOME, THREE, SIX = date(2026, 2, 10), date(2026, 5, 10), date(2026, 8, 10)
LINKS = {"home-start": HOME, "home-3m": THREE, "home-6m": SIX}


@pytest.fixture
def bond(app):
    return make_lasting()


@pytest.fixture
def chain(bond):
    """A home, three months and half a year of it: all three wait for the assessor."""
    person = make_participant(bond, started_on=date(2026, 1, 5))
    return [make_claim(bond, person, code, achieved_on=on) for code, on in LINKS.items()]


def waits(bond):
    """By the three ways in which the rule is asked: of one claim, of a bond, of many bonds."""
    claims = db.session.scalars(db.select(Claim)).unique().all()
    one = {claim.id for claim in claims if missing_of(claim) is not None}
    ids = db.select(Claim.id).join(Effect, Effect.id == Claim.effect_id).where(Claim.state.in_(OPEN))
    assert one == set(db.session.scalars(ids.where(lacking(bond.programme.id))))
    assert one == set(db.session.scalars(ids.where(held_back())))
    return one


def test_what_comes_after_an_undecided_link_waits_with_it(bond, chain, browse):
    home, three, six = chain
    verify_proof(three, actor=bond.assessor)
    assert waits(bond) == set()
    reject_proof(home, *NO, actor=bond.assessor)
    assert waits(bond) == {three.id, six.id}
    with pytest.raises(NotNow, match=rf"“Home”, claim {home.number}.*rejected.*“Home 3 months”"):
        judge_claim(six, PROVEN, actor=bond.assessor)
    page = browse(bond.assessor).get_ok(f"/claims/{six.id}/judge").text
    assert home.number in page and "“Home 3 months”, which this claim requires, requires it." in page
    assert six.number in words_told("claim.reject"), "the provider hears of everything that waits for it"
    batch = sign_off(bond.programme, "Every contract was read.", actor=bond.assessor)
    assert (batch.verified_count, batch.rejected_count) == (0, 1)

    appeal = file_appeal(home, "It stands on page 2.", actor=bond.provider, once=uuid.uuid4())
    decide_appeal(appeal, True, "It does.", actor=make_colleague(bond))
    assert waits(bond) == set()
    judge_claim(six, PROVEN, actor=bond.assessor)
    assert six.state == ClaimState.VERIFIED


@pytest.mark.parametrize("reason", [ReopenReason.MISTAKEN, ReopenReason.FALSIFIED])
def test_a_link_on_record_is_enough_and_the_broken_one_is_named_to_who_judges(bond, browse, reason):
    person = make_participant(bond, started_on=date(2026, 1, 5))
    home = make_signed_off(bond, code="home-start", achieved_on=HOME, participant=person)
    make_signed_off(bond, code="home-3m", achieved_on=THREE, participant=person)
    six = make_claim(bond, person, "home-6m", achieved_on=SIX)
    assert "comes before this effect in its chain" not in browse(bond.assessor).get_ok(f"/claims/{six.id}/judge").text
    reopen_proof(home, reason, "Never rented.", actor=bond.assessor)
    assert waits(bond) == set()
    told = [one.text for one in soup(browse(bond.assessor).get_ok(f"/claims/{six.id}/judge")).select(".notice")]
    assert any(f"“Home”, claim {home.number}, comes before this effect in its chain" in one for one in told)
    assert home.number in browse(bond.provider).get_ok(f"/claims/{six.id}").text
    make_signed_off(bond, code="home-start", achieved_on=HOME, participant=person)
    assert "comes before this effect in its chain" not in browse(bond.assessor).get_ok(f"/claims/{six.id}/judge").text


def test_nothing_is_entered_on_a_link_that_waits_itself(bond, chain):
    home, three, six = chain
    withdraw_proof(six, actor=bond.provider)
    reject_proof(home, *NO, actor=bond.assessor)
    effect = bond.effect("home-6m")
    facts = ClaimFacts(effect, SIX, effect.evidence_type, "landlord", SIX, "ab" * 32)
    with pytest.raises(Refused, match="“Home 3 months” is claimed and waits itself, since “Home”"):
        register_claim(three.participant, facts, actor=bond.provider, once=uuid.uuid4())


def test_who_reopens_and_who_signs_read_which_later_links_stand(bond, browse):
    """replay/1 takes back the direct dependants alone; what lies further on people reopen, or reject before they
    sign."""
    person = make_participant(bond, started_on=date(2026, 1, 5))
    home = make_signed_off(bond, code="home-start", achieved_on=HOME, participant=person)
    make_signed_off(bond, code="home-3m", achieved_on=THREE, participant=person)
    six = make_claim(bond, person, "home-6m", ClaimState.VERIFIED, achieved_on=SIX, decided_by_id=bond.assessor.id)
    sign = f"/programmes/{bond.programme.id}/sign-off"
    assert "Look twice before you sign" not in browse(bond.assessor).get_ok(sign).text
    reopen_proof(home, ReopenReason.MISTAKEN, "Never rented.", actor=bond.assessor)
    told = next(one for one in soup(browse(bond.assessor).get_ok(sign)).select(".notice") if "Look twice" in one.text)
    assert told.select(f"a[href='/claims/{six.id}']") and f"“Home”, claim {home.number}" in told.text
    assert "must be reopened itself" in told.text


def test_before_reopening_it_names_the_later_link_that_stands(bond, browse):
    person = make_participant(bond, started_on=date(2026, 1, 5))
    facts = [{"code": code, "achieved_on": on, "participant": person} for code, on in LINKS.items()]
    home, three, six = (make_signed_off(bond, **one) for one in facts)
    told = [one.text for one in soup(browse(bond.assessor).get_ok(f"/claims/{home.id}/reopen")).select(".notice")]
    taken = next(one for one in told if "takes them back too" in one)
    stands = next(one for one in told if "They are not taken back" in one)
    assert three.number in taken and six.number not in taken
    assert six.number in stands and three.number not in stands and "must be reopened itself" in stands

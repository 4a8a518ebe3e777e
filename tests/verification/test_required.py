"""An effect whose required effect does not stand is not proven either (replay/1, step 2): it waits, and goes on when
that stands again."""

import uuid
from datetime import date

import pytest

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.operations import register_claim
from app.outcomes.proving import reject_proof, submit_proof, verify_proof, withdraw_proof
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import ClaimState
from app.verification.appeal_operations import decide_appeal, file_appeal
from app.verification.judging import PROVEN, Opinion, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket, draw_sample, lock_docket
from app.verification.signing import sign_off
from app.verification.states import DocketState, Finding, Verdict
from tests.factories.outcomes import make_claim, make_delivery, make_participant
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.told import words_told

ACHIEVED, LATER = date(2026, 5, 1), date(2026, 9, 1)
NO = (RejectionReason.NO_EVIDENCE, "Unreadable.")
STATEMENT = "Every contract was read."


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def pair(bond):
    return make_pair(bond)


def make_pair(bond):
    """Thirteen weeks of work, and the half year that requires it: both wait for the assessor."""
    person = make_participant(bond)
    first = make_claim(bond, person, "work-13w", achieved_on=ACHIEVED)
    return first, make_claim(bond, person, "work-26w", achieved_on=LATER)


def test_what_requires_a_rejected_effect_is_not_approved(bond, pair, browse):
    first, then = pair
    reject_proof(first, *NO, actor=bond.assessor)
    with pytest.raises(NotNow, match=rf"Rule “requires”.*{first.number}"):
        verify_proof(then, actor=bond.assessor)
    browser = browse(bond.assessor)
    page = browser.get_ok(f"/claims/{then.id}/judge").text
    assert "Rule “requires”" in page
    assert first.number in page
    answer = browser.post_form(f"/claims/{then.id}/judge", {"decision": "verify"})
    assert answer.status_code == 409
    assert then.number in words_told("claim.reject"), "the provider hears what waits for it"
    assert "does not stand" in browse(bond.provider).get_ok(f"/claims/{then.id}").text


def test_the_same_when_it_is_taken_back(bond, pair):
    first, then = pair
    withdraw_proof(first, actor=bond.provider)
    with pytest.raises(NotNow, match=first.number):
        judge_claim(then, PROVEN, actor=bond.assessor)


def test_another_claim_of_the_required_effect_is_enough(bond, pair):
    first, then = pair
    reject_proof(first, *NO, actor=bond.assessor)
    make_claim(bond, first.participant, "work-13w", achieved_on=LATER)
    verify_proof(then, actor=bond.assessor)
    assert then.state == ClaimState.VERIFIED


def test_an_approved_one_is_left_out_of_the_sign_off_and_goes_on_after_an_appeal(bond, pair, browse):
    first, then = pair
    verify_proof(then, actor=bond.assessor)
    reject_proof(first, *NO, actor=bond.assessor)
    assert "1 approved claim requires" in browse(bond.assessor).get_ok(f"/programmes/{bond.programme.id}/sign-off").text
    batch = sign_off(bond.programme, STATEMENT, actor=bond.assessor)
    assert (batch.verified_count, batch.rejected_count) == (0, 1)
    assert (then.state, then.batch_id) == (ClaimState.VERIFIED, None)
    with pytest.raises(Refused, match="nothing to sign"):
        sign_off(bond.programme, STATEMENT, actor=bond.assessor)
    assert "Nothing to sign" in browse(bond.assessor).get_ok(f"/programmes/{bond.programme.id}/sign-off").text

    appeal = file_appeal(first, "It stands on page 2.", actor=bond.provider, once=uuid.uuid4())
    decide_appeal(appeal, True, "It does.", actor=make_colleague(bond))
    batch = sign_off(bond.programme, STATEMENT, actor=bond.assessor)
    assert (batch.verified_count, then.state) == (2, ClaimState.SIGNED_OFF)


def test_it_is_not_handed_in_while_it_lacks_what_it_requires(bond):
    person = make_participant(bond)
    first = make_claim(bond, person, "work-13w", ClaimState.REGISTERED, achieved_on=ACHIEVED)
    effect = bond.effect("work-26w")
    facts = ClaimFacts(effect, LATER, effect.evidence_type, "employer", LATER, "ab" * 32)
    then = register_claim(person, facts, actor=bond.provider, once=uuid.uuid4())
    withdraw_proof(first, actor=bond.provider)
    with pytest.raises(Refused, match="Rule “requires”"):
        submit_proof(then, actor=bond.provider)


def test_a_docket_takes_no_claim_that_lacks_what_it_requires(app):
    bond = make_sampled()
    first, then = make_pair(bond)
    make_claims(bond, 2)
    db.session.execute(db.update(Claim).where(Claim.id == first.id).values(state=ClaimState.WITHDRAWN))
    db.session.commit()
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    listed = set(db.session.scalars(db.select(DocketItem.claim_id).filter_by(docket_id=docket.id)))
    assert len(listed) == 2
    assert then.id not in listed
    judge_claim(then, Opinion(Verdict.REJECTED, *NO), actor=bond.assessor)
    assert then.state == ClaimState.REJECTED, "it needs no batch to be rejected"


def test_a_docket_is_concluded_without_what_waits_which_counts_as_a_fault(app):
    bond = make_sampled()
    first, then = make_pair(bond)
    docket = make_docket(bond)
    judge_claim(first, Opinion(Verdict.REJECTED, *NO), actor=bond.assessor)
    with pytest.raises(NotNow, match="requires"):
        judge_claim(then, PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert docket.state == DocketState.READY
    assert [one.faults for one in docket.strata] == [1, 1]
    batch = sign_off(bond.programme, STATEMENT, actor=bond.assessor)
    assert (batch.verified_count, batch.rejected_count) == (0, 1)
    assert (then.state, then.batch_id) == (ClaimState.SUBMITTED, None)


def test_what_was_not_drawn_is_not_accepted_while_it_waits(app):
    bond = make_sampled(least=1, share_bp=1)
    effect = bond.effect("work-26w")
    pairs = [make_pair(bond) for _ in range(3)]
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    draw_sample(docket, actor=bond.assessor)
    drawn = set(db.session.scalars(db.select(DocketItem.claim_id).where(DocketItem.is_drawn)))
    unseen = next(pair for pair in pairs if pair[1].id not in drawn)
    ids = [first.id for first, _then in pairs if first is not unseen[0]] + [then.id for _first, then in pairs]
    proven = [id for id in ids if id in drawn or id in {first.id for first, _then in pairs}]
    db.session.execute(db.update(Claim).where(Claim.id.in_(proven)).values(state=ClaimState.VERIFIED))
    db.session.execute(db.update(Claim).where(Claim.id == unseen[0].id).values(state=ClaimState.REJECTED))
    db.session.commit()
    conclude_docket(docket, actor=bond.assessor)
    stratum = next(one for one in docket.strata if one.effect_id == effect.id)
    db.session.refresh(unseen[1])
    assert (stratum.finding, unseen[1].state) == (Finding.WITHIN, ClaimState.SUBMITTED)

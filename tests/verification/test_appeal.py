"""An appeal: by the party that a signed decision goes against, within the term of the agreement, decided by somebody
else. Source: issue 5 ("Appeal by provider or payer within a term, decided by another person"); the term by day count of
Regulation 1182/71, art. 3(4). What was signed never changes.
"""

import uuid
from datetime import date, timedelta

import pytest

from app.agreements.terms import digest_of
from app.agreements.verification_models import VerificationRules, as_terms
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.cli import faults
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.pricing.models import EffectKind
from app.verification.appeal_models import Appeal, Reopening
from app.verification.appeal_operations import (
    decide_appeal,
    file_appeal,
    last_day,
    reopen_proof,
    why_no_appeal,
    withdraw_appeal,
)
from app.verification.appeal_states import AppealState, ReopenReason
from app.verification.deciders import deciders_of
from app.verification.invariants import batches_hold_what_was_signed
from app.verification.signing import sign_off
from app.verification.statement_models import PreparedSignature
from app.verification.statement_states import SignatureState
from tests.browser import soup
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_delivery,
    make_every_kind,
    make_measurement,
    make_participant,
    make_signed_off,
)
from tests.factories.settlement import make_settlement
from tests.factories.verification import make_colleague
from tests.told import recorded, told, words_told

WHY = "The payroll that we handed in shows all thirteen weeks."
JUNE = date(2026, 6, 30)
PASSWORD = "a quiet boat on the canal"
UPHOLD = {"outcome": "uphold", "explanation": "The payroll is complete.", "password": PASSWORD}


@pytest.fixture
def bond(app):
    made = make_delivery()
    made.other = make_colleague(made)  # the second person of the assessor
    made.other.password = hashed(PASSWORD, made.other.name, made.other.email)
    db.session.commit()
    return made


def rejected(bond, **facts):
    claim = make_claim(bond, state=ClaimState.REJECTED, decided_by_id=bond.assessor.id, decision_words="No.", **facts)
    make_batch(bond)
    return claim


def appeal(proof, actor):
    return file_appeal(proof, WHY, actor=actor, once=uuid.uuid4())


def test_a_provider_is_right_and_the_effect_counts_from_the_next_sign_off(bond, browse):
    claim = rejected(bond)
    browser = browse(bond.provider)
    page = soup(browser.get_ok(f"/claims/{claim.id}"))
    assert "Appeal, until 15 December 2026" in page.text  # 30 days after Sunday 15 November
    answer = browser.post_form(f"/claims/{claim.id}/appeal", {"reason": WHY})
    made = db.session.scalars(db.select(Appeal)).one()
    assert WHY in browser.follow(answer).text
    assert "15 December 2026" in words_told("claim.appeal"), "by when it should be decided"
    for person, decides in ((bond.assessor, False), (bond.other, True)):
        assert (f"/appeals/{made.id}" in browse(person).get_ok("/home").text) == decides, "it is the work of another"
    assert told("claim.appeal") == {bond.assessor.email, bond.other.email}
    answer = browse(bond.other).post_form(f"/appeals/{made.id}/decide", UPHOLD)
    assert answer.status_code == 303
    db.session.refresh(made)
    anew = db.session.get(Claim, made.anew_claim_id)
    assert (made.state, made.decided_by_id) == (AppealState.UPHELD, bond.other.id)
    assert (anew.state, anew.batch_id, anew.participant_id) == (ClaimState.VERIFIED, None, claim.participant_id)
    assert (anew.evidence_digest, anew.quantity, anew.achieved_on) == (claim.evidence_digest, 1, claim.achieved_on)
    assert told("appeal.decide") == {bond.provider.email, bond.official.email}
    assert recorded("appeal.decide") == [{"outcome": "upheld"}]
    assert claim.participant.code not in words_told("appeal.decide") + words_told("claim.appeal")
    second = sign_off(bond.programme, "On appeal.", actor=bond.assessor)
    db.session.refresh(claim)
    assert (second.verified_count, second.rejected_count, claim.state) == (1, 0, ClaimState.REJECTED)
    assert make_settlement(bond, JUNE, approved=True).paid_minor == 200_000
    assert faults() == []
    assert f"/claims/{anew.id}" in browser.get_ok(f"/appeals/{made.id}").text
    assert f"/appeals/{made.id}" in browser.get_ok(f"/claims/{anew.id}").text


def test_a_municipality_is_right_and_the_effect_no_longer_counts(bond, browse):
    """Signed off and not settled: it never is."""
    claim = make_signed_off(bond)
    made = appeal(claim, bond.official)
    decide_appeal(made, True, "The contract was ended in week nine.", actor=bond.other)
    reopened = db.session.scalars(db.select(Reopening)).one()
    assert (claim.state, reopened.reason, reopened.appeal_id) == (ClaimState.REOPENED, ReopenReason.APPEAL, made.id)
    with pytest.raises(Refused, match="waits for settlement"):
        make_settlement(bond, JUNE)
    assert list(batches_hold_what_was_signed()) == []
    shown = browse(bond.provider).get_ok(f"/claims/{claim.id}").text
    assert "Reopened on" in shown and "Nothing was paid for it" in shown and "taken back" not in shown
    again = appeal(claim, bond.provider)  # the other side may appeal in its turn
    third = make_colleague(bond)
    decide_appeal(again, True, "It was another contract.", actor=third)
    sign_off(bond.programme, "On appeal.", actor=bond.assessor)
    assert make_settlement(bond, JUNE, approved=True).paid_minor == 200_000
    assert faults() == []


def test_dismissed_the_decision_stands_and_there_is_no_second_appeal(bond, browse):
    claim = rejected(bond)
    made = appeal(claim, bond.provider)
    decide_appeal(made, False, "Two weeks are missing.", actor=bond.other)
    assert (made.state, db.session.query(Claim).count()) == (AppealState.DISMISSED, 1)
    page = browse(bond.provider).get_ok(f"/appeals/{made.id}").text
    assert "Two weeks are missing." in page and bond.other.name in page
    with pytest.raises(NotNow, match="decided already"):
        appeal(claim, bond.provider)


def test_who_decided_first_does_not_decide_the_appeal(bond, browse):
    claim = rejected(bond)
    made = appeal(claim, bond.provider)
    with pytest.raises(NotYours, match="another person"):
        decide_appeal(made, False, "I was right.", actor=bond.assessor)
    refused = browse(bond.assessor).get(f"/appeals/{made.id}/decide")  # before any reasons are written
    assert refused.status_code == 403 and "another person" in refused.text
    assert "another person of the assessor" in browse(bond.assessor).get_ok(f"/appeals/{made.id}").text
    db.session.refresh(made)
    assert made.state == AppealState.FILED
    signed = make_signed_off(bond)
    reopen_proof(signed, ReopenReason.FALSIFIED, "Not theirs.", actor=bond.other)
    with pytest.raises(NotYours, match="another person"):
        decide_appeal(appeal(signed, bond.provider), False, "I was right.", actor=bond.other)


def test_who_signed_for_it_does_not_take_it_back_alone(bond, browse):
    """Four eyes, as for a proposed reopening: neither of the two who signed upholds the appeal of the payer."""
    claim, third = make_signed_off(bond), make_colleague(bond)
    claim.decided_by_id = None  # accepted unseen: nobody of the assessor decided about it but by signing
    batch, signer = claim.batch, bond.assessor
    db.session.add(
        PreparedSignature(
            programme=bond.programme,
            organisation=signer.organisations[0],
            signed_by=signer,
            counter_signed_by=bond.other,
            statement=batch.statement,
            digest=batch.digest,
            state=SignatureState.SIGNED,
            batch=batch,
        )
    )
    db.session.commit()
    made = appeal(claim, bond.official)
    for person in (signer, bond.other):
        with pytest.raises(NotYours, match="You signed"):
            decide_appeal(made, True, "It was not so.", actor=person)
        assert f"/appeals/{made.id}" not in browse(person).get_ok("/home").text
    assert f"/appeals/{made.id}" in browse(third).get_ok("/home").text
    decide_appeal(made, True, "It was not so.", actor=third)
    assert claim.state == ClaimState.REOPENED


def test_nor_does_who_signed_for_the_rejection_decide_what_the_provider_appeals(bond, browse):
    """The judge is one person, the signers are others: the statement that it is not proven was theirs as well."""
    claim, judge, third = make_claim(bond, state=ClaimState.REJECTED), make_colleague(bond), make_colleague(bond)
    claim.decided_by_id = judge.id
    batch = make_batch(bond)
    kept = {"statement": batch.statement, "digest": batch.digest, "batch": batch, "signed_by": bond.assessor}
    pair = {"counter_signed_by": bond.other, "state": SignatureState.SIGNED}
    db.session.add(
        PreparedSignature(programme=bond.programme, organisation=bond.assessor.organisations[0], **kept, **pair)
    )
    db.session.commit()
    made = appeal(claim, bond.provider)
    assert deciders_of(made) == [third]
    for person in (judge, bond.assessor, bond.other):
        with pytest.raises(NotYours, match="another person"):
            decide_appeal(made, False, "It stands.", actor=person)
        refused = browse(person).get(f"/appeals/{made.id}/decide")
        assert refused.status_code == 403 and f"Can decide: {third.name}." in refused.text
        assert third.name in browse(person).get_ok(f"/appeals/{made.id}").text, "who can is said"
        assert f"/appeals/{made.id}" not in browse(person).get_ok("/home").text
    assert f"/appeals/{made.id}" in browse(third).get_ok("/home").text
    decide_appeal(made, False, "It stands.", actor=third)


def test_to_decide_asks_the_password_again(bond, browse):
    made = appeal(make_signed_off(bond), bond.official)
    for typed in ("", "an iron bridge over water"):
        answer = browse(bond.other).post_form(f"/appeals/{made.id}/decide", UPHOLD | {"password": typed})
        assert answer.status_code == 422 and "The payroll is complete." in answer.text
    db.session.refresh(made)
    assert made.state == AppealState.FILED


def test_only_the_party_that_it_goes_against(bond):
    """A provider does not appeal against what is proven, nor a municipality against what is rejected."""
    proven, not_proven = make_signed_off(bond), rejected(bond)
    for proof, person in ((proven, bond.provider), (not_proven, bond.official), (proven, bond.neighbour)):
        with pytest.raises(NotNow, match="goes against"):
            appeal(proof, person)
    with pytest.raises(NotNow, match="goes against"):
        appeal(make_claim(bond), bond.provider)
    undecided = make_claim(bond, state=ClaimState.REJECTED)
    with pytest.raises(NotNow, match="not signed"):
        appeal(undecided, bond.provider)


@pytest.mark.parametrize("agreed, last", [(None, date(2026, 12, 15)), (20, date(2026, 12, 7))])
def test_until_the_last_day_of_the_term(bond, agreed, last):
    """20 days after 15 November is Saturday 5 December: it runs to Monday."""
    if agreed:
        rules = as_terms(VerificationRules(sampling=False, appeal_days=agreed))
        bond.agreement.terms = bond.agreement.terms | {"verification": rules}
        bond.agreement.digest = digest_of(bond.agreement.text, bond.agreement.terms)
        db.session.commit()
    claim = rejected(bond)
    assert last_day(claim) == last
    with clock.at(clock.end_of(last) - timedelta(minutes=1)):
        assert why_no_appeal(claim, bond.provider) is None
    with clock.at(clock.end_of(last)), pytest.raises(NotNow, match="ended"):
        appeal(claim, bond.provider)


def test_an_agreement_from_before_there_were_terms_has_thirty_days(bond):
    old = {name: it for name, it in as_terms(VerificationRules(sampling=False)).items() if name != "appeal_days"}
    bond.agreement.terms = bond.agreement.terms | {"verification": old}
    db.session.commit()
    assert last_day(rejected(bond)) == date(2026, 12, 15)


def test_one_at_a_time_and_taken_back(bond, browse):
    claim = rejected(bond)
    made = appeal(claim, bond.provider)
    with pytest.raises(NotNow, match="under way"):
        appeal(claim, bond.provider)
    with pytest.raises(NotYours):
        withdraw_appeal(made, actor=bond.official)
    assert "Take back" not in browse(bond.official).get_ok(f"/appeals/{made.id}").text
    assert browse(bond.provider).post_form(f"/appeals/{made.id}/withdraw", {}).status_code == 303
    db.session.refresh(made)
    assert made.state == AppealState.WITHDRAWN
    with pytest.raises(NotNow):
        decide_appeal(made, True, "Yes.", actor=bond.other)
    appeal(claim, bond.provider)


def test_what_was_claimed_anew_meanwhile_is_not_paid_twice(bond, browse):
    claim = rejected(bond)
    made = appeal(claim, bond.provider)
    make_claim(bond, claim.participant)
    answer = browse(bond.other).post_form(f"/appeals/{made.id}/decide", UPHOLD)
    assert answer.status_code == 422 and "once only" in answer.text
    db.session.refresh(made)
    assert (made.state, made.anew_claim_id) == (AppealState.FILED, None)


def test_words_are_needed_kept_and_hold_no_national_number(bond, browse):
    claim = rejected(bond)
    path = f"/claims/{claim.id}/appeal"
    assert browse(bond.provider).post_form(path, {"reason": ""}).status_code == 422
    answer = browse(bond.provider).post_form(path, {"reason": "Of 111.222.333 we know better."})
    assert answer.status_code == 422 and "know better" in answer.text
    with pytest.raises(Refused):
        file_appeal(claim, "Of 111222333 we know.", actor=bond.provider, once=uuid.uuid4())
    assert db.session.query(Appeal).count() == 0


def test_strangers_see_nothing(bond, browse):
    claim = rejected(bond, participant=make_participant(bond, bond.enschede))
    made = appeal(claim, bond.provider)
    for stranger in (bond.neighbour, bond.investor, bond.auditor, bond.intermediary):
        assert browse(stranger).get(f"/appeals/{made.id}").status_code == 404
        assert browse(stranger).get(f"/claims/{claim.id}/appeal").status_code == 404
    assert claim.number in browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/appeals").text
    assert claim.number not in browse(bond.neighbour).get_ok(f"/programmes/{bond.programme.id}/appeals").text
    assert browse(bond.investor).get(f"/programmes/{bond.programme.id}/appeals").status_code == 403


def test_of_a_measurement_as_well(app):
    bond = make_every_kind()
    other = make_colleague(bond)
    one = make_measurement(bond, "coupon", state=ClaimState.REJECTED, value="0.6", decided_by_id=bond.assessor.id)
    make_batch(bond)
    assert one.effect.kind == EffectKind.STEPS
    made = appeal(one, bond.provider)
    decide_appeal(made, True, "The register agrees.", actor=other)
    sign_off(bond.programme, "On appeal.", actor=bond.assessor)
    assert make_settlement(bond, JUNE, approved=True).paid_minor == 52_500_000
    assert [fault for fault in faults() if not fault.startswith("agreements.")] == []


def test_an_appeal_tells_its_last_day_its_age_and_when_it_should_be_decided(bond, browse):
    """30 days after Sunday 15 November is 15 December; filed on 20 November, 20 December is a Sunday: Monday 21."""
    claim = rejected(bond)
    with clock.at(clock.now() + timedelta(days=5)):
        made = appeal(claim, bond.provider)
    with clock.at(clock.now() + timedelta(days=12)):
        shown = browse(bond.official).get_ok(f"/appeals/{made.id}").text
        assert "15 December 2026" in shown and "7 days" in shown and "21 December 2026" in shown
        assert "should have been decided" not in shown
        assert "by 21 December 2026" in browse(bond.other).get_ok(f"/programmes/{bond.programme.id}/appeals").text
    with clock.at(clock.now() + timedelta(days=40)):
        assert "should have been decided" in browse(bond.other).get_ok(f"/appeals/{made.id}").text
        assert "late: by 21 December" in browse(bond.other).get_ok(f"/programmes/{bond.programme.id}/appeals").text


def test_the_auditor_reads_that_it_was_filed_and_what_became_of_it_and_nothing_of_a_person(bond, browse):
    """Issue 5: no participant row beyond its readers; the auditor reads all that verification publishes."""
    proof = make_signed_off(bond)
    made = appeal(proof, bond.official)
    path = f"/programmes/{bond.programme.id}/appeals"
    page = browse(bond.auditor).get_ok(path)
    assert proof.number in page.text and "waits for a decision" in page.text
    assert proof.participant.code not in page.text and f"/appeals/{made.id}" not in page.text
    assert browse(bond.auditor).get(f"/appeals/{made.id}").status_code in (403, 404)
    decide_appeal(made, True, "It never was so.", actor=bond.other)
    page = browse(bond.auditor).get_ok(path)
    assert "upheld" in page.text and "Reopened: these effects no longer count" in page.text
    assert f"/claims/{proof.id}" not in page.text and proof.participant.code not in page.text
    assert f"/appeals/{made.id}" in browse(bond.official).get_ok(path).text
    assert browse(bond.investor).get(path).status_code == 403

"""Only an independent assessor decides; it may ask first (domain, sections 2 and 7)."""

import pytest

from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.outcomes.models import ClaimMessage, RejectionReason
from app.outcomes.proving import question_proof, reject_proof, verify_proof
from app.outcomes.states import ClaimState
from app.people.models import Membership
from app.verification.signing import sign_off
from tests.browser import soup
from tests.factories.outcomes import make_batch, make_claim, make_delivery
from tests.told import recorded, told, words_told


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def claim(bond):
    return make_claim(bond)


def test_the_assessor_verifies(bond, claim, browse):
    assert browse(bond.assessor).post_form(f"/claims/{claim.id}/verify").status_code == 303
    db.session.refresh(claim)
    assert (claim.state, claim.decided_by_id) == (ClaimState.VERIFIED, bond.assessor.id)
    assert told("claim.verify") == {bond.provider.email}
    assert browse(bond.assessor).get(f"/claims/{claim.id}/verify").status_code == 409


def test_the_assessor_rejects_with_a_reason_and_words(bond, claim, browse):
    answer = browse(bond.assessor).post_form(
        f"/claims/{claim.id}/reject", {"reason": "not_sustained", "words": "The contract ended after six weeks."}
    )
    assert answer.status_code == 303
    db.session.refresh(claim)
    assert (claim.state, claim.decision_reason) == (ClaimState.REJECTED, RejectionReason.NOT_SUSTAINED)
    assert "six weeks" in browse(bond.provider).get_ok(f"/claims/{claim.id}").text
    assert told("claim.reject") == {bond.provider.email}
    assert "six weeks" not in words_told("claim.reject"), "text about a person leaves no page"
    assert recorded("claim.reject") == [{"reason": "not_sustained"}]


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"reason": "", "words": "x"}, "reason"),
        ({"reason": "double", "words": ""}, "words"),
        ({"reason": "double", "words": "see 85073003328"}, "words"),
        ({"reason": "double", "words": "x" * 2001}, "words"),
    ],
)
def test_a_rejection_without_reason_or_with_a_national_number_is_refused(bond, claim, browse, typed, field):
    answer = browse(bond.assessor).post_form(f"/claims/{claim.id}/reject", typed)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    db.session.refresh(claim)
    assert claim.state == ClaimState.SUBMITTED


def test_a_verified_claim_may_be_rejected_until_sign_off(bond, claim):
    verify_proof(claim, actor=bond.assessor)
    reject_proof(claim, RejectionReason.DOUBLE, "Paid elsewhere.", actor=bond.assessor)
    assert claim.state == ClaimState.REJECTED
    signed = make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)
    with pytest.raises(NotNow):
        reject_proof(signed, RejectionReason.DOUBLE, "Too late.", actor=bond.assessor)


def test_a_question_goes_back_and_forth(bond, claim, browse):
    asked = browse(bond.assessor).post_form(f"/claims/{claim.id}/question", {"text": "How many hours?"})
    assert asked.status_code == 303
    db.session.refresh(claim)
    assert claim.state == ClaimState.QUESTIONED
    assert told("claim.question") == {bond.provider.email}
    with pytest.raises(NotNow):
        verify_proof(claim, actor=bond.assessor)

    page = browse(bond.provider).get_ok(f"/claims/{claim.id}/answer")
    assert "How many hours?" in page.text
    assert browse(bond.provider).post_form(f"/claims/{claim.id}/answer", {"text": "Twenty-four."}).status_code == 303
    db.session.refresh(claim)
    assert claim.state == ClaimState.SUBMITTED
    assert told("claim.answer") == {bond.assessor.email}
    assert "Twenty-four." in browse(bond.assessor).get_ok(f"/claims/{claim.id}").text
    assert "hours" not in words_told("claim.question")
    with pytest.raises(Refused):
        question_proof(claim, "Is it 123456782?", actor=bond.assessor)
    assert db.session.query(ClaimMessage).count() == 2


@pytest.mark.parametrize("who", ["provider", "official", "intermediary", "investor", "auditor"])
def test_nobody_else_decides(bond, claim, who):
    person = getattr(bond, who)
    with pytest.raises(NotYours):
        verify_proof(claim, actor=person)
    with pytest.raises(NotYours):
        reject_proof(claim, RejectionReason.DOUBLE, "x", actor=person)
    assert claim.state == ClaimState.SUBMITTED


@pytest.mark.parametrize("other", ["provider", "investor", "intermediary", "official"])
def test_an_assessor_who_also_works_for_another_party_decides_nothing(bond, claim, browse, other):
    """A person may belong to two organisations; nobody judges for those who gain or pay (domain, section 2)."""
    organisation = getattr(bond, other).organisations[0]
    db.session.add(Membership(user=bond.assessor, organisation=organisation))
    verified = make_claim(bond, state=ClaimState.VERIFIED)
    db.session.commit()
    for act in (
        lambda: verify_proof(claim, actor=bond.assessor),
        lambda: reject_proof(claim, RejectionReason.DOUBLE, "x", actor=bond.assessor),
        lambda: question_proof(claim, "Why?", actor=bond.assessor),
        lambda: sign_off(bond.programme, "All read.", actor=bond.assessor),
    ):
        with pytest.raises(NotYours):
            act()
    browser = browse(bond.assessor)
    assert browser.get(f"/claims/{claim.id}/verify").status_code == 403
    assert browser.get(f"/programmes/{bond.programme.id}/sign-off").status_code == 403
    db.session.refresh(claim)
    assert (claim.state, verified.state) == (ClaimState.SUBMITTED, ClaimState.VERIFIED)


def test_the_assessor_is_led_to_the_claim_that_waits_longest(bond, claim, browse):
    other = make_claim(bond)
    page = browse(bond.assessor).get_ok(f"/claims/{claim.id}")
    assert f'href="/claims/{other.id}"' in page.text

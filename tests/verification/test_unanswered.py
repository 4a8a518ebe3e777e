"""While the provider's days to answer a question run (`ANSWER_DAYS`, told with the question), its silence is no ground
to reject a claim; once it answered, or is late, the assessor decides."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow
from app.core.format import day
from app.extensions import db
from app.outcomes.answering import answer_until
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.proving import answer_proof, question_proof, reject_proof
from app.outcomes.states import ClaimState
from app.verification.judging import PROVEN, Opinion, ask_provider, judge_claim
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_every_kind, make_measurement
from tests.factories.verification import make_claims, make_docket, make_sampled
from tests.told import words_told

NO = Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "Unreadable.")
TYPED = {"reason": "no_evidence", "words": "It shows no hours."}


@pytest.fixture(params=["in a batch", "without batches"])
def asked(app, request):
    """A claim about which something was asked now, with what the bond holds."""
    if request.param == "in a batch":
        bond = make_sampled(sampling=False)
        make_claims(bond, 1)
        make_docket(bond)
        claim = db.session.scalars(db.select(Claim)).unique().one()
    else:
        bond = make_delivery()
        claim = make_claim(bond)
    ask_provider(claim, "Which employer is it?", actor=bond.assessor)
    return bond, claim


def test_silence_is_no_ground_before_the_last_day_is_over(asked, browse):
    bond, claim = asked
    last = answer_until(clock.now(), bond.programme)
    first = last + timedelta(days=1)
    path = f"/claims/{claim.id}/reject"
    page = soup(browse(bond.assessor).get_ok(f"/claims/{claim.id}"))
    assert not page.select(f"a[href='{path}']")
    assert f"From {day(first)} the claim can be rejected" in page.text and "days to answer" in page.text
    assert browse(bond.assessor).get(path).status_code == 409
    with clock.at(clock.local(last, 23)), pytest.raises(NotNow, match="days to answer"):
        judge_claim(claim, NO, actor=bond.assessor)
    assert claim.state == ClaimState.QUESTIONED
    with clock.at(clock.local(first, 0)):
        assert browse(bond.assessor).post_form(path, TYPED).status_code == 303
    db.session.refresh(claim)
    assert claim.state == ClaimState.REJECTED


def test_who_typed_it_before_the_question_reads_why_and_loses_nothing(app, browse):
    """The page was opened while nothing was asked; a colleague asked before it was sent."""
    bond = make_delivery()
    claim = make_claim(bond)
    browser, path = browse(bond.assessor), f"/claims/{claim.id}/reject"
    opened = browser.get_ok(path)
    ask_provider(claim, "Which employer is it?", actor=bond.assessor)
    answer = browser.submit(opened, TYPED)
    assert answer.status_code == 409 and "days to answer" in answer.text and TYPED["words"] in answer.text


@pytest.mark.parametrize("decided", [NO, PROVEN])
def test_once_it_is_answered_it_is_decided_at_once(asked, decided):
    bond, claim = asked
    answer_proof(claim, "It is the bakery.", actor=bond.provider)
    judge_claim(claim, decided, actor=bond.assessor)
    assert claim.state == (ClaimState.REJECTED if decided is NO else ClaimState.VERIFIED)


def test_of_a_measurement_silence_is_no_ground_either(app, browse):
    bond = make_every_kind()
    asked = make_measurement(bond, "fee", bond.hengelo, quantity=1)
    path = f"/measurements/{asked.id}/reject"
    browser = browse(bond.assessor)
    opened = browser.get_ok(path)
    question_proof(asked, "Which month is it?", actor=bond.assessor)
    last = answer_until(clock.now(), bond.programme)
    first = last + timedelta(days=1)
    assert f"Answer it by {day(last)}" in words_told("measurement.question")
    page = soup(browse(bond.assessor).get_ok(f"/measurements/{asked.id}"))
    assert not page.select(f"a[href='{path}']") and f"From {day(first)} the measurement can be rejected" in page.text
    assert browse(bond.assessor).get(path).status_code == 409
    late = browser.submit(opened, TYPED)
    assert late.status_code == 409 and "days to answer" in late.text and TYPED["words"] in late.text
    with clock.at(clock.local(last, 23)), pytest.raises(NotNow, match="days to answer"):
        reject_proof(asked, RejectionReason.NO_EVIDENCE, "Unreadable.", actor=bond.assessor)
    with clock.at(clock.local(first, 0)):
        assert browse(bond.assessor).post_form(path, TYPED).status_code == 303
    db.session.refresh(asked)
    assert asked.state == ClaimState.REJECTED

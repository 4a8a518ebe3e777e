"""A question that the provider does not answer holds up no batch: the claim goes on to a later one, and the rest can be
signed. No sample gets better by what is left out of it, and nothing that was doubted is accepted unseen later."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.outcomes.models import Claim, ClaimMessage, RejectionReason
from app.outcomes.proving import answer_proof, reject_proof
from app.outcomes.states import ClaimState
from app.verification.invariants import draws_can_be_made_again
from app.verification.judging import PROVEN, Opinion, ask_provider, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket
from app.verification.setting_aside import set_aside
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_states import Edition
from app.verification.states import DocketState, Finding, Verdict
from tests.browser import soup
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.told import recorded, told, words_told

WHY = "The employer is on leave until January."
NO = (RejectionReason.NO_EVIDENCE, "Unreadable.")


def drawn_of(docket):
    found = db.select(Claim).join(DocketItem, DocketItem.claim_id == Claim.id)
    found = found.where(DocketItem.docket_id == docket.id, DocketItem.to_judge).order_by(DocketItem.place)
    return list(db.session.scalars(found).unique())


@pytest.fixture
def held(app):
    """Two claims of a batch that is judged whole: one is proven, about the other something was asked."""
    bond = make_sampled(sampling=False)
    make_claims(bond, 2)
    bond.docket = make_docket(bond)
    proven, bond.asked = drawn_of(bond.docket)
    judge_claim(proven, PROVEN, actor=bond.assessor)
    ask_long_ago(bond.asked, bond)
    return bond


def ask_long_ago(claim, bond):
    """The days to answer (`ANSWER_DAYS`) are over."""
    with clock.at(clock.now() - timedelta(days=30)):
        ask_provider(claim, "Which employer is it?", actor=bond.assessor)


def test_from_the_page_where_it_blocks_to_a_signed_rest(held, browse):
    browser, path = browse(held.assessor), f"/claims/{held.asked.id}/set-aside"
    with pytest.raises(NotNow):
        conclude_docket(held.docket, actor=held.assessor)
    assert "set it aside to a later batch" in browser.get_ok(f"/dockets/{held.docket.id}").text
    assert soup(browser.get_ok(f"/claims/{held.asked.id}")).select(f"a[href='{path}']")
    assert browser.post_form(path, {"text": "Ask A. Jansen, 06-12345678."}).status_code == 422
    assert browser.post_form(path, {"text": WHY}).status_code == 303
    db.session.refresh(held.asked)
    page = browser.get_ok(f"/dockets/{held.docket.id}").text
    assert "Waits for 1 answer" not in page and "1 claim was set aside" in page
    assert held.provider.email in told("claim.set_aside") and WHY not in words_told("claim.set_aside")
    assert WHY not in str(recorded("claim.set_aside"))
    page = browse(held.provider).get_ok(f"/claims/{held.asked.id}").text
    assert WHY in page and "Set aside to a later batch, since" in page and "has until" not in page
    assert browser.get(path).status_code == 409, "once"
    conclude_docket(held.docket, actor=held.assessor)
    assert (held.docket.state, held.docket.strata[0].faults) == (DocketState.READY, 1)
    assert "1 claim was set aside" in browser.get_ok(f"/programmes/{held.programme.id}/sign-off").text
    batch = sign_off(held.programme, "Read.", actor=held.assessor)
    assert (batch.verified_count, batch.rejected_count) == (1, 0)
    for edition, payer in ((Edition.FULL, None), (Edition.PLAIN, None), (Edition.OWN, held.enschede)):
        document = document_of(verified_in(batch, None), edition, payer, "CODE")
        words = " ".join(text for section in document.sections for text in section.paragraphs)
        assert "it can be set aside to a later batch" in words, "no edition says that all that was claimed was judged"
        assert ("1 claim was set aside" in words) == (edition == Edition.FULL), "a small number"
    db.session.refresh(held.asked)
    assert (held.asked.state, held.asked.batch_id) == (ClaimState.QUESTIONED, None)


def test_answered_later_the_next_batch_takes_it(held):
    set_aside(held.asked, WHY, actor=held.assessor)
    answer_proof(held.asked, "It is the bakery.", actor=held.provider)
    with pytest.raises(NotNow, match="set aside"):
        judge_claim(held.asked, PROVEN, actor=held.assessor)
    conclude_docket(held.docket, actor=held.assessor)
    sign_off(held.programme, "Read.", actor=held.assessor)
    again = make_docket(held)
    assert [one.id for one in drawn_of(again)] == [held.asked.id]
    judge_claim(held.asked, PROVEN, actor=held.assessor)
    assert held.asked.state == ClaimState.VERIFIED


def test_never_answered_it_is_rejected_outside_a_batch(held):
    set_aside(held.asked, WHY, actor=held.assessor)
    conclude_docket(held.docket, actor=held.assessor)
    sign_off(held.programme, "Read.", actor=held.assessor)
    judge_claim(held.asked, Opinion(Verdict.REJECTED, *NO), actor=held.assessor)
    assert held.asked.state == ClaimState.REJECTED


def test_in_its_sample_it_is_a_fault_and_in_the_next_it_is_read_whatever_is_drawn(app):
    bond = make_sampled(tolerance_bp=0)
    make_claims(bond, 60)
    docket = make_docket(bond)
    asked, *others = drawn_of(docket)
    ask_long_ago(asked, bond)
    set_aside(asked, WHY, actor=bond.assessor)
    ids = [one.id for one in others]
    db.session.execute(db.update(Claim).where(Claim.id.in_(ids)).values(state=ClaimState.VERIFIED))
    db.session.commit()
    conclude_docket(docket, actor=bond.assessor)
    assert (docket.strata[0].faults, docket.strata[0].finding) == (1, Finding.ABOVE)
    rest = db.update(Claim).where(Claim.state == ClaimState.SUBMITTED).values(state=ClaimState.VERIFIED)
    db.session.execute(rest)
    db.session.commit()
    conclude_docket(docket, actor=bond.assessor)
    sign_off(bond.programme, "Read.", actor=bond.assessor)
    answer_proof(asked, "It is the bakery.", actor=bond.provider)
    make_claims(bond, 60)
    again = make_docket(bond)
    item = db.session.get(DocketItem, (again.id, asked.id))
    assert (item.by_rule, item.to_judge, item.is_drawn) == (True, True, False)
    assert list(draws_can_be_made_again()) == []


def test_only_what_waits_for_an_answer_with_a_reason_and_by_the_assessor(held, browse):
    with pytest.raises(Refused):
        set_aside(held.asked, " ", actor=held.assessor)
    for who, status in (("provider", 403), ("official", 403), ("intermediary", 404)):
        assert browse(getattr(held, who)).get(f"/claims/{held.asked.id}/set-aside").status_code == status
    with pytest.raises(NotNow, match="Declare your independence"):
        set_aside(held.asked, WHY, actor=make_colleague(held))
    reject_proof(held.asked, *NO, actor=held.assessor)
    with pytest.raises(NotNow):
        set_aside(held.asked, WHY, actor=held.assessor)
    assert db.session.query(ClaimMessage).count() == 1


def test_not_before_the_days_to_answer_are_over(app, browse):
    """The provider was told a day; its silence counts as a fault only after it."""
    bond = make_sampled(sampling=False)
    make_claims(bond, 2)
    docket = make_docket(bond)
    asked = drawn_of(docket)[0]
    ask_provider(asked, "Which employer is it?", actor=bond.assessor)
    with pytest.raises(NotNow, match="to answer"):
        set_aside(asked, WHY, actor=bond.assessor)
    assert f"/claims/{asked.id}/set-aside" not in browse(bond.assessor).get_ok(f"/claims/{asked.id}").text
    with clock.at(clock.now() + timedelta(days=30)):
        set_aside(asked, WHY, actor=bond.assessor)


def test_a_batch_of_which_nothing_is_left_closes_and_holds_up_nothing(app, browse):
    """There is nothing to sign for; the next batch can be locked, and takes the claim once it is answered."""
    bond = make_sampled(sampling=False)
    make_claims(bond, 1)
    docket = make_docket(bond)
    asked = drawn_of(docket)[0]
    ask_long_ago(asked, bond)
    set_aside(asked, WHY, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    assert docket.state == DocketState.CLOSED
    page = browse(bond.assessor).get_ok(f"/dockets/{docket.id}").text
    assert "nothing of it was left to sign" in page and "/sign-off" not in page
    answer_proof(asked, "It is the bakery.", actor=bond.provider)
    again = make_docket(bond)
    assert [one.id for one in drawn_of(again)] == [asked.id]
    judge_claim(asked, PROVEN, actor=bond.assessor)
    conclude_docket(again, actor=bond.assessor)
    batch = sign_off(bond.programme, "Read.", actor=bond.assessor)
    assert (batch.verified_count, docket.batch_id, again.batch_id) == (1, None, batch.id)

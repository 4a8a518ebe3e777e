"""A declared conflict closes that case everywhere (domain, section 2): the code of the person, its claims, its papers,
and what the portal told of it; nothing new of it is told any more."""

import uuid

import pytest

from app.extensions import db
from app.intake.key import attest_key, check_key, codes_of, digest_of, draw_codes
from app.intake.states import ReferralState
from app.notifications.models import Notification
from app.outcomes.proving import answer_proof, question_proof, submit_proof, withdraw_proof
from app.outcomes.queries import next_to_verify
from app.outcomes.states import ClaimState
from app.verification.appeal_operations import file_appeal
from app.verification.appeal_states import ReopenReason
from app.verification.operations import recuse_claim
from app.verification.reopening import has_colleague, propose_reopening
from app.workspace.queries import bonds_of, tasks_of
from tests.browser import soup
from tests.factories.intake import intake_of, make_referral
from tests.factories.outcomes import make_claim, make_delivery, make_participant, make_signed_off
from tests.factories.verification import make_colleague
from tests.outcomes.test_partner import make_file
from tests.told import told


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def colleague(bond):
    return make_colleague(bond)


@pytest.fixture
def person(bond):
    way = make_referral(bond, state=ReferralState.STARTED)
    return make_participant(bond, code=way.code, referral=way)


@pytest.fixture
def claim(bond, person):
    return make_claim(bond, person)


@pytest.fixture
def sample(bond, person):
    """Drawn from two codes and checked; what was found names one of them."""
    make_participant(bond)
    intake = intake_of(bond)
    attest_key(intake, digest_of(codes_of(intake)), actor=bond.provider, once=uuid.uuid4())
    sample = draw_codes(intake, actor=bond.assessor, once=uuid.uuid4())
    check_key(sample, 1, f"{person.code} was registered before.", actor=bond.assessor)
    return sample


def test_no_page_holds_the_code_any_more(bond, browse, person, claim, sample, colleague):
    file, way = make_file(claim, bond.provider), person.referral
    recuse_claim(claim, actor=bond.assessor)
    lists = ("participants", "referrals", "claims?state=all", "work-list", "views", "intake")
    pages = [f"/programmes/{bond.programme.id}/{one}" for one in lists]
    for path in [*pages, f"/key-samples/{sample.id}", f"/key-samples/{sample.id}/check", "/home", "/inbox"]:
        assert person.code not in browse(bond.assessor).get(path).text, path
    searched = browse(bond.assessor).get_ok(f"{pages[2]}&q={person.code}").text
    assert claim.number not in searched
    for path in ("claims", "participants", "evidence", "referrals"):
        subject = {"claims": claim, "participants": person, "evidence": file, "referrals": way}[path]
        assert browse(bond.assessor).get(f"/{path}/{subject.id}").status_code == 404
    told_of = browse(colleague)
    for path in (pages[0], pages[1], pages[3], f"/key-samples/{sample.id}"):
        assert person.code in told_of.get_ok(path).text, f"a colleague goes on: {path}"


def test_the_sample_says_how_many_codes_are_with_colleagues(bond, browse, claim, sample):
    listed = soup(browse(bond.assessor).get_ok(f"/key-samples/{sample.id}")).select("main ul li")
    recuse_claim(claim, actor=bond.assessor)
    page = browse(bond.assessor).get_ok(f"/key-samples/{sample.id}")
    assert len(soup(page).select("main ul li")) == len(listed) - 1
    assert "1 more code was drawn. You left that case to your colleagues" in page.text
    assert "It names a code that you left to colleagues." in page.text


def test_what_was_told_of_the_case_is_gone_and_nothing_new_is_told(bond, person, colleague):
    claim, other = make_claim(bond, person, state=ClaimState.REGISTERED), make_claim(bond, state=ClaimState.REGISTERED)
    for one in (claim, other):
        submit_proof(one, actor=bond.provider)
    recuse_claim(claim, actor=bond.assessor)
    mine = db.select(Notification.subject_id).where(Notification.user_id == bond.assessor.id)
    assert set(db.session.scalars(mine.where(Notification.action == "claim.submit"))) == {other.id}
    assert told("claim.submit") == {bond.assessor.email, colleague.email}
    question_proof(claim, "When?", actor=colleague)
    answer_proof(claim, "In May.", actor=bond.provider)
    withdraw_proof(claim, actor=bond.provider)
    assert (told("claim.answer"), told("claim.withdraw")) == ({colleague.email}, {colleague.email})


def test_nor_is_an_appeal_or_a_reopening_told(bond, person, colleague):
    third, paid = make_colleague(bond), make_signed_off(bond, participant=person)
    recuse_claim(paid, actor=third)
    assert has_colleague(paid, colleague)
    propose_reopening(paid, ReopenReason.MISTAKEN, "Wrong person.", actor=colleague, once=uuid.uuid4())
    file_appeal(paid, "Not reached.", actor=bond.official, once=uuid.uuid4())
    assert told("reopening.propose") == {bond.assessor.email}
    assert told("claim.appeal") == {bond.assessor.email, colleague.email}
    recuse_claim(paid, actor=bond.assessor)
    assert not has_colleague(paid, colleague), "who left the case cannot confirm what is proposed about it"


def test_home_counts_nothing_that_somebody_may_not_open(app, bond, claim, colleague):
    def to_judge(user):
        with app.test_request_context():
            return [one for one in tasks_of(user, bonds_of(user)) if "work-list" in one.url or "claims" in one.url]

    assert len(to_judge(bond.assessor)) == 1
    recuse_claim(claim, actor=bond.assessor)
    assert (len(to_judge(bond.assessor)), len(to_judge(colleague))) == (0, 1)
    other = make_claim(bond)
    assert next_to_verify(bond.programme, bond.assessor, other.id) is None
    assert next_to_verify(bond.programme, colleague, other.id) == claim.id

"""One batch of a bond is open at a time. Whoever judges reads how many claims came in since, and on what they wait."""

import uuid

import pytest

from app.core import clock
from app.core.format import day
from app.outcomes.answering import answer_until
from app.outcomes.states import ClaimState
from app.verification.judging import PROVEN, ask_provider, judge_claim
from app.verification.operations import conclude_docket, lock_docket
from app.verification.signing import sign_off
from app.verification.states import DocketState
from tests.factories.outcomes import make_claim
from tests.factories.verification import make_claims, make_docket, make_sampled
from tests.verification.test_set_aside import drawn_of

WAITS = "wait for the next batch"
AT_HOME = "Claims that wait for the next batch: the open one is signed off first"


@pytest.fixture
def app(both):
    return both


def pages(bond, browse):
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}"
    return [browser.get_ok(one).text for one in (f"{path}/work-list", f"{path}/verification")]


def test_what_comes_in_while_a_batch_is_open_is_counted_on_home_work_list_and_verification(app, browse):
    bond = make_sampled(sampling=False)
    make_claims(bond, 2)
    bond.docket = make_docket(bond)
    assert AT_HOME not in browse(bond.assessor).get_ok("/home").text, "all that waits stands in the batch"
    assert not any(WAITS in page for page in pages(bond, browse))
    make_claims(bond, 7)
    make_claim(bond, state=ClaimState.REGISTERED)  # not handed in: it waits for nobody of the assessor
    _proven, doubtful = drawn_of(bond.docket)
    ask_provider(doubtful, "Which employer is it?", actor=bond.assessor)
    home = browse(bond.assessor).get_ok("/home").text
    assert f"{AT_HOME} (7)" in home and "Claims to verify (1)" in home and "lock its list" not in home
    until = day(answer_until(clock.now(), bond.programme))
    for page in pages(bond, browse):
        assert f"7 claims {WAITS}" in page and "Only one batch of a bond is open at a time" in page
        assert f'/dockets/{bond.docket.id}"' in page and str(bond.docket.state.label) in page
        assert "Batch 1 waits for 1 answer of the provider" in page and f"until {until} to answer it" in page
    for other in (bond.provider, bond.official, bond.auditor):
        assert WAITS not in browse(other).get_ok(f"/programmes/{bond.programme.id}/verification").text


def test_after_the_sign_off_they_can_be_locked_and_wait_no_more(app, browse):
    bond = make_sampled(sampling=False)
    make_claims(bond, 1)
    bond.docket = make_docket(bond)
    make_claims(bond, 3)
    judge_claim(*drawn_of(bond.docket), PROVEN, actor=bond.assessor)
    conclude_docket(bond.docket, actor=bond.assessor)
    assert bond.docket.state == DocketState.READY
    assert all(f"3 claims {WAITS}" in page for page in pages(bond, browse)), "it is not signed off yet"
    sign_off(bond.programme, "Every contract was read.", actor=bond.assessor)
    home = browse(bond.assessor).get_ok("/home").text
    assert AT_HOME not in home and "lock its list (3)" in home
    assert not any(WAITS in page for page in pages(bond, browse))
    assert lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4()).number == 2

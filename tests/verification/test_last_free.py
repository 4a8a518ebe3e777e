"""An appeal is decided by somebody who had no part in it (domain, section 7). Before the last such person of the
assessor judges or signs, the page says so, while a colleague can still be invited; it forbids nothing."""

import uuid

import pytest

from app.core import clock
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.verification.counter_signing import prepare_signature
from app.verification.judging import PROVEN, judge_claim
from app.verification.last_free import count_left_alone
from app.verification.models import Judgement
from app.verification.operations import conclude_docket, declare_independence, recuse_claim
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_measurement
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.statements import counted

TITLE = "Nobody is left for an appeal after this"
PASSWORD = "a wooden bridge over water"
WORDS = "Every contract was read."


@pytest.fixture
def app(both):
    return both


@pytest.fixture
def bond(app):
    """Every claim judged by one, two signatures, three people of the assessor."""
    made = make_sampled(sampling=False, counter_signed=True)
    made.second, made.third = make_colleague(made), make_colleague(made)
    for person in (made.assessor, made.second, made.third):
        person.password = hashed(PASSWORD, person.name, person.email)
    db.session.commit()
    return made


def told(browse, person, path):
    """Whether the page warns; a warning leads to the invitation."""
    page = soup(browse(person).get_ok(path))
    if TITLE not in page.text:
        return False
    organisation = person.organisations[0]
    assert page.select(f'main a[href="/organisations/{organisation.id}/invite"]')
    return True


def test_three_who_judge_sign_and_counter_sign_are_told_before_the_last_one_does(bond, browse):
    claim = make_claim(bond)
    docket = make_docket(bond)
    assert not told(browse, bond.assessor, f"/claims/{claim.id}/judge"), "two others are free"
    judge_claim(claim, PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    for person in (bond.second, bond.third):
        declare_independence(docket, [], actor=person)
    signing = f"/programmes/{bond.programme.id}/sign-off"
    assert not told(browse, bond.second, signing), "the one who judged can counter-sign: the third stays free"
    first = prepare_signature(bond.programme, WORDS, actor=bond.second, once=uuid.uuid4())
    counter = f"/signatures/{first.id}/counter-sign"
    assert not told(browse, bond.assessor, counter), "had a part already: the third stays free"
    assert told(browse, bond.third, counter)
    browser = browse(bond.third)
    assert browser.submit(browser.get_ok(counter), {"password": PASSWORD}).status_code in (302, 303), "not forbidden"
    db.session.refresh(claim)
    assert claim.state == ClaimState.SIGNED_OFF


def test_with_two_the_first_signature_tells_it_for_one_of_them_has_to_counter_sign(app, browse):
    bond = make_sampled(sampling=False, counter_signed=True)
    make_colleague(bond)
    make_claim(bond, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id)
    assert told(browse, bond.assessor, f"/programmes/{bond.programme.id}/sign-off")
    make_colleague(bond)
    assert not told(browse, bond.assessor, f"/programmes/{bond.programme.id}/sign-off"), "a colleague came in"


def test_one_signature_leaves_nobody_where_the_colleague_judged(app, browse):
    bond = make_delivery()
    other = make_colleague(bond)
    signing = f"/programmes/{bond.programme.id}/sign-off"
    make_claim(bond, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id)
    assert not told(browse, bond.assessor, signing) and told(browse, other, signing)
    make_measurement(bond, "days", state=ClaimState.VERIFIED, decided_by_id=other.id)
    assert count_left_alone(bond.programme, bond.assessor) == 1, "the measurement alone"
    assert count_left_alone(bond.programme, other) == 1, "the claim alone"


def test_who_left_the_case_or_gave_an_opinion_does_not_count_as_free(bond, browse):
    claim, free = make_claim(bond), make_claim(bond)
    make_docket(bond, bond.assessor, bond.second)
    path = f"/claims/{claim.id}/judge"
    recuse_claim(claim, actor=bond.third)
    assert not told(browse, bond.assessor, path)
    given = Judgement(claim_id=claim.id, user_id=bond.second.id, verdict=Verdict.REJECTED)
    db.session.add(given)
    db.session.commit()
    assert told(browse, bond.assessor, path)
    assert not told(browse, bond.assessor, f"/claims/{free.id}/judge"), "of another claim somebody is"


def test_the_count_of_a_list_takes_the_same_statements_however_long_it_is(bond):
    cost = []
    for number in (1, 20):
        ids = make_claims(bond, number)
        db.session.execute(db.text("UPDATE claim SET state = 'verified'"))
        db.session.execute(db.insert(Judgement), [
            {"id": uuid.uuid4(), "claim_id": one, "user_id": bond.second.id, "verdict": Verdict.VERIFIED,
             "explanation": "", "created_at": clock.now()} for one in ids
        ])  # fmt: skip
        db.session.commit()
        with counted() as statements:
            assert count_left_alone(bond.programme, bond.assessor, bond.third) == (1 if number == 1 else 21)
        cost.append(len(statements))
    assert cost[0] == cost[1]

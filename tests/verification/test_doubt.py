"""After the term of appeal who reads a claim still tells the assessor of fraud or a mistake, and reads its answer.

Source: issue 5 ("reopening after fraud"; a falsified effect found a year later); the domain, section 9 (no participant
row beyond its readers).
"""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.programmes.states import Phase
from app.treasury.closing_checks import in_the_way
from app.verification.appeal_operations import last_day
from app.verification.appeal_states import DoubtState, ReopenReason
from app.verification.counter_signing import counter_sign, prepare_signature
from app.verification.doubt_models import Doubt
from app.verification.doubting import answer_doubt, answerers_of, doubt_claim
from app.verification.operations import recuse_claim
from app.verification.reopening import confirm_reopening, propose_reopening
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_signed_off
from tests.factories.verification import make_colleague, make_sampled
from tests.told import body_told, recorded, told, words_told

SAID = "The employer says that nobody of that age worked there."
PASSWORD = "wheel-of-the-mill-9"
STANDS = "The payslips name the employer, which changed its name in March."


@pytest.fixture
def bond(app):
    made = make_delivery()
    made.other = make_colleague(made)
    for one in (made.assessor, made.other):
        one.password = hashed(PASSWORD, one.name, one.email)
    db.session.commit()
    return made


@pytest.fixture
def claim(bond):
    return make_signed_off(bond)


def doubted(bond, claim, actor=None):
    return doubt_claim(claim, SAID, actor=actor or bond.official, once=uuid.uuid4())


def main_of(answer):
    return soup(answer).select_one("main").text


@pytest.mark.parametrize("side, rival", [("official", "provider"), ("provider", "official")])
def test_either_side_tells_it_after_the_term_and_reads_the_answer(bond, claim, browse, side, rival):
    teller, rival = getattr(bond, side), getattr(bond, rival)
    page, path = f"/claims/{claim.id}", f"/claims/{claim.id}/doubt"
    with clock.at(clock.local(last_day(claim) + timedelta(days=300))):
        assert browse(teller).get(f"{page}/appeal").status_code == 409, "the term is over"
        assert path in browse(teller).get_ok(page).text
        assert browse(teller).post_form(path, {"words": SAID}).status_code == 303
        doubt = db.session.scalars(db.select(Doubt)).unique().one()
        assert (doubt.state, doubt.said, doubt.told_by) == (DoubtState.WAITING, SAID, teller)
        assert told("claim.doubt") == {bond.assessor.email, bond.other.email}
        mail = words_told("claim.doubt")
        assert claim.number in mail and claim.participant.code not in mail and "employer" not in mail
        assert recorded("claim.doubt") == [{}]
        answer = f"/doubts/{doubt.id}/answer"
        for place in ("/home", page, f"/programmes/{bond.programme.id}/work-list"):
            assert answer in browse(bond.assessor).get_ok(place).text, place
        assert answer not in browse(teller).get_ok("/home").text
        assert SAID not in main_of(browse(rival).get_ok(page)), "the other side may be what it is about"
        assert browse(teller).get(path).status_code == 409, "one at a time"

        shown = browse(bond.other).get_ok(answer)
        assert SAID in shown.text and f"/claims/{claim.id}/reopen" in shown.text
        typed = {"answer": STANDS, "password": PASSWORD}
        refused = browse(bond.other).post_form(answer, typed | {"password": "another"})
        assert refused.status_code == 422 and STANDS in refused.text
        assert browse(bond.other).post_form(answer, typed).status_code == 303
        own = main_of(browse(teller).get_ok(page))
        assert STANDS in own and "the effect stands" in own
        assert STANDS not in main_of(browse(rival).get_ok(page))
        assert told("doubt.answer") == {teller.email} and "payslips" not in body_told("doubt.answer", teller)
        assert answer not in browse(bond.assessor).get_ok("/home").text
        assert browse(bond.assessor).get(answer).status_code == 409
        db.session.refresh(claim)
        assert claim.state == ClaimState.SIGNED_OFF
        assert doubted(bond, claim, teller).state == DoubtState.WAITING, "new facts can be told anew"


def test_a_reopening_answers_it(bond, claim, browse):
    """Nothing is answered while the proposal waits: one of both would be wrong."""
    doubt, other = doubted(bond, claim), doubted(bond, claim, bond.provider)
    found = "The employer never heard of it."
    proposal = propose_reopening(claim, ReopenReason.FALSIFIED, found, actor=bond.assessor, once=uuid.uuid4())
    for place in ("/home", f"/programmes/{bond.programme.id}/work-list", f"/claims/{claim.id}"):
        assert f"/doubts/{doubt.id}/answer" not in browse(bond.other).get_ok(place).text, place
    with pytest.raises(NotNow, match="confirm it or take it back first"):
        answer_doubt(doubt, STANDS, actor=bond.other)
    assert doubt.answer == ""
    confirm_reopening(proposal, actor=bond.other)
    assert (doubt.state, other.state) == (DoubtState.REOPENED, DoubtState.REOPENED)
    assert "the effect was reopened" in main_of(browse(bond.official).get_ok(f"/claims/{claim.id}"))
    with pytest.raises(NotNow):
        doubted(bond, claim)


def test_nobody_tells_it_who_does_not_read_the_claim(bond, claim, browse):
    for person, status in (
        (bond.assessor, 403),  # reopens it
        (bond.neighbour, 404),
        (bond.auditor, 404),
        (bond.intermediary, 404),
        (bond.investor, 404),
    ):
        assert browse(person).get(f"/claims/{claim.id}/doubt").status_code == status, person.name
        with pytest.raises(NotYours):
            doubted(bond, claim, person)
    doubt = doubted(bond, claim)
    for person, status in ((bond.official, 403), (bond.provider, 404), (bond.auditor, 404), (bond.investor, 404)):
        assert browse(person).get(f"/doubts/{doubt.id}/answer").status_code == status, person.name
        with pytest.raises(NotYours):
            answer_doubt(doubt, STANDS, actor=person)
    recuse_claim(make_claim(bond, claim.participant, "days"), actor=bond.other)
    assert browse(bond.other).get(f"/doubts/{doubt.id}/answer").status_code == 404, "a case left to colleagues"
    assert f"/doubts/{doubt.id}" not in browse(bond.other).get_ok("/home").text


@pytest.mark.parametrize("state", [ClaimState.SUBMITTED, ClaimState.VERIFIED, ClaimState.REJECTED])
def test_only_what_is_signed_off_is_doubted(bond, browse, state):
    claim = make_claim(bond, state=state)
    assert browse(bond.official).get(f"/claims/{claim.id}/doubt").status_code == 409
    with pytest.raises(NotNow):
        doubted(bond, claim)


@pytest.mark.parametrize("words", ["", "It is 111222333.", "Ring 06 12345678."])
def test_a_text_that_says_nothing_or_who_is_refused_where_it_was_typed(bond, claim, browse, words):
    answer = browse(bond.official).post_form(f"/claims/{claim.id}/doubt", {"words": words})
    assert answer.status_code == 422 and soup(answer).select_one("#words-error") is not None
    if words:
        with pytest.raises(Refused):
            doubt_claim(claim, words, actor=bond.official, once=uuid.uuid4())
    assert db.session.query(Doubt).count() == 0


def test_two_doubts_of_one_side_do_not_wait_together(bond, claim):
    first = doubted(bond, claim)
    with pytest.raises(NotNow, match="told the assessor already"):
        doubted(bond, claim)
    facts = {"programme_id": bond.programme.id, "claim_id": claim.id, "organisation_id": first.organisation_id}
    db.session.add(Doubt(**facts, told_by_id=bond.official.id, said=SAID))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_bond_does_not_close_over_a_doubt_and_takes_none_afterwards(bond, claim):
    """Once it is closed nothing is taken back any more, so nobody could do anything with it."""
    waits = "No doubt about a signed-off effect waits for the assessor"

    def in_way():
        return waits in {str(one.label) for one in in_the_way(bond.programme)}

    doubt = doubted(bond, claim)
    assert in_way()
    answer_doubt(doubt, STANDS, actor=bond.other)
    assert not in_way()
    bond.programme.phase = Phase.CLOSED
    db.session.commit()
    with pytest.raises(NotNow, match="closed"):
        doubted(bond, claim)


def test_who_signed_for_it_reads_the_doubt_and_leaves_the_answer_to_a_colleague(bond, claim, browse):
    """Four eyes: nobody confirms their own signature alone, nor whoever counter-signed it."""
    doubt = doubted(bond, claim)
    assert claim.batch.signed_by == bond.assessor
    path = f"/doubts/{doubt.id}/answer"
    page = browse(bond.assessor).get_ok(path)
    words = main_of(page)
    assert SAID in words and "You signed for this effect" in words and f"Can answer: {bond.other.name}." in words
    assert soup(page).select_one("[name=answer]") is None and f"/claims/{claim.id}/reopen" in page.text
    with pytest.raises(NotYours, match="You signed"):
        answer_doubt(doubt, STANDS, actor=bond.assessor)
    assert doubt.state == DoubtState.WAITING
    answer_doubt(doubt, STANDS, actor=bond.other)
    assert (doubt.state, doubt.answered_by) == (DoubtState.STANDS, bond.other)


def test_where_nobody_else_is_the_page_says_who_can_bring_in_a_colleague(app, browse):
    bond = make_delivery()
    doubt = doubted(bond, make_signed_off(bond))
    words = main_of(browse(bond.assessor).get_ok(f"/doubts/{doubt.id}/answer"))
    assert "A further person is needed." in words and "nvite" in words


def test_who_counter_signed_signed_too(app):
    bond = make_sampled(sampling=False, counter_signed=True)
    second, third = make_colleague(bond), make_colleague(bond)
    claim = make_claim(bond, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id)
    prepared = prepare_signature(bond.programme, "Read.", actor=bond.assessor, once=uuid.uuid4())
    counter_sign(prepared, actor=second, once=uuid.uuid4())
    doubt = doubted(bond, claim)
    assert [one.id for one in answerers_of(doubt)] == [third.id]
    with pytest.raises(NotYours, match="You signed"):
        answer_doubt(doubt, STANDS, actor=second)

"""Reopening: the assessor finds that what was signed off does not count; it leaves what counts at once.

Source: the domain, section 7 (... settled -> reopened), and issue 5 ("reopening after fraud"). What it does to money:
tests/settlement/test_claw_back.py.
"""

import uuid
from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError

from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.settlement.operations import approve_statement
from app.treasury.closing_checks import in_the_way
from app.verification.appeal_models import Reopening
from app.verification.appeal_operations import file_appeal
from app.verification.appeal_states import ProposalState, ReopenReason
from app.verification.deciders import why_not_decider
from app.verification.dependents import dependents_of
from app.verification.invariants import batches_hold_what_was_signed
from app.verification.reopening import confirm_reopening, propose_reopening, reopen_proof, withdraw_reopening
from app.verification.reopening_models import ReopeningProposal
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_lasting, make_signed_off
from tests.factories.settlement import approver, make_settlement
from tests.factories.verification import make_colleague
from tests.settlement.test_invoice import JUNE
from tests.told import recorded, told, words_told

PASSWORD = "a wooden bridge over water"
TYPED = {"reason": "falsified", "explanation": "The employer never heard of it.", "password": PASSWORD}


@pytest.fixture
def bond(app):
    made = make_delivery()
    made.other = make_colleague(made)
    for person in (made.assessor, made.other):
        person.password = hashed(PASSWORD, person.name, person.email)
    db.session.commit()
    return made


def proposed(bond, proof, actor=None):
    found = "The employer never heard of it."
    return propose_reopening(proof, ReopenReason.FALSIFIED, found, actor=actor or bond.assessor, once=uuid.uuid4())


def test_one_person_proposes_and_another_confirms_each_after_signing_in_afresh(bond, browse):
    """Four eyes, as for whatever else moves money: nothing counts otherwise before the second person agreed."""
    claim = make_signed_off(bond)
    make_settlement(bond, JUNE, approved=True)
    path = f"/claims/{claim.id}/reopen"
    wrong = browse(bond.assessor).post_form(path, TYPED | {"password": "an iron bridge over water"})
    assert wrong.status_code == 422 and "not your password" in wrong.text and "never heard" in wrong.text
    assert browse(bond.assessor).post_form(path, TYPED).status_code == 303
    db.session.refresh(claim)
    proposal = db.session.scalars(db.select(ReopeningProposal)).unique().one()
    assert claim.state == ClaimState.SETTLED and db.session.query(Reopening).count() == 0
    assert told("reopening.propose") == {bond.other.email}, "nobody outside before it is confirmed"
    assert "waits for a second person" not in browse(bond.provider).get_ok(f"/claims/{claim.id}").text
    confirm = f"/reopenings/{proposal.id}/confirm"
    seen = browse(bond.other).get_ok(f"/claims/{claim.id}").text
    assert "waits for a second person" in seen and confirm in seen
    assert confirm in browse(bond.other).get_ok("/home").text
    assert confirm not in browse(bond.assessor).get_ok("/home").text
    assert browse(bond.assessor).get(confirm).status_code == 403, "not by whoever proposed it"
    page = browse(bond.other).get_ok(confirm).text
    assert "never heard" in page and bond.assessor.name in page
    wrong = browse(bond.other).post_form(confirm, {"password": "an iron bridge over water"})
    assert wrong.status_code == 422 and "not your password" in wrong.text
    assert browse(bond.other).post_form(confirm, {"password": PASSWORD}).status_code == 303
    db.session.refresh(claim)
    made = db.session.scalars(db.select(Reopening)).one()
    assert (claim.state, made.claim_id, made.by_id) == (ClaimState.REOPENED, claim.id, bond.other.id)
    assert claim.batch_id is not None and list(batches_hold_what_was_signed()) == []
    people = (bond.provider, bond.official, bond.intermediary, bond.colleague)
    assert told("claim.reopen") == {person.email for person in people}
    assert claim.participant.code not in words_told("claim.reopen") and "never heard" not in words_told("claim.reopen")
    assert recorded("claim.reopen") == [{"reason": "falsified"}]
    assert browse(bond.assessor).get(path).status_code == 409
    assert browse(bond.other).get(confirm).status_code == 409
    page = browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/appeals").text
    assert claim.number in page and "the evidence was falsified" in page


def test_who_proposed_it_decides_neither_that_nor_an_appeal_about_it(bond):
    claim = make_signed_off(bond)
    claim.decided_by_id = None
    db.session.commit()
    proposal = proposed(bond, claim)
    with pytest.raises(NotYours):
        confirm_reopening(proposal, actor=bond.assessor)
    assert claim.state == ClaimState.SIGNED_OFF
    confirm_reopening(proposal, actor=bond.other)
    third = make_colleague(bond)
    barred = {person for person in (bond.assessor, bond.other, third) if why_not_decider(claim, person)}
    assert barred == {bond.assessor, bond.other}


def test_a_proposal_that_is_taken_back_leaves_all_as_it_was(bond, browse):
    claim = make_signed_off(bond)
    proposal = proposed(bond, claim)
    with pytest.raises(NotNow, match="proposed this already"):
        proposed(bond, claim, bond.other)
    assert browse(bond.provider).get(f"/reopenings/{proposal.id}/withdraw").status_code == 404
    assert browse(bond.other).post_form(f"/reopenings/{proposal.id}/withdraw", {}).status_code == 303
    db.session.refresh(claim)
    assert claim.state == ClaimState.SIGNED_OFF and told("claim.reopen") == set()
    assert told("reopening.withdraw") == {bond.assessor.email}
    assert proposed(bond, claim).state == ProposalState.WAITING, "it can be proposed anew"


def test_a_bond_does_not_close_over_what_waits(bond):
    """Once it is closed nobody could confirm it, and what was paid would never come back."""
    waits = "No appeal and no reopening waits for a decision"

    def in_way():
        return waits in {str(check.label) for check in in_the_way(bond.programme)}

    assert not in_way()
    proposal = proposed(bond, make_signed_off(bond))
    assert in_way()
    withdraw_reopening(proposal, actor=bond.other)
    assert not in_way()
    file_appeal(make_signed_off(bond), "Not ours.", actor=bond.official, once=uuid.uuid4())
    assert in_way()


def test_an_appeal_that_is_upheld_leaves_no_proposal_to_confirm(bond):
    claim = make_signed_off(bond)
    proposal = proposed(bond, claim)
    reopen_proof(claim, ReopenReason.APPEAL, "The municipality is right.", actor=bond.other)
    assert proposal.state == ProposalState.WITHDRAWN


def test_what_leans_on_it_says_so(bond, browse):
    """replay/1, step 2: work-26w requires work-13w on record by its day. Another person's claim is not touched."""
    false = make_signed_off(bond, achieved_on=date(2026, 2, 10))
    facts = {"participant": false.participant, "achieved_on": date(2026, 3, 10)}
    follows, other = make_signed_off(bond, code="work-26w", **facts), make_signed_off(bond, code="work-26w")
    page = f"/claims/{follows.id}"
    assert "was reopened" not in browse(bond.provider).get_ok(page).text
    reopen_proof(false, ReopenReason.FALSIFIED, "Never employed.", actor=bond.other)
    shown = soup(browse(bond.provider).get_ok(page)).select_one("main")
    assert "What it requires was reopened on 15 November 2026" in shown.text
    assert shown.select(f".notice a[href='/claims/{false.id}']")
    assert "was reopened" not in browse(bond.provider).get_ok(f"/claims/{other.id}").text
    assert soup(browse(bond.provider).get_ok(f"/claims/{false.id}")).select(f".notice a[href='{page}']")
    assert follows.number in words_told("claim.reopen") and other.number not in words_told("claim.reopen")


@pytest.mark.parametrize("claimed_on, leans", [(date(2026, 3, 1), True), (date(2026, 3, 9), False)])
def test_what_was_proven_otherwise_in_time_does_not_lean(app, claimed_on, leans):
    """Thirteen weeks stand on record again from 5 March: too late for a claim of 1 March, in time for one of 9."""
    bond = make_delivery()
    false = make_signed_off(bond, achieved_on=date(2026, 2, 10))
    person = {"participant": false.participant}
    follows = make_signed_off(bond, code="work-26w", achieved_on=claimed_on, **person)
    make_claim(bond, achieved_on=date(2026, 3, 5), **person)
    assert dependents_of(false).lost == [follows] * leans


def test_a_chain_tells_what_came_after_and_still_counts(app, browse):
    """Six months in a home require three, which require the home: without the last, six have three on record."""
    bond = make_lasting()
    false = make_signed_off(bond, code="home-start", achieved_on=date(2026, 2, 10))
    person = {"participant": false.participant}
    middle = make_signed_off(bond, code="home-3m", achieved_on=date(2026, 5, 10), **person)
    last = make_signed_off(bond, code="home-6m", achieved_on=date(2026, 8, 10), **person)
    assert (dependents_of(false).lost, dependents_of(false).after) == ([middle], [last])
    reopen_proof(false, ReopenReason.FALSIFIED, "Never rented.", actor=bond.assessor)
    shown = browse(bond.official).get_ok(f"/claims/{last.id}").text
    assert "An effect before it in the chain was reopened" in shown and "still counts" in shown
    assert "They still count: " + last.number in words_told("claim.reopen")


@pytest.mark.parametrize("state", [ClaimState.SUBMITTED, ClaimState.QUESTIONED, ClaimState.VERIFIED])
def test_what_is_not_signed_for_is_not_said_to_count(app, browse, state):
    """A claim counts for money once it is signed off (domain, section 7): neither "still" nor "any more" holds."""
    bond = make_lasting()
    false = make_signed_off(bond, code="home-start", achieved_on=date(2026, 2, 10))
    person = {"participant": false.participant}
    middle = make_claim(bond, code="home-3m", achieved_on=date(2026, 5, 10), state=state, **person)
    last = make_claim(bond, code="home-6m", achieved_on=date(2026, 8, 10), state=state, **person)
    before = soup(browse(bond.assessor).get_ok(f"/claims/{false.id}/reopen")).select_one("main").text
    assert "still count" not in before and "takes them back" not in before
    reopen_proof(false, ReopenReason.FALSIFIED, "Never rented.", actor=bond.assessor)
    told = words_told("claim.reopen")
    assert "still count" not in told and "any more either" not in told
    assert f"count only once they are: {last.number}" in told
    assert f"wait until it is proven again: {middle.number}" in told
    for one, words in ((last, "counts only once it is"), (false, "count only once they are")):
        shown = soup(browse(bond.official).get_ok(f"/claims/{one.id}")).select_one("main").text
        assert "still count" not in shown and words in shown


@pytest.mark.parametrize(
    "who, status", [("provider", 403), ("official", 403), ("intermediary", 404), ("investor", 404)]
)
def test_nobody_else_does(bond, browse, who, status):
    claim = make_signed_off(bond)
    assert browse(getattr(bond, who)).get(f"/claims/{claim.id}/reopen").status_code == status
    with pytest.raises(NotYours):
        proposed(bond, claim, getattr(bond, who))
    with pytest.raises(NotYours):
        reopen_proof(claim, ReopenReason.FALSIFIED, "Ours.", actor=getattr(bond, who))


def test_only_what_was_signed_off(bond, browse):
    for state in (ClaimState.SUBMITTED, ClaimState.REJECTED):
        claim = make_claim(bond, state=state)
        assert browse(bond.assessor).get(f"/claims/{claim.id}/reopen").status_code == 409


def test_the_page_warns_of_effects_that_require_it_and_holds_no_amount(bond, browse):
    first = make_signed_off(bond)
    follows = make_signed_off(bond, code="work-26w", participant=first.participant)
    page = soup(browse(bond.assessor).get_ok(f"/claims/{first.id}/reopen")).select_one("main")
    assert page.select(f"a[href='/claims/{follows.id}']") and "€" not in page.text
    assert not soup(browse(bond.assessor).get_ok(f"/claims/{follows.id}/reopen")).select(
        f".notice a[href='/claims/{first.id}']"
    )


def test_reopened_it_may_be_claimed_anew(bond, browse):
    """Once only: the false claim no longer stands in the way."""
    claim = make_signed_off(bond)
    reopen_proof(claim, ReopenReason.MISTAKEN, "Another person of that name.", actor=bond.assessor)
    typed = {
        "effect": str(claim.effect_id),
        "achieved_on": "2026-06-01",
        "quantity": "1",
        "evidence_type": claim.evidence_type.value,
        "evidence_issuer": "employer",
        "evidence_on": "2026-06-02",
        "evidence_digest": "f" * 64,
    }
    answer = browse(bond.provider).post_form(f"/participants/{claim.participant_id}/claim", typed)
    assert answer.status_code == 303


def test_not_while_the_last_settlement_is_with_the_parties(bond):
    """It would pay for it; once it is approved, a closing settlement takes it back."""
    claim = make_signed_off(bond)
    settlement = make_settlement(bond, JUNE, checked=True)
    settlement.is_final = True
    db.session.commit()
    with pytest.raises(NotNow, match="The last settlement of the bond is made and not approved"):
        proposed(bond, claim)
    with pytest.raises(NotNow, match="The last settlement of the bond is made and not approved"):
        reopen_proof(claim, ReopenReason.FALSIFIED, "Too early.", actor=bond.assessor)
    for statement in settlement.statements:
        approve_statement(statement, actor=approver(bond, statement))
    assert proposed(bond, claim) is not None


def test_the_database_keeps_it(bond):
    claim = make_signed_off(bond)
    reopen_proof(claim, ReopenReason.FALSIFIED, "Found.", actor=bond.assessor)
    for act in ("UPDATE reopening SET explanation = 'x'", "DELETE FROM reopening"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(db.text(act))
        db.session.rollback()

"""Reopening: the assessor finds that what was signed off does not count; it leaves what counts at once.

Source: the domain, section 7 (... settled -> reopened), and issue 5 ("reopening after fraud"). What it does to money:
tests/settlement/test_claw_back.py.
"""

import pytest
from sqlalchemy.exc import DBAPIError

from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.settlement.models import Settlement
from app.verification.appeal_models import Reopening
from app.verification.appeal_operations import reopen_proof
from app.verification.appeal_states import ReopenReason
from app.verification.invariants import batches_hold_what_was_signed
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_signed_off
from tests.factories.settlement import make_settlement
from tests.settlement.test_invoice import JUNE
from tests.told import recorded, told, words_told

PASSWORD = "a wooden bridge over water"
TYPED = {"reason": "falsified", "explanation": "The employer never heard of it.", "password": PASSWORD}


@pytest.fixture
def bond(app):
    made = make_delivery()
    made.assessor.password = hashed(PASSWORD, made.assessor.name, made.assessor.email)
    db.session.commit()
    return made


def test_the_assessor_reopens_after_signing_in_afresh(bond, browse):
    claim = make_signed_off(bond)
    make_settlement(bond, JUNE, approved=True)
    path = f"/claims/{claim.id}/reopen"
    wrong = browse(bond.assessor).post_form(path, TYPED | {"password": "an iron bridge over water"})
    assert wrong.status_code == 422 and "not your password" in wrong.text and "never heard" in wrong.text
    assert browse(bond.assessor).post_form(path, TYPED).status_code == 303
    db.session.refresh(claim)
    made = db.session.scalars(db.select(Reopening)).one()
    assert (claim.state, made.claim_id, made.by_id) == (ClaimState.REOPENED, claim.id, bond.assessor.id)
    assert claim.batch_id is not None and list(batches_hold_what_was_signed()) == []
    people = (bond.provider, bond.official, bond.intermediary, bond.colleague)
    assert told("claim.reopen") == {person.email for person in people}
    assert claim.participant.code not in words_told("claim.reopen") and "never heard" not in words_told("claim.reopen")
    assert recorded("claim.reopen") == [{"reason": "falsified"}]
    assert browse(bond.assessor).get(path).status_code == 409
    page = browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/appeals").text
    assert claim.number in page and "the evidence was falsified" in page


@pytest.mark.parametrize(
    "who, status", [("provider", 403), ("official", 403), ("intermediary", 404), ("investor", 404)]
)
def test_nobody_else_does(bond, browse, who, status):
    claim = make_signed_off(bond)
    assert browse(getattr(bond, who)).get(f"/claims/{claim.id}/reopen").status_code == status
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


def test_not_after_the_last_settlement(bond):
    """Nothing can be netted any more."""
    claim = make_signed_off(bond)
    settlement = make_settlement(bond, JUNE, approved=True)
    settlement.is_final = True
    db.session.commit()
    with pytest.raises(NotNow, match="outside the portal"):
        reopen_proof(claim, ReopenReason.FALSIFIED, "Too late.", actor=bond.assessor)
    assert db.session.query(Settlement).count() == 1


def test_the_database_keeps_it(bond):
    claim = make_signed_off(bond)
    reopen_proof(claim, ReopenReason.FALSIFIED, "Found.", actor=bond.assessor)
    for act in ("UPDATE reopening SET explanation = 'x'", "DELETE FROM reopening"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(db.text(act))
        db.session.rollback()

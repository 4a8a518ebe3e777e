"""What a signer is told waits is what the list to sign holds: not what is approved and waits for what it requires."""

import pytest

from app.extensions import db
from app.intake.recusals import Recusal
from app.outcomes.models import Claim
from app.outcomes.proving import reject_proof, verify_proof, withdraw_proof
from app.outcomes.required import held_back, lacking
from app.outcomes.states import ClaimState
from app.pricing.models import Effect
from app.verification.judging import Opinion, judge_claim
from app.verification.operations import conclude_docket
from app.verification.signing import sign_off
from app.verification.states import Verdict
from tests.factories.outcomes import make_claim, make_delivery
from tests.factories.verification import make_docket, make_sampled
from tests.verification.test_required import ACHIEVED, LATER, NO, STATEMENT, make_pair


@pytest.fixture
def app(both):
    return both


def test_home_counts_what_the_list_to_sign_holds(app, browse):
    """Not what is approved and waits for what it requires: of that the page says that it is left out."""
    bond = make_delivery()
    first, then = make_pair(bond)
    verify_proof(then, actor=bond.assessor)
    reject_proof(first, *NO, actor=bond.assessor)
    home = browse(bond.assessor).get_ok("/home").text
    assert "to sign off (1)" in home, home
    sign_off(bond.programme, STATEMENT, actor=bond.assessor)
    assert "to sign off" not in browse(bond.assessor).get_ok("/home").text, "the page says: nothing to sign"


def test_a_case_left_to_colleagues_keeps_nobody_from_a_list_that_it_is_not_on(app, browse):
    bond = make_delivery()
    first, then = make_pair(bond)
    verify_proof(then, actor=bond.assessor)
    withdraw_proof(first, actor=bond.provider)
    db.session.add(Recusal(participant_id=first.participant_id, user_id=bond.assessor.id))
    make_claim(bond, state=ClaimState.VERIFIED)
    home = browse(bond.assessor).get_ok("/home").text
    assert "to sign off (1)" in home
    assert sign_off(bond.programme, STATEMENT, actor=bond.assessor).verified_count == 1
    make_claim(bond, first.participant, "work-13w", ClaimState.REJECTED, achieved_on=ACHIEVED)
    assert "to sign off" not in browse(bond.assessor).get_ok("/home").text, "now it is on the list"


def test_a_batch_waits_to_be_concluded_though_a_claim_waits_for_what_it_requires(app, browse):
    bond = make_sampled()
    first, _then = make_pair(bond)
    docket = make_docket(bond)
    browser = browse(bond.assessor)
    judge_claim(first, Opinion(Verdict.REJECTED, *NO), actor=bond.assessor)
    assert "Conclude what the sample" in browser.get_ok("/home").text
    conclude_docket(docket, actor=bond.assessor)
    assert "still has claims to decide" not in browser.get_ok(f"/dockets/{docket.id}").text


def test_one_statement_over_all_bonds_says_the_same_as_each_bond(app):
    """`held_back` reads the list of codes as text, `lacking` the codes themselves."""
    bond = make_delivery()
    pairs = [make_pair(bond) for _ in range(3)]
    pairs[0][0].state = ClaimState.REJECTED
    pairs[1][0].achieved_on = LATER.replace(month=10)
    db.session.commit()
    make_claim(bond, pairs[0][0].participant, "days", achieved_on=ACHIEVED)
    ids = db.select(Claim.id).where(Claim.programme_id == bond.programme.id)
    one = set(db.session.scalars(ids.where(lacking(bond.programme.id))))
    assert one == set(db.session.scalars(ids.join(Effect, Effect.id == Claim.effect_id).where(held_back())))
    assert one == {pairs[0][1].id, pairs[1][1].id}

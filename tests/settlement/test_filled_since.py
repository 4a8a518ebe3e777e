"""A fee for missing places of which some were filled since: told to who checks and to the municipality that approves,
before they do (domain, section 3)."""

import uuid
from datetime import date

import pytest

from app.core import clock
from app.outcomes import proving
from app.outcomes.shortfall import claim_shortfall
from app.outcomes.states import ClaimState
from app.settlement.operations import check_settlement, prepare_settlement
from app.verification.signing import sign_off
from tests.factories.intake import agree_on_intake, make_referral
from tests.factories.outcomes import make_claim, make_delivery, make_participant

TOLD = "people who were registered since fill them"


@pytest.fixture
def bond(app):
    """Of the ten places of Enschede one was filled; Hengelo filled its two."""
    bond = make_delivery(reserved_minor=50_000_000)
    agree_on_intake(bond, {bond.enschede.id: {"2026-02": 10}, bond.hengelo.id: {"2026-02": 2}}, tolerance_bp=1_000)
    for payer in (bond.enschede, bond.hengelo, bond.hengelo):
        make_referral(bond, payer, referred_on=date(2026, 2, 3))
    return bond


def test_who_checks_and_who_pays_read_it_and_no_other(bond, browse):
    made = claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    proving.submit_proof(made, actor=bond.provider)
    proving.verify_proof(made, actor=bond.assessor)
    sign_off(bond.programme, "Compared with the referrals.", actor=bond.assessor)
    settlement = prepare_settlement(bond.programme, date(2026, 10, 31), actor=bond.intermediary, once=uuid.uuid4())
    check = f"/settlements/{settlement.id}/check"
    assert TOLD not in browse(bond.colleague).get_ok(check).text, "nobody came since"
    make_participant(bond, bond.enschede, started_on=date(2026, 3, 2), created_at=clock.now())
    page = browse(bond.colleague).get_ok(check).text
    assert TOLD in page and "Enschede: a fee for missing places" in page and "Hengelo: a fee" not in page
    check_settlement(settlement, actor=bond.colleague)
    (statement,) = settlement.statements
    assert TOLD in browse(bond.official).get_ok(f"/statements/{statement.id}/approve").text


def test_a_settlement_without_such_a_fee_tells_nothing(bond, browse):
    claim_shortfall(bond.programme, bond.enschede, actor=bond.provider, once=uuid.uuid4())
    make_participant(bond, bond.enschede, started_on=date(2026, 3, 2), created_at=clock.now())
    make_claim(bond, make_participant(bond, bond.enschede), state=ClaimState.VERIFIED)
    sign_off(bond.programme, "Read.", actor=bond.assessor)
    settlement = prepare_settlement(bond.programme, date(2026, 10, 31), actor=bond.intermediary, once=uuid.uuid4())
    assert settlement.paid_minor > 0
    assert TOLD not in browse(bond.colleague).get_ok(f"/settlements/{settlement.id}/check").text

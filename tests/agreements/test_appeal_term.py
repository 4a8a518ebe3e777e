"""The term for an appeal is agreed by every party with the rest: written in the draft, frozen by the offer."""

import pytest

from app.agreements.operations import offer_agreement
from app.agreements.states import AgreementState
from app.agreements.verification_models import APPEAL_DAYS, appeal_days
from app.extensions import db
from tests.agreements.test_verification import TYPED
from tests.factories.agreements import draft, make_bond


@pytest.fixture
def bond(app):
    return make_bond()


def test_it_is_written_in_the_draft_and_counts_once_in_force(bond, browse):
    agreement, browser = draft(bond), browse(bond.official)
    path = f"/agreements/{agreement.id}/verification"
    assert browser.post_form(path, TYPED | {"appeal_days": "45"}).status_code == 303
    assert "within 45 days after the sign-off" in browser.get_ok(f"/agreements/{agreement.id}").text
    assert 'value="45"' in browser.get_ok(path).text
    offer_agreement(agreement, actor=bond.official)
    assert agreement.terms["verification"]["appeal_days"] == 45
    assert appeal_days(bond.programme.id) == APPEAL_DAYS == 30, "what is not in force is not agreed"
    agreement.state = AgreementState.IN_FORCE
    db.session.commit()
    assert appeal_days(bond.programme.id) == 45


def test_a_week_at_least(bond, browse):
    path = f"/agreements/{draft(bond).id}/verification"
    answer = browse(bond.official).post_form(path, TYPED | {"appeal_days": "6"})
    assert answer.status_code == 422 and 'id="appeal_days-error"' in answer.text

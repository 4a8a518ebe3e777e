"""How effects are verified is agreed before the signature, never below max(30, 10 %) (domain, section 7)."""

import pytest

from app.agreements.models import Agreement
from app.agreements.operations import offer_agreement, set_verification
from app.agreements.states import AgreementState
from app.agreements.verification_models import VerificationRules, agreed_rules, drafted_rules
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.people.models import Membership
from tests.factories.agreements import draft, make_bond
from tests.told import recorded

TYPED = {"checking": "sample", "least": "40", "share": "20", "tolerance": "5", "assessors": "2"}


@pytest.fixture
def bond(app):
    return make_bond()


def test_the_draft_says_it_and_the_offer_freezes_it(bond, browse):
    agreement = draft(bond)
    browser = browse(bond.official)
    assert browser.post_form(f"/agreements/{agreement.id}/verification", TYPED).status_code == 303
    rules = VerificationRules(True, least=40, share_bp=2_000, tolerance_bp=500, assessors=2)
    assert drafted_rules(bond.programme.id) == rules
    assert recorded("agreement.verification")[0]["tolerance_bp"] == 500
    shown = browser.get_ok(f"/agreements/{agreement.id}").text
    assert "at least 40 claims and 20% of them" in shown
    assert "paid by the government, outside the account of the bond" in shown

    offer_agreement(agreement, actor=bond.official)
    assert agreement.terms["verification"]["fee"] == "paid by the government, outside the account of the bond"
    assert browser.get(f"/agreements/{agreement.id}/verification").status_code == 409
    with pytest.raises(NotNow):
        set_verification(agreement, VerificationRules(False), actor=bond.official)
    assert agreed_rules(bond.programme.id) is None, "what is not in force is not agreed"
    agreement.state = AgreementState.IN_FORCE
    db.session.commit()
    assert agreed_rules(bond.programme.id) == rules


def test_an_agreement_that_says_nothing_stays_as_it_was(bond):
    agreement = draft(bond)
    offer_agreement(agreement, actor=bond.official)
    assert "verification" not in agreement.terms


@pytest.mark.parametrize(
    "wrong, field", [({"least": "29"}, "least"), ({"share": "9"}, "share"), ({"tolerance": "21"}, "tolerance")]
)
def test_less_than_the_norm_is_refused_and_what_was_typed_kept(bond, browse, wrong, field):
    agreement = draft(bond)
    answer = browse(bond.official).post_form(f"/agreements/{agreement.id}/verification", TYPED | wrong)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{wrong[field]}"' in answer.text
    assert drafted_rules(bond.programme.id) is None


@pytest.mark.parametrize("rules", [VerificationRules(True, least=29), VerificationRules(True, share_bp=999)])
def test_the_operation_keeps_the_norm_too(bond, rules):
    with pytest.raises(Refused):
        set_verification(draft(bond), rules, actor=bond.official)


def test_only_those_who_prepare_the_agreement_write_it(bond):
    agreement = draft(bond)
    for person in (bond.provider, bond.assessor):
        with pytest.raises(NotYours):
            set_verification(agreement, VerificationRules(False), actor=person)


def test_no_offer_with_an_assessor_that_shares_people_with_the_consortium(bond):
    """The consortium is chosen after the assessor was named, so the offer looks once more."""
    agreement = draft(bond)
    db.session.add(Membership(user=bond.assessor, organisation=bond.partner.organisations[0]))
    db.session.commit()
    with pytest.raises(Refused, match="member in common"):
        offer_agreement(agreement, actor=bond.official)
    assert db.session.get_one(Agreement, agreement.id).state == AgreementState.DRAFT

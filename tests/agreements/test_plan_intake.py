"""The clause about intake: a plan per municipality and month, and a compensation for shortfall (domain, section 3)."""

import pytest

from app.agreements.forms import plan_field
from app.agreements.intake_clause import IntakeClause, clause_of, even_plan, months_of, plan_intake
from app.agreements.operations import offer_agreement
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from tests.browser import soup
from tests.factories.agreements import draft, make_bond
from tests.told import recorded


@pytest.fixture
def bond(app):
    return make_bond()


@pytest.fixture
def agreement(bond):
    return draft(bond)


def test_the_even_plan_adds_up_to_each_part(bond):
    months = months_of(bond.programme)
    for share in bond.programme.shares:
        planned = even_plan(bond.programme)[share.organisation_id]
        assert sum(planned.values()) == share.cohort_size
        assert set(planned) == set(months)
        assert max(planned.values()) - min(planned.values()) <= 1


def test_an_official_plans_and_every_party_signs_it(bond, agreement, browse):
    first, second = (share.organisation_id for share in bond.programme.shares)
    start, *_rest = months = months_of(bond.programme)
    typed = {plan_field(payer, month): "0" for payer in (first, second) for month in months}
    sizes = {share.organisation_id: share.cohort_size for share in bond.programme.shares}
    typed |= {plan_field(payer, start): str(sizes[payer]) for payer in sizes}
    browser, path = browse(bond.official), f"/agreements/{agreement.id}/intake-plan"
    assert browser.post_form(path, typed | {"tolerance": "12.5"}).status_code == 303
    db.session.refresh(agreement)
    clause = clause_of(agreement)
    assert clause.tolerance_bp == 1_250 and clause.effect == ""
    assert clause.planned(first, start) == sizes[first]
    assert recorded("agreement.plan_intake") == [{"tolerance_bp": 1_250, "effect": "", "planned": sum(sizes.values())}]

    offer_agreement(agreement, actor=bond.official)
    assert agreement.terms["intake"]["plan"][str(first)] == {start: sizes[first]}
    agreement.intake = {}
    assert clause_of(agreement).total(first) == sizes[first], "what was signed counts, not the draft"
    db.session.rollback()
    assert "12.5" in browse(bond.investors[0]).get_ok(f"/agreements/{agreement.id}").text


def test_the_plan_is_part_of_what_is_signed(bond, agreement):
    plan_intake(agreement, IntakeClause(even_plan(bond.programme)), actor=bond.official)
    offer_agreement(agreement, actor=bond.official)
    from app.agreements.terms import digest_of

    other = agreement.terms | {"intake": agreement.terms["intake"] | {"tolerance_bp": 1}}
    assert digest_of(agreement.text, other) != agreement.digest
    with pytest.raises(NotNow):
        plan_intake(agreement, IntakeClause(even_plan(bond.programme)), actor=bond.official)


def test_months_that_do_not_add_up_are_refused_and_kept(bond, agreement, browse):
    share, month = bond.programme.shares[0], months_of(bond.programme)[0]
    browser, path = browse(bond.official), f"/agreements/{agreement.id}/intake-plan"
    name = plan_field(share.organisation_id, month)
    answer = browser.post_form(path, {name: "33"})
    assert answer.status_code == 422
    assert f"its part is {share.cohort_size}" in answer.text
    assert soup(answer).select_one(f"#{name}")["value"] == "33"
    assert clause_of(agreement) is None
    assert browser.post_form(path, {"tolerance": "101"}).status_code == 422


def test_only_a_fee_of_the_table_compensates(bond, agreement):
    with pytest.raises(Refused) as refused:
        clause = IntakeClause(even_plan(bond.programme), 0, bond.tender.call.table.effects[0].code)
        plan_intake(agreement, clause, actor=bond.official)
    assert refused.value.field == "effect"


@pytest.mark.parametrize("who", ["assessor", "provider", "second_payer"])
def test_who_does_not_prepare_plans_nothing(bond, agreement, browse, who):
    assert browse(getattr(bond, who)).get(f"/agreements/{agreement.id}/intake-plan").status_code in (403, 404)
    with pytest.raises(NotYours):
        plan_intake(agreement, IntakeClause(even_plan(bond.programme)), actor=getattr(bond, who))

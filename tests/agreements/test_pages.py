"""Who reads what of an agreement: everything, except what another investor put in (domain, section 2)."""

import pytest

from app.agreements.operations import offer_agreement, sign_agreement
from app.capital.models import Commitment, Round
from app.capital.states import CommitmentState
from app.extensions import db
from app.programmes.models import Part
from tests.factories.agreements import draft, make_bond, offer, sign_all
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme
from tests.statements import counted


def test_an_investors_amount_is_for_itself_and_for_those_who_pay_hold_or_audit(app, browse):
    bond = make_bond()
    agreement = offer(bond)
    url = f"/agreements/{agreement.id}"
    for reader in (bond.official, bond.second_payer, bond.intermediary, bond.auditor):
        page = browse(reader).get_ok(url).text
        assert "€600,000.00" in page and "€200,000.00" in page
    mine = browse(bond.investors[0]).get_ok(url).text
    assert "€600,000.00" in mine and "€200,000.00" not in mine
    for reader in (bond.provider, bond.partner, bond.assessor):
        page = browse(reader).get_ok(url).text
        assert "€600,000.00" not in page and "€200,000.00" not in page
        assert "€800,000.00" in page  # the total is everybody's
        assert "The digest covers all amounts." in page


@pytest.mark.parametrize("stage", ["draft", "offered", "in force"])
def test_the_page_renders_in_every_state(app, browse, stage):
    bond = make_bond(illustrative=True)
    agreement = draft(bond) if stage == "draft" else offer(bond)
    if stage == "in force":
        sign_all(bond, agreement)
    readers = [bond.official, bond.intermediary, bond.auditor]
    readers += [] if stage == "draft" else [bond.provider, bond.investors[0], bond.assessor]
    for reader in readers:
        page = browse(reader).get_ok(f"/agreements/{agreement.id}").text
        assert "Illustrative prices" in page
        assert "€2,500.00" in page
        assert bond.programme.council_decision in page
        answer = browse(reader).get(f"/programmes/{bond.programme.id}/agreement")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/agreements/{agreement.id}")


def test_before_there_is_one_the_bonds_page_says_so(app, browse):
    programme = make_programme()
    investor = make_user(make_party(programme, Part.INVESTOR))
    assert "No agreement yet" in browse(investor).get_ok(f"/programmes/{programme.id}/agreement").text
    assert "Draft the agreement" not in browse(investor).get_ok(f"/programmes/{programme.id}/agreement").text
    assert browse(make_user()).get(f"/programmes/{programme.id}/agreement").status_code == 403


def test_confirmation_pages_render(app, browse):
    bond = make_bond()
    agreement = draft(bond)
    browse(bond.official).get_ok(f"/agreements/{agreement.id}/offer")
    browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/agreement/draft")
    offer_agreement(agreement, actor=bond.official)
    browse(bond.official).get_ok(f"/agreements/{agreement.id}/sign")


def test_many_parties_cost_as_many_statements_as_few(app, browse):
    costs = []
    for extra in (0, 12):
        bond = make_bond()
        for _ in range(extra):
            newcomer = make_user(make_party(bond.programme, Part.INVESTOR))
            add_investor(bond, newcomer)
        agreement = offer(bond)
        for organisation, user in bond.signers()[:4]:
            sign_agreement(agreement, organisation, agreement.digest, actor=user)
        client = browse(bond.auditor)
        client.get_ok(f"/agreements/{agreement.id}")
        with counted() as statements:
            client.get_ok(f"/agreements/{agreement.id}")
        costs.append(len(statements))
    assert costs[0] == costs[1], costs
    assert costs[1] <= 16, costs


def add_investor(bond, user):
    round = db.session.scalars(db.select(Round).filter_by(programme_id=bond.programme.id)).one()
    db.session.add(
        Commitment(
            round=round,
            programme_id=bond.programme.id,
            tranche=round.tranches[0],
            organisation=user.organisations[0],
            amount_minor=100,
            allotted_minor=100,
            state=CommitmentState.ALLOTTED,
            committed_by=user,
        )
    )
    db.session.commit()

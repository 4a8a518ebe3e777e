"""A partner says anew what it does, while the plan is written; whoever confirmed is asked again."""

import pytest
from sqlalchemy import text

from app.audit.models import AuditEntry, AuditFacts
from app.consortia.operations import accept_invitation, leave_consortium
from app.consortia.part_operations import edit_part
from app.consortia.parts import part_of
from app.consortia.states import ConsortiumState
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal


@pytest.fixture
def consortium(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_consortium(lead=lead, partners=[partner])


def people(consortium):
    return [partner.organisation.people()[0] for partner in consortium.taking_part]


def typed(**changes):
    return {"role": "Debts", "contribution": "Debts as well.", "life_domains": ["income"]} | changes


def test_a_changed_part_makes_everybody_confirm_again(consortium, browse):
    lead, partner = people(consortium)
    proposal = make_proposal(consortium)
    assert len(proposal.confirmed_by()) == 2
    url = f"/consortia/{consortium.id}/part"
    assert url in browse(partner).get_ok(f"/consortia/{consortium.id}").text
    place = str(consortium.call.programme.shares[0].organisation_id)
    answer = browse(partner).post_form(url, typed(skills=["debt_help"], municipalities=[place]))
    assert answer.status_code == 303
    db.session.expire_all()
    organisation = partner.organisations[0].id
    part = part_of(consortium, organisation)
    assert (part["contribution"], part["life_domains"], part["role"]) == ("Debts as well.", ["income"], "Debts")
    assert (part["skills"], part["municipalities"]) == (["debt_help"], [place])
    shown = consortium.partner_of(organisation)
    assert (shown.role, shown.skills, shown.municipalities) == ("Debts", ["debt_help"], [place])
    assert proposal.confirmed_by() == {}
    told = db.session.scalars(db.select(Notification.address).filter_by(action="consortium.edit_part"))
    assert set(told) == {lead.email, partner.email}
    assert "consortium.edit_part" in db.session.scalars(db.select(AuditEntry.action)).all()
    assert "Debts as well." in browse(lead).get_ok(f"/consortia/{consortium.id}").text


def test_what_a_partner_does_stands_nowhere_in_the_clear(consortium):
    """It is part of the plan: neither the rows of the consortium nor the trail hold a word of it."""
    partner = people(consortium)[1]
    edit_part(consortium, "Forty-two mentors.", (), actor=partner, version=None)
    for table in ("consortium", "consortium_partner", "draft_slot", "notification"):
        rows = db.session.execute(text(f"SELECT * FROM {table}")).all()
        assert b"Forty-two" not in b"".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)
    assert not any("Forty-two" in str(body) for body in db.session.scalars(db.select(AuditFacts.body)))


def test_the_same_words_again_ask_nobody_to_confirm_again(consortium):
    partner = people(consortium)[1]
    proposal = make_proposal(consortium)
    edit_part(consortium, "What Partner does.", ("work",), actor=partner, version=None)
    assert len(proposal.confirmed_by()) == 2
    told = db.select(db.func.count(Notification.id)).filter_by(action="consortium.edit_part")
    assert db.session.scalar(told) == 0


def test_the_second_of_two_colleagues_hears_of_the_first(consortium, browse):
    partner = people(consortium)[1]
    reader = browse(partner)
    page = reader.get_ok(f"/consortia/{consortium.id}/part")
    edit_part(consortium, "First.", (), actor=partner, version=0)
    answer = reader.submit(page, typed(contribution="Second."))
    assert answer.status_code == 409
    assert "Second." in answer.text
    with pytest.raises(Changed):
        edit_part(consortium, "Second.", (), actor=partner, version=0)


def test_a_national_number_is_refused_where_it_was_typed(consortium, browse):
    """Domain, section 9; 111222333 passes the Dutch 11-test."""
    partner = people(consortium)[1]
    answer = browse(partner).post_form(f"/consortia/{consortium.id}/part", typed(contribution="As with 111222333."))
    assert answer.status_code == 422
    with pytest.raises(Refused) as refused:
        edit_part(consortium, "As with 111222333.", (), actor=partner, version=None)
    assert refused.value.field == "contribution"


def test_who_leaves_takes_its_part_along(consortium):
    partner = people(consortium)[1]
    edit_part(consortium, "Debts.", ("income",), actor=partner, version=None)
    leave_consortium(consortium, actor=partner)
    assert part_of(consortium, partner.organisations[0].id)["contribution"] == ""


def test_not_after_the_plan_is_handed_in_and_not_for_others(consortium, browse):
    invited = make_user(make_provider("Invited"))
    add_partner(consortium, invited.organisations[0])
    assert browse(invited).get(f"/consortia/{consortium.id}/part").status_code == 403
    assert browse(make_user(make_provider())).get(f"/consortia/{consortium.id}/part").status_code == 404
    with pytest.raises(NotYours):
        edit_part(consortium, "Mine.", (), actor=invited, version=None)
    consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    partner = people(consortium)[1]
    assert browse(partner).get(f"/consortia/{consortium.id}/part").status_code == 409
    with pytest.raises(NotNow):
        edit_part(consortium, "Late.", (), actor=partner, version=None)


def test_an_invited_organisation_reads_nobodys_part(consortium, browse):
    lead, _partner = people(consortium)
    edit_part(consortium, "Our secret way.", (), actor=lead, version=None)
    invited = make_user(make_provider("Invited"))
    add_partner(consortium, invited.organisations[0])
    other = make_provider("Also asked")
    add_partner(consortium, other)
    page = browse(invited).get_ok(f"/consortia/{consortium.id}").text
    assert "Our secret way." not in page
    assert "Also asked" not in page
    assert "Lead" in page
    assert browse(invited).get(f"/consortia/{consortium.id}/coverage").status_code == 403
    accept_invitation(consortium, "Mine.", actor=invited)
    assert "Our secret way." in browse(invited).get_ok(f"/consortia/{consortium.id}").text

"""A partner says anew what it does, while the plan is written; whoever confirmed is asked again."""

import pytest

from app.audit.models import AuditEntry
from app.consortia.operations import edit_part
from app.consortia.states import ConsortiumState
from app.core.errors import Changed, NotNow, NotYours
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


def test_a_changed_part_makes_everybody_confirm_again(consortium, browse):
    lead, partner = people(consortium)
    proposal = make_proposal(consortium)
    assert len(proposal.confirmed_by()) == 2
    url = f"/consortia/{consortium.id}/part"
    assert url in browse(partner).get_ok(f"/consortia/{consortium.id}").text
    answer = browse(partner).post_form(url, {"contribution": "Debts as well.", "life_domains": ["income"]})
    assert answer.status_code == 303
    db.session.expire_all()
    own = consortium.partner_of(partner.organisations[0].id)
    assert (own.contribution, own.life_domains) == ("Debts as well.", ["income"])
    assert proposal.confirmed_by() == {}
    told = db.session.scalars(db.select(Notification.address).filter_by(action="consortium.edit_part"))
    assert set(told) == {lead.email, partner.email}
    assert "consortium.edit_part" in db.session.scalars(db.select(AuditEntry.action)).all()


def test_the_second_of_two_colleagues_hears_of_the_first(consortium, browse):
    partner = people(consortium)[1]
    reader = browse(partner)
    page = reader.get_ok(f"/consortia/{consortium.id}/part")
    edit_part(consortium, "First.", (), actor=partner, version=1)
    answer = reader.submit(page, {"contribution": "Second."})
    assert answer.status_code == 409
    assert "Second." in answer.text
    with pytest.raises(Changed):
        edit_part(consortium, "Second.", (), actor=partner, version=1)


def test_not_after_the_plan_is_handed_in_and_not_for_others(consortium, browse):
    invited = make_user(make_provider("Invited"))
    add_partner(consortium, invited.organisations[0])
    assert browse(invited).get(f"/consortia/{consortium.id}/part").status_code == 403
    assert browse(make_user(make_provider())).get(f"/consortia/{consortium.id}/part").status_code == 404
    with pytest.raises(NotYours):
        edit_part(consortium, "Mine.", (), actor=invited, version=1)
    consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    partner = people(consortium)[1]
    assert browse(partner).get(f"/consortia/{consortium.id}/part").status_code == 409
    with pytest.raises(NotNow):
        edit_part(consortium, "Late.", (), actor=partner, version=1)

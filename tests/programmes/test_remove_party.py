"""A part that was given to the wrong organisation is taken back, until the award is final; the trail keeps it."""

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from app.programmes.operations import remove_party
from app.programmes.states import Phase
from tests.factories.people import make_user
from tests.factories.programmes import make_party


@pytest.fixture
def assessor(programme):
    return make_party(programme, Part.ASSESSOR)


def test_the_part_is_taken_back_and_its_people_are_told(official, programme, assessor, browse):
    reader, person = browse(official), make_user(assessor)
    parties = f"/programmes/{programme.id}/parties"
    assert f"{parties}/{assessor.id}/remove" in reader.get_ok(parties).text
    assert f"{parties}/{programme.lead_id}/remove" not in reader.get_ok(parties).text
    assert reader.post_form(f"{parties}/{assessor.id}/remove").status_code == 303
    db.session.refresh(programme)
    assert [party.part for party in programme.parties] == [Part.GOVERNMENT]
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["programme.remove_party"]
    told = db.session.scalars(db.select(Notification)).all()
    assert [(one.address, one.path) for one in told] == [(person.email, "/home")]


def test_who_has_no_such_part_is_not_there(official, programme, browse):
    page = f"/programmes/{programme.id}/parties/{programme.lead_id}/remove"
    assert browse(official).get(page).status_code == 404  # the lead did not get its part by hand


def test_others_may_not(programme, assessor, browse):
    page = f"/programmes/{programme.id}/parties/{assessor.id}/remove"
    assert browse(make_user(assessor)).get(page).status_code == 403
    assert browse().get(page).status_code == 303


def test_from_the_final_award_on_the_parties_stand(official, programme, assessor, browse):
    programme.phase = Phase.AGREEMENT
    db.session.commit()
    parties = f"/programmes/{programme.id}/parties"
    assert browse(official).get(f"{parties}/{assessor.id}/remove").status_code == 409
    assert "/remove" not in browse(official).get_ok(parties).text
    with pytest.raises(NotNow):
        remove_party(programme, assessor, actor=official)

"""Four eyes on a programme: who drafted or submitted it does not approve it (domain, section 3.1)."""

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.operations import approve_programme, submit_programme
from app.programmes.states import Phase, ProgrammeState
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme


@pytest.fixture
def city(app):
    return make_organisation(OrganisationKind.MUNICIPALITY, "Enschede")


def test_a_second_official_approves(app, city, browse):
    first, second = make_user(city), make_user(city)
    programme = make_programme(city, state=ProgrammeState.DRAFT)
    submit_programme(programme, actor=first)

    answer = browse(second).post_form(f"/programmes/{programme.id}/approve")

    assert answer.status_code == 303
    db.session.refresh(programme)
    assert (programme.state, programme.phase) == (ProgrammeState.APPROVED, Phase.PRICES)
    recorded = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert recorded == ["programme.submit", "programme.approve"]
    told = db.session.scalars(db.select(Notification).where(Notification.action == "programme.approve")).all()
    assert {notice.address for notice in told} == {first.email, second.email}


def test_the_submitter_cannot_approve(app, city, browse):
    first = make_user(city)
    programme = make_programme(city, state=ProgrammeState.DRAFT)
    submit_programme(programme, actor=first)
    with pytest.raises(NotYours):
        approve_programme(programme, actor=first)
    assert browse(first).get(f"/programmes/{programme.id}/approve").status_code == 403
    assert programme.state == ProgrammeState.IN_REVIEW


def test_an_outsider_does_not_see_a_draft(app, city, browse):
    programme = make_programme(city, state=ProgrammeState.IN_REVIEW)
    stranger = make_user(make_organisation(OrganisationKind.MUNICIPALITY, "Elsewhere"))
    assert browse(stranger).get(f"/programmes/{programme.id}/approve").status_code == 404
    assert browse().get(f"/programmes/{programme.id}/approve").status_code == 303  # to the sign-in page


def test_a_draft_is_not_approved(app, city):
    programme = make_programme(city, state=ProgrammeState.DRAFT)
    with pytest.raises(NotNow):
        approve_programme(programme, actor=make_user(city))

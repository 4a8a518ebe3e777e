"""A programme goes to the second official only when the municipalities add up and each reserved money."""

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.operations import set_share, submit_programme
from app.programmes.states import ProgrammeState
from tests.factories.people import make_organisation, make_user


def test_a_colleague_is_asked(city, official, programme, browse):
    colleague = make_user(city)
    answer = browse(official).post_form(f"/programmes/{programme.id}/submit")
    assert answer.status_code == 303
    db.session.refresh(programme)
    assert programme.state == ProgrammeState.IN_REVIEW
    told = db.session.scalars(db.select(Notification)).all()
    assert [(n.address, n.action) for n in told] == [(colleague.email, "programme.submit")]
    assert told[0].path == f"/programmes/{programme.id}"
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["programme.submit"]


def test_participants_without_a_municipality_are_refused_with_the_figures(official, programme, browse):
    programme.cohort_size = 75
    db.session.commit()
    answer = browse(official).post_form(f"/programmes/{programme.id}/submit")
    assert answer.status_code == 422
    assert "The municipalities add up to 70 of 75 participants." in answer.text
    db.session.refresh(programme)
    assert programme.state == ProgrammeState.DRAFT


def test_a_municipality_without_a_reservation_is_refused(official, programme):
    for year in list(programme.shares[0].budget):
        db.session.delete(year)
    db.session.commit()
    with pytest.raises(Refused, match="reservation"):
        submit_programme(programme, actor=official)


def test_too_many_participants_are_refused_too(official, programme):
    hengelo = make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")
    set_share(programme, hengelo, 25, {2026: 100}, actor=official)
    with pytest.raises(Refused, match="95 of 70"):
        submit_programme(programme, actor=official)


def test_not_twice(official, programme):
    submit_programme(programme, actor=official)
    with pytest.raises(NotNow):
        submit_programme(programme, actor=official)


def test_an_official_of_another_municipality_in_the_bond_may_not(official, programme, browse):
    hengelo = make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")
    set_share(programme, hengelo, 25, {2026: 100}, actor=official)
    assert browse(make_user(hengelo)).get(f"/programmes/{programme.id}/submit").status_code == 403


@pytest.mark.parametrize("missing", [{"council_decision": ""}, {"council_decided_on": None}])
def test_without_the_council_decision_nothing_is_reserved(official, programme, browse, missing):
    """Number and date (domain, section 4, C1)."""
    for name, value in missing.items():
        setattr(programme, name, value)
    db.session.commit()
    answer = browse(official).post_form(f"/programmes/{programme.id}/submit")
    assert answer.status_code == 422
    assert "The council decision that reserves the money is missing" in answer.text
    db.session.refresh(programme)
    assert programme.state == ProgrammeState.DRAFT

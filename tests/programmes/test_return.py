"""The second official asks for a change, with a reason that everyone at the leading municipality hears."""

from app.extensions import db
from app.notifications.models import Notification
from app.programmes.operations import submit_programme
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.people import make_user


def test_it_is_a_draft_again_and_the_reason_is_told(city, official, programme, browse):
    second = make_user(city)
    submit_programme(programme, actor=official)
    answer = browse(second).post_form(f"/programmes/{programme.id}/return", {"reason": "Say who is let in."})
    assert answer.status_code == 303
    db.session.refresh(programme)
    assert programme.state == ProgrammeState.DRAFT
    told = db.session.scalars(db.select(Notification).where(Notification.action == "programme.return")).all()
    assert {n.address for n in told} == {official.email, second.email}
    assert all("Say who is let in." in n.body for n in told)


def test_without_a_reason_nothing_happens(city, official, programme, browse):
    submit_programme(programme, actor=official)
    answer = browse(make_user(city)).post_form(f"/programmes/{programme.id}/return", {"reason": "  "})
    assert answer.status_code == 422
    assert "Fill this in." in soup(answer).select_one("#reason-error").text
    db.session.refresh(programme)
    assert programme.state == ProgrammeState.IN_REVIEW


def test_a_draft_is_not_returned(official, programme, browse):
    assert browse(official).get(f"/programmes/{programme.id}/return").status_code == 409

"""Two people at once: the second hears that it changed meanwhile, and keeps what was typed."""

from app.audit.models import AuditEntry
from app.extensions import db
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.programmes import make_programme


def test_an_official_edits_a_draft(official, programme, browse):
    answer = browse(official).post_form(f"/programmes/{programme.id}/edit", {"title": "SIB Twente", "cohort_size": 71})
    assert answer.status_code == 303
    db.session.refresh(programme)
    assert (programme.title, programme.cohort_size, programme.version) == ("SIB Twente", 71, 2)
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["programme.edit"]


def test_the_second_of_two_hears_of_it_and_keeps_the_text(city, official, programme, browse):
    first, second = browse(official), browse(make_user(city))
    url = f"/programmes/{programme.id}/edit"
    page_of_second = second.get_ok(url)
    first.post_form(url, {"title": "Name of the first"})

    late = second.submit(page_of_second, {"title": "Name of the second", "problem": "Typed with care."})

    assert late.status_code == 409
    shown = soup(late)
    assert shown.select_one("#title")["value"] == "Name of the second"
    assert shown.select_one("#problem").text.strip() == "Typed with care."
    assert "Name of the first" in shown.select_one(".notice.tone-warn").text
    db.session.refresh(programme)
    assert programme.title == "Name of the first"

    again = second.submit(late, {})  # having read what is new
    assert again.status_code == 303
    db.session.refresh(programme)
    assert programme.title == "Name of the second"


def test_what_is_approved_is_not_edited(city, official, browse):
    programme = make_programme(city, state=ProgrammeState.APPROVED)
    assert browse(official).get(f"/programmes/{programme.id}/edit").status_code == 409


def test_a_post_after_submission_keeps_the_text(official, programme, browse):
    browser = browse(official)
    page = browser.get_ok(f"/programmes/{programme.id}/edit")
    programme.state = ProgrammeState.IN_REVIEW
    db.session.commit()
    late = browser.submit(page, {"title": "Too late"})
    assert late.status_code == 409
    assert soup(late).select_one("#title")["value"] == "Too late"


def test_an_outsider_sees_no_draft(outsider, programme, browse):
    assert browse(outsider).get(f"/programmes/{programme.id}/edit").status_code == 404


def test_saving_a_draft_again_does_not_clash_with_its_own_name(official, programme, browse):
    assert browse(official).post_form(f"/programmes/{programme.id}/edit", {"problem": "Anew."}).status_code == 303

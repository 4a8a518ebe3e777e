"""Every organisation declares for itself, by name and dated: exclusion, taxes, requirements (art. 2.86-2.90)."""

import pytest

from app.audit.models import AuditFacts
from app.consortia.part_operations import declare, edit_part
from app.consortia.parts import Statement, lacking, part_of, parts_of
from app.core import clock
from app.core.errors import NotYours, Refused
from app.extensions import db
from app.proposals.states import ProposalState
from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium, make_part
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal

ALL_CLEAR = {statement.value: "clear" for statement in Statement}


@pytest.fixture
def consortium(app):
    return make_consortium()


@pytest.fixture
def person(consortium):
    return make_user(consortium.lead, "Anna de Boer")


def test_declarations_are_dated_and_by_name(consortium, person, browse):
    url = f"/consortia/{consortium.id}/declare"
    assert browse(person).post_form(url, ALL_CLEAR).status_code == 303
    db.session.expire_all()
    part = part_of(consortium, consortium.lead_id)
    assert part["declared_by"] == "Anna de Boer"
    assert part["declared_at"][:10] == clock.now().date().isoformat()
    assert all(part["declarations"][statement] == {"clear": True, "words": ""} for statement in Statement)
    assert "Declared by Anna de Boer" in browse(person).get_ok(f"/consortia/{consortium.id}").text


def test_what_is_to_be_reported_is_said_and_reaches_no_trail(consortium, person, browse):
    url = f"/consortia/{consortium.id}/declare"
    answer = browse(person).post_form(url, ALL_CLEAR | {"taxes": "report"})
    assert answer.status_code == 422
    assert "Say what is to be reported" in answer.text
    told = ALL_CLEAR | {"taxes": "report", "taxes_words": "A payment scheme runs until June."}
    assert browse(person).post_form(url, told).status_code == 303
    db.session.expire_all()
    part = part_of(consortium, consortium.lead_id)
    assert part["declarations"]["taxes"] == {"clear": False, "words": "A payment scheme runs until June."}
    text = browse(person).get_ok(f"/consortia/{consortium.id}").text
    assert "A payment scheme runs until June." in text
    assert text.count("something to report") == 1
    assert text.count("this is so") == 3
    assert not any("scheme" in str(body) for body in db.session.scalars(db.select(AuditFacts.body)))


def test_every_statement_is_answered(consortium, person, browse):
    answer = browse(person).post_form(f"/consortia/{consortium.id}/declare", {"taxes": "clear"})
    assert answer.status_code == 422
    with pytest.raises(Refused):
        declare(consortium, {"taxes": {"clear": True, "words": ""}}, actor=person, version=None)


def test_a_change_of_the_work_keeps_the_declarations(consortium, person):
    make_part(consortium.partners[0])
    before = part_of(consortium, consortium.lead_id)["declared_at"]
    edit_part(consortium, "Other work.", (), actor=person, version=None)
    part = part_of(consortium, consortium.lead_id)
    assert (part["declared_at"], part["contribution"]) == (before, "Other work.")


def test_without_them_the_plan_is_not_handed_in(consortium, person):
    edit_part(consortium, "Work.", (), actor=person, version=None)
    assert any("declarations" in reason for reason in lacking(consortium, parts_of(consortium), []))
    make_part(consortium.partners[0])
    assert lacking(consortium, parts_of(consortium), []) == []


def test_nobody_declares_for_another(consortium, browse):
    outsider = make_user(make_provider())
    assert browse(outsider).get(f"/consortia/{consortium.id}/declare").status_code == 404
    with pytest.raises(NotYours):
        declare(consortium, {s.value: {"clear": True, "words": ""} for s in Statement}, actor=outsider, version=None)


def test_the_source_of_each_statement_is_that_of_the_country(app, browse):
    """Aanbestedingswet 2012 art. 2.86 in the Netherlands, art. 67 of the Law of 17 June 2016 in Belgium."""
    dutch = make_consortium()
    page = browse(make_user(dutch.lead)).get_ok(f"/consortia/{dutch.id}/declare").text
    assert "art. 2.86 Aw 2012" in page
    assert "17.6.2016" not in page
    belgian = make_consortium()
    belgian.call.programme.jurisdiction = "BE"
    db.session.commit()
    page = browse(make_user(belgian.lead)).get_ok(f"/consortia/{belgian.id}/declare").text
    assert "art. 67 Wet 17.6.2016" in page
    assert "Aw 2012" not in page


def test_what_is_said_to_be_so_reports_nothing(consortium, person, browse):
    """Two answers at once are none: the committee could not tell which of them holds."""
    url = f"/consortia/{consortium.id}/declare"
    told = ALL_CLEAR | {"taxes_words": "A payment scheme runs until June."}
    answer = browse(person).post_form(url, told)
    assert answer.status_code == 422
    assert "yet something is reported" in answer.text and "A payment scheme runs until June." in answer.text
    db.session.expire_all()
    assert part_of(consortium, consortium.lead_id)["declarations"] == {}
    assert browse(person).post_form(url, told | {"taxes": "report"}).status_code == 303


def test_sealed_with_the_plan_it_opens_no_empty_form(consortium, person, browse):
    """The parts are gone from the portal then: a form would show shares of 0 % and nothing declared."""
    make_proposal(consortium, state=ProposalState.SUBMITTED)
    for page in ("declare", "shares", "part"):
        answer = browse(person).get(f"/consortia/{consortium.id}/{page}")
        assert answer.status_code == 409, page
        assert "plan handed in" in answer.text

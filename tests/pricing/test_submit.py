"""To the second official only with every gate open; the refusal says the figures (domain, section 4)."""

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.operations import submit_table
from app.pricing.states import TableState
from tests.factories.people import make_user
from tests.factories.pricing import make_effect


def url(table) -> str:
    return f"/prices/{table.id}/submit"


def test_a_colleague_is_asked(official, second, draft, browse):
    assert browse(official).post_form(url(draft)).status_code == 303
    db.session.refresh(draft)
    assert draft.state == TableState.IN_REVIEW
    told = db.session.scalars(db.select(Notification)).all()
    assert [(n.address, n.path) for n in told] == [(second.email, f"/prices/{draft.id}")]
    assert told[0].title == "SIB Test: Price table 1 to approve"
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["table.submit"]


def test_a_vague_definition_is_refused(official, draft, browse):
    make_effect(draft, "family", name="Family", definition="The situation at home is better.")
    answer = browse(official).post_form(url(draft))
    assert answer.status_code == 422
    assert "Family: “better” can be read in two ways." in answer.text
    db.session.refresh(draft)
    assert draft.state == TableState.DRAFT
    assert db.session.scalars(db.select(AuditEntry.action)).all() == []


def test_a_maximum_above_the_reservations_is_refused_with_the_figures(official, draft, browse):
    draft.cap_contract_minor = 160_000_000
    db.session.commit()
    answer = browse(official).post_form(url(draft))
    assert answer.status_code == 422
    assert "€1,600,000.00" in answer.text and "€1,500,000.00" in answer.text and "€100,000.00 is missing" in answer.text


def test_the_first_fault_is_told_and_the_others_stand_below(official, draft, browse):
    draft.cap_contract_minor = None
    make_effect(draft, "family", name="Family", definition="Better.")
    answer = browse(official).post_form(url(draft))
    assert "1 more: see the checks below." in answer.text
    assert "Give the table a maximum for the contract" in answer.text


def test_an_empty_table_is_refused(official, draft, browse):
    db.session.delete(draft.effects[0])
    db.session.commit()
    db.session.refresh(draft)
    answer = browse(official).post_form(url(draft))
    assert answer.status_code == 422
    assert "The table has no effect yet." in answer.text


def test_not_twice(official, draft, browse):
    submit_table(draft, actor=official)
    with pytest.raises(NotNow):
        submit_table(draft, actor=official)
    assert browse(official).get(url(draft)).status_code == 409


def test_the_page_names_who_may_approve_and_says_it_when_nobody_can(official, second, city, draft, browse):
    """Four eyes: whoever saved a line of the table does not approve it, so a third colleague must."""
    third = make_user(city)
    lines = f"/prices/{draft.id}/lines"
    for person, price in ((official, "11.00"), (second, "12.00")):
        assert browse(person).post_form(lines, {"lines-0-price_minor": price}).status_code == 303
    text = browse(official).get_ok(url(draft)).text
    assert third.name in text and second.name not in text and "Nobody can approve" not in text
    third.active = False
    db.session.commit()
    text = browse(official).get_ok(url(draft)).text
    assert "Nobody can approve this table" in text and "nobody yet" in text

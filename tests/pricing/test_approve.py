"""Four eyes on prices: who drafted the table or touched one of its effects does not approve it."""

import uuid

import pytest

from app.core.errors import NotYours
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.operations import (
    TableFacts,
    approve_table,
    draft_table,
    move_effect,
    remove_effect,
    return_table,
    submit_table,
)
from app.pricing.states import TableState
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.pricing import make_effect


def url(table) -> str:
    return f"/prices/{table.id}/approve"


def test_a_second_official_approves(official, second, draft, browse):
    submit_table(draft, actor=official)
    page = browse(second).get_ok(url(draft))
    assert "€2,500.00" in page.text  # what is approved stands on the page
    assert browse(second).post_form(url(draft)).status_code == 303
    db.session.refresh(draft)
    assert draft.state == TableState.APPROVED
    told = db.session.scalars(db.select(Notification.address).where(Notification.action == "table.approve")).all()
    assert set(told) == {official.email, second.email}


def test_the_submitter_does_not(official, draft, browse):
    submit_table(draft, actor=official)
    assert browse(official).get(url(draft)).status_code == 403
    with pytest.raises(NotYours):
        approve_table(draft, actor=official)


def test_neither_does_who_drafted(official, second, programme):
    table = draft_table(programme, TableFacts(cap_contract_minor=10_000_000), actor=second, once=uuid.uuid4())
    make_effect(table)
    submit_table(table, actor=official)
    with pytest.raises(NotYours):
        approve_table(table, actor=second)


@pytest.mark.parametrize("touch", ["move", "remove"])
def test_neither_does_who_touched_one_effect(official, second, draft, touch):
    effect = make_effect(draft, "work-26w")
    if touch == "move":
        move_effect(effect, up=True, actor=second)
    else:
        remove_effect(effect, actor=second)
    submit_table(draft, actor=official)
    with pytest.raises(NotYours):
        approve_table(draft, actor=second)


def test_not_what_another_version_of_the_page_said(official, second, city, draft, browse):
    submit_table(draft, actor=official)
    browser = browse(second)
    page = browser.get_ok(url(draft))
    return_table(draft, "Cheaper, please.", actor=make_user(city))
    submit_table(draft, actor=official)
    late = browser.submit(page)
    assert late.status_code == 409
    assert "This changed since you opened the page." in soup(late).select_one("[role=alert]").text
    db.session.refresh(draft)
    assert draft.state == TableState.IN_REVIEW


def test_returned_with_a_reason_before_and_after_approval(official, second, draft, browse):
    submit_table(draft, actor=official)
    assert browse(second).post_form(f"/prices/{draft.id}/return", {"reason": ""}).status_code == 422
    assert browse(second).post_form(f"/prices/{draft.id}/return", {"reason": "Too dear."}).status_code == 303
    db.session.refresh(draft)
    assert draft.state == TableState.DRAFT
    told = db.session.scalars(db.select(Notification).where(Notification.action == "table.return")).all()
    assert {n.address for n in told} == {official.email, second.email}
    assert all("Too dear." in n.body for n in told)
    submit_table(draft, actor=official)
    approve_table(draft, actor=second)
    return_table(draft, "On second thoughts.", actor=second)
    assert draft.state == TableState.DRAFT


def test_a_draft_is_not_approved(second, draft, browse):
    assert browse(second).get(url(draft)).status_code == 409


def test_an_investor_does_not_even_see_it(draft, investor, browse):
    assert browse(investor).get(url(draft)).status_code == 404

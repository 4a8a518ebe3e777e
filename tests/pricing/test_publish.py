"""Published is for ever: public, the earlier version superseded, all parties told, every change refused."""

from dataclasses import fields

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.operations import (
    EffectFacts,
    TableFacts,
    edit_effect,
    edit_table,
    move_effect,
    publish_table,
    remove_effect,
    return_table,
)
from app.pricing.states import TableState
from app.programmes.states import Phase
from tests.browser import soup
from tests.factories.pricing import make_table


def url(table) -> str:
    return f"/prices/{table.id}/publish"


@pytest.fixture
def approved(programme):
    return make_table(programme, state=TableState.APPROVED)


def test_a_duration_that_nothing_counts_is_warned_of_before_it_is_for_ever(official, programme, browse):
    """From the draft a button leads to the very field; an approved table goes back to a draft first."""
    draft = make_table(programme, state=TableState.DRAFT)  # “13 weeks in a row”, without a clock
    browser, field = browse(official), f"/effects/{draft.effects[0].id}/edit#lasts"
    for path in (f"/prices/{draft.id}", f"/prices/{draft.id}/gates", f"/prices/{draft.id}/submit"):
        assert f'{field}"' in browser.get_ok(path).text, path
    assert soup(browser.get_ok(field)).select_one("#lasts")
    draft.state = TableState.APPROVED
    db.session.commit()
    page = browser.get_ok(url(draft))
    assert "13 weeks" in soup(page).select_one(".notice").text and f"/prices/{draft.id}/return" in page.text
    draft.effects[0].lasts = 13
    db.session.commit()
    assert "Weigh this" not in browser.get_ok(url(draft)).text


def test_everybody_reads_it_and_all_parties_are_told(official, investor, approved, browse):
    assert browse().get(f"/prices/{approved.id}").status_code == 303  # not yet
    assert browse(official).post_form(url(approved)).status_code == 303
    db.session.refresh(approved)
    assert approved.state == TableState.PUBLISHED
    assert approved.published_at is not None
    db.session.refresh(approved.programme)
    assert approved.programme.phase == Phase.INVESTORS
    told = db.session.scalars(db.select(Notification)).all()
    assert {n.address for n in told} == {official.email, investor.email}
    assert {n.title for n in told} == {"SIB Test: Price table 1 published"}
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["table.publish"]
    assert "€2,500.00" in browse().get_ok(f"/prices/{approved.id}").text


def test_it_supersedes_the_version_before_it(official, programme, browse):
    first = make_table(programme)
    later = make_table(programme, state=TableState.APPROVED)
    page = browse(official).get_ok(url(later))
    assert "Price table 1" in soup(page).select_one(".confirmation").text
    publish_table(later, actor=official)
    db.session.refresh(first)
    assert (first.state, later.state) == (TableState.SUPERSEDED, TableState.PUBLISHED)
    old = browse().get_ok(f"/prices/{first.id}")  # still there, and points on
    assert soup(old).select_one(f".notice a[href='/prices/{later.id}']")
    told = db.session.scalars(db.select(Notification)).first()
    assert "They replace Price table 1." in told.body


def test_the_phase_never_goes_back(official, programme):
    programme.phase = Phase.DELIVERY
    table = make_table(programme, state=TableState.APPROVED)
    publish_table(table, actor=official)
    assert programme.phase == Phase.DELIVERY


def test_an_illustrative_table_says_so_in_the_notice(official, approved, investor):
    approved.illustrative = True
    db.session.commit()
    publish_table(approved, actor=official)
    assert all("illustrative" in n.body for n in db.session.scalars(db.select(Notification)))


@pytest.mark.parametrize("state", [TableState.DRAFT, TableState.IN_REVIEW, TableState.PUBLISHED])
def test_only_what_is_approved(official, programme, browse, state):
    table = make_table(programme, state=state)
    assert browse(official).get(url(table)).status_code == 409
    with pytest.raises(NotNow):
        publish_table(table, actor=official)


def test_no_operation_changes_it_afterwards(official, programme):
    table = make_table(programme, effects=2)
    effect = table.effects[0]
    facts = _facts_of(effect)
    for act in (
        lambda: edit_table(table, TableFacts(note="New"), actor=official),
        lambda: edit_effect(effect, facts, actor=official),
        lambda: remove_effect(effect, actor=official),
        lambda: move_effect(effect, up=False, actor=official),
        lambda: return_table(table, "Back", actor=official),
    ):
        with pytest.raises(NotNow):
            act()
    db.session.refresh(table)
    assert (table.note, len(table.effects), table.state) == ("", 2, TableState.PUBLISHED)


def test_an_investor_does_not_publish(investor, approved, browse):
    assert browse(investor).get(url(approved)).status_code == 404


def _facts_of(effect):
    return EffectFacts(**{f.name: getattr(effect, f.name) for f in fields(EffectFacts)})

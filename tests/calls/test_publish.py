"""Publication: complete, in time, on a table in force; all providers are told alike (art. 2.115 and 2.54 Aw)."""

from datetime import timedelta

import pytest

from app.calls.operations import publish_call
from app.calls.states import CallState
from app.capital.states import RoundState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.states import TableState
from app.programmes.models import Part
from app.programmes.states import Phase
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.capital import make_round
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def call(app):
    return make_call(state=CallState.DRAFT)


def official_of(call):
    return make_user(call.programme.lead)


def test_all_vetted_providers_and_parties_are_told(call, browse):
    official = official_of(call)
    vetted, unvetted = make_user(make_provider()), make_user(make_provider(vetted_at=None))
    investor = make_user(make_party(call.programme, Part.INVESTOR))

    assert browse(official).post_form(f"/calls/{call.id}/publish").status_code == 303

    db.session.refresh(call)
    assert (call.state, call.programme.phase) == (CallState.PUBLISHED, Phase.CALL)
    assert call.published_at is not None
    told = set(db.session.scalars(db.select(Notification.address).where(Notification.action == "call.publish")))
    assert {official.email, vetted.email, investor.email} <= told
    assert unvetted.email not in told
    assert browse().get(f"/calls/{call.id}").status_code == 200


def phases(page):
    return {
        line.select_one(".phase__label").contents[0]: line["class"][-1].removeprefix("phase--")
        for line in soup(page).select(".phase")
    }


@pytest.mark.parametrize(
    ("state", "says", "step"),
    [
        (None, True, "current"),
        (RoundState.OPEN, True, "current"),
        (RoundState.FAILED, True, "current"),
        (RoundState.STANDING, False, "done"),
    ],
)
def test_investors_are_done_when_they_stand_and_not_when_a_call_is_published(call, browse, state, says, step):
    """A provider reads in the phase line whether the money for its work is promised."""
    if state is not None:
        make_round(call.programme, state=state)
    reader = browse(official_of(call))
    page = reader.get_ok(f"/calls/{call.id}/publish")
    assert ("The investors do not stand yet" in page.text) == says
    assert reader.submit(page, action=f"/calls/{call.id}/publish").status_code == 303
    for url in (f"/calls/{call.id}", f"/programmes/{call.programme_id}", "/home"):
        shown = phases(reader.get_ok(url))
        assert (shown["Prices"], shown["Investors"], shown["Call"], shown["Contract"]) == (
            "done",
            step,
            "current",
            "todo",
        )
    assert phases(browse().get_ok("/"))["Investors"] == step


def test_what_is_missing_is_named(app, browse):
    call = make_call(state=CallState.DRAFT, committee=False)
    reader = browse(official_of(call))
    assert "At least three people must be named" in reader.get_ok(f"/calls/{call.id}").text
    reader.get_ok(f"/calls/{call.id}/publish")
    with pytest.raises(Refused):
        publish_call(call, actor=official_of(call))
    db.session.refresh(call)
    assert call.state == CallState.DRAFT


@pytest.mark.parametrize("lacking", ["opener", "scorer", "weights", "deadline"])
def test_each_lack_refuses_on_its_own(call, lacking):
    if lacking == "weights":
        call.criteria[0].weight = 59
    elif lacking == "deadline":
        call.deadline = call.questions_until = clock.now()
    else:
        db.session.delete(next(member for member in call.committee if member.duty == lacking))
    db.session.commit()
    with pytest.raises(Refused):
        publish_call(call, actor=official_of(call))
    assert call.state == CallState.DRAFT


def test_the_table_that_is_in_force_at_publication_counts(call):
    call.table.state = TableState.SUPERSEDED
    db.session.commit()
    with pytest.raises(Refused, match="price table"):
        publish_call(call, actor=official_of(call))
    newer = make_table(call.programme)
    publish_call(call, actor=official_of(call))
    assert call.table_id == newer.id


def test_a_second_click_publishes_nothing_twice(call):
    official = official_of(call)
    publish_call(call, actor=official)
    with pytest.raises(NotNow):
        publish_call(call, actor=official)
    count = db.session.scalar(db.select(db.func.count(Notification.id)).where(Notification.user_id == official.id))
    assert count == 1


def test_providers_cannot_publish(call, browse):
    provider = browse(make_user(make_provider()))
    assert provider.get(f"/calls/{call.id}/publish").status_code == 404
    published = make_call()
    assert provider.get(f"/calls/{published.id}/publish").status_code == 403


def test_a_deadline_that_passes_while_the_draft_lies_refuses(call):
    with clock.at(call.deadline + timedelta(seconds=0)), pytest.raises(Refused, match="deadline"):
        publish_call(call, actor=official_of(call))


def test_a_deadline_within_ten_days_leaves_nobody_a_question(app):
    """Art. 2.54 Aw: the last answers come ten days before closing; a call that closes sooner has no question term."""
    soon = clock.now() + timedelta(days=10)
    call = make_call(state=CallState.DRAFT, deadline=soon, questions_until=soon - timedelta(days=10))
    with pytest.raises(Refused, match=r"art\. 2\.54"):
        publish_call(call, actor=official_of(call))
    later = clock.now() + timedelta(days=11)
    call.deadline, call.questions_until = later, later - timedelta(days=10, hours=1)
    db.session.commit()
    publish_call(call, actor=official_of(call))


def test_in_belgium_the_call_itself_says_when_the_last_answers_come(app):
    soon = clock.now() + timedelta(days=6)
    belgian = make_programme(jurisdiction="BE")
    call = make_call(belgian, state=CallState.DRAFT, deadline=soon, questions_until=soon, standstill_days=15)
    publish_call(call, actor=official_of(call))
    assert call.answers_until == call.deadline


def test_a_law_that_changed_while_the_draft_lay_refuses(call):
    call.standstill_days = 19
    db.session.commit()
    with pytest.raises(Refused, match="At least 20 calendar days"):
        publish_call(call, actor=official_of(call))


def test_the_page_leads_to_what_is_missing_instead_of_offering_the_button(call, browse):
    reader, url = browse(official_of(call)), f"/calls/{call.id}/publish"
    assert "Publish" in [button.text for button in soup(reader.get_ok(url)).select("main button")]
    call.contacts.clear()
    db.session.commit()
    page = soup(reader.get_ok(url)).select_one("main")
    assert page.select("form button") == []
    assert [link["href"] for link in page.select("table a")] == [f"/calls/{call.id}/contacts"]
    assert "Name at least one contact." in page.text

"""Offers and needs for one call: read by service providers alone, and answered without a mail address."""

import json
import uuid
from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.board.models import Conversation, Entry, Message, Wish
from app.board.operations import MESSAGES, Wanted, contact_entry, post_entry, withdraw_entry, write_message
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.statements import counted

NEED = Wanted(Wish.NEED, "We miss somebody for debts.", ("income",))


@pytest.fixture
def call(app):
    return make_call()


@pytest.fixture
def seeker(call):
    return make_user(make_provider("Stichting Zoekt"), "Zoë Zoek")


@pytest.fixture
def helper(call):
    return make_user(make_provider("Stichting Biedt"), "Bob Bied")


def post(call, user, wanted=NEED):
    return post_entry(call, user.organisations[0], wanted, actor=user, once=uuid.uuid4())


def test_only_service_providers_know_who_stands_on_the_board(call, seeker, helper, browse):
    """Equal treatment: a government that reads it would know the bidders before the deadline."""
    typed = {"wish": "need", "life_domains": ["income"], "text": "We miss somebody for debts."}
    assert browse(seeker).post_form(f"/calls/{call.id}/partners/post", typed).status_code == 303
    url = f"/calls/{call.id}/partners"
    assert "Stichting Zoekt" in browse(helper).get_ok(url).text
    official = make_user(call.programme.lead)
    auditor = make_user(make_party(call.programme, Part.AUDITOR))
    for other in (official, auditor):
        assert browse(other).get(url).status_code == 403
        assert "Stichting Zoekt" not in browse(other).get_ok(f"/calls/{call.id}").text
    assert browse().get(url).status_code == 303
    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action.like("board.%"))).all()
    assert [entry.actor_id for entry in entries] == [None]
    assert "Zoekt" not in json.dumps([entry.facts.body for entry in entries])
    assert str(seeker.organisations[0].id) not in json.dumps([entry.facts.body for entry in entries])


def test_they_write_to_each_other_without_an_address(call, seeker, helper, browse):
    entry = post(call, seeker)
    assert browse(helper).post_form(f"/board/{entry.id}/contact", {"text": "We do debts."}).status_code == 303
    (conversation,) = db.session.scalars(db.select(Conversation))
    assert browse(seeker).post_form(f"/conversations/{conversation.id}/write", {"text": "Good!"}).status_code == 303
    told = db.session.scalars(db.select(Notification).where(Notification.action == "conversation.write")).all()
    assert [one.address for one in told] == [helper.email, seeker.email] or [one.address for one in told] == [
        seeker.email,
        helper.email,
    ]
    url = f"/conversations/{conversation.id}"
    for reader in (seeker, helper):
        page = browse(reader).get_ok(url).text
        assert "We do debts." in page and "Good!" in page
        other = helper if reader is seeker else seeker
        assert other.email not in page and other.name not in page
    for one in told:
        assert seeker.email not in one.body and helper.email not in one.body
    outsider = make_user(make_provider())
    assert browse(outsider).get(url).status_code == 404
    assert browse(make_user(call.programme.lead)).get(url).status_code == 404
    with pytest.raises(NotYours):
        write_message(conversation, "May I?", actor=outsider, once=uuid.uuid4())


def test_a_second_message_goes_into_the_same_conversation(call, seeker, helper):
    entry = post(call, seeker)
    first = contact_entry(entry, "One.", actor=helper, once=uuid.uuid4())
    assert contact_entry(entry, "Two.", actor=helper, once=uuid.uuid4()) is first
    assert [message.text for message in first.messages] == ["One.", "Two."]
    once = uuid.uuid4()
    for _ in range(2):  # the second half of a double click
        write_message(first, "Three.", actor=seeker, once=once)
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 3


def test_what_is_refused(call, seeker, helper, browse):
    official = make_user(call.programme.lead)
    assert browse(official).get(f"/calls/{call.id}/partners/post").status_code == 403
    with pytest.raises(Refused):
        post(call, official)
    with pytest.raises(Refused) as refused:
        post(call, seeker, Wanted(Wish.OFFER, "All.", ()))
    assert refused.value.field == "life_domains"
    with pytest.raises(Refused) as refused:
        post(call, seeker, Wanted(Wish.OFFER, "All.", ("work",), (str(uuid.uuid4()),)))
    assert refused.value.field == "municipality_ids"
    with pytest.raises(Refused):
        post_entry(call, helper.organisations[0], NEED, actor=seeker, once=uuid.uuid4())
    entry = post(call, seeker)
    with pytest.raises(Refused):
        contact_entry(entry, "To myself.", actor=seeker, once=uuid.uuid4())
    with pytest.raises(NotYours):
        withdraw_entry(entry, actor=helper)
    empty = browse(seeker).post_form(f"/calls/{call.id}/partners/post", {"wish": "need", "text": "Kept words"})
    assert empty.status_code == 422
    assert "Kept words" in empty.text


def test_with_the_call_the_board_closes_and_a_withdrawn_entry_is_gone(call, seeker, helper, browse):
    entry, kept = post(call, seeker), post(call, seeker, Wanted(Wish.OFFER, "A house.", ("home",)))
    conversation = contact_entry(entry, "Hello.", actor=helper, once=uuid.uuid4())
    assert browse(seeker).post_form(f"/board/{entry.id}/withdraw", {}).status_code == 303
    page = browse(helper).get_ok(f"/calls/{call.id}/partners").text
    assert "somebody for debts" not in page and "A house." in page
    with pytest.raises(NotNow):
        contact_entry(entry, "Still?", actor=helper, once=uuid.uuid4())
    write_message(conversation, "It goes on.", actor=seeker, once=uuid.uuid4())
    with clock.at(call.deadline + timedelta(seconds=1)):
        for late in (
            lambda: post(call, seeker),
            lambda: contact_entry(kept, "Late.", actor=helper, once=uuid.uuid4()),
            lambda: write_message(conversation, "Late.", actor=helper, once=uuid.uuid4()),
        ):
            with pytest.raises(NotNow):
                late()


def test_the_board_is_no_mailing_list(app, call, seeker, helper, monkeypatch):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    entry = post(call, seeker)
    limit = int(MESSAGES.split()[0])
    conversation = contact_entry(entry, "0", actor=helper, once=uuid.uuid4())
    for n in range(1, limit):
        write_message(conversation, str(n), actor=helper, once=uuid.uuid4())
    with pytest.raises(Refused, match="in the last hour"):
        write_message(conversation, "too much", actor=helper, once=uuid.uuid4())
    write_message(conversation, "The other side is heard.", actor=seeker, once=uuid.uuid4())


def test_the_board_costs_the_same_for_one_and_for_thirty(call, seeker, browse):
    helper = make_user(make_provider())
    url, reader = f"/calls/{call.id}/partners", browse(helper)
    post(call, seeker)
    reader.get_ok(url)
    with counted() as for_one:
        reader.get_ok(url)
    for n in range(20):
        user = make_user(make_provider())
        db.session.add(Entry(call=call, organisation=user.organisations[0], wish=Wish.NEED, text=str(n)))
    db.session.commit()
    with counted() as for_many:
        reader.get_ok(url)
    assert len(for_one) == len(for_many)

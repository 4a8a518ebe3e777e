"""Each official makes a key with a passphrase that the portal shows once and nobody keeps."""

import pytest

from app.audit.models import AuditFacts
from app.calls.key_models import CallKey, KeyLayer, OpenerKey, Purpose, current_key, key_of
from app.calls.key_operations import make_opening_key, unlock_opening_key
from app.calls.models import CommitteeMember, Duty
from app.calls.operations import publish_call
from app.calls.states import CallState
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.sealing import envelope, layers, passphrase
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.keys import make_opener_key, passphrase_of
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    """A draft whose three officials have no keys yet."""
    call = make_call(state=CallState.DRAFT, committee=False)
    people = [make_user(call.programme.lead) for _ in range(3)]
    call.committee = [CommitteeMember(user_id=user.id, duty=Duty.OPENER) for user in people]
    call.committee += [CommitteeMember(user_id=make_user(call.programme.lead).id, duty=Duty.SCORER) for _ in range(3)]
    db.session.commit()
    return call


def openers(call):
    return [member.user for member in call.on_committee(Duty.OPENER)]


def shown(answer):
    return soup(answer).select_one("#passphrase-shown").text


def test_shown_once_typed_back_and_then_it_opens(call, browse):
    official = openers(call)[0]
    reader, url = browse(official), f"/calls/{call.id}/opening-key"
    page = reader.get_ok(url)
    words = shown(page)
    assert passphrase.is_well_formed(words)
    assert reader.submit(page, {"passphrase": words.lower().replace("-", " ")}).status_code == 303
    db.session.refresh(call)
    key, private = unlock_opening_key(call, words, actor=official)
    sealed = envelope.seal(b"a test", key.public_key)
    assert envelope.open_(sealed, private) == b"a test"
    assert private not in key.wrapped_private_key
    assert words not in reader.get_ok(f"/calls/{call.id}").text
    assert shown(reader.get_ok(url)) != words  # never again


def test_what_is_not_typed_back_does_not_count(call, browse):
    """A slip shows the same passphrase again, so that what was written down stays good."""
    official = openers(call)[0]
    reader, url = browse(official), f"/calls/{call.id}/opening-key"
    page = reader.get_ok(url)
    words = shown(page)
    for typed, says in (
        (words[:-1], "not a whole passphrase"),
        (passphrase.make(), "not the passphrase that is shown"),
    ):
        answer = reader.submit(page, {"passphrase": typed})
        assert answer.status_code == 422
        assert says in answer.text
        assert shown(answer) == words
    assert key_of(call, official) is None
    assert reader.submit(answer, {"passphrase": words}).status_code == 303


def test_nobody_chooses_a_passphrase(call, browse):
    """The sealed note of what was shown is for this person and page: another one, or none, makes a new passphrase."""
    first, second = openers(call)[:2]
    url, words = f"/calls/{call.id}/opening-key", passphrase.make()
    page = browse(second).get_ok(url)
    note = soup(page).select_one("input[name=shown]")["value"]
    own = {"passphrase": shown(page), "shown": note}
    for data in ({"passphrase": words}, {"passphrase": words, "shown": words}, own):
        assert browse(first).post_form(url, data).status_code == 422
    assert key_of(call, first) is None


def test_a_second_key_takes_the_place_of_the_first_while_it_is_a_draft(call):
    official = openers(call)[0]
    lost, kept = passphrase.make(), passphrase.make()
    earlier = make_opening_key(call, lost, actor=official)
    make_opening_key(call, kept, actor=official)
    assert earlier.retired_at is not None
    assert earlier.wrapped_private_key == b""
    with pytest.raises(Refused, match="does not open"):
        unlock_opening_key(call, lost, actor=official)
    assert unlock_opening_key(call, kept, actor=official)[0].id != earlier.id


def test_publication_waits_for_every_key_and_then_makes_those_of_the_call(call, browse):
    official = make_user(call.programme.lead)
    for number, opener in enumerate(openers(call)):
        answer = browse(official).get_ok(f"/calls/{call.id}/publish")
        with pytest.raises(Refused):
            publish_call(call, actor=official)
        assert f"{call.without_key()[0].name} has not made an opening key yet." in answer.text
        assert len(call.without_key()) == 3 - number
        make_opening_key(call, passphrase_of(opener), actor=opener)
    assert db.session.scalars(db.select(CallKey)).all() == []
    publish_call(call, actor=official)
    keys = [current_key(call, purpose) for purpose in Purpose]
    assert [key.generation for key in keys] == [1, 1]
    assert keys[0].public_key != keys[1].public_key
    assert all(len(key.layers) == 6 and not any(layer.peeled for layer in key.layers) for key in keys)


def test_any_two_officials_hold_the_private_half_and_no_row_does(call):
    for opener in openers(call):
        make_opening_key(call, passphrase_of(opener), actor=opener)
    publish_call(call, actor=make_user(call.programme.lead))
    private = {
        key.id: secret
        for key, secret in (unlock_opening_key(call, passphrase_of(user), actor=user) for user in openers(call))
    }
    for key in db.session.scalars(db.select(CallKey)):
        found = set()
        for layer in key.layers:
            pair = (layer.outer_id, layer.inner_id)
            left = layers.peel(layer.sealed, private[layer.outer_id], *pair, *key.bound_to)
            found.add(layers.unwrap(left, private[layer.inner_id], *pair, *key.bound_to))
        (secret,) = found
        assert envelope.open_(envelope.seal(b"a test", key.public_key), secret) == b"a test"
        for row in db.session.scalars(db.select(KeyLayer)):
            assert secret not in row.sealed


@pytest.mark.parametrize("number", [0, 1, 2])
def test_fewer_than_three_officials_refuse(call, number):
    for member in call.on_committee(Duty.OPENER)[number:]:
        db.session.delete(member)
    db.session.commit()
    for opener in openers(call):
        make_opener_key(call, opener)
    db.session.commit()
    with pytest.raises(Refused, match="At least three officials"):
        publish_call(call, actor=make_user(call.programme.lead))


def test_once_published_a_key_stands(app, browse):
    call = make_call()
    official = call.on_committee(Duty.OPENER)[0].user
    assert browse(official).get(f"/calls/{call.id}/opening-key").status_code == 409
    with pytest.raises(NotNow):
        make_opening_key(call, passphrase.make(), actor=official)
    assert unlock_opening_key(call, passphrase_of(official), actor=official)


def test_only_who_is_named_to_open(call, browse):
    for person, status in ((make_user(call.programme.lead), 403), (make_user(is_admin=True), 404)):
        assert browse(person).get(f"/calls/{call.id}/opening-key").status_code == status
        with pytest.raises(NotYours):
            make_opening_key(call, passphrase.make(), actor=person)
    assert db.session.scalars(db.select(OpenerKey)).all() == []


def test_a_passphrase_reaches_neither_trail_nor_notice_nor_log(call, browse, capfd):
    official = openers(call)[0]
    reader = browse(official)
    page = reader.get_ok(f"/calls/{call.id}/opening-key")
    words = shown(page)
    reader.submit(page, {"passphrase": words[:-1]})
    reader.submit(page, {"passphrase": words})
    facts = [str(body) for body in db.session.scalars(db.select(AuditFacts.body))]
    notices = [n.title + n.body for n in db.session.scalars(db.select(Notification))]
    out = "".join(capfd.readouterr())
    assert facts and not [text for text in [*facts, *notices, out] if words in text or words.replace("-", "") in text]


def test_five_wrong_passphrases_and_then_a_pause(app, monkeypatch):
    call = make_call()
    official = call.on_committee(Duty.OPENER)[0].user
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    for _ in range(5):
        with pytest.raises(Refused, match="does not open"):
            unlock_opening_key(call, passphrase.make(), actor=official)
    with pytest.raises(Refused, match="Too many"):
        unlock_opening_key(call, passphrase_of(official), actor=official)

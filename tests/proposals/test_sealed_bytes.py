"""Sealed means unreadable: not a word of a plan, nor a key to it, in the database, its log or a dump of it.

With SEALING_KEY too: it reads drafts, and never what was handed in.
"""

import base64
import sqlite3

import pytest
from cryptography.exceptions import InvalidTag

from app.calls.key_models import CallKey, KeyLayer, OpenerKey
from app.calls.key_operations import unlock_opening_key
from app.calls.models import Duty
from app.consortia import vault
from app.consortia.vault import Slot, Unreadable
from app.extensions import db
from app.people.models import User
from app.proposals.models import Proposal
from app.proposals.submit_operations import read_own_copy, submit_proposal, withdraw_proposal
from tests.factories.calls import make_call
from tests.factories.consortia import make_consortium
from tests.factories.keys import passphrase_of
from tests.factories.proposals import SECRET_WORDS, make_plan, make_proposal

LONG = SECRET_WORDS + " who know the way to every door in town. " * 200  # more than a page of the database


@pytest.fixture
def place(app_on, tmp_path):
    """A database file of its own, in which things are committed."""
    app = app_on(f"sqlite:///{tmp_path}/portal.sqlite")
    with app.app_context():
        yield tmp_path / "portal.sqlite"
        db.session.remove()
        db.engine.dispose()


def draft():
    consortium = make_consortium(make_call())
    return make_proposal(consortium, content=make_plan(consortium, approach=LONG))


def lead_of(proposal):
    return proposal.consortium.lead.people()[0]


def everything(path):
    """All files of the database, and a dump: BLOBs as bytes."""
    files = [file.read_bytes() for file in sorted(path.parent.glob("portal.sqlite*"))]
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = [cell for table in tables for row in connection.execute(f'SELECT * FROM "{table}"') for cell in row]
    return files + [cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells]


def is_in(secret, stored):
    shapes = (secret, secret.hex().encode(), base64.b64encode(secret)[:-4], secret.decode("latin1").encode("utf-16-le"))
    return any(shape in part for part in stored for shape in shapes)


def test_a_draft_is_no_text_on_the_disk(place):
    proposal = draft()
    assert not is_in(b"forty-two mentors", everything(place))
    assert vault.read(proposal.consortium, "answer:approach") == LONG  # SEALING_KEY reads drafts, and says so


def test_what_was_handed_in_is_nowhere(place):
    proposal = draft()
    consortium = proposal.consortium
    keys = [consortium.draft_key, *db.session.scalars(db.select(Slot.ciphertext))]
    assert all(is_in(key, everything(place)) for key in keys)  # the test sees what lies there
    words = passphrase_of(proposal)
    submit_proposal(proposal, words, actor=lead_of(proposal))
    db.session.remove()
    stored = everything(place)
    assert not is_in(b"forty-two mentors", stored)
    assert not is_in(words.encode(), stored)
    for key in keys:
        assert not is_in(key[-40:], stored), "the key or the text of the draft is still found"


def test_the_portals_own_key_opens_nothing_that_was_handed_in(place):
    proposal = draft()
    submit_proposal(proposal, passphrase_of(proposal), actor=lead_of(proposal))
    consortium = proposal.consortium
    assert vault.read_all(consortium) == {}
    blobs = [part for part in everything(place) if 28 < len(part) < 10_000_000]
    key = vault._wrapping_key(consortium.id)
    for blob in blobs:
        with pytest.raises((InvalidTag, ValueError)):
            vault._decrypt(key, blob, consortium.id.bytes)
    consortium.draft_key = proposal.plan[:80]
    with pytest.raises(Unreadable):
        vault._unwrapped(consortium)


def test_no_private_key_lies_anywhere(place):
    """Neither that of an official nor that of the call; and a retired one is not even there under its passphrase."""
    call = make_call()
    officials = [member.user for member in call.on_committee(Duty.OPENER)]
    private = [unlock_opening_key(call, passphrase_of(user), actor=user)[1] for user in officials]
    stored = everything(place)
    assert not [key for key in private if is_in(key, stored)]
    assert db.session.scalar(db.select(db.func.count(KeyLayer.id))) == 12
    assert all(is_in(key.public_key, stored) for key in db.session.scalars(db.select(CallKey)))
    assert len(db.session.scalars(db.select(OpenerKey)).all()) == 3


def test_taken_back_it_is_the_same_draft_under_another_key(place):
    proposal = draft()
    lead, consortium = lead_of(proposal), proposal.consortium
    before, confirmed = vault.digest_of(consortium), proposal.stands_on
    old_key = consortium.draft_key
    submit_proposal(proposal, passphrase_of(proposal), actor=lead)
    copy = read_own_copy(proposal, passphrase_of(proposal), reader=db.session.get(User, lead.id))
    assert copy["plan"]["answers"]["approach"] == LONG
    withdraw_proposal(proposal, passphrase_of(proposal), actor=lead)
    db.session.expire_all()
    proposal = db.session.scalars(db.select(Proposal)).one()
    assert (vault.digest_of(proposal.consortium), proposal.stands_on) == (before, confirmed)
    assert proposal.consortium.draft_key != old_key
    assert not is_in(b"forty-two mentors", everything(place))

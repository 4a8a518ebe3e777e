"""A draft lies encrypted slot by slot, under a key per consortium that handing in destroys (the sealed proposal).

Each test is one way to read, mix up or lose what a consortium wrote."""

import pytest
from sqlalchemy import text

from app.accounts.models import KeptForm
from app.consortia import vault
from app.core import clock
from app.core.errors import Changed, NotNow
from app.core.operation import housekeeping
from app.extensions import db
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user

WORDS = "Forty-two mentors, from the first day on"
write, destroy, restore = (housekeeping(act) for act in (vault.write, vault.destroy, vault.restore))
mark, end = housekeeping(vault.mark_editing), housekeeping(vault.end_editing)


@pytest.fixture
def consortium(both):
    """On each database in turn: they lay rows and compare versions in their own ways."""
    return make_consortium()


@pytest.fixture
def writer(consortium):
    return make_user(consortium.lead)


def test_what_is_written_comes_back(consortium, writer):
    write(consortium, "answer:approach", WORDS, actor=writer)
    write(consortium, "discount", 250, actor=writer)
    write(consortium, "volumes", {"a": 3, "b": 0}, actor=writer)
    db.session.expire_all()
    assert vault.read(consortium, "answer:approach") == WORDS
    assert vault.read(consortium, "nothing") is None
    found = vault.read_all(consortium)
    assert {name: found[name] for name in found if name != "salt"} == {
        "answer:approach": WORDS,
        "discount": 250,
        "volumes": {"a": 3, "b": 0},
    }
    slot = vault.slot_of(consortium, "discount")
    assert (slot.version, slot.edited_by_id) == (1, writer.id)


def test_nothing_of_it_is_in_the_database_nor_a_digest_that_can_be_guessed(consortium, writer):
    """A plain SHA-256 of a discount of 250 basis points would be found by trying ten thousand numbers."""
    import hashlib

    write(consortium, "answer:approach", WORDS, actor=writer)
    write(consortium, "discount", 250, actor=writer)
    rows = db.session.execute(text("SELECT * FROM draft_slot")).all()
    stored = b"".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)
    assert WORDS.encode() not in stored
    assert all(hashlib.sha256(guess).hexdigest().encode() not in stored for guess in (b"250", b'"250"'))
    rival = make_consortium(consortium.call)
    write(rival, "discount", 9_999, actor=writer)
    lengths = {len(vault.slot_of(one, "discount").ciphertext) for one in (consortium, rival)}
    assert len(lengths) == 1  # nor how many digits it has
    write(rival, "discount", 250, actor=writer)
    assert vault.slot_of(rival, "discount").digest != vault.slot_of(consortium, "discount").digest


def test_the_second_of_two_hears_of_the_first(consortium, writer):
    write(consortium, "answer:team", "One", actor=writer, version=vault.NOT_YET)
    with pytest.raises(Changed):
        write(consortium, "answer:team", "Two", actor=writer, version=vault.NOT_YET)
    write(consortium, "answer:team", "Two", actor=writer, version=1)
    with pytest.raises(Changed):
        write(consortium, "answer:team", "Three", actor=writer, version=1)
    with pytest.raises(Changed):
        write(consortium, "answer:risks", "Never written", actor=writer, version=3)
    write(consortium, "answer:risks", "Another slot has its own version", actor=writer, version=vault.NOT_YET)
    assert vault.read(consortium, "answer:team") == "Two"


def test_the_same_again_changes_nothing(consortium, writer):
    write(consortium, "answer:team", "One", actor=writer)
    before = vault.digest_of(consortium)
    slot = write(consortium, "answer:team", "One", actor=writer, version=1)
    assert (slot.version, vault.digest_of(consortium)) == (1, before)
    write(consortium, "answer:team", "Two", actor=writer)
    assert vault.digest_of(consortium) != before
    write(consortium, "answer:team", "One", actor=writer)
    assert vault.digest_of(consortium) == before


def test_a_slot_that_is_emptied_says_nothing(consortium, writer):
    empty = vault.digest_of(consortium)
    write(consortium, "answer:team", "One", actor=writer)
    write(consortium, "answer:team", None, actor=writer, version=1)
    assert vault.read(consortium, "answer:team") is None
    assert vault.digest_of(consortium) == empty
    assert "answer:team" not in vault.read_all(consortium)


@pytest.mark.parametrize("moved", ["from another slot", "from another consortium", "a bit turned"])
def test_bytes_in_another_place_do_not_open(consortium, writer, moved):
    write(consortium, "answer:team", "One", actor=writer)
    write(consortium, "answer:risks", "Two", actor=writer)
    rival = make_consortium(consortium.call)
    write(rival, "answer:team", "Rival", actor=writer)
    foreign = {
        "from another slot": vault.slot_of(consortium, "answer:risks").ciphertext,
        "from another consortium": vault.slot_of(rival, "answer:team").ciphertext,
        "a bit turned": bytes([vault.slot_of(consortium, "answer:team").ciphertext[0] ^ 1])
        + vault.slot_of(consortium, "answer:team").ciphertext[1:],
    }[moved]
    vault.slot_of(consortium, "answer:team").ciphertext = foreign
    db.session.commit()
    with pytest.raises(vault.Unreadable):
        vault.read(consortium, "answer:team")


def test_a_key_of_another_consortium_or_another_portal_does_not_open(consortium, writer, both, monkeypatch):
    write(consortium, "answer:team", "One", actor=writer)
    rival = make_consortium(consortium.call)
    rival.draft_key = consortium.draft_key
    db.session.commit()
    with pytest.raises(vault.Unreadable):
        write(rival, "answer:team", "Rival", actor=writer)
    monkeypatch.setitem(both.config, "SEALING_KEY", "another")
    with pytest.raises(vault.Unreadable):
        vault.read(consortium, "answer:team")


def test_handing_in_destroys_the_key_and_the_bytes_and_keeps_the_digest(consortium, writer):
    write(consortium, "answer:team", "One", actor=writer)
    confirmed = vault.digest_of(consortium)
    for path in (f"/consortia/{consortium.id}/proposal/team", "/consortia/another"):
        db.session.add(KeptForm(user_id=writer.id, path=path, sealed=b"typed when the session had ended"))
    db.session.commit()
    destroy(consortium)
    db.session.expire_all()
    assert consortium.draft_key is None
    assert db.session.execute(text("SELECT count(*) FROM draft_slot WHERE length(ciphertext) > 0")).scalar() == 0
    assert vault.digest_of(consortium) == confirmed
    assert vault.read(consortium, "answer:team") is None
    assert vault.read_all(consortium) == {}
    assert db.session.scalars(db.select(KeptForm.path)).all() == ["/consortia/another"]
    with pytest.raises(NotNow):
        write(consortium, "answer:team", "After the bell", actor=writer)


def test_withdrawing_brings_it_back_under_a_new_key_as_it_was_confirmed(consortium, writer):
    write(consortium, "answer:team", "One", actor=writer)
    write(consortium, "discount", 0, actor=writer)
    confirmed, kept, old_key = vault.digest_of(consortium), vault.read_all(consortium), consortium.draft_key
    destroy(consortium)
    restore(consortium, kept, actor=writer)
    assert vault.read_all(consortium) == kept
    assert vault.digest_of(consortium) == confirmed
    assert consortium.draft_key not in (None, old_key)
    write(consortium, "answer:team", "Two", actor=writer)
    assert vault.read(consortium, "answer:team") == "Two"


def test_who_lost_the_passphrase_starts_anew(consortium, writer):
    write(consortium, "answer:team", "One", actor=writer)
    destroy(consortium)
    restore(consortium, {}, actor=writer)
    assert vault.slots_of(consortium) == {}
    write(consortium, "answer:team", "Anew", actor=writer, version=vault.NOT_YET)
    assert vault.read(consortium, "answer:team") == "Anew"


def test_files_are_left_where_they_are_when_nobody_needs_them(consortium, writer):
    write(consortium, "file:letter", "QUJD", actor=writer)
    write(consortium, "answer:letter", {"filename": "letter.pdf"}, actor=writer)
    assert "file:letter" not in vault.read_all(consortium, files=False)
    assert vault.read_all(consortium)["file:letter"] == "QUJD"


def test_who_is_writing_is_said_for_two_minutes_and_costs_nobody_their_version(consortium, writer):
    other = make_user(consortium.lead)
    mark(consortium, "answer:team", actor=writer)
    slot = vault.slot_of(consortium, "answer:team")
    assert slot.editor == writer
    mark(consortium, "answer:team", actor=other)
    assert vault.slot_of(consortium, "answer:team").editor == writer  # who came first
    write(consortium, "answer:team", "One", actor=other, version=vault.NOT_YET)
    mark(consortium, "answer:team", actor=writer)
    write(consortium, "answer:team", "Two", actor=other, version=1)
    with clock.at(clock.now() + vault.EDITING_LASTS):
        assert vault.slot_of(consortium, "answer:team").editor is None
        mark(consortium, "answer:team", actor=other)
        assert vault.slot_of(consortium, "answer:team").editor == other
        end(consortium, "answer:team", actor=other)
        assert vault.slot_of(consortium, "answer:team").editor is None

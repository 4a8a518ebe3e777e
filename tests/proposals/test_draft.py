"""Written together without losing a word: each piece has a version of its own, the second of two hears of the first,
and nothing that was written is stored in the clear (issue: the sealed proposal)."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit.models import AuditEntry, AuditFacts
from app.calls.asked import ItemKind
from app.consortia import vault
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.draft_operations import SITTING_LASTS, autosave_piece, mark_writing, plan_of
from app.proposals.models import Proposal
from app.proposals.operations import confirm_proposal
from app.proposals.pieces import DISCOUNT_KEY, find_piece
from tests.browser import soup
from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import ask, make_plan, make_proposal, write_answer, write_plan
from tests.proposals.drafting import TYPING, at, document, people, plan, read, type_in


def test_a_partner_writes_and_the_trail_knows_only_a_digest(consortium, browse):
    lead, partner = people(consortium)
    browse(partner).post_form(at(consortium, "volumes"), {"volume-work-13w": "30"})
    answer = browse(partner).post_form(at(consortium, "approach"), {"answer": "Forty-two mentors."})
    assert browse(partner).follow(answer).request.path == at(consortium)
    page = browse(lead).get_ok(f"/proposals/{plan_of(consortium).id}")
    assert "Forty-two mentors." in page.text
    assert "€75,000.00" in page.text
    assert list(plan(consortium)["volumes"].values()) == [30]
    assert {entry.action for entry in db.session.scalars(db.select(AuditEntry))} == {"proposal.draft"}
    told = db.session.scalars(db.select(AuditFacts.body)).all()
    assert [set(facts) for facts in told] == [{"digest"}, {"digest"}]
    assert told[-1] == {"digest": vault.digest_of(consortium)}
    assert db.session.scalars(db.select(Notification)).all() == []


def test_no_word_of_a_draft_is_in_the_database_or_on_disk(app_on, tmp_path):
    app = app_on(f"sqlite:///{tmp_path}/draft.sqlite")
    with app.app_context():
        consortium = make_consortium()
        ask(consortium.call, ItemKind.FILE, "letter")
        person = make_user(consortium.lead)
        write_answer(consortium, "approach", "Forty-two mentors", actor=person)
        write_answer(consortium, "letter", document(), actor=person)
        stored = [
            value if isinstance(value, bytes) else str(value).encode()
            for table in db.metadata.sorted_tables
            for row in db.session.execute(text(f'SELECT * FROM "{table.name}"'))
            for value in row
        ]
        assert len(stored) > 100
        db.session.remove()
        on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert b"answer:approach" in on_disk  # what is not secret is there, so the rest would be
        for secret in (b"mentors", b"letter of intent", b"bGV0dGVyIG9mIGludGVudA"):
            assert secret not in b"".join(stored) + on_disk
        db.engine.dispose()


def test_two_write_the_same_piece_at_once_and_no_word_is_lost(consortium, browse):
    one, other = (browse(person) for person in people(consortium))
    page = other.get_ok(at(consortium, "approach"))
    one.post_form(at(consortium, "approach"), {"answer": "The first text."})
    late = other.submit(page, {"answer": "The second text."}, action=at(consortium, "approach"))
    assert late.status_code == 409
    assert "The second text." in late.text  # in the form
    assert "The first text." in late.text  # beside it, to take over
    assert other.submit(late, action=at(consortium, "approach")).status_code == 303
    assert read(consortium, "answer:approach") == "The second text."


def test_ones_own_answer_is_not_said_to_be_of_somebody_else(consortium, browse):
    """Who saves, goes back in the browser and saves again meets nobody but itself."""
    one, other = (browse(person) for person in people(consortium))
    page, theirs = one.get_ok(at(consortium, "approach")), other.get_ok(at(consortium, "approach"))
    one.submit(page, {"answer": "The first text."}, action=at(consortium, "approach"))
    again = one.submit(page, {"answer": "The second text."}, action=at(consortium, "approach"))
    assert again.status_code == 409
    assert "You saved another answer meanwhile" in again.text and "somebody else" not in again.text
    assert "The first text." in again.text and "The second text." in again.text
    late = other.submit(theirs, {"answer": "The third text."}, action=at(consortium, "approach"))
    assert "Saved by somebody else meanwhile" in late.text and "You saved" not in late.text


def test_two_write_two_pieces_at_once_and_never_meet(consortium, browse):
    one, other = (browse(person) for person in people(consortium))
    approach, team = one.get_ok(at(consortium, "approach")), other.get_ok(at(consortium, "team"))
    assert one.submit(approach, {"answer": "Ours."}, action=at(consortium, "approach")).status_code == 303
    assert other.submit(team, {"answer": "Theirs."}, action=at(consortium, "team")).status_code == 303
    assert plan(consortium)["answers"] == {"approach": "Ours.", "team": "Theirs."}


def test_what_is_typed_is_saved_without_pressing_anything(consortium, browse):
    writer = browse(people(consortium)[0])
    page = writer.get_ok(at(consortium, "approach"))
    first = type_in(writer, page, {"answer": "Forty-two"})
    assert first.status_code == 200
    assert "Saved by" in soup(first).select_one("#saved").text
    assert read(consortium, "answer:approach") == "Forty-two"
    second = type_in(writer, first, {"answer": "Forty-two mentors"})
    assert second.status_code == 200
    assert read(consortium, "answer:approach") == "Forty-two mentors"
    pressed = writer.submit(second, {"answer": "Forty-two mentors."}, action=at(consortium, "approach"))
    assert pressed.status_code == 303
    assert read(consortium, "answer:approach") == "Forty-two mentors."


def test_typing_on_does_not_put_aside_what_another_saved(consortium, browse):
    """A version taken over after the first refusal would let the next keystroke overwrite the other's text unseen."""
    one, other = (browse(person) for person in people(consortium))
    page = other.get_ok(at(consortium, "approach"))
    one.post_form(at(consortium, "approach"), {"answer": "The first text."})
    for typed in ("The sec", "The second"):
        page = type_in(other, page, {"answer": typed})
        assert page.status_code == 409
        said = soup(page).select_one("#saved").text
        assert "Not saved" in said
        assert "The first text." in said
    assert read(consortium, "answer:approach") == "The first text."


def test_a_session_that_ends_while_one_types_loses_no_word(consortium, browse):
    """The script must not look for its part in the sign-in page: it goes there, and what was typed comes back."""
    person = people(consortium)[0]
    writer = browse(person)
    page = writer.get_ok(at(consortium, "approach"))
    with writer.session_transaction() as session:
        session.clear()
    looked = writer.get(at(consortium, "approach"), headers=TYPING)
    assert (looked.status_code, looked.data) == (204, b"")
    answer = type_in(writer, page, {"answer": "Typed too late."})
    assert answer.headers["HX-Redirect"] == f"/login?next={at(consortium, 'approach')}"
    with writer.session_transaction() as session:
        signed_in_again(session, person)
    back = writer.get_ok(at(consortium, "approach"))
    assert "Typed too late." in back.text
    assert read(consortium, "answer:approach") is None
    assert writer.submit(back, action=at(consortium, "approach")).status_code == 303
    assert read(consortium, "answer:approach") == "Typed too late."


def signed_in_again(session, person):
    session["_user_id"] = session["identity.id"] = person.fs_uniquifier
    session["_fresh"], session["fs_cc"], session["fs_paa"] = True, "set", time.time()


def test_what_looks_itself_up_stays_when_the_call_closes(consortium, browse):
    writer = browse(people(consortium)[0])
    with clock.at(consortium.call.deadline):
        answer = writer.get(at(consortium), headers=TYPING)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (409, "none")


def test_a_sitting_is_one_line_in_the_trail(consortium):
    """Saving after every word would bury the trail; a pause, another hand or the button is a line of its own."""
    lead, partner = people(consortium)
    piece = find_piece(consortium, "approach")

    def lines():
        return db.session.scalar(db.select(db.func.count(AuditEntry.subject_id)))

    start = clock.now()
    for minute, words in ((0, "A"), (10, "A b"), (20, "A b c")):
        with clock.at(start + timedelta(minutes=minute)):
            autosave_piece(consortium, piece, words, actor=lead)
    assert lines() == 1
    with clock.at(start + timedelta(minutes=20) + SITTING_LASTS):
        autosave_piece(consortium, piece, "A b c d", actor=lead)
        assert lines() == 2
        autosave_piece(consortium, piece, "A b c d e", actor=partner)
        assert lines() == 3
        write_answer(consortium, "approach", "A b c d e.", actor=partner)
        assert lines() == 4


def test_who_is_writing_is_seen_by_the_others_for_two_minutes(consortium, browse):
    lead, partner = people(consortium)
    lead.name = "Anna de Wit"
    db.session.commit()
    writer, other = browse(lead), browse(partner)
    page = writer.get_ok(at(consortium, "approach"))
    writer.submit(page, button="Tell the others that I am writing this", action=at(consortium, "approach/writing"))
    assert "Anna de Wit is writing this piece" in other.get_ok(at(consortium, "approach")).text
    assert "Anna de Wit" in other.get_ok(at(consortium)).text
    assert "is writing this piece at" not in writer.get_ok(at(consortium, "approach")).text
    assert "Anna" not in other.get_ok(at(consortium, "team")).text
    with clock.at(clock.now() + vault.EDITING_LASTS):
        assert "Anna" not in other.get_ok(at(consortium, "approach")).text
    assert db.session.scalar(db.select(db.func.count(AuditEntry.subject_id))) == 0
    mark_writing(consortium, find_piece(consortium, "approach"), actor=lead)
    write_answer(consortium, "approach", "Done.", actor=lead, version=vault.NOT_YET)
    assert vault.slot_of(consortium, "answer:approach").editor is None


def test_any_change_voids_what_was_confirmed_and_no_change_does_not(consortium):
    lead, _ = people(consortium)
    proposal = make_proposal(consortium)
    assert len(proposal.confirmed_by()) == 2
    write_plan(consortium, make_plan(consortium), actor=lead)
    assert len(proposal.confirmed_by()) == 2
    write_answer(consortium, "risks", "None.", actor=lead)
    assert proposal.confirmed_by() == {}
    confirm_proposal(proposal, actor=lead)
    write_plan(consortium, make_plan(consortium, 13, risks="None."), actor=lead)
    assert proposal.confirmed_by() == {}


def test_outsiders_do_not_write(consortium, browse):
    for user in (make_user(make_provider()), make_user(consortium.call.programme.lead)):
        for address in (at(consortium), at(consortium, "approach")):
            assert browse(user).get(address).status_code == 404
        with pytest.raises(NotYours):
            write_answer(consortium, "approach", "Mine.", actor=user)
    assert vault.slots_of(consortium) == {}


def test_what_the_call_does_not_ask_does_not_exist(consortium, browse):
    reader = browse(people(consortium)[0])
    for key in ("nothing", "salt", DISCOUNT_KEY, f"part:{consortium.lead_id}"):
        assert reader.get(at(consortium, key)).status_code == 404


def test_at_the_deadline_the_pen_is_down(consortium, browse):
    lead, _ = people(consortium)
    writer = browse(lead)
    page = writer.get_ok(at(consortium, "approach"))
    with clock.at(consortium.call.deadline):
        answer = writer.submit(page, {"answer": "Typed in the last second."}, action=at(consortium, "approach"))
        assert answer.status_code == 409
        assert "Typed in the last second." in answer.text
        assert type_in(writer, page, {"answer": "And by itself."}).status_code == 409
        with pytest.raises(NotNow):
            write_answer(consortium, "approach", "Late.", actor=lead)
    assert vault.slots_of(consortium) == {}


def test_a_page_that_nobody_touches_stops_looking(consortium, browse):
    """Each look would keep the session of an abandoned browser alive."""
    reader = browse(people(consortium)[0])
    for address, part in ((at(consortium), "#pieces"), (at(consortium, "team"), "#beside")):
        first = soup(reader.get_ok(address)).select_one(part)
        assert first["hx-get"] == f"{address}?looks=1"
        assert "hx-get" not in soup(reader.get_ok(f"{address}?looks=90")).select_one(part).attrs


def test_the_first_save_of_two_is_one_plan(consortium):
    lead, partner = people(consortium)
    write_answer(consortium, "approach", "One.", actor=lead, version=vault.NOT_YET)
    with pytest.raises(Changed):
        write_answer(consortium, "approach", "Two.", actor=partner, version=vault.NOT_YET)
    assert db.session.scalar(db.select(db.func.count(Proposal.id))) == 1

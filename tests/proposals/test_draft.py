"""Written together without losing a word: each piece has a version of its own, the second of two hears of the first,
and nothing that was written is stored in the clear (issue: the sealed proposal)."""

import io
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.audit.models import AuditEntry, AuditFacts
from app.calls.asked import ItemKind
from app.calls.models import CriterionKind
from app.consortia import vault
from app.consortia.operations import leave_consortium
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.proposals.checks import lacking_second
from app.proposals.content import gather_discount, gather_plan
from app.proposals.draft_operations import SITTING_LASTS, autosave_piece, mark_writing, plan_of
from app.proposals.models import Proposal
from app.proposals.operations import confirm_proposal
from app.proposals.pieces import DISCOUNT_KEY, find_piece
from tests.browser import soup
from tests.factories.calls import make_lots, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.proposals import ask, make_plan, make_proposal, write_answer, write_plan

PDF = b"%PDF-1.7 A letter of intent of the housing corporation"
TYPING = {"HX-Request": "true"}


@pytest.fixture
def consortium(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_consortium(lead=lead, partners=[partner])


def people(consortium):
    return [partner.organisation.people()[0] for partner in consortium.taking_part]


def read(consortium, name):
    db.session.expire_all()  # what the pages did meanwhile
    return vault.read(consortium, name)


def plan(consortium, **options):
    db.session.expire_all()
    return gather_plan(consortium, **options)


def second(consortium):
    db.session.expire_all()
    return gather_discount(consortium)


def at(consortium, key=""):
    return f"/consortia/{consortium.id}/proposal" + (f"/{key}" if key else "")


def type_in(reader, page, data):
    """What the browser sends by itself while somebody types: the form without its button."""
    form = {tag["name"]: tag.get("value", "") for tag in soup(page).select("main form.form input[type=hidden]")}
    return reader.post(page.request.path, data=form | data, headers=TYPING)


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


@pytest.mark.parametrize(
    ("volume", "message"),
    [("-1", "whole number from 0 to 70"), ("71", "whole number from 0 to 70"), ("1.5", "Give a whole number"),
     ("9" * 20, "Give a whole number"), ("many", "Give a whole number")],
)  # fmt: skip
def test_a_volume_beyond_the_cohort_is_refused_and_nothing_is_kept(consortium, browse, volume, message):
    reader = browse(people(consortium)[0])
    answer = reader.post_form(at(consortium, "volumes"), {"volume-work-13w": volume, "year-2027": "100"})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="100"' in answer.text  # what was typed right stays
    assert db.session.scalar(db.select(db.func.count(Proposal.id))) == 0
    assert vault.slots_of(consortium) == {}


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


def test_a_plan_for_a_lot_is_measured_by_the_cohort_of_that_lot(app, browse):
    """Seventy in the bond, ten in the lot: a volume of 11 is not for this consortium to promise."""
    call = make_lots()
    lead = make_provider()
    reader = browse(make_user(lead))
    consortium = make_consortium(call, lead, lot=call.lots[0])
    answer = reader.post_form(at(consortium, "volumes"), {"volume-work-13w": "11"})
    assert answer.status_code == 422
    assert "whole number from 0 to 10" in answer.text
    assert reader.post_form(at(consortium, "volumes"), {"volume-work-13w": "10"}).status_code == 303


def test_an_effect_of_another_table_or_a_negative_volume_is_refused(consortium):
    lead, _ = people(consortium)
    [effect] = consortium.call.table.effects
    foreign = make_table().effects[0]
    for numbers in ({str(foreign.id): 1}, {str(effect.id): -1}):
        with pytest.raises(Refused):
            write_answer(consortium, "volumes", {"numbers": numbers, "years": {}}, actor=lead)


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


# --- Every kind of piece ---------------------------------------------------------------------------------------------


def document():
    from werkzeug.datastructures import FileStorage

    from app.core.document import read_document

    return read_document(FileStorage(io.BytesIO(PDF), "letter.pdf"))


def test_a_number_and_a_choice_within_what_the_call_offers(consortium, browse):
    ask(consortium.call, ItemKind.NUMBER, "coaches", least=2, most=40)
    ask(consortium.call, ItemKind.CHOICE, "method", choices=["groups", "one to one"])
    reader = browse(people(consortium)[0])
    for key, wrong in (("coaches", "41"), ("coaches", "1"), ("coaches", "two")):
        assert reader.post_form(at(consortium, key), {"answer": wrong}).status_code == 422
    page = reader.get_ok(at(consortium, "method"))
    forged = reader.submit(page, {"answer": "by post"}, action=at(consortium, "method"), forged=True)
    assert forged.status_code in (400, 422)
    assert reader.post_form(at(consortium, "coaches"), {"answer": "12"}).status_code == 303
    assert reader.post_form(at(consortium, "method"), {"answer": "one to one"}).status_code == 303
    assert plan(consortium)["answers"] == {"coaches": 12, "method": "one to one"}
    for key, wrong in (("coaches", 41), ("method", "by post"), ("approach", "x" * 20_001)):
        with pytest.raises(Refused):
            write_answer(consortium, key, wrong, actor=people(consortium)[0])


def test_a_text_that_is_too_long_is_kept_on_the_page(consortium, browse):
    ask(consortium.call, ItemKind.TEXT, "summary", longest=10)
    reader = browse(people(consortium)[0])
    answer = reader.post_form(at(consortium, "summary"), {"answer": "Eleven char"})
    assert answer.status_code == 422
    assert "Eleven char" in answer.text
    ten = "Four\nlines"  # the browser sends two characters for the end of the line and counts one
    assert reader.post_form(at(consortium, "summary"), {"answer": ten}).status_code == 303
    assert read(consortium, "answer:summary") == ten


def test_a_file_is_judged_by_its_contents_and_read_by_its_consortium_alone(consortium, browse):
    ask(consortium.call, ItemKind.FILE, "letter")
    lead, partner = people(consortium)
    url = at(consortium, "letter")
    wrong = browse(lead).post_form(url, {"answer": (io.BytesIO(b"MZ a program"), "letter.pdf")})
    assert wrong.status_code == 422
    assert "not a PDF, PNG or JPEG" in wrong.text
    assert browse(lead).post_form(url, {"answer": (io.BytesIO(PDF), "../letter.exe")}).status_code == 303
    page = browse(partner).get_ok(url)
    content = plan(consortium)
    assert content["answers"]["letter"] == {
        "filename": "letter.pdf", "media_type": "application/pdf", "size": len(PDF), "sha256": document().sha256,
    }  # fmt: skip
    assert document().sha256 in page.text
    got = browse(partner).get(f"{url}/file")
    assert (got.data, got.mimetype) == (PDF, "application/pdf")
    assert "attachment" in got.headers["Content-Disposition"]
    assert "letter" not in plan(consortium, files=False)["files"]
    assert browse(make_user(make_provider())).get(f"{url}/file").status_code == 404
    assert browse(lead).post_form(url, {"remove": True}).status_code == 303
    assert browse(lead).get(f"{url}/file").status_code == 404
    assert plan(consortium)["files"] == {}


def test_the_budget_is_of_those_who_take_part_and_lies_in_the_second_envelope(consortium, browse):
    ask(consortium.call, ItemKind.BUDGET, "budget")
    lead, partner = people(consortium)
    year = consortium.call.programme.years[0]
    lines = {"lines-0-organisation_id": str(consortium.lead_id), "lines-0-year": str(year), "lines-0-what": "Coaches",
             "lines-0-amount_minor": "12,500.00"}  # fmt: skip
    assert browse(lead).post_form(at(consortium, "budget"), lines).status_code == 303
    line = {"organisation_id": str(consortium.lead_id), "year": year, "what": "Coaches", "amount_minor": 1_250_000}
    assert second(consortium)["budget"] == [line]
    assert "12500" not in str(plan(consortium))
    incomplete = browse(partner).post_form(at(consortium, "budget"), {"lines-1-what": "Rent"})
    assert incomplete.status_code == 422
    outsider = line | {"organisation_id": str(make_provider().id)}
    for wrong in (outsider, line | {"year": year - 1}, line | {"amount_minor": -1}):
        with pytest.raises(Refused):
            write_answer(consortium, "budget", [wrong], actor=lead)
    assert "€12,500.00" in browse(partner).get_ok(f"/proposals/{plan_of(consortium).id}").text


def test_costs_of_a_partner_that_left_are_not_handed_in(consortium):
    ask(consortium.call, ItemKind.BUDGET, "budget")
    lead, partner = people(consortium)
    year = consortium.call.programme.years[0]
    line = {"organisation_id": str(consortium.partners[1].organisation_id), "year": year, "what": "", "amount_minor": 1}
    write_answer(consortium, "budget", [line], actor=lead)
    assert lacking_second(second(consortium), consortium) == []
    leave_consortium(consortium, actor=partner)
    assert len(lacking_second(second(consortium), consortium)) == 1


def test_a_page_that_nobody_touches_stops_looking(consortium, browse):
    """Each look would keep the session of an abandoned browser alive."""
    reader = browse(people(consortium)[0])
    for address, part in ((at(consortium), "#pieces"), (at(consortium, "team"), "#beside")):
        first = soup(reader.get_ok(address)).select_one(part)
        assert first["hx-get"] == f"{address}?looks=1"
        assert "hx-get" not in soup(reader.get_ok(f"{address}?looks=90")).select_one(part).attrs


def test_a_discount_only_where_the_call_gives_points_for_it(consortium, browse):
    lead, _ = people(consortium)
    assert browse(lead).get(at(consortium, DISCOUNT_KEY)).status_code == 404
    allow_discount(consortium.call)
    assert browse(lead).post_form(at(consortium, DISCOUNT_KEY), {"answer": "100"}).status_code == 422
    assert browse(lead).post_form(at(consortium, DISCOUNT_KEY), {"answer": "2.5"}).status_code == 303
    assert second(consortium)["discount_bp"] == 250
    assert "discount" not in str(db.session.scalars(db.select(AuditFacts.body)).all())  # nor that there is one
    assert "250" not in str(plan(consortium)["answers"])
    with pytest.raises(Refused):
        write_answer(consortium, DISCOUNT_KEY, 10_000, actor=lead)


def allow_discount(call):
    from sqlalchemy import update

    from app.calls.models import Call

    db.session.execute(update(Call).where(Call.id == call.id).values(rectifying=True))
    db.session.commit()
    call.criteria[1].kind = CriterionKind.DISCOUNT
    db.session.commit()
    db.session.refresh(call)


def test_the_first_save_of_two_is_one_plan(consortium):
    lead, partner = people(consortium)
    write_answer(consortium, "approach", "One.", actor=lead, version=vault.NOT_YET)
    with pytest.raises(Changed):
        write_answer(consortium, "approach", "Two.", actor=partner, version=vault.NOT_YET)
    assert db.session.scalar(db.select(db.func.count(Proposal.id))) == 1

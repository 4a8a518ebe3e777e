"""A letter arrives: its reading is kept, it is sent again word for word, and it prints as a PDF that proves itself."""

import io
from datetime import date

import pikepdf
import pytest

from app.awards.letter import digest_of, document_of
from app.awards.models import Letter, LetterReading
from app.awards.operations import digest_of_all, drafts, resend_letter
from app.core import clock
from app.core.errors import NotYours
from app.core.pdf import pdf_of
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from app.programmes.models import Part
from tests.factories.evaluation import BETTER, HEADING, decide, freeze, make_tender, send
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme


def letters(tender):
    found = db.session.scalars(db.select(Letter)).unique()
    return {letter.opened.consortium_id: letter for letter in found}


def test_who_of_the_bidder_read_it_is_kept_once(app, browse):
    tender = make_tender(bidders=2)
    evaluation = decide(tender)
    bidder = tender.bidders[1]
    letter = letters(tender)[bidder.consortium.id]
    auditor = make_user(make_party(tender.call.programme, Part.AUDITOR))
    for person in (bidder.lead, bidder.lead, bidder.partner, tender.official, auditor):
        assert letter.digest in browse(person).get_ok(f"/letters/{letter.id}").text
    readers = db.session.scalars(db.select(LetterReading.user_id).order_by(LetterReading.created_at)).all()
    assert readers == [bidder.lead.id, bidder.partner.id]
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/letters").text
    assert bidder.lead.name in page
    assert digest_of(letter.content) == letter.digest


def test_a_bidder_finds_the_decision_without_its_mail(app, browse):
    """Whoever may object within the standstill needs a way to it; nobody else is shown one."""
    tender = make_tender(bidders=2)
    bidder, outsider = tender.bidders[1], make_user(make_organisation(OrganisationKind.PROVIDER))
    pages = [f"/calls/{tender.call.id}", f"/consortia/{bidder.consortium.id}", f"/proposals/{bidder.proposal.id}"]
    freeze(tender, (9, 8), (6, 5))
    for path in pages:
        assert "/decision" not in browse(bidder.partner).get_ok(path).text, path
    evaluation = send(tender)
    url, letter = f"/evaluations/{evaluation.id}/decision", letters(tender)[bidder.consortium.id]
    for path in pages:
        assert url in browse(bidder.partner).get_ok(path).text, path
    assert url not in browse(outsider).get_ok(pages[0]).text
    assert url not in browse().get_ok(pages[0]).text
    assert "Read the letter about the award" not in browse(outsider).get_ok("/home").text
    reader = browse(bidder.partner)
    assert letter.digest in reader.click(reader.get_ok("/home"), "Read the letter about the award").text
    assert "Read the letter about the award" not in reader.get_ok("/home").text
    assert "Read the letter about the award" in browse(bidder.lead).get_ok("/home").text


def test_the_pdf_is_the_letter_and_the_same_every_time(app, browse):
    tender = make_tender(bidders=2)
    decide(tender)
    bidder = tender.bidders[1]
    letter = letters(tender)[bidder.consortium.id]
    one, two = (browse(bidder.lead).get(f"/letters/{letter.id}/pdf") for _ in range(2))
    assert one.mimetype == "application/pdf"
    assert one.data == two.data
    assert browse(tender.bidders[0].lead).get(f"/letters/{letter.id}/pdf").status_code == 404


def test_it_tells_per_criterion_and_to_whom_to_go(app, browse):
    """Art. 2.130 Aw; own points and motivation, the winner's points and an official's words beside them."""
    tender = make_tender(bidders=2)
    decide(tender)
    winner, loser = tender.bidders
    letter = letters(tender)[loser.consortium.id]
    shown = document_of(letter.content, letter.digest, "en")
    facts, sections = dict(shown.facts), {section.title: section for section in shown.sections}
    lead = tender.call.programme.lead
    assert facts["From"] == f"{lead.name}, Marktstraat 1, 7511 AB Enschede"
    assert facts["Reference"] in (f"{HEADING.reference}-01", f"{HEADING.reference}-02")
    told = [words for _label, words in sections["Approach (60 %)"].facts]
    assert told == ["6", "Well thought out.", "9", BETTER]
    assert HEADING.court in dict(sections["How to object"].facts).values()
    page = browse(loser.lead).get_ok(f"/letters/{letter.id}").text
    assert all(words in page for words in (*told, HEADING.court, lead.postal_address))
    mail = db.session.scalars(db.select(Notification).filter_by(action="award.decide", address=loser.lead.email)).one()
    assert BETTER in mail.body
    own = document_of(letters(tender)[winner.consortium.id].content, "0" * 64, "en")
    assert BETTER not in str(own)
    with pikepdf.open(io.BytesIO(browse(loser.lead).get(f"/letters/{letter.id}/pdf").data)) as document:
        meta = document.open_metadata()
        assert meta["dc:title"] == letter.content["title"]
        assert (meta["pdfuaid:part"], str(document.Root.Lang)) == ("1", "nl")


def test_a_letter_of_before_still_reads_as_it_was_sent(app):
    """Letters were sent with a motivation per criterion, without reference, court or advantages: they never change."""
    earlier = {
        **{"title": "Award decision", "author": "Gemeente", "eyebrow": "Bond", "to": "Bridge", "partners": ["One"]},
        **{"call": "Call", "lot": "", "decision": ["To you."], "head": ["Criterion", "Weight", "You", "Winner"]},
        **{"scores": [["Approach", "60 %", "6", "9"]], "motivations": [["Approach", "Thin."]], "reasons": ["So."]},
        **{"rule": "art. 2.130", "how": "Object."},
    }
    shown = document_of(earlier, digest_of(earlier), "en")
    said = {section.title: section for section in shown.sections}
    assert said["Motivation per criterion"].facts == [["Approach", "Thin."]]
    assert said["How to object"].paragraphs == ["Object."]
    assert pdf_of(shown, "nl", clock.now()).startswith(b"%PDF")


@pytest.mark.parametrize(("jurisdiction", "moves"), [("NL", False), ("BE", True)])
def test_the_standstill_counts_from_the_right_sending(app, browse, jurisdiction, moves):
    """Belgium: from the last letter (art. 11 of the Act of 17 June 2013); the Netherlands: from the decision's own."""
    days = 15 if jurisdiction == "BE" else 20
    programme = make_programme(jurisdiction=jurisdiction)
    tender = make_tender(bidders=2, programme=programme, standstill_days=days, deadline=clock.local(date(2026, 2, 2)))
    with clock.at(clock.local(date(2026, 3, 3), 10)):
        evaluation = decide(tender)
    first = evaluation.standstill_until
    letter = letters(tender)[tender.bidders[1].consortium.id]
    words = dict(letter.content)
    with clock.at(clock.local(date(2026, 3, 5), 10)):
        assert browse(tender.official).post_form(f"/letters/{letter.id}/resend").status_code == 303
    db.session.expire_all()
    assert first == (date(2026, 3, 18) if moves else date(2026, 3, 23))
    assert evaluation.standstill_until == (date(2026, 3, 20) if moves else first)
    assert letter.content == words
    again = db.session.scalars(db.select(Notification).filter_by(action="letter.resend")).all()
    lead, rival = tender.bidders[1].lead.email, tender.bidders[0].lead.email
    assert lead in {notice.address for notice in again}
    assert (rival in {notice.address for notice in again}) == moves
    with pytest.raises(NotYours):
        resend_letter(letter, actor=tender.bidders[1].lead)


def test_the_review_reads_all_letters_as_one(app):
    """What the reviewer had on screen is what is kept: another word in one letter is another digest."""
    tender = make_tender(bidders=2)
    evaluation = decide(tender)
    before = drafts(evaluation)
    changed = {
        key: value | {"reasons": ["Else."]} if index else value for index, (key, value) in enumerate(before.items())
    }
    assert digest_of_all(before) == digest_of_all(dict(reversed(before.items())))
    assert digest_of_all(before) != digest_of_all(changed)

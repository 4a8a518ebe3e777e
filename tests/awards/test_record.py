"""The award record holds fourteen items (art. 84(1) of Directive 2014/24/EU; art. 2.132 Aw), each with an answer."""

from app.awards.record import record_of
from app.calls.models import CommitteeMember, Duty
from app.evaluation.operations import declare_conflict
from app.extensions import db
from app.programmes.models import Part
from app.reports.call_file import _receipts
from tests.browser import soup
from tests.factories.evaluation import HEADING, award, decide, freeze, make_tender, send
from tests.factories.lots import decide_lots, make_lots_bond
from tests.factories.people import make_user
from tests.factories.programmes import make_party


def test_fourteen_items_and_none_of_them_empty(app):
    tender = make_tender(bidders=2)
    record = record_of(decide(tender))
    numbers = [section.title.split(".")[0] for section in record.sections]
    assert numbers == [str(number) for number in range(1, 15)]
    for section in record.sections:
        assert section.paragraphs or section.facts or section.rows, section.title


def test_it_tells_who_won_who_lost_and_why(app, browse):
    tender = make_tender(bidders=2, scorers=4)
    evaluation = decide(tender)
    record = record_of(evaluation)
    ranked, chosen = record.sections[2], record.sections[5]
    winner, loser = (bidder.consortium.name for bidder in tender.bidders)
    assert [row[0] for row in ranked.rows] == [winner, loser]
    for bidder in tender.bidders:
        why, given = dict(ranked.facts)[bidder.consortium.name], tender.opened_of(bidder).points()
        assert why.endswith(f"The reasons for {bidder.consortium.name}.")
        assert all(f"{one.name} {given[one.id]}" in why for one in tender.call.criteria if one.id in given)
        assert given
    assert dict(chosen.facts)[winner] == f"The reasons for {winner}."
    auditor = make_user(make_party(tender.call.programme, Part.AUDITOR))
    for reader in (tender.official, auditor):
        page = browse(reader).get_ok(f"/evaluations/{evaluation.id}/record").text
        assert "14. Information that was left out of the answers" in page
        pdf = browse(reader).get(f"/evaluations/{evaluation.id}/record/pdf")
        assert pdf.data.startswith(b"%PDF")
    assert browse(tender.bidders[1].lead).get(f"/evaluations/{evaluation.id}/record").status_code == 403


def test_a_plan_that_did_not_open_stands_in_it_with_the_reason(app):
    """Art. 84(1)(b) of Directive 2014/24/EU: every bidder that was not chosen, and why; this one was never judged."""
    tender = make_tender(bidders=3)
    broken = tender.bidders[2]
    broken.proposal.plan = broken.proposal.plan[:-1] + bytes([broken.proposal.plan[-1] ^ 1])
    db.session.commit()
    tender.bidders.remove(broken)
    evaluation = decide(tender)
    (section,) = [one for one in record_of(evaluation).sections if one.title.startswith("4. ")]
    told = dict(section.facts)
    assert "did not match the receipt" in told[broken.consortium.name]
    assert tender.bidders[0].consortium.name not in told
    (receipt,) = [one for one in _receipts(evaluation) if not one["opened"]]
    assert (receipt["consortium"], receipt["digest"]) == (broken.consortium.name, broken.proposal.digest)
    assert receipt["why_not"]


def test_it_names_the_authority_with_its_address(app):
    record = record_of(decide(make_tender(bidders=2)))
    assert dict(record.sections[0].facts)["Postal address"] == "Marktstraat 1, 7511 AB Enschede"
    assert dict(record.facts)["Reference"] == HEADING.reference


def test_who_pays_along_reads_it_once_the_decision_is_sent_and_no_letter(app, browse):
    """An official of another municipality that opens plans here: every link that is shown opens."""
    tender = make_tender(bidders=2)
    other = make_party(tender.call.programme, Part.GOVERNMENT)
    opener, idle = make_user(other), make_user(other)
    db.session.add(CommitteeMember(call_id=tender.call.id, user_id=opener.id, duty=Duty.OPENER))
    db.session.commit()
    freeze(tender, (9, 8), (6, 5))
    url = f"/evaluations/{tender.evaluation.id}"
    assert browse(idle).get(f"{url}/record").status_code == 403  # places are nobody's but the judges' before
    send(tender)
    for person in (opener, idle):
        assert browse(person).get(f"{url}/record").status_code == 200
        assert browse(person).get(f"{url}/record/pdf").data.startswith(b"%PDF")
        assert browse(person).get(f"{url}/letters").status_code == 403
    for page in (f"{url}/decision", f"/calls/{tender.call.id}/evaluation", f"{url}/record"):
        for link in soup(browse(opener).get_ok(page)).select("main a[href^='/']"):
            assert browse(opener).get(link["href"]).status_code == 200, f"{page} leads to {link['href']}"


def test_a_conflict_stands_in_it(app):
    tender = make_tender(bidders=2, scorers=4)
    from tests.factories.evaluation import open_plans

    evaluation = open_plans(tender)
    declare_conflict(evaluation, True, "A friend leads a bidder.", actor=tender.scorers[3])
    conflicts = record_of(evaluation).sections[11]
    assert tender.scorers[3].name in dict(conflicts.facts)
    assert "friend" not in str(conflicts)  # what is private stays with the committee


def test_the_final_award_is_public_and_the_record_is_not(app, browse):
    tender = make_tender(bidders=2)
    call = tender.call
    assert browse().get(f"/calls/{call.id}/award").status_code == 404
    evaluation = award(tender)
    assert tender.bidders[0].consortium.name in browse().get_ok(f"/calls/{call.id}/award").text
    assert browse().get(f"/evaluations/{evaluation.id}/record").status_code == 303


def test_the_plans_of_a_call_in_lots_are_told_with_their_lot(app, browse):
    """Two firsts are no mistake where each has its own lot; equal totals in two lots are no tie."""
    bond = make_lots_bond(discount=False)
    decide_lots(bond, points=((8, 7), (8, 7)))
    evaluation, (west, east) = bond.tender.evaluation, bond.tender.bidders
    record = record_of(evaluation)
    names = [f"{west.consortium.name} (West)", f"{east.consortium.name} (East)"]
    assert [(row[0], row[2]) for row in record.sections[2].rows] == [(name, "1") for name in names]
    assert [name for name, _reasons in record.sections[5].facts][:2] == names
    assert record.sections[12].title == "13. The lots of the call"
    for path in (f"/calls/{bond.tender.call.id}/evaluation", f"/evaluations/{evaluation.id}/decision"):
        page = soup(browse(bond.official).get_ok(path))
        row = next(row for row in page.select("main tr") if west.consortium.name in row.text)
        assert "West" in row.text and "tied" not in row.text


def test_equal_totals_in_one_lot_are_a_tie(app, browse):
    """The other side of the rule above: here the page has to say so, before lots are drawn."""
    bond = make_lots_bond(discount=False)
    first, second = bond.tender.bidders
    second.consortium.lot = first.consortium.lot
    db.session.commit()
    freeze(bond.tender, (8, 7), (8, 7))
    page = browse(bond.official).get_ok(f"/calls/{bond.tender.call.id}/evaluation").text
    assert page.count("tied on the total") == 2

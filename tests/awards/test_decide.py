"""Award decision: reasons to every bidder (art. 2.130 Aw), read by a second official, exact standstill (art. 2.127)."""

from datetime import UTC, date, datetime

import pytest
from flask_babel import force_locale

from app.audit.models import AuditEntry
from app.awards.missing import lacks_of
from app.awards.models import Letter
from app.awards.objection_operations import decide_objection, examine_objection, file_objection
from app.awards.operations import Heading, decide_award, digest_of_all, drafts, review_letters, write_reasons
from app.awards.queries import suggested_reference
from app.awards.states import LetterState
from app.calls.legal import Key, Law
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from tests.factories.evaluation import HEADING, decide, freeze, make_tender, review, score_all, write_all
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=3)
    freeze(tender, (9, 8), (6, 5), (4, 3))
    return tender


def reasons(tender):
    """What is typed on the page: the reasons of every bidder, the court, and words on every criterion."""
    plans = [tender.opened_of(bidder) for bidder in tender.bidders]
    typed = {f"reasons_{plan.id.hex}": f"Why, for {plan.consortium.name}" for plan in plans}
    for plan in plans[1:]:
        for one in tender.call.criteria:
            typed[f"advantage_{plan.id.hex}_{one.id.hex}"] = f"Better on {one.name} than {plan.consortium.name}"
    return typed | {"court": "Rechtbank Overijssel, Almelo"}


def letter_of(tender, bidder):
    opened = tender.opened_of(bidder)
    return db.session.scalars(db.select(Letter).filter_by(opened_id=opened.id).order_by(Letter.number.desc())).first()


def test_every_bidder_gets_its_own_letter_at_the_same_moment(tender, browse):
    evaluation, base = tender.evaluation, f"/evaluations/{tender.evaluation.id}"
    with clock.at(datetime(2026, 3, 2, 10, tzinfo=UTC)):  # a Monday; the twentieth day, 22 March, is a Sunday
        assert browse(tender.official).post_form(f"{base}/reasons", reasons(tender)).status_code == 303
        assert browse(tender.openers[0]).post_form(f"{base}/letters/review").status_code == 303
        assert browse(tender.official).post_form(f"{base}/decide").status_code == 303
    db.session.refresh(evaluation)
    assert evaluation.state == EvaluationState.STANDSTILL
    assert evaluation.standstill_until == date(2026, 3, 23)  # runs to the next working day

    winner, second, third = tender.bidders
    for bidder, score, points in ((winner, "8,60", "9"), (second, "5,60", "6"), (third, "3,60", "4")):
        letter = letter_of(tender, bidder)
        assert letter.state == LetterState.SENT
        assert ["Approach", "60 %", points, "9"] in letter.content["scores"]
        assert letter.content["scores"][-1][2:] == [score, "8,60"]  # in the language of the administration
        assert letter.content["reasons"] == [f"Why, for {bidder.consortium.name}"]
        risks = [words for _label, words in dict(letter.content["criteria"])["Risks (40 %)"]]
        assert "Well thought out." in risks
        assert (f"Better on Risks than {bidder.consortium.name}" in risks) == (bidder is not winner)
        assert any("23 maart 2026" in value for _name, value in letter.content["standstill"])
        mine = {bidder.consortium.name, winner.consortium.name}
        rivals = {rival.consortium.name for rival in tender.bidders} - mine
        for person in (bidder.lead, bidder.partner):
            asked = db.select(Notification).filter_by(action="award.decide", address=person.email)
            mail = db.session.scalars(asked).one()
            assert f"Why, for {bidder.consortium.name}" in mail.body
            assert letter.digest in mail.body
            assert mail.path == f"/letters/{letter.id}"
            page = browse(person).get_ok(mail.path).text
            assert not any(name in mail.body + page for name in rivals)  # losing rivals stay unnamed
    entry = db.session.scalars(db.select(AuditEntry).filter_by(action="award.decide")).one()
    assert entry.actor_id == tender.official.id


@pytest.mark.parametrize(
    ("jurisdiction", "days", "sent", "until"),
    [
        ("NL", 20, date(2026, 3, 16), date(2026, 4, 7)),  # 5 April is Easter Sunday, 6 April Easter Monday
        ("NL", 20, date(2026, 3, 3), date(2026, 3, 23)),  # a Monday: as counted
        ("BE", 15, date(2026, 7, 6), date(2026, 7, 22)),  # 21 July, the Belgian national day
        ("NL", 15, date(2026, 7, 6), date(2026, 7, 21)),  # which is a working day in the Netherlands
        ("NL", 20, date(2028, 2, 9), date(2028, 2, 29)),  # a leap day
    ],
)
def test_the_standstill_counts_from_the_day_after_sending(app, browse, jurisdiction, days, sent, until):
    programme = make_programme(jurisdiction=jurisdiction)
    tender = make_tender(bidders=1, programme=programme, standstill_days=days, deadline=clock.local(date(2026, 2, 2)))
    with clock.at(clock.local(sent, 0, 30)):  # half past midnight here is still yesterday in UTC
        evaluation = decide(tender)
        assert evaluation.standstill_until == until
        page = browse(tender.bidders[0].lead).get_ok(f"/evaluations/{evaluation.id}/decision")
    law = "Act of 17 June 2013" if jurisdiction == "BE" else "2.127"
    assert law in page.text  # the date is shown with its basis


def test_every_bidder_must_hear_reasons(tender, browse):
    """Art. 2.130 Aw: features and relative advantages of the winner."""
    evaluation = tender.evaluation
    missing = tender.opened_of(tender.bidders[2]).id
    written = {opened.id: "Because." for opened in evaluation.opened if opened.id != missing}
    write_all(evaluation, written, actor=tender.official)
    page = browse(tender.openers[0]).get_ok(f"/evaluations/{evaluation.id}/letters/review").text
    assert f"{tender.bidders[2].consortium.name}: the reasons of the decision." in page
    assert "I have read every letter" not in page
    with pytest.raises(Refused):
        review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=tender.openers[0])
    with pytest.raises(NotNow, match="reviews the letters first"):
        decide_award(evaluation, actor=tender.official)
    db.session.refresh(evaluation)
    assert evaluation.state == EvaluationState.FROZEN
    assert db.session.scalars(db.select(Notification).filter_by(action="award.decide")).all() == []


def test_where_the_winner_has_more_points_its_advantages_are_told(app, browse):
    """Art. 2.130 Aw, per criterion; where the winner has not more, words are welcome and not needed."""
    tender = make_tender(bidders=2)
    evaluation = freeze(tender, (9, 5), (6, 5))
    loser, (approach, risks) = tender.opened_of(tender.bidders[1]), tender.call.criteria
    names = [f"advantage_{loser.id.hex}_{one.id.hex}" for one in (approach, risks)]
    official, url = browse(tender.official), f"/evaluations/{evaluation.id}"
    page = official.get_ok(f"{url}/reasons").text
    assert all(name in page for name in names)
    assert f"advantage_{tender.opened_of(tender.bidders[0]).id.hex}" not in page  # the winner hears of nobody else
    typed = {f"reasons_{plan.id.hex}": "Because." for plan in evaluation.opened} | {"court": "Rechtbank Overijssel"}
    official.post_form(f"{url}/reasons", typed | {names[1]: "Clearer."})
    missing = f"{tender.bidders[1].consortium.name}: what the winner does better on Approach."
    for reader, place in ((official, "letters"), (browse(tender.openers[0]), "letters/review")):
        assert missing in reader.get_ok(f"{url}/{place}").text
    with pytest.raises(Refused, match="what the winner does better on Approach"):
        review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=tender.openers[0])
    official.post_form(f"{url}/reasons", {names[0]: "One person for every family.", names[1]: ""})
    db.session.expire_all()
    assert loser.advantages == {str(approach.id): "One person for every family."}
    assert lacks_of(evaluation) == []
    shown = browse(tender.openers[0]).get_ok(f"{url}/letters/review").text
    assert "One person for every family." in shown and "Still missing" not in shown


def test_a_letter_needs_an_address_a_reference_and_a_court(tender, browse):
    """What a bidder needs to go to court: of whom, which decision, where (arts. 99 and 254 Rv)."""
    evaluation, lead = tender.evaluation, tender.call.programme.lead
    write_all(evaluation, {opened.id: "Because." for opened in evaluation.opened}, actor=tender.official)
    assert lacks_of(evaluation) == []
    write_reasons(evaluation, {}, heading=Heading("", ""), actor=tender.official)
    lead.postal_code = ""
    db.session.commit()
    page = browse(tender.openers[0]).get_ok(f"/evaluations/{evaluation.id}/letters/review").text
    for said in ("The postal address of", "The decision has no reference.", "The court with its seat is not named."):
        assert said in page
    assert f"/organisations/{lead.id}/edit" in page
    with pytest.raises(Refused):
        review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=tender.openers[0])


def test_a_belgian_letter_names_both_ways_and_needs_no_name(app):
    """Art. 24 of the Act of 17 June 2013: the Council of State, or the ordinary court, by the kind of authority."""
    tender = make_tender(bidders=1, programme=make_programme(jurisdiction="BE"))
    evaluation = freeze(tender, (9, 8))
    reasons = {opened.id: "Because." for opened in evaluation.opened}
    write_reasons(evaluation, reasons, heading=Heading("B-1", ""), actor=tender.official)
    assert lacks_of(evaluation) == []
    (content,) = drafts(evaluation).values()
    said = " ".join(words for _label, words in content["review"])
    with force_locale("nl_BE"):
        rule = evaluation.call.rule(Key.REVIEW)
        assert rule.amount in said and rule.basis in said
    assert (rule.article, rule.law) == ("24", Law.BE_2013)


def test_a_new_decision_gets_a_reference_of_its_own(app):
    tender = make_tender(bidders=2)
    evaluation = decide(tender)
    assert evaluation.reference == HEADING.reference
    numbers = sorted(letter.content["reference"] for letter in db.session.scalars(db.select(Letter)).unique())
    assert numbers == [f"{HEADING.reference}-01", f"{HEADING.reference}-02"]
    objection = file_objection(evaluation, "Grounds.", actor=tender.bidders[1].lead)
    examine_objection(objection, actor=tender.openers[0])
    decide_objection(objection, True, "Upheld.", actor=tender.openers[0])
    assert evaluation.reference == ""
    assert suggested_reference(evaluation).endswith("-2")


def test_who_wrote_the_reasons_does_not_review_them(tender, browse):
    """Four eyes: a letter that nobody else read is not sent."""
    evaluation = tender.evaluation
    write_all(evaluation, {opened.id: "Because." for opened in evaluation.opened}, actor=tender.official)
    assert browse(tender.official).get(f"/evaluations/{evaluation.id}/letters/review").status_code == 403
    with pytest.raises(NotYours):
        review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=tender.official)
    assert db.session.scalar(db.select(db.func.count(Letter.id))) == 0


def test_reasons_that_change_after_the_review_are_reviewed_again(tender, browse):
    evaluation = review(tender)
    page = browse(tender.openers[1])
    before = page.get_ok(f"/evaluations/{evaluation.id}/letters/review")
    write_reasons(evaluation, {evaluation.opened[0].id: "Something else."}, actor=tender.official)
    assert db.session.scalar(db.select(db.func.count(Letter.id))) == 0
    with pytest.raises(NotNow, match="reviews the letters first"):
        decide_award(evaluation, actor=tender.official)
    late = page.submit(before)  # what was read is no longer what would be sent
    assert late.status_code == 409
    with pytest.raises(Changed):
        review_letters(evaluation, "0" * 64, actor=tender.openers[1])


def test_not_before_the_consensus_is_complete(app, browse):
    tender = make_tender(bidders=1)
    evaluation = score_all(tender)
    for page in ("reasons", "letters/review", "decide"):
        answer = browse(tender.official).get(f"/evaluations/{evaluation.id}/{page}")
        assert answer.status_code == 409
        assert "consensus" in answer.text


def test_a_decision_on_figures_that_changed_is_refused(tender, browse):
    evaluation = review(tender)
    official = browse(tender.official)
    page = official.get_ok(f"/evaluations/{evaluation.id}/decide")
    decide_award(evaluation, actor=tender.official)
    assert official.submit(page).status_code == 409
    with pytest.raises(Changed):
        decide_award(evaluation, actor=tender.official, version=1)


def test_two_who_write_reasons_at_once_hear_of_each_other(tender, browse):
    evaluation, typed = tender.evaluation, reasons(tender)
    official = browse(tender.official)
    page = official.get_ok(f"/evaluations/{evaluation.id}/reasons")
    write_reasons(evaluation, {plan.id: "First" for plan in evaluation.opened}, actor=tender.openers[0])
    answer = official.submit(page, typed)
    assert answer.status_code == 409
    assert f"Why, for {tender.bidders[0].consortium.name}" in answer.text


def test_only_the_leading_official_decides(tender, browse):
    for person in (tender.scorers[0], make_user(make_party(tender.call.programme, Part.GOVERNMENT))):
        assert browse(person).get(f"/evaluations/{tender.evaluation.id}/decide").status_code == 403
    assert browse(tender.bidders[0].lead).get(f"/evaluations/{tender.evaluation.id}/decide").status_code == 404
    review(tender)
    with pytest.raises(NotYours):
        decide_award(tender.evaluation, actor=tender.scorers[0])


def test_a_bidder_reads_own_scores_and_the_winners_and_no_more(app, browse):
    tender = make_tender(bidders=3)
    evaluation = decide(tender)
    winner, second, third = tender.bidders
    page = browse(second.partner).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert winner.consortium.name in page
    assert f"The reasons for {second.consortium.name}." in page
    assert third.consortium.name not in page
    assert f"The reasons for {winner.consortium.name}." not in page
    assert "8.60" in page and "5.60" in page
    for url in (f"/evaluations/{evaluation.id}/scores", f"/evaluations/{evaluation.id}/opening"):
        assert browse(second.lead).get(url).status_code == 403
    for url in (f"/evaluations/{evaluation.id}/letters", f"/evaluations/{evaluation.id}/record"):
        assert browse(second.lead).get(url).status_code == 403
    assert browse(second.lead).get(f"/opened/{tender.opened_of(winner).id}").status_code == 404
    assert browse(second.lead).get(f"/letters/{letter_of(tender, winner).id}").status_code == 404
    assert browse(make_user()).get(f"/evaluations/{evaluation.id}/decision").status_code == 404


def test_no_bidder_knows_before_the_decision(tender, browse):
    review(tender)
    for bidder in tender.bidders:
        assert browse(bidder.lead).get(f"/evaluations/{tender.evaluation.id}/decision").status_code == 404
        assert browse(bidder.lead).get(f"/letters/{letter_of(tender, bidder).id}").status_code == 404


def test_with_many_plans_the_reasons_are_written_page_by_page(app, browse, monkeypatch):
    """No decision before every bidder has its reasons; what was saved on one page stands on the other."""
    monkeypatch.setattr("app.awards.routes.AT_A_TIME", 2)
    tender = make_tender(bidders=3)
    evaluation = freeze(tender, (9, 8), (6, 5), (4, 3))
    url, first, last = f"/evaluations/{evaluation.id}/reasons", *(evaluation.opened[i] for i in (0, 2))
    reader = browse(tender.official)
    page = reader.get_ok(url)
    assert f"reasons_{first.id.hex}" in page.text
    assert f"reasons_{last.id.hex}" not in page.text
    typed = {f"reasons_{one.id.hex}": f"Because of {one.consortium.name}." for one in evaluation.opened}
    saved = reader.submit(page, {name: words for name, words in typed.items() if name in page.text})
    assert saved.headers["Location"].endswith("page=2")
    second = reader.follow(saved)
    assert "1 bidder has no reasons yet" in second.text
    done = reader.submit(second, {name: words for name, words in typed.items() if name in second.text})
    assert done.headers["Location"].endswith("/letters")
    db.session.expire_all()
    assert evaluation.decided_at is None
    assert {f"reasons_{one.id.hex}": one.reasons for one in evaluation.opened} == typed

"""Proof from the winner before the award is final (NL art. 2.89 Aw: KvK and tax 6 months, GVA 2 years; BE: ESPD)."""

from datetime import date, timedelta
from io import BytesIO

import pytest

from app.awards.operations import finalise_award
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.proof_models import Proof
from app.evaluation.proof_operations import check_proof, exclude_winner, hand_in_proof, proofs_of
from app.evaluation.states import EvaluationState, ProofKind
from app.extensions import db
from tests.browser import soup
from tests.factories.evaluation import PAPER, decide, make_tender, prove, send
from tests.factories.programmes import make_programme
from tests.told import recorded, told, words_told

DUE = date(2026, 8, 31)


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=2, deadline=clock.local(DUE, 12))
    with clock.at(clock.local(date(2026, 9, 7), 9)):
        decide(tender)
    return tender


def of_kind(tender, kind, organisation):
    owed = proofs_of(tender.evaluation.awarded())
    return next(one for one in owed if (one.kind, one.organisation_id) == (kind, organisation.id))


def test_every_partner_of_the_winner_owes_three_documents(tender, browse):
    winner, loser = tender.bidders
    owed = db.session.scalars(db.select(Proof)).all()
    assert len(owed) == 6
    assert {one.oldest_on for one in owed if one.kind == ProofKind.REGISTER} == {date(2026, 2, 28)}
    assert {one.oldest_on for one in owed if one.kind == ProofKind.CONDUCT} == {date(2024, 8, 31)}
    assert {winner.lead.email, winner.partner.email} == told("proof.read")
    url = f"/evaluations/{tender.evaluation.id}/proofs"
    assert "2.89" in browse(winner.partner).get_ok(url).text
    assert browse(loser.lead).get(url).status_code == 404
    browse(tender.official).get_ok(url)


def test_the_oldest_day_counts_and_the_day_before_does_not(tender):
    winner = tender.bidders[0]
    proof = of_kind(tender, ProofKind.REGISTER, winner.consortium.lead)
    with clock.at(clock.local(date(2026, 9, 8))):
        with pytest.raises(Refused, match="Too old"):
            hand_in_proof(proof, date(2026, 2, 27), PAPER, actor=winner.lead)
        with pytest.raises(Refused, match="still to come"):
            hand_in_proof(proof, date(2026, 9, 9), PAPER, actor=winner.lead)
        hand_in_proof(proof, date(2026, 2, 28), PAPER, actor=winner.lead)
    assert recorded("proof.hand_in")[0]["sha256"] == PAPER.sha256


def test_a_partner_hands_in_its_own_and_an_official_checks(tender, browse):
    winner, loser = tender.bidders
    own = of_kind(tender, ProofKind.TAX, winner.consortium.partners[1].organisation)
    leads = of_kind(tender, ProofKind.TAX, winner.consortium.lead)
    with clock.at(clock.local(date(2026, 9, 8), 9)):
        typed = {"issued_on": "2026-08-30", "document": (BytesIO(b"%PDF-1.7 tax"), "tax.pdf")}
        assert browse(winner.partner).get(f"/proofs/{leads.id}/hand-in").status_code == 403
        assert browse(loser.lead).get(f"/proofs/{own.id}/hand-in").status_code == 404
        empty = browse(winner.partner).post_form(f"/proofs/{own.id}/hand-in", {"issued_on": "2026-08-30"})
        assert empty.status_code == 422
        assert browse(winner.partner).post_form(f"/proofs/{own.id}/hand-in", typed).status_code == 303
        with pytest.raises(NotYours):
            check_proof(own, True, "", actor=winner.lead)
        opener = browse(tender.openers[0])
        assert opener.get(f"/proofs/{own.id}/document").data == b"%PDF-1.7 tax"
        silent = opener.post_form(f"/proofs/{own.id}/check", {"outcome": "reject"})
        assert silent.status_code == 422
        rejected = opener.post_form(f"/proofs/{own.id}/check", {"outcome": "reject", "remark": "Another company."})
        assert rejected.status_code == 303
        page = browse(winner.partner).get_ok(f"/evaluations/{tender.evaluation.id}/proofs").text
        assert "Another company." in page
        db.session.refresh(own)
        hand_in_proof(own, date(2026, 8, 30), PAPER, actor=winner.partner)  # a better one
        check_proof(own, True, "", actor=tender.openers[0])
        with pytest.raises(NotNow):
            check_proof(own, True, "", actor=tender.openers[1])
        with pytest.raises(NotNow):
            hand_in_proof(own, date(2026, 8, 30), PAPER, actor=winner.partner)


def test_the_day_of_issue_and_the_moment_of_handing_in_stand_apart(tender, browse):
    """A paper must be of a certain age (art. 2.89 Aw) and come in before the award is final: two different days."""
    winner = tender.bidders[0]
    proof = of_kind(tender, ProofKind.TAX, winner.consortium.lead)
    with clock.at(clock.local(date(2026, 9, 8), 14)):
        hand_in_proof(proof, date(2026, 8, 30), PAPER, actor=winner.lead)
    shown = soup(browse(winner.lead).get_ok(f"/evaluations/{tender.evaluation.id}/proofs"))
    heads = [cell.text for cell in shown.select("thead th")]
    row = next(row for row in shown.select("tbody tr") if proof.title in row.text)
    cells = dict(zip(heads, (cell.text.strip() for cell in row.select("th, td")), strict=False))
    assert (cells["Issued"], cells["Handed in"]) == ("30 August 2026", "8 September 2026 14:00")


def test_everybody_reads_the_law_in_their_own_language(tender, browse):
    """It was kept in the language of the official who decided."""
    for proof in db.session.scalars(db.select(Proof)):
        proof.basis = "art. 2.89 van de Aanbestedingswet 2012"
    db.session.commit()
    reader, own = browse(tender.bidders[0].lead), of_kind(tender, ProofKind.TAX, tender.bidders[0].consortium.lead)
    for url in (f"/evaluations/{tender.evaluation.id}/proofs", f"/proofs/{own.id}/hand-in"):
        page = reader.get_ok(url).text
        assert "art. 2.89 of the Dutch Public Procurement Act 2012" in page
        assert "Aanbestedingswet" not in page


def test_the_award_waits_for_all_of_it(tender, browse):
    evaluation = tender.evaluation
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
        answer = browse(tender.official).post_form(f"/evaluations/{evaluation.id}/finalise")
        assert answer.status_code == 409
        assert "proof of the winner" in answer.text
        prove(tender)
        finalise_award(evaluation, actor=tender.official)


def test_belgium_asks_no_certificates(app):
    """An implicit declaration and the ESPD (art. 73 of the Act of 17 June 2016)."""
    tender = make_tender(bidders=1, programme=make_programme(jurisdiction="BE"), standstill_days=15)
    decide(tender)
    assert {(one.kind, one.oldest_on) for one in db.session.scalars(db.select(Proof))} == {(ProofKind.ESPD, None)}


def test_a_winner_that_proves_nothing_is_excluded_and_the_next_one_comes_first(tender, browse):
    winner, loser = tender.bidders
    evaluation = tender.evaluation
    with clock.at(clock.local(date(2026, 9, 20), 9)):
        with pytest.raises(NotNow, match="did not win"):
            exclude_winner(tender.opened_of(loser), "No.", actor=tender.official)
        with pytest.raises(NotYours):
            exclude_winner(tender.opened_of(winner), "No.", actor=tender.scorers[0])
        url = f"/evaluations/{evaluation.id}/exclude-winner"
        assert browse(winner.lead).get(url).status_code == 403
        plan = tender.opened_of(winner)
        answer = browse(tender.official).post_form(url, {"winner": plan.id, "reasons": "No statement came."})
        assert answer.status_code == 303
    db.session.expire_all()
    assert (evaluation.state, evaluation.decided_at, plan.rank) == (EvaluationState.FROZEN, None, None)
    assert evaluation.awarded().consortium_id == loser.consortium.id
    assert {winner.lead.email, loser.partner.email, tender.scorers[0].email} <= told("winner.exclude")
    assert "No statement came." in words_told("winner.exclude")
    page = browse(loser.lead).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert "No statement came." not in page
    with clock.at(clock.local(date(2026, 9, 21), 9)):
        send(tender, "Anew for {}.")
        page = browse(winner.lead).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert "Your plan was excluded and not ranked. No statement came." in page

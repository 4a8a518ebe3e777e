"""The steps of a call from the award decision to the file that is kept."""

import io
import re
import zipfile
from datetime import date, timedelta

import pytest

from app.awards.models import Letter, Suspension
from app.awards.objection_operations import examine_objection, hear_objection
from app.awards.operations import decide_award, digest_of_all, drafts, finalise_award, review_letters
from app.awards.states import LetterState
from app.calls.states import CallState
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.core.format import day
from app.evaluation.award_models import Objection
from app.evaluation.proof_operations import proofs_of
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.reports.call_file import faults_in
from tests.browser import soup
from tests.factories.evaluation import write_all
from tests.journeys.call_steps import CONFIDENTIAL, WITHHELD, agree, meet_and_freeze, on
from tests.told import told

GROUNDS = "The plan names the risk that the committee missed."


def decide(case, words):
    """Reasons by one official, every letter read by another, sent by the first."""
    evaluation, (writer, reviewer) = case.evaluation, case.officials
    reasons = {plan.id: f"{words} {plan.consortium.name}." for plan in evaluation.opened}
    write_all(evaluation, reasons, actor=writer)
    with pytest.raises(NotNow):
        decide_award(evaluation, actor=writer)
    with pytest.raises(NotYours):  # four eyes
        review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=writer)
    review_letters(evaluation, digest_of_all(drafts(evaluation)), actor=reviewer)
    decide_award(evaluation, actor=writer)


def decide_for_kans(case):
    evaluation = case.evaluation
    with on(4, 24):
        decide(case, "First reasons for")
        assert evaluation.awarded().consortium.name == "Kans"
        assert evaluation.standstill_until == case.country.first
        for name in ("Brug", "Kans", "Derde"):
            shown = case.browse(case.lead(name)).get_ok(f"/letters/{case.letter(name).id}").text
            assert f"First reasons for {name}." in shown
            assert [other for other in ("Brug", "Derde") if other != name and f"reasons for {other}." in shown] == []
        readers = {reading.user_id for reading in case.letter("Brug").readings}
        assert readers == {case.lead("Brug").id}
    with clock.at(clock.local(evaluation.standstill_until, 23, 59)), pytest.raises(NotNow):
        finalise_award(evaluation, actor=case.officials[0])


def send_a_letter_again(case):
    """Belgium counts from the last sending, for everybody, and the page says from which (art. 11)."""
    evaluation, is_belgian = case.evaluation, case.country.code == "BE"
    with on(4, 29):
        url = f"/letters/{case.letter('Derde').id}/resend"
        assert case.browse(case.officials[0]).post_form(url).status_code == 303
        db.session.expire_all()
        assert evaluation.standstill_until == case.country.resent
        assert (case.lead("Brug").email in told("letter.resend")) == is_belgian
        shown = case.browse(case.lead("Brug")).get_ok(f"/evaluations/{evaluation.id}/decision").text
        terms = case.browse(case.lead("Brug")).get_ok(f"/calls/{case.call.id}/terms").text
        calendar = case.browse(case.lead("Brug")).get(f"/calls/{case.call.id}/deadline.ics").text
    assert day(case.country.resent) in shown and day(case.country.resent) in terms
    assert f"{case.country.resent:%Y%m%d}" in calendar and "20260511" not in calendar
    assert f"{day(date(2026, 5, 14))} is no working day" in shown  # both: 24 April + 20, 29 April + 15
    assert day(date(2026, 5, 9)) not in shown  # where the first Belgian term ended, which no longer counts


def object_and_win(case):
    """Filed, taken up, heard, upheld: the decision falls, the committee looks again, another plan is first."""
    evaluation, official, winner = case.evaluation, case.officials[0], case.lead("Kans")
    with on(5, 4):
        url = f"/evaluations/{evaluation.id}/object"
        assert case.browse(case.lead("Brug")).post_form(url, {"grounds": GROUNDS}).status_code == 303
        objection = db.session.scalars(db.select(Objection)).one()
        examine_objection(objection, actor=official)
    with on(5, 8):
        hear_objection(objection, clock.today(), "Brug pointed at page four.", actor=official)
    with clock.at(clock.local(case.country.resent + timedelta(days=1), 9)), pytest.raises(NotNow):
        finalise_award(evaluation, actor=official)  # the term is over, the objection is open
    with on(5, 11):
        typed = {"outcome": "upheld", "decision": "The risk stands on page four."}
        assert case.browse(case.officials[1]).post_form(f"/objections/{objection.id}/decide", typed).status_code == 303
        db.session.expire_all()
        assert (evaluation.state, evaluation.decided_at) == (EvaluationState.CONSENSUS, None)
        page = case.browse(winner).get_ok(f"/evaluations/{evaluation.id}/decision").text
        assert "Award decision withdrawn" in page and GROUNDS not in page
        assert {winner.email, case.lead("Derde").email} <= told("objection.decide")
        assert case.ranking() == []
    with on(5, 18):
        agree(case, "Brug", 9, 9)
        meet_and_freeze(case)
    # 40 x 9 + 40 x 9 + 20 x 5 = 820, more than the 800 of Kans; the discounts were opened before and stay as they were
    assert case.ranking() == [("Brug", 820), ("Kans", 800), ("Derde", 400)]


def decide_for_brug(case):
    """New letters to all, a whole new standstill; what the first letters said is kept and counts no more."""
    evaluation = case.evaluation
    with on(6, 3):
        decide(case, "Second reasons for")
        assert evaluation.awarded().consortium.name == "Brug"
        assert evaluation.standstill_until == case.country.second
        for name in ("Brug", "Kans", "Derde"):
            reader = case.browse(case.lead(name))
            assert f"Second reasons for {name}." in reader.get_ok(f"/letters/{case.letter(name).id}").text
            shown = reader.get_ok(f"/evaluations/{evaluation.id}/decision")
            assert "First reasons" not in shown.text
            links = links_to_letters(shown)  # what a page offers opens, for its own bidder alone
            assert len(links) == 2
            for link in links:
                reader.get_ok(link)
                assert case.browse(case.lead("Laat")).get(link).status_code == 404
    states = db.session.scalars(db.select(Letter.state).order_by(Letter.number)).all()
    assert states == [LetterState.OVERTAKEN] * 3 + [LetterState.SENT] * 3
    assert {one.email for one in case.people("Kans")} <= told("award.decide")


def links_to_letters(page):
    return sorted({str(link["href"]) for link in soup(page).select("main a[href^='/letters/']")})


def prove_and_wait(case):
    """Every partner of the winner proves what it declared; a court case holds the award although the term is over."""
    evaluation, official = case.evaluation, case.officials[0]
    proofs = proofs_of(case.opened("Brug"))
    assert {proof.kind for proof in proofs} == case.country.proofs
    assert len(proofs) == 2 * len(case.country.proofs)
    with on(6, 10):
        for proof in proofs:
            url = f"/proofs/{proof.id}"
            if proof.months is not None:  # older than allowed on the day the plans were due, 7 April
                too_old = {"issued_on": "2024-04-06", "document": (paper(), "extract.pdf")}
                assert case.browse(case.lead("Brug")).post_form(f"{url}/hand-in", too_old).status_code == 422
            good = {"issued_on": "2026-04-01", "document": (paper(), "extract.pdf")}
            assert case.browse(case.lead("Brug")).post_form(f"{url}/hand-in", good).status_code == 303
        typed = {"cause": "court", "explanation": "The court hears Kans."}
        assert case.browse(official).post_form(f"/evaluations/{evaluation.id}/suspend", typed).status_code == 303
        assert {case.lead("Kans").email, case.lead("Derde").email} <= told("award.suspend")
    db.session.expire_all()
    with on(6, 24):
        with pytest.raises(NotNow, match="suspended"):
            finalise_award(evaluation, actor=official)
        (suspension,) = db.session.scalars(db.select(Suspension)).unique()
        typed = {"outcome": "The court found for the city."}
        assert case.browse(official).post_form(f"/suspensions/{suspension.id}/lift", typed).status_code == 303
        db.session.expire_all()
        with pytest.raises(NotNow, match="proof"):
            finalise_award(evaluation, actor=official)
        for proof in proofs:
            checked = case.browse(case.openers[0]).post_form(f"/proofs/{proof.id}/check", {"outcome": "accept"})
            assert checked.status_code == 303
        db.session.expire_all()


def paper():
    return io.BytesIO(b"%PDF-1.4\n% An extract\n")


def publish_award(case):
    """Final, public, and everybody hears it; the notice names who won and nobody else."""
    evaluation, call = case.evaluation, case.call
    with on(6, 24):
        assert case.browse().get(f"/calls/{call.id}/award").status_code == 404
        answer = case.browse(case.officials[0]).post_form(f"/evaluations/{evaluation.id}/finalise")
        assert answer.status_code == 303
        db.session.expire_all()
        notice = case.browse().get_ok(f"/calls/{call.id}/award").text
    assert (call.state, evaluation.state) == (CallState.AWARDED, EvaluationState.FINAL)
    assert "Brug" in notice and "Kans" not in notice and "Derde" not in notice
    states = {name: plan.consortium.state for name, plan in case.plans.items()}
    assert states["Brug"] == ConsortiumState.AWARDED
    assert states["Kans"] == states["Derde"] == ConsortiumState.NOT_AWARDED
    assert ConsortiumState.AWARDED not in (states["Laat"], states["Weg"])
    assert {one.email for name in ("Brug", "Kans", "Derde") for one in case.people(name)} <= told("award.finalise")


def export(case, app, tmp_path):
    """One archive that proves itself; what was withheld from the answers stays withheld, and why is in the record."""
    evaluation, url = case.evaluation, f"/calls/{case.evaluation.call_id}/file.zip"
    with on(6, 25):
        assert case.browse(case.lead("Brug")).get(url).status_code == 403
        archive = case.browse(case.officials[0]).get(url).data
        record = case.browse(case.officials[0]).get_ok(f"/evaluations/{evaluation.id}/record").text
    assert WITHHELD in record and CONFIDENTIAL not in record
    assert faults_in(archive) == []
    opened = zipfile.ZipFile(io.BytesIO(archive))
    files = {name: opened.read(name) for name in opened.namelist()}
    letters = sorted(name for name in files if name.startswith("letters/") and name.endswith(".json"))
    assert [name[8:10] for name in letters] == ["01"] * 3 + ["02"] * 3  # both decisions
    for kind in ("json", "pdf"):
        plans = [re.fullmatch(rf"plans/\d+-(\w+)\.{kind}", name) for name in files]
        assert {found[1] for found in plans if found} == {"Brug", "Kans", "Derde"}, kind
    assert not [name for name in files if "Laat" in name or "Weg" in name]
    assert GROUNDS.encode() in files["objections.json"] and b"The court hears Kans." in files["objections.json"]
    assert b"How Laat works" not in b"".join(files.values()) and b"How Weg works" not in b"".join(files.values())
    kept = tmp_path / "call.zip"
    kept.write_bytes(archive)
    assert app.test_cli_runner().invoke(args=["verify-call-file", str(kept)]).exit_code == 0
    files["scores.json"] += b" "
    with zipfile.ZipFile(kept, "w") as changed:
        for name, content in files.items():
            changed.writestr(name, content)
    said = app.test_cli_runner().invoke(args=["verify-call-file", str(kept)])
    assert said.exit_code == 1
    assert said.output.splitlines()[:2] == ["differs", "scores.json: was changed"]

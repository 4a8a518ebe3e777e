"""A batch becomes a sealed statement that anybody can verify: by certificate, by code, by the file."""

import asyncio
import hashlib
import io
import stat

import pytest
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy.exc import DBAPIError

from app.core.errors import NotNow
from app.extensions import db
from app.outcomes.basis import shows_bp
from app.outcomes.models import Batch, MeasurementBasis, RejectionReason
from app.outcomes.states import ClaimState
from app.pricing.models import Counterfactual
from app.verification import due
from app.verification.appeal_states import ReopenReason
from app.verification.invariants import seals_hold
from app.verification.judging import PROVEN, Opinion, judge_claim
from app.verification.models import DocketItem
from app.verification.operations import conclude_docket
from app.verification.reopening import reopen_proof
from app.verification.seal import beside, is_sealed
from app.verification.sealing import code_typed, new_code
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_models import SealCertificate, SealedStatement
from app.verification.statement_states import Edition
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_delivery,
    make_every_kind,
    make_measurement,
    make_participant,
)
from tests.factories.verification import make_claims, make_docket, make_sampled
from tests.told import recorded

WORDS = "Every contract was read."
CHECK = "/verify-statement"


@pytest.fixture
def bond(app):
    """Two verified in Enschede, one in Hengelo; one rejected in Hengelo."""
    bond = make_delivery()
    for payer, state in [
        (bond.enschede, ClaimState.VERIFIED),
        (bond.enschede, ClaimState.VERIFIED),
        (bond.hengelo, ClaimState.VERIFIED),
        (bond.hengelo, ClaimState.REJECTED),
    ]:
        make_claim(bond, make_participant(bond, payer), state=state)
    return bond


@pytest.fixture
def batch(bond):
    return sign_off(bond.programme, WORDS, actor=bond.assessor)


def edition(batch, which, payer=None):
    found = db.select(SealedStatement).filter_by(batch_id=batch.id, edition=which, payer_id=payer and payer.id)
    return db.session.scalars(found).unique().one()


def said(batch, which, payer=None):
    """The words of an edition in English, line by line."""
    document = document_of(verified_in(batch, None), which, payer, "CODE")
    lines = [document.title, document.eyebrow, *(" ".join(fact) for fact in document.facts)]
    for section in document.sections:
        lines += [section.title, *section.paragraphs, *(" ".join(fact) for fact in section.facts)]
        lines += [" ".join(row) for row in [section.head, *section.rows]]
    return "\n".join(lines)


def seal_on(pdf, pem):
    """As somebody without the portal checks it: file, certificate, pyHanko; beside a loop that a browser test left."""
    reader = PdfFileReader(io.BytesIO(pdf))
    (seal,) = reader.embedded_signatures
    (certificate,) = load_certs_from_pemder_data(pem)
    trust = ValidationContext(trust_roots=[certificate], allow_fetching=False, moment=seal.self_reported_timestamp)
    return seal, beside(validate_pdf_signature, seal, trust)


def test_the_seal_verifies_with_the_published_certificate(bond, batch, browse):
    made = edition(batch, Edition.FULL)
    page = browse(bond.assessor).get_ok(f"/batches/{batch.id}")
    assert made.code in page.text
    answer = browse(bond.assessor).get(f"/sealed-statements/{made.id}")
    assert answer.mimetype == "application/pdf"
    link = soup(browse().get_ok(CHECK)).select_one("a[href^='/seal-certificates/']")["href"]
    seal, found = seal_on(answer.data, browse().get(link).data)
    assert (found.intact, found.valid, found.trusted, found.bottom_line) == (True, True, True, True)
    assert found.coverage.name == "ENTIRE_FILE"
    assert seal.docmdp_level == MDPPerm.NO_CHANGES
    assert made.code in seal.sig_object["/Reason"]
    assert [*seals_hold()] == []


def test_seals_are_checked_also_where_a_loop_runs(batch):
    """The books are checked from wherever somebody asks, a browser test for one: the checker has a loop of its own."""
    made = edition(batch, Edition.FULL)
    document, pem = made.content, made.certificate.pem

    async def ask():
        return is_sealed(document, pem)

    assert beside(asyncio.run, ask())


@pytest.mark.parametrize("place", [0.1, 0.5])
def test_one_flipped_byte_is_told(batch, browse, place):
    made = edition(batch, Edition.FULL)
    changed = bytearray(made.content)
    changed[int(len(changed) * place)] ^= 1
    try:
        assert not seal_on(bytes(changed), made.certificate.pem.encode())[1].bottom_line
    except Exception as unreadable:  # so broken that it is no PDF any more
        assert "pyhanko" in type(unreadable).__module__
    assert "Changed" in verdict(browse().post_form(CHECK, {"document": (io.BytesIO(bytes(changed)), "it.pdf")}))


def verdict(answer):
    assert answer.status_code == 200
    return soup(answer).select_one(".notice__title").text


def test_what_anybody_learns_of_a_genuine_file(bond, batch, browse):
    made = edition(batch, Edition.FULL)
    answer = browse().post_form(CHECK, {"document": (io.BytesIO(made.content), "renamed.bin")})
    assert "Genuine" in verdict(answer)
    shown = soup(answer).select_one("main").text
    assert hashlib.sha256(made.content).hexdigest() in shown
    assert bond.programme.title in shown and batch.organisation.name in shown
    assert bond.assessor.name in shown, "who signed stands on the file itself"
    for secret in (WORDS, made.code):
        assert secret not in shown
    other = b"%PDF-1.7 something else"
    borrowed = browse().post_form(CHECK, {"document": (io.BytesIO(other + made.code.encode()), "x.pdf")})
    assert "Changed" in verdict(borrowed), "a file that borrows the code of a statement"
    unknown = browse().post_form(CHECK, {"document": (io.BytesIO(other), "x.pdf")})
    assert "Unknown" in verdict(unknown)
    for answer in (borrowed, unknown):
        assert bond.assessor.name not in answer.text, "of another file nobody is said to have signed"


def test_a_code_is_read_off_paper(batch, browse):
    made = edition(batch, Edition.PLAIN)
    typed = made.code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    for answer in (browse().post_form(CHECK, {"code": typed}), browse().get(f"{CHECK}?code={made.code}")):
        assert verdict(answer) == "This code is known: now check the file", "who forged a file copied the code too"
        assert "without figures" in answer.text
    assert "Unknown" in verdict(browse().post_form(CHECK, {"code": new_code()}))
    short = browse().post_form(CHECK, {"code": "ABCD"})
    assert short.status_code == 422
    assert 'value="ABCD"' in short.text
    assert browse().post_form(CHECK, {}).status_code == 422
    assert len({new_code() for _ in range(50)}) == 50
    assert code_typed("U" * 16) is None


def test_a_file_that_is_too_large_is_refused(batch, browse):
    large = io.BytesIO(b"%PDF-" + bytes(5 * 1024 * 1024))
    assert browse().post_form(CHECK, {"document": (large, "large.pdf")}).status_code == 422


def test_each_party_reads_the_edition_that_tells_what_it_may_know(bond, batch, browse):
    """Domain, section 9: counts below five are for provider, assessor and the person's own municipality alone."""
    full, plain = edition(batch, Edition.FULL), edition(batch, Edition.PLAIN)
    own = {payer: edition(batch, Edition.OWN, payer) for payer in (bond.enschede, bond.hengelo)}
    everything = {full, plain, *own.values()}
    for person, mine in [
        (bond.assessor, {full, plain}),
        (bond.provider, {full, plain}),
        (bond.official, {plain, own[bond.enschede]}),
        (bond.neighbour, {plain, own[bond.hengelo]}),
        (bond.intermediary, {plain}),
    ]:
        found = {one for one in everything if browse(person).get(f"/sealed-statements/{one.id}").status_code == 200}
        assert found == mine, person.name
        shown = browse(person).get_ok(f"/batches/{batch.id}").text
        assert {one for one in everything if one.code in shown} == mine
    assert "/login" in browse().get(f"/sealed-statements/{full.id}").headers["Location"]


def test_what_each_edition_says(bond, batch):
    full, plain = said(batch, Edition.FULL), said(batch, Edition.PLAIN)
    own = said(batch, Edition.OWN, bond.hengelo)
    assert "Enschede 2 0 0" in full and "Hengelo 1 0 1" in full
    assert "Total 3 0 1" in full
    assert "Hengelo 1 1\n" in own and "Enschede" not in own
    assert "not drawn" not in own, "it would tell what the sample showed"
    assert "Enschede" not in plain and "Hengelo" not in plain
    for told in (full, own, plain):
        assert (WORDS in told) is (told is full) and "not the legal signature of the assessor" in told
        assert "/verify-statement?code=CODE" in told
        assert batch.digest in told.replace(" ", "")
        assert not any(claim.participant.code in told for claim in batch.claims)


def test_a_sample_is_told_with_seed_size_errors_and_interval(app):
    bond = make_sampled()
    make_claims(bond, 35)
    docket = make_docket(bond)
    drawn = db.session.scalars(db.select(DocketItem).filter_by(docket_id=docket.id, is_drawn=True)).all()
    for item in drawn:
        judge_claim(item.claim, PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    batch = sign_off(bond.programme, WORDS, actor=bond.assessor)
    full, plain = said(batch, Edition.FULL), said(batch, Edition.PLAIN)
    for told in (full, plain):
        assert docket.seed in told.replace(" ", "")
        assert docket.list_digest in told.replace(" ", "")
    # 0 of 30 wrong: the upper end of Wilson's interval is z²/(30 + z²) = 3.8415/33.8415 = 11.35 %.
    assert "Thirteen weeks of work 35 30 0 0.0% (0.0%–11.4%) within tolerance" in full
    assert "Enschede 35 5 0" in full, "five were accepted as claimed"
    assert "35" not in plain.replace(docket.seed, "").split("Result per effect")[1]
    assert "35 30" not in plain


def test_a_batch_that_was_judged_whole_tells_its_faults_and_of_no_claim_that_was_not_drawn(app, browse):
    """Fewer claims than a sample holds: each is judged, and a fault is a fault of the effect all the same."""
    bond = make_sampled()
    make_claims(bond, 4)
    docket = make_docket(bond)
    items = db.session.scalars(db.select(DocketItem).filter_by(docket_id=docket.id).order_by(DocketItem.place)).all()
    faulty = Opinion(Verdict.REJECTED, RejectionReason.NO_EVIDENCE, "No contract.")
    judge_claim(items[0].claim, faulty, actor=bond.assessor)
    for item in items[1:]:
        judge_claim(item.claim, PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    batch = sign_off(bond.programme, WORDS, actor=bond.assessor)
    full = said(batch, Edition.FULL)
    told = "Thirteen weeks of work 4 – 1 25.0% each claim judged for itself"
    assert told in full, "none drawn, no interval: nothing is unsure"
    page = browse(bond.assessor).get_ok(f"/batches/{batch.id}").text
    assert "25.0%" in page
    for told in (full, said(batch, Edition.PLAIN), said(batch, Edition.OWN, bond.enschede), page):
        assert "Every claim on the list that was signed was judged." in told and "accepted as claimed" not in told


def test_what_was_measured_of_a_cohort_is_told_with_all_by_which_it_is_weighed(app):
    """Domain, sections 4 and 8: source, method, interval, sizes and power; the municipality reads those of its own."""
    bond = make_every_kind()
    basis = {"source": "Register of the court", "method": Counterfactual.MATCHED, "low": "0.3", "high": "0.58"}
    known = {"state": ClaimState.VERIFIED, "value": "0.44", "decided_by_id": bond.assessor.id}
    for payer in (bond.enschede, bond.hengelo):
        made = make_measurement(bond, "coupon", payer, **known)
        db.session.add(MeasurementBasis(measurement=made, people=70, compared=140, compared_value="0.4", **basis))
    make_measurement(bond, "fee", quantity=1, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id)
    db.session.commit()
    batch = sign_off(bond.programme, WORDS, actor=bond.assessor)
    least = shows_bp(made.basis, made.effect)
    for told, number in [(said(batch, Edition.FULL), 2), (said(batch, Edition.OWN, bond.hengelo), 1)]:
        assert told.count("Measured value: 0.44") == number
        assert told.count("95 % interval 0.3 to 0.58") == number
        assert told.count("Compared by matched group from administrative data") == number
        for words in (
            "Source Register of the court",
            "cohort 70",
            "comparison group 140",
            "same share in the comparison group 0.4",
            "Difference found with the comparison group 4 percentage points",
            "Power of the comparison 80 %",
        ):
            assert words in told
        assert f"groups of this size show {least / 100:g} percentage points" in told
    assert "Number of fees: 1" in said(batch, Edition.FULL)
    assert "0.44" not in said(batch, Edition.PLAIN)


def test_where_there_is_no_seal_nothing_is_signed(bond, app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "SEAL_KEY_FILE", tmp_path / "key.pem")
    monkeypatch.setattr(app, "testing", False)
    with pytest.raises(NotNow, match="no seal"):
        sign_off(bond.programme, WORDS, actor=bond.assessor)
    assert db.session.query(Batch).count() == 0


def test_what_was_signed_before_there_was_a_seal_is_sealed_by_the_worker(bond, browse):
    batch = make_batch(bond)
    assert "not sealed this statement yet" in browse(bond.assessor).get_ok(f"/batches/{batch.id}").text
    assert due.run_due() == 1
    assert edition(batch, Edition.FULL).code in browse(bond.assessor).get_ok(f"/batches/{batch.id}").text
    assert recorded("batch.seal") == [{"number": 1}]
    assert due.run_due() == 0


def test_the_keeper_makes_the_seal_once(app, tmp_path, monkeypatch):
    key, certificate = tmp_path / "of" / "key.pem", tmp_path / "of" / "certificate.pem"
    monkeypatch.setitem(app.config, "SEAL_KEY_FILE", key)
    monkeypatch.setitem(app.config, "SEAL_CERTIFICATE", certificate)
    runner = app.test_cli_runner()
    made = runner.invoke(args=["make-seal"])
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = runner.invoke(args=["make-seal"])
    assert again.exit_code == 1 and "left as it is" in again.output
    assert key.read_bytes() == before


def test_a_new_certificate_does_not_unmake_an_older_seal(bond, batch, app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "SEAL_KEY_FILE", tmp_path / "key.pem")
    monkeypatch.setitem(app.config, "SEAL_CERTIFICATE", tmp_path / "certificate.pem")
    make_claim(bond, state=ClaimState.VERIFIED)
    sign_off(bond.programme, WORDS, actor=bond.assessor)
    assert db.session.query(SealCertificate).count() == 2
    assert [*seals_hold()] == []


def test_the_database_refuses_to_change_a_sealed_statement(batch):
    for change in ("UPDATE sealed_statement SET digest = 'x'", "DELETE FROM sealed_statement",
                   "UPDATE seal_certificate SET pem = 'x'"):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"), db.session.begin_nested():
            db.session.execute(db.text(change))


def test_a_genuine_statement_tells_that_something_was_reopened_since_and_not_what(bond, batch, browse):
    """Whoever relies on it must know that it no longer holds whole; a number could point at a person."""
    made, told = edition(batch, Edition.PLAIN), "Something was reopened since"
    assert told not in browse().get(f"{CHECK}?code={made.code}").text
    signed = next(claim for claim in batch.claims if claim.state == ClaimState.SIGNED_OFF)
    reopen_proof(signed, ReopenReason.FALSIFIED, "Never employed.", actor=bond.assessor)
    shown = soup(browse().get(f"{CHECK}?code={made.code}")).select_one("main").text
    assert told in shown and "This code is known" in shown
    for secret in (signed.number, signed.effect.name, signed.participant.payer.name, "falsified", "Never employed"):
        assert secret not in shown
    assert told in browse(bond.intermediary).get_ok(f"/batches/{batch.id}").text


def test_an_empty_file_is_said_to_be_empty(batch, browse):
    answer = browse().post_form(CHECK, {"document": (io.BytesIO(b""), "empty.pdf")})
    assert answer.status_code == 422 and "The file is empty." in answer.text


def test_a_file_beside_the_code_of_another_statement(batch, browse):
    """What is said is said of the file; that the code is another one's is said on its field."""
    one, other = edition(batch, Edition.FULL), edition(batch, Edition.PLAIN)
    typed = {"document": (io.BytesIO(one.content), "it.pdf"), "code": other.code}
    answer = browse().post_form(CHECK, typed)
    assert answer.status_code == 422 and "not that of the file" in answer.text and "Genuine" in answer.text
    fits = browse().post_form(CHECK, {"document": (io.BytesIO(one.content), "it.pdf"), "code": one.code})
    assert fits.status_code == 200 and "not that of the file" not in fits.text


def test_the_assessors_words_stand_with_all_figures_alone(bond, browse):
    """Words are free: a number typed there would tell what the other editions withhold (domain, section 9)."""
    batch = sign_off(bond.programme, "Of the 3 in Hengelo 1 was not proven.", actor=bond.assessor)
    assert "Of the 3 in Hengelo" in said(batch, Edition.FULL)
    for which, payer in ((Edition.PLAIN, None), (Edition.OWN, bond.hengelo), (Edition.OWN, bond.enschede)):
        told = said(batch, which, payer)
        assert "Of the 3" not in told and "for the provider is left out here" in told and "all figures" not in told
    for person, reads in (("assessor", True), ("provider", True), ("official", False), ("auditor", False)):
        page = browse(getattr(bond, person)).get_ok(f"/batches/{batch.id}").text
        assert ("Of the 3 in Hengelo" in page) is reads, person
        assert ("for the provider is left out here" in page) is not reads, "nobody is sent where they may not read"
    desk = browse(bond.intermediary).get(f"/batches/{batch.id}")
    assert "Of the 3" not in desk.text


def test_a_total_says_of_what_it_is_the_sum(app, browse):
    """The page counts measurements in, the table of the PDF holds claims alone: both say how many of each."""
    bond = make_every_kind()
    for _number in range(3):
        make_claim(bond, code="work", state=ClaimState.VERIFIED)
    make_claim(bond, code="work", state=ClaimState.REJECTED)
    make_measurement(bond, "fee", quantity=1, state=ClaimState.VERIFIED, decided_by_id=bond.assessor.id)
    batch = sign_off(bond.programme, WORDS, actor=bond.assessor)
    assert batch.verified_count == 4
    told = "Verified: 3 claims and 1 measurement."
    assert told in browse(bond.assessor).get_ok(f"/batches/{batch.id}").text and told in said(batch, Edition.FULL)
    assert told not in browse(bond.auditor).get_ok(f"/batches/{batch.id}").text
    assert told not in said(batch, Edition.PLAIN)

"""Documents are kept only where the agreement says so, encrypted, under random names, and by what they are."""

import hashlib
import io
import os
import socket
import struct
import threading
import uuid
from datetime import UTC, date, datetime

import pytest

from app.core import clock
from app.core.document import LARGEST_MB, Document
from app.core.errors import NotNow, NotYours, Refused
from app.demonstration.document import pdf
from app.evidence import due, storage
from app.evidence.invariants import files_have_keys, files_lie_in_the_store
from app.evidence.models import EvidenceFile
from app.evidence.operations import keep_file, read_file
from app.extensions import db
from app.outcomes.states import ClaimState
from app.settlement.models import Settlement
from tests.browser import soup
from tests.evidence.images import photo, pixels
from tests.factories.outcomes import make_claim, make_delivery
from tests.told import recorded

PDF = pdf("contract.pdf", "Employment contract of Jan de Vries").content


def document(content=PDF, name="contract Jan de Vries.pdf", media_type="application/pdf"):
    return Document(name, media_type, hashlib.sha256(content).hexdigest(), content)


def keep(bond, claim, content=PDF, **said):
    return keep_file(claim, document(content, **said), actor=bond.provider, once=uuid.uuid4())


def kept(claim):
    return db.session.scalars(db.select(EvidenceFile).filter_by(claim_id=claim.id)).unique().all()


def everything_in(store):
    return b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())


def test_the_provider_adds_a_photo_and_the_assessor_downloads_it(bond, claim, browse, store):
    taken = photo()
    provider, path = browse(bond.provider), f"/claims/{claim.id}"
    adding = provider.click(provider.get_ok(path), "Add a document")
    sent = provider.submit(adding, {"document": (io.BytesIO(taken), "Jan de Vries.exe")})
    page = provider.follow(sent)
    assert "Document 1" in page.text
    assert "Vries" not in page.text

    (file,) = kept(claim)
    assert file.sha256 == hashlib.sha256(taken).hexdigest()
    assert (file.media_type, file.number) == ("image/jpeg", 1)
    assert str(file.keep_until) == "2031-12-31"  # 730 days after 31 December 2029, until when effects accrue
    on_disk = everything_in(store)
    assert on_disk
    assert taken[100:200] not in on_disk
    assert not any("vries" in path.name.lower() or str(claim.id) in str(path) for path in store.rglob("*"))

    answer = browse(bond.assessor).get(f"/evidence/{file.id}")
    assert pixels(answer.data) == pixels(taken)
    assert b"PhoneMaker" not in answer.data
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="evidence-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert recorded("evidence.read") == [{"claim": claim.number, "sha256": file.kept_sha256}]


def test_original_and_kept_copy_each_have_their_own_fingerprint(bond, claim, browse):
    """Without its metadata a picture is another file: the page says which SHA-256 is of which."""
    file = keep(bond, claim, photo(), name="a.jpg", media_type="image/jpeg")
    copy = read_file(file, actor=bond.assessor)
    assert hashlib.sha256(copy).hexdigest() == file.kept_sha256 != file.sha256
    for person, page in ((bond.provider, f"/claims/{claim.id}"), (bond.assessor, f"/claims/{claim.id}/judge")):
        shown = soup(browse(person).get_ok(page)).select_one("main")
        said = {term.text.strip(): term.find_next("dd").text.strip() for term in shown.select("dt")}
        assert said["Document 1: SHA-256 of the original at the provider"] == file.sha256
        assert said["Document 1: SHA-256 of the kept copy, without metadata"] == file.kept_sha256


def test_each_download_stands_in_the_trail(bond, claim):
    file = keep(bond, claim)
    for person in (bond.assessor, bond.assessor, bond.provider):
        assert read_file(file, actor=person) == PDF
    assert len(recorded("evidence.read")) == 3
    assert "Vries" not in str(recorded("evidence.add") + recorded("evidence.read"))


def test_who_may_not_see_a_document(bond, claim, browse):
    file = keep(bond, claim)
    for person, status in ((bond.official, 403), (bond.neighbour, 404), (bond.investor, 404), (bond.auditor, 404)):
        assert browse(person).get(f"/evidence/{file.id}").status_code == status
    with pytest.raises(NotYours):
        read_file(file, actor=bond.official)
    db.session.refresh(file)
    assert recorded("evidence.read") == []


def test_nothing_is_kept_where_the_agreement_does_not_say_so(app, browse, store):
    bond = make_delivery()
    claim = make_claim(bond, state=ClaimState.REGISTERED)
    with pytest.raises(NotNow, match="fingerprint"):
        keep(bond, claim)
    assert browse(bond.provider).get(f"/claims/{claim.id}/attach").status_code == 409
    assert "Add a document" not in browse(bond.provider).get_ok(f"/claims/{claim.id}").text
    assert not store.exists()


def test_a_claim_with_the_assessor_takes_no_document_until_it_is_asked_about(bond, browse):
    claim = make_claim(bond, state=ClaimState.SUBMITTED)
    with pytest.raises(NotNow, match="with the assessor"):
        keep(bond, claim)
    claim.state = ClaimState.QUESTIONED
    db.session.commit()
    assert keep(bond, claim).number == 1


def test_number_and_repetition_are_limited(bond, claim):
    for number in range(5):
        keep(bond, claim, PDF + bytes([number]))
    with pytest.raises(Refused, match="at most 5"):
        keep(bond, claim, PDF + b"6")
    other = make_claim(bond, claim.participant, "days", ClaimState.REGISTERED)
    keep(bond, other)
    with pytest.raises(Refused, match="already"):
        keep(bond, other)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html>", "not a PDF"),
        (b"%PDF-" + b"x" * (LARGEST_MB * 1024 * 1024), "at most 10 MB"),
        (b"\xff\xd8\xff\xe0 half a photo", "damaged"),
    ],
)
def test_a_file_is_judged_by_what_it_is(bond, claim, browse, content, told):
    page = browse(bond.provider)
    answer = page.post_form(f"/claims/{claim.id}/attach", {"document": (io.BytesIO(content), "contract.pdf")})
    assert answer.status_code == 422
    assert told in soup(answer).select_one("main").text
    assert kept(claim) == []


def test_a_double_click_keeps_one(bond, claim):
    once = uuid.uuid4()
    first = keep_file(claim, document(), actor=bond.provider, once=once)
    assert keep_file(claim, document(), actor=bond.provider, once=once) is first
    assert len(kept(claim)) == 1


def test_the_provider_removes_a_document_of_somebody_else_at_once(bond, claim, browse):
    file = keep(bond, claim)
    browser = browse(bond.provider)
    page = browser.follow(browser.post_form(f"/evidence/{file.id}/remove"))
    assert "removed by the provider" in page.text
    db.session.refresh(file)
    assert file.key is None
    assert browse(bond.assessor).get(f"/evidence/{file.id}").status_code == 409
    assert recorded("evidence.remove") == [{"sha256": file.sha256}]


def test_what_the_assessor_has_cannot_be_removed(bond, claim, browse):
    file = keep(bond, claim)
    claim.state = ClaimState.SUBMITTED
    db.session.commit()
    assert browse(bond.provider).get(f"/evidence/{file.id}/remove").status_code == 409
    assert browse(bond.assessor).get(f"/evidence/{file.id}/remove").status_code == 403


def test_after_the_audit_window_the_document_goes_and_the_record_stays(bond, claim, browse, store):
    file = keep(bond, claim)
    with clock.at(datetime(2031, 12, 31, 12, tzinfo=UTC)):
        assert due.run_due() == 0
    with clock.at(datetime(2032, 1, 1, 12, tzinfo=UTC)):
        assert due.run_due() == 1
        assert due.run_due() == 0
    db.session.refresh(file)
    assert (file.key, file.state.value) == (None, "deleted")
    assert recorded("evidence.delete") == [{"sha256": file.sha256, "kept_until": "2031-12-31"}]
    assert "deleted after the audit window" in browse(bond.assessor).get_ok(f"/claims/{claim.id}").text
    _an_hour_passes(store)
    due.clear_store()
    assert everything_in(store) == b""


def test_the_window_ends_after_the_last_settlement_and_the_page_says_from_when_it_counts(bond, claim, browse, store):
    """Else what was settled last could not be audited: 730 days after 1 March 2030, not after the tail."""
    file = keep(bond, claim)
    page = " ".join(browse(bond.provider).get_ok(f"/claims/{claim.id}").text.split())
    assert "730 days, counted from the latest of" in page and "31 December 2029" in page
    with clock.at(datetime(2030, 3, 1, 12, tzinfo=UTC)):
        days = {"period_from": date(2029, 7, 1), "period_to": date(2029, 12, 31)}
        made = Settlement(programme=bond.programme, agreement=bond.agreement, number=1, **days)
        made.gross_minor = made.paid_minor = 0
        made.digest, made.prepared_by_id = "0" * 64, bond.intermediary.id
        db.session.add(made)
        db.session.commit()
    with clock.at(datetime(2032, 1, 1, 12, tzinfo=UTC)):
        assert due.run_due() == 0
    db.session.refresh(file)
    assert str(file.keep_until) == "2032-02-29"
    with clock.at(datetime(2032, 3, 1, 12, tzinfo=UTC)):
        assert due.run_due() == 1


def test_the_store_is_cleared_of_what_no_act_kept(bond, claim, store):
    file = keep(bond, claim)
    stray = storage.put(b"an act that failed")
    due.clear_store()
    assert storage.holds(stray)  # the act may still be under way
    _an_hour_passes(store)
    due.clear_store()
    assert not storage.holds(stray)
    assert storage.holds(file.stored_as)


def _an_hour_passes(store):
    before = clock.now().timestamp() - 4_000
    for path in store.rglob("*"):
        os.utime(path, (before, before))


def test_a_document_that_was_exchanged_in_the_store_does_not_open(bond, claim, store):
    file, other = keep(bond, claim), keep(bond, claim, PDF + b"2")
    (store / file.stored_as[:2] / file.stored_as).write_bytes(storage.get(other.stored_as))
    with pytest.raises(NotNow, match="store"):
        read_file(file, actor=bond.assessor)
    assert recorded("evidence.read") == []


def test_check_books_misses_a_lost_document(bond, claim, store):
    file = keep(bond, claim)
    assert [*files_have_keys(), *files_lie_in_the_store()] == []
    (store / file.stored_as[:2] / file.stored_as).unlink()
    assert str(file.id) in next(files_lie_in_the_store())
    file.key = None
    db.session.commit()
    assert str(file.id) in next(files_have_keys())


@pytest.fixture
def scanner(app, monkeypatch):
    """Speaks the protocol of clamd: finds a virus where EICAR is named."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        while True:
            try:
                line, _address = server.accept()
            except OSError:
                return
            with line, line.makefile("rwb") as asked:
                assert asked.read(10) == b"zINSTREAM\0"
                seen = b""
                while length := struct.unpack(">I", asked.read(4))[0]:
                    seen += asked.read(length)
                asked.write(b"stream: Eicar-Signature FOUND\0" if b"EICAR" in seen else b"stream: OK\0")

    threading.Thread(target=answer, daemon=True).start()
    monkeypatch.setitem(app.config, "CLAMAV_URL", f"tcp://127.0.0.1:{server.getsockname()[1]}")
    yield server
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_a_scanner_finds_what_is_bad_and_lets_the_rest_pass(bond, claim, scanner):
    keep(bond, claim)
    with pytest.raises(Refused, match="virus"):
        keep(bond, claim, PDF + b"EICAR" + b"x" * 100_000)
    assert len(kept(claim)) == 1


def test_a_scanner_that_is_silent_lets_nothing_pass(app, bond, claim, monkeypatch):
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        monkeypatch.setitem(app.config, "CLAMAV_URL", f"tcp://127.0.0.1:{nobody_listens.getsockname()[1]}")
        with pytest.raises(NotNow, match="scanner"):
            keep(bond, claim)
    assert kept(claim) == []

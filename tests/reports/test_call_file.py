"""The file of a call is one archive that proves itself (art. 2.132 Aw): whole, readable, and any change is found."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime

import pikepdf
import pytest
from sqlalchemy.exc import DatabaseError

from app.audit.models import AuditEntry
from app.awards.record import kept_until
from app.calls.operations import cancel_call
from app.core import clock
from app.core.format import day
from app.evaluation.conflict_models import ConflictDeclaration
from app.extensions import db
from app.programmes.models import Part
from app.reports.call_file import archive_of, faults_in
from app.reports.call_plan import plan_document
from app.reports.checking import Verdict, check_archive
from app.reports.models import CallFile
from tests.factories.evaluation import SECRET, award, decide, make_tender
from tests.factories.people import make_user
from tests.factories.programmes import make_party


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=2)
    award(tender)
    return tender


def opened(archive):
    return zipfile.ZipFile(io.BytesIO(archive))


def changed(archive, act):
    """The archive written anew after `act` on its files (name -> bytes)."""
    files = {name: opened(archive).read(name) for name in opened(archive).namelist()}
    act(files)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return written.getvalue()


def rewritten(archive):
    """Scores changed, and the manifest made to fit: whole, and yet not what was given out."""

    def act(files):
        files["scores.json"] += b" "
        manifest = json.loads(files["manifest.json"])
        manifest["files"]["scores.json"] = hashlib.sha256(files["scores.json"]).hexdigest()
        files["manifest.json"] = json.dumps(manifest).encode()

    return changed(archive, act)


def said(archive):
    return [str(fault) for fault in faults_in(archive)]


def test_everything_a_judge_asks_for_is_in_it(tender, browse):
    evaluation = tender.evaluation
    answer = browse(tender.official).get(f"/calls/{tender.call.id}/file.zip")
    assert answer.mimetype == "application/zip"
    archive = answer.data
    names = opened(archive).namelist()
    for wanted in ("call.json", "receipts.json", "scores.json", "consensus.json", "award-record.pdf", "trail.csv"):
        assert wanted in names
    for kind in (".json", ".pdf"):
        assert len([name for name in names if name.startswith("plans/") and name.endswith(kind)]) == 2
    assert len([name for name in names if name.startswith("letters/") and name.endswith(".pdf")]) == 2
    told = json.loads(opened(archive).read("manifest.json"))["files"]
    assert set(told) == set(names) - {"manifest.json"}
    assert all(hashlib.sha256(opened(archive).read(name)).hexdigest() == told[name] for name in told)
    assert faults_in(archive) == []
    assert archive_of(evaluation) == archive  # the same file every time, also after it was exported


def test_it_is_read_without_the_portal(tender):
    """Art. 2.132 Aw: who checks the award years later has the file and no portal. Every id that stands in a plan is
    named in the legend, the prices are there, and a person reads the plan itself."""
    archive = archive_of(tender.evaluation)
    legend, table = (json.loads(opened(archive).read(name)) for name in ("legend.json", "price-table.json"))
    for plan in tender.evaluation.opened:
        read = str(plan_document(plan))
        partners = [partner.organisation.name for partner in plan.consortium.taking_part]
        for told in (SECRET, plan.consortium.name, *partners, *(one.name for one in tender.call.table.effects)):
            assert told in read
    plans = [name for name in opened(archive).namelist() if name.startswith("plans/")]
    for name in plans:
        if name.endswith(".pdf"):
            with pikepdf.open(io.BytesIO(opened(archive).read(name))) as made:
                assert len(made.pages) > 0
            continue
        plan = json.loads(opened(archive).read(name))["content"]
        assert set(plan["volumes"]) <= set(legend["effects"]) and plan["volumes"]
        assert set(plan["answers"]) <= set(legend["items"]) and plan["answers"]
        assert set(plan["parts"]) <= set(legend["organisations"])
    codes = {one["id"] for one in table["effects"]}
    assert {one["code"] for one in legend["effects"].values()} == codes
    judging, scores = (json.loads(opened(archive).read(name)) for name in ("judging.json", "scores.json"))
    assert {"name": tender.openers[0].name, "duty": "opener"} in judging["committee"]
    assert set(scores[0]) == {"consortium", "scorer", "criterion", "points", "motivation", "locked_at"}


def test_any_change_is_found(tender):
    archive = archive_of(tender.evaluation)
    tampered = changed(archive, lambda files: files.update({"scores.json": files["scores.json"] + b" "}))
    assert said(tampered) == ["scores.json: was changed"]
    assert said(changed(archive, lambda files: files.pop("scores.json"))) == [
        "scores.json: in the manifest, not in the archive"
    ]
    assert said(changed(archive, lambda files: files.update({"extra.txt": b"x"}))) == [
        "extra.txt: in the archive, not in the manifest"
    ]
    for nonsense in (b"", b"PK", b"no archive", changed(archive, lambda files: files.pop("manifest.json"))):
        assert len(faults_in(nonsense)) == 1


def test_an_export_is_kept_with_who_and_when(tender, browse):
    archive = browse(tender.official).get(f"/calls/{tender.call.id}/file.zip").data
    kept = db.session.scalars(db.select(CallFile)).one()
    manifest = opened(archive).read("manifest.json")
    assert kept.manifest_sha256 == hashlib.sha256(manifest).hexdigest()
    assert kept.archive_sha256 == hashlib.sha256(archive).hexdigest()
    entry = db.session.scalars(db.select(AuditEntry).filter_by(action="call.export")).one()
    assert (entry.actor_id, entry.subject_id) == (tender.official.id, tender.call.id)
    assert entry.facts.body["manifest"] == kept.manifest_sha256
    page = browse(tender.official).get_ok(f"/calls/{tender.call.id}/file").text
    for told in (kept.manifest_sha256, tender.official.name, day(kept_until(tender.evaluation))):
        assert told in page
    kept.manifest_sha256 = "0" * 64
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.flush()
    db.session.rollback()


def test_an_archive_rewritten_with_its_manifest_is_found(tender, browse):
    """A manifest alone proves nothing: whoever changes a file can write a manifest that fits."""
    before = archive_of(tender.evaluation)
    assert check_archive(before).verdict == Verdict.UNKNOWN  # made, and never given out
    archive = browse(tender.official).get(f"/calls/{tender.call.id}/file.zip").data
    forged = rewritten(archive)
    assert faults_in(forged) == []
    checked = check_archive(forged)
    assert checked.verdict == Verdict.DIFFERS
    assert [str(fault) for fault in checked.faults] == ["manifest.json: was never exported for this call"]
    assert check_archive(archive).verdict == Verdict.GENUINE
    assert check_archive(changed(archive, lambda files: files.pop("scores.json"))).verdict == Verdict.DIFFERS
    assert check_archive(b"PK no archive").verdict == Verdict.UNKNOWN


def test_a_small_archive_that_unpacks_to_very_much_is_not_read(app, monkeypatch):
    monkeypatch.setattr("app.reports.call_file.LARGEST", 1000)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", json.dumps({"call": "x", "files": {}}))
        made.writestr("much.txt", b"0" * 100_000)
    assert said(written.getvalue()) == ["this is no file of a call"]


def test_anybody_can_check_an_archive_on_a_page(tender, browse):
    archive = browse(tender.official).get(f"/calls/{tender.call.id}/file.zip").data
    digest = hashlib.sha256(opened(archive).read("manifest.json")).hexdigest()
    visitor = browse()
    for given, verdict in [
        ({"archive": (io.BytesIO(archive), "call.zip")}, "Genuine"),
        ({"archive": (io.BytesIO(rewritten(archive)), "call.zip")}, "Differs"),
        ({"archive": (io.BytesIO(b"nothing"), "call.zip")}, "Unknown"),
        ({"sha256": digest.upper()}, "Genuine"),
        ({"sha256": hashlib.sha256(archive).hexdigest()}, "Genuine"),
        ({"sha256": "0" * 64}, "Unknown"),
    ]:
        answer = visitor.post_form("/call-files/check", given)
        assert answer.status_code == 200
        assert [title for title in ("Genuine", "Differs", "Unknown") if f">{title}<" in answer.text] == [verdict]
        assert tender.official.name not in answer.text  # who took it is for the parties
    large = io.BytesIO(archive + b"0" * (10 * 1024 * 1024))
    for wrong in ({}, {"sha256": "abc"}, {"archive": (large, "call.zip")}):
        assert visitor.post_form("/call-files/check", wrong).status_code == 422


def test_the_command_says_so(tender, app, browse, tmp_path):
    file = tmp_path / "call.zip"
    file.write_bytes(archive_of(tender.evaluation))
    verify = ["verify-call-file", str(file)]
    assert app.test_cli_runner().invoke(args=verify).exit_code == 2  # never given out
    file.write_bytes(browse(tender.official).get(f"/calls/{tender.call.id}/file.zip").data)
    good = app.test_cli_runner().invoke(args=verify)
    assert (good.exit_code, good.output.splitlines()[0]) == (0, "genuine")
    file.write_bytes(changed(file.read_bytes(), lambda files: files.pop("call.json")))
    bad = app.test_cli_runner().invoke(args=verify)
    assert (bad.exit_code, bad.output.splitlines()[0]) == (1, "differs")
    assert "call.json" in bad.output


def test_a_call_that_was_cancelled_has_receipts_and_no_plan(app, browse):
    """Art. 2.132 Aw asks a record of a call without award too; what lay sealed stays sealed."""
    tender = make_tender(bidders=2)
    with clock.at(datetime(2026, 3, 2, 10, tzinfo=UTC)):
        cancel_call(tender.call, "The council withdrew the money.", actor=tender.official)
    archive = browse(tender.official).get(f"/calls/{tender.call.id}/file.zip").data
    files = {name: opened(archive).read(name) for name in opened(archive).namelist()}
    assert set(files) == {
        *("call.json", "price-table.json", "receipts.json", "questions/not-answered.json"),
        *("award-record.pdf", "trail.csv"),
        "manifest.json",
    }
    call, receipts = json.loads(files["call.json"]), json.loads(files["receipts.json"])
    assert (call["state"], call["cancelled_because"]) == ("cancelled", "The council withdrew the money.")
    assert call["kept_until"] == "2029-03-02"
    assert {(one["digest"], one["opened"]) for one in receipts} == {
        (bidder.proposal.digest, False) for bidder in tender.bidders
    }
    whole = b"".join(files.values())
    for hidden in (SECRET, *(bidder.consortium.name for bidder in tender.bidders)):
        assert hidden.encode() not in whole  # who bid is never told of plans that stay sealed
    assert check_archive(archive).verdict == Verdict.GENUINE
    page = browse(tender.official).get_ok(f"/calls/{tender.call.id}").text
    assert f"/calls/{tender.call.id}/file" in page
    assert "The council withdrew the money." in browse(tender.official).get_ok(f"/calls/{tender.call.id}/file").text
    assert browse(tender.bidders[0].lead).get(f"/calls/{tender.call.id}/file").status_code == 403


def test_who_may_have_it_and_when(app, browse):
    tender = make_tender(bidders=2)
    evaluation = decide(tender)
    investor = make_user(make_party(tender.call.programme, Part.INVESTOR))
    assert evaluation.decided_at is not None
    for url in (f"/calls/{tender.call.id}/file.zip", f"/calls/{tender.call.id}/file"):
        assert browse(tender.official).get(url).status_code == 409
        for person in (tender.scorers[0], tender.bidders[0].lead, investor):
            assert browse(person).get(url).status_code == 403
    assert db.session.scalars(db.select(CallFile)).all() == []


def test_a_conflict_of_interest_takes_the_file_away(tender, browse):
    """An official who has a conflict reads no plan, so neither the file that holds them all."""
    other = make_user(tender.call.programme.lead)
    db.session.add(ConflictDeclaration(evaluation=tender.evaluation, user=other, has_conflict=True))
    db.session.commit()
    assert browse(other).get(f"/calls/{tender.call.id}/file.zip").status_code == 403


@pytest.mark.parametrize(
    ("final", "until"),
    [
        (datetime(2026, 3, 2, 10, tzinfo=UTC), date(2029, 3, 2)),
        (datetime(2028, 2, 29, 10, tzinfo=UTC), date(2031, 3, 1)),  # no such day three years later
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2030, 1, 1)),  # already New Year where the parties are
    ],
)
def test_it_is_kept_for_three_years(tender, final, until):
    evaluation = tender.evaluation
    evaluation.finalised_at = final
    assert kept_until(evaluation) == until

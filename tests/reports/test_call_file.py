"""The file of a call is one archive that proves itself (art. 2.132 Aw): whole, readable, and any change is found."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime

import pytest

from app.awards.record import kept_until
from app.programmes.models import Part
from app.reports.call_file import archive_of, faults_in
from tests.factories.evaluation import award, decide, make_tender
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


def test_everything_a_judge_asks_for_is_in_it(tender, browse):
    evaluation = tender.evaluation
    answer = browse(tender.official).get(f"/evaluations/{evaluation.id}/file.zip")
    assert answer.mimetype == "application/zip"
    archive = answer.data
    names = opened(archive).namelist()
    for wanted in ("call.json", "receipts.json", "scores.json", "consensus.json", "award-record.pdf", "trail.csv"):
        assert wanted in names
    assert len([name for name in names if name.startswith("plans/")]) == 2
    assert len([name for name in names if name.startswith("letters/") and name.endswith(".pdf")]) == 2
    told = json.loads(opened(archive).read("manifest.json"))["files"]
    assert set(told) == set(names) - {"manifest.json"}
    assert all(hashlib.sha256(opened(archive).read(name)).hexdigest() == told[name] for name in told)
    assert faults_in(archive) == []
    assert archive_of(evaluation) == archive  # the same file every time


def test_any_change_is_found(tender):
    archive = archive_of(tender.evaluation)
    tampered = changed(archive, lambda files: files.update({"scores.json": files["scores.json"] + b" "}))
    assert faults_in(tampered) == ["scores.json: was changed"]
    assert faults_in(changed(archive, lambda files: files.pop("scores.json"))) == [
        "scores.json: in the manifest, not in the archive"
    ]
    assert faults_in(changed(archive, lambda files: files.update({"extra.txt": b"x"}))) == [
        "extra.txt: in the archive, not in the manifest"
    ]
    for nonsense in (b"", b"PK", b"no archive", changed(archive, lambda files: files.pop("manifest.json"))):
        assert len(faults_in(nonsense)) == 1


def test_the_command_says_so(tender, app, tmp_path):
    file = tmp_path / "call.zip"
    file.write_bytes(archive_of(tender.evaluation))
    good = app.test_cli_runner().invoke(args=["verify-call-file", str(file)])
    assert (good.exit_code, good.output.strip()) == (0, "The file of the call is whole")
    file.write_bytes(changed(file.read_bytes(), lambda files: files.pop("call.json")))
    bad = app.test_cli_runner().invoke(args=["verify-call-file", str(file)])
    assert bad.exit_code == 1
    assert "call.json" in bad.output


def test_who_may_have_it_and_when(app, browse):
    tender = make_tender(bidders=2)
    evaluation = decide(tender)
    url = f"/evaluations/{evaluation.id}/file.zip"
    assert browse(tender.official).get(url).status_code == 409
    for person in (tender.scorers[0], tender.bidders[0].lead):
        assert browse(person).get(url).status_code == 403
    assert browse(make_user(make_party(tender.call.programme, Part.INVESTOR))).get(url).status_code == 404


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

"""The file of a call as one archive: documents, questions, receipts, plans, scores, letters, trail.

`manifest.json` names every file with its SHA-256, so that anybody can prove later that nothing was taken out, put in or
changed; `flask verify-call-file` does so without the portal. Kept for its legal time (art. 2.132 Aw: three years).
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.awards.letter import document_of
from app.awards.models import Letter, Suspension
from app.awards.record import record_of
from app.calls.asked import CallDocument
from app.core.pdf import pdf_of
from app.evaluation.models import Evaluation, OpenedProposal, Score
from app.evaluation.proof_operations import proofs_of
from app.extensions import db
from app.reports import trail

MANIFEST = "manifest.json"
# The acts of a call; the rest of the trail of a bond is none of a judge's business.
OF_CALL = frozenset(
    (
        *("award", "call", "conflict", "consensus", "consortium", "discounts", "enquiry", "evaluation"),
        *("extension", "letter"),
        *("meeting", "nota", "objection", "opened", "opener", "opening_key", "price", "proof", "proposal", "proposals"),
        *("quality", "question", "repair", "score", "scorer", "scores", "screening", "tie", "winner"),
    )
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same call gives the same bytes: no clock stands in the archive


def archive_of(evaluation: Evaluation) -> bytes:
    """The whole file as .zip, its manifest last."""
    written = io.BytesIO()
    digests: dict[str, str] = {}
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(evaluation):
            _put(archive, name, content)
            digests[name] = hashlib.sha256(content).hexdigest()
        _put(archive, MANIFEST, _json({"call": str(evaluation.call_id), "files": digests}))
    return written.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def faults_in(archive: bytes) -> list[str]:
    """What does not fit the manifest; empty when the archive is whole. Any file that is none of ours is one fault."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = opened.namelist()
            if len(names) != len(set(names)):
                return ["a file stands in the archive twice"]
            told = json.loads(opened.read(MANIFEST))["files"]
            faults = [f"{name}: in the manifest, not in the archive" for name in told if name not in names]
            faults += [
                f"{name}: in the archive, not in the manifest" for name in names if name not in {*told, MANIFEST}
            ]
            for name in told:
                if name in names and hashlib.sha256(opened.read(name)).hexdigest() != told[name]:
                    faults.append(f"{name}: was changed")
            return faults
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, NotImplementedError, RuntimeError) as error:
        return [f"this is no file of a call: {type(error).__name__}"]


def _files(evaluation: Evaluation) -> Iterator[tuple[str, bytes]]:
    call = evaluation.call
    yield "call.json", _json(_call(evaluation))
    documents = select(CallDocument).where(CallDocument.call_id == call.id).options(undefer(CallDocument.content))
    for number, document in enumerate(db.session.scalars(documents.order_by(CallDocument.position)), start=1):
        yield f"documents/{number:02}-{_safe(document.filename)}", document.content
    for nota in call.notas:
        yield f"questions/nota-{nota.number:02}.json", _json({"digest": nota.digest, "entries": nota.entries})
    yield "questions/not-answered.json", _json([one.text for one in call.questions if one.is_open and one.text])
    plans = sorted(evaluation.opened, key=lambda one: str(one.id))
    yield "receipts.json", _json([_receipt(plan) for plan in plans])
    for number, plan in enumerate(plans, start=1):
        body = {"content": plan.content, "digest": plan.digest, "discount": plan.discount}
        yield f"plans/{number:02}-{_safe(plan.consortium.name)}.json", _json(body)
    yield "scores.json", _json(_scores(evaluation))
    yield "consensus.json", _json(_consensus(plans))
    yield "judging.json", _json(_judging(evaluation, plans))
    yield from _letters(evaluation)
    yield "objections.json", _json(_objections(evaluation))
    moment = evaluation.finalised_at or call.deadline
    yield "award-record.pdf", pdf_of(record_of(evaluation), "nl", moment)
    rows = db.session.execute(trail.trail_of(call.programme, trail.Asked())).all()
    yield "trail.csv", "".join(trail.as_csv(row for row in rows if row.action.split(".")[0] in OF_CALL)).encode()


def _call(evaluation: Evaluation) -> dict[str, Any]:
    call = evaluation.call
    names = ("title", "description", "requirements", "questions_until", "deadline", "standstill_days", "published_at")
    return {name: getattr(call, name) for name in names} | {
        "programme": call.programme.title,
        "price_table": str(call.table_id),
        "criteria": [[one.name, one.weight, one.description] for one in call.criteria],
        "items": [[one.key, one.kind, one.title] for one in call.items],
        "lots": [[one.name, one.description] for one in call.lots],
        "rectifications": [[one.created_at, one.text, one.deadline_after] for one in call.rectifications],
    }


def _receipt(plan: OpenedProposal) -> dict[str, Any]:
    return {"consortium": plan.consortium.name, "handed_in": plan.proposal.submitted_at, "digest": plan.digest}


def _scores(evaluation: Evaluation) -> list[list[Any]]:
    """Every locked score: consortium, scorer, criterion, points, motivation, moment."""
    found = select(Score).join(OpenedProposal, OpenedProposal.id == Score.opened_id)
    found = found.where(OpenedProposal.evaluation_id == evaluation.id, Score.locked_at.is_not(None))
    return [
        [one.opened.consortium.name, one.scorer.name, one.criterion.name, one.points, one.motivation, one.locked_at]
        for one in db.session.scalars(found.order_by(Score.opened_id, Score.scorer_id, Score.criterion_id)).unique()
    ]


def _consensus(plans: list[OpenedProposal]) -> list[dict[str, Any]]:
    return [
        {
            "consortium": plan.consortium.name,
            "agreed": [[one.criterion.name, one.points, one.motivation] for one in plan.consensus],
            "total_hundredths": plan.total_hundredths,
            "rank": plan.rank,
            "admission": plan.admission,
            "verdict": plan.verdict,
        }
        for plan in plans
    ]


def _judging(evaluation: Evaluation, plans: list[OpenedProposal]) -> dict[str, Any]:
    """Who opened and declared, the meetings, what bidders were asked, the proof of the winner."""
    asked = [one for plan in plans for one in plan.enquiries]
    names = ("question", "asked_at", "answer", "answered_at", "accepted", "reasons", "judged_at")
    return {
        "committee": sorted([member.user.name, member.duty] for member in evaluation.call.committee),
        "opened_by": [[one.user.name, one.purpose, one.created_at] for one in evaluation.consents],
        "declarations": sorted([one.user.name, one.has_conflict] for one in evaluation.conflicts),
        "meetings": [[one.held_on, one.summary, one.created_at] for one in evaluation.meetings],
        "enquiries": [
            {"consortium": one.opened.consortium.name, "kind": one.kind} | {name: getattr(one, name) for name in names}
            for one in asked
        ],
        "proofs": [
            [one.organisation.name, one.kind, one.issued_on, one.sha256, one.accepted, one.checked_at]
            for winner in evaluation.winners()
            for one in proofs_of(winner)
        ],
        "scale": evaluation.call.scale,
        "tie_rule": evaluation.call.tie_rule,
    }


def _letters(evaluation: Evaluation) -> Iterator[tuple[str, bytes]]:
    found = select(Letter).where(Letter.evaluation_id == evaluation.id, Letter.sent_at.is_not(None))
    for letter in db.session.scalars(found.order_by(Letter.number, Letter.opened_id)).unique():
        name = f"letters/{letter.number:02}-{_safe(letter.opened.consortium.name)}-{str(letter.id)[:8]}"
        read = [[one.user.name, one.organisation.name, one.created_at] for one in letter.readings]
        yield f"{name}.json", _json({"content": letter.content, "digest": letter.digest, "read_by": read})
        shown = document_of(letter.content, letter.digest, letter.locale)
        yield f"{name}.pdf", pdf_of(shown, letter.locale, letter.sent_at or letter.reviewed_at)


def _objections(evaluation: Evaluation) -> dict[str, Any]:
    waits = select(Suspension).where(Suspension.evaluation_id == evaluation.id).order_by(Suspension.created_at)
    names = ("created_at", "grounds", "examined_at", "heard_on", "hearing", "upheld", "decision", "decided_at")
    return {
        "objections": [
            {"consortium": one.consortium.name} | {name: getattr(one, name) for name in names}
            for one in evaluation.objections
        ],
        "suspensions": [
            [one.cause, one.explanation, one.created_at, one.lifted_at, one.outcome]
            for one in db.session.scalars(waits)
        ],
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _safe(name: str) -> str:
    """Letters, digits, dots and dashes: no path leads out of the archive."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-")[:60] or "file"

"""The file of a call as one archive: documents, questions, receipts, plans, scores, letters, trail.

`manifest.json` names every file with its SHA-256, so that anybody can see that nothing was taken out, put in or
changed; the portal keeps the SHA-256 of the manifest of every export, so that it knows one that was rewritten
(`checking.py`). It reads without the portal: every plan lies in it as PDF too, `legend.json` names what stands behind
the ids, and `price-table.json` holds the prices that the plans were written against. Of a call that was cancelled
before the opening there are receipts alone: its plans stay sealed.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.access.actions import Action
from app.awards.letter import document_of
from app.awards.models import Letter, Suspension
from app.awards.record import ended_at, kept_until, record_of
from app.calls.asked import CallDocument
from app.calls.models import Call
from app.core.errors import NotNow
from app.core.flow import Labelled
from app.core.pdf import pdf_of
from app.evaluation.models import Evaluation, OpenedProposal, Score
from app.evaluation.proof_operations import proofs_of
from app.extensions import db
from app.languages import LOCALES
from app.pricing.files.document import as_json
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from app.reports import trail
from app.reports.call_plan import files_of, legend_of, plan_document

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
LARGEST = 512 * 1024 * 1024  # bytes unpacked; a small upload can pretend to hold terabytes
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


class FaultKind(Labelled):
    NOT_OURS = "this is no file of a call", _l("this is no file of a call")
    TWICE = "a file stands in the archive twice", _l("a file stands in the archive twice")
    GONE = "in the manifest, not in the archive", _l("in the manifest, not in the archive")
    ADDED = "in the archive, not in the manifest", _l("in the archive, not in the manifest")
    CHANGED = "was changed", _l("was changed")
    NOT_EXPORTED = "was never exported for this call", _l("was never exported for this call")


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit, of which file; as text in English, for the command."""

    name: str
    kind: FaultKind

    def __str__(self) -> str:
        return f"{self.name}: {self.kind.value}" if self.name else self.kind.value


NO_ARCHIVE = (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError)


def manifest_of(archive: bytes) -> bytes | None:
    """The manifest as it lies in the archive; none when there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.read(MANIFEST) if opened.getinfo(MANIFEST).file_size <= LARGEST else None
    except (*NO_ARCHIVE, EOFError, zlib.error):
        return None


def faults_in(archive: bytes) -> list[Fault]:
    """What does not fit the manifest; empty when the archive is whole. Any file that is none of ours is one fault."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = opened.namelist()
            if len(names) != len(set(names)):
                return [Fault("", FaultKind.TWICE)]
            if sum(one.file_size for one in opened.infolist()) > LARGEST:
                return [Fault("", FaultKind.NOT_OURS)]
            told = json.loads(opened.read(MANIFEST))["files"]
            faults = [Fault(name, FaultKind.GONE) for name in told if name not in names]
            faults += [Fault(name, FaultKind.ADDED) for name in names if name not in {*told, MANIFEST}]
            changed = (name for name in told if name in names and _digest_in(opened, name) != told[name])
            return faults + [Fault(name, FaultKind.CHANGED) for name in changed]
    except NO_ARCHIVE:
        return [Fault("", FaultKind.NOT_OURS)]


def _digest_in(opened: zipfile.ZipFile, name: str) -> str:
    """Empty for a file whose bytes cannot be read any more: it was changed."""
    try:
        digest = hashlib.sha256()
        with opened.open(name) as content:
            while chunk := content.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()
    except (zipfile.BadZipFile, EOFError, zlib.error):
        return ""


def expect_ended(evaluation: Evaluation, until: date | None) -> date:
    """`until` when its file is kept; `NotNow` while the call still runs, since its file is not complete."""
    if until is None:
        raise NotNow(_("The file is complete when the award is final, or the call is cancelled."))
    return until


def _files(evaluation: Evaluation) -> Iterator[tuple[str, bytes]]:
    call, ended = evaluation.call, ended_at(evaluation)
    yield "call.json", _json(_call(evaluation))
    yield "price-table.json", _json(as_json(call.table, f"{current_app.config['BASE_URL']}/prices/{call.table_id}"))
    documents = select(CallDocument).where(CallDocument.call_id == call.id).options(undefer(CallDocument.content))
    for number, document in enumerate(db.session.scalars(documents.order_by(CallDocument.position)), start=1):
        yield f"documents/{number:02}-{_safe(document.filename)}", document.content
    for nota in call.notas:
        yield f"questions/nota-{nota.number:02}.json", _json({"digest": nota.digest, "entries": nota.entries})
    yield "questions/not-answered.json", _json([one.text for one in call.questions if one.is_open and one.text])
    yield "receipts.json", _json(_receipts(evaluation))
    if call.plans_opened_at is not None:
        yield from _judged(evaluation)
    with force_locale(_language(call)):
        yield "award-record.pdf", pdf_of(record_of(evaluation), _language(call), ended or call.deadline)
    rows = db.session.execute(trail.trail_of(call.programme, trail.Asked())).all()
    yield "trail.csv", "".join(trail.as_csv(row for row in rows if _is_of_call(row.action))).encode()


def _language(call: Call) -> str:
    """Of the bond, whoever takes the file: the same call gives the same bytes."""
    return LOCALES[call.programme.jurisdiction]


def _is_of_call(action: str) -> bool:
    """An export is none of it: the same call would give another archive each time."""
    return action.split(".")[0] in OF_CALL and action != Action.CALL_EXPORT


def _judged(evaluation: Evaluation) -> Iterator[tuple[str, bytes]]:
    plans, call = sorted(evaluation.opened, key=lambda one: str(one.id)), evaluation.call
    yield "legend.json", _json(legend_of(call, plans))
    for number, plan in enumerate(plans, start=1):
        name = f"plans/{number:02}-{_safe(plan.consortium.name)}"
        body = {"content": plan.content, "digest": plan.digest, "discount": plan.discount}
        yield f"{name}.json", _json({"consortium": plan.consortium.name} | body)
        with force_locale(_language(call)):
            yield f"{name}.pdf", pdf_of(plan_document(plan), _language(call), call.plans_opened_at or call.deadline)
        for filename, content in files_of(plan):
            yield f"{name}/{_safe(filename)}", content
    yield "scores.json", _json(_scores(evaluation))
    yield "consensus.json", _json(_consensus(plans))
    yield "judging.json", _json(_judging(evaluation, plans))
    yield from _letters(evaluation)
    yield "objections.json", _json(_objections(evaluation))


def _call(evaluation: Evaluation) -> dict[str, Any]:
    call = evaluation.call
    names = (
        *("title", "description", "requirements", "state", "cancelled_because"),
        *("questions_until", "deadline", "standstill_days", "published_at"),
    )
    return {name: getattr(call, name) for name in names} | {
        "ended_at": ended_at(evaluation),
        "kept_until": kept_until(evaluation),
        "programme": call.programme.title,
        "price_table": {"id": call.table_id, "title": call.table.title, "file": "price-table.json"},
        "criteria": [_said(one, "name", "weight", "description", "kind", "minimum") for one in call.criteria],
        "items": [_said(one, "key", "kind", "title", "guidance") for one in call.items],
        "lots": [_said(one, "name", "description", "cohort_size") for one in call.lots],
        "rectifications": [_said(one, "created_at", "text", "deadline_after") for one in call.rectifications],
    }


NOT_OPENED = (
    "At the opening what was stored did not match the receipt, or fewer than two of the officials to whom it was "
    "sealed were left, or its lot had been taken away."
)


def _receipts(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Of every plan that lay there at the end, also of one that was never opened: who, when, digest of what. Who bid in
    a call that was never opened stays unknown: a bidder proves it with its own receipt."""
    known = evaluation.call.plans_opened_at is not None
    found = select(Proposal).where(Proposal.call_id == evaluation.call_id).order_by(Proposal.submitted_at, Proposal.id)
    found = found.where(Proposal.state.in_((ProposalState.SUBMITTED, ProposalState.OPENED)))
    return [
        {
            "consortium": one.consortium.name if known else None,
            "handed_in": one.submitted_at,
            "digest": one.digest,
            "opened": one.state == ProposalState.OPENED,
        }
        | ({"why_not": NOT_OPENED} if known and one.state != ProposalState.OPENED else {})
        for one in db.session.scalars(found).unique()
    ]


def _scores(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Every locked score of every scorer."""
    found = select(Score).join(OpenedProposal, OpenedProposal.id == Score.opened_id)
    found = found.where(OpenedProposal.evaluation_id == evaluation.id, Score.locked_at.is_not(None))
    return [
        {"consortium": one.opened.consortium.name, "scorer": one.scorer.name, "criterion": one.criterion.name}
        | _said(one, "points", "motivation", "locked_at")
        for one in db.session.scalars(found.order_by(Score.opened_id, Score.scorer_id, Score.criterion_id)).unique()
    ]


def _consensus(plans: list[OpenedProposal]) -> list[dict[str, Any]]:
    return [
        {
            "consortium": plan.consortium.name,
            "agreed": [
                {"criterion": one.criterion.name} | _said(one, "points", "motivation") for one in plan.consensus
            ],
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
        "committee": _by_name({"name": one.user.name} | _said(one, "duty") for one in evaluation.call.committee),
        "opened_by": [{"name": one.user.name} | _said(one, "purpose", "created_at") for one in evaluation.consents],
        "declarations": _by_name({"name": one.user.name} | _said(one, "has_conflict") for one in evaluation.conflicts),
        "meetings": [_said(one, "held_on", "summary", "created_at") for one in evaluation.meetings],
        "enquiries": [
            {"consortium": one.opened.consortium.name, "kind": one.kind} | _said(one, *names) for one in asked
        ],
        "proofs": [
            {"organisation": one.organisation.name}
            | _said(one, "kind", "issued_on", "sha256", "accepted", "checked_at")
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
        read = [
            {"name": one.user.name, "organisation": one.organisation.name, "read_at": one.created_at}
            for one in letter.readings
        ]
        yield f"{name}.json", _json({"content": letter.content, "digest": letter.digest, "read_by": read})
        shown = document_of(letter.content, letter.digest, letter.locale)
        yield f"{name}.pdf", pdf_of(shown, letter.locale, letter.sent_at or letter.reviewed_at)


def _objections(evaluation: Evaluation) -> dict[str, Any]:
    waits = select(Suspension).where(Suspension.evaluation_id == evaluation.id).order_by(Suspension.created_at)
    names = ("created_at", "grounds", "examined_at", "heard_on", "hearing", "upheld", "decision", "decided_at")
    return {
        "objections": [{"consortium": one.consortium.name} | _said(one, *names) for one in evaluation.objections],
        "suspensions": [
            _said(one, "cause", "explanation", "created_at", "lifted_at", "outcome")
            for one in db.session.scalars(waits)
        ],
    }


def _said(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _by_name(people: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(people, key=lambda one: [str(value) for value in one.values()])


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _safe(name: str) -> str:
    """Letters, digits, dots and dashes: no path leads out of the archive."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-")[:60] or "file"

"""Is this archive the file of a call as it left the portal?"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.core.flow import Labelled
from app.extensions import db
from app.reports.call_file import Fault, FaultKind, faults_in, manifest_of
from app.reports.models import CallFile


class Verdict(Labelled):
    GENUINE = "genuine", _l("genuine"), "good"
    DIFFERS = "differs", _l("differs from what was exported"), "bad"
    UNKNOWN = "unknown", _l("unknown to this portal"), "warn"


@dataclass(frozen=True, slots=True)
class Checked:
    """`exports`: when the portal gave out just this, the first one first; `faults`: what does not fit."""

    verdict: Verdict
    exports: list[CallFile]
    faults: list[Fault]


def check_archive(archive: bytes) -> Checked:
    """Genuine: its manifest left the portal and every file fits it. Differs: a file does not fit, or the manifest was
    rewritten for a call of which the portal knows other ones. Unknown: none of ours."""
    faults, manifest = faults_in(archive), manifest_of(archive)
    if manifest is None or any(one.kind == FaultKind.NOT_OURS for one in faults):
        return Checked(Verdict.UNKNOWN, [], faults)
    exports = _exports(CallFile.manifest_sha256 == hashlib.sha256(manifest).hexdigest())
    if exports:
        return Checked(Verdict.DIFFERS if faults else Verdict.GENUINE, exports, faults)
    call_id = _call_in(manifest)
    others = _exports(CallFile.call_id == call_id) if call_id is not None else []
    if others:
        return Checked(Verdict.DIFFERS, [], [*faults, Fault("manifest.json", FaultKind.NOT_EXPORTED)])
    return Checked(Verdict.UNKNOWN, [], faults)


def check_digest(sha256: str) -> Checked:
    """The same for the SHA-256 (hex) of an archive or of its manifest: known, or not."""
    exports = _exports(or_(CallFile.manifest_sha256 == sha256, CallFile.archive_sha256 == sha256))
    return Checked(Verdict.GENUINE if exports else Verdict.UNKNOWN, exports, [])


def _exports(which: Any) -> list[CallFile]:
    return list(db.session.scalars(select(CallFile).where(which).order_by(CallFile.created_at, CallFile.id)))


def exports_of(call_id: uuid.UUID) -> list[CallFile]:
    """Every time the file of this call was taken, the first one first."""
    return _exports(CallFile.call_id == call_id)


def _call_in(manifest: bytes) -> uuid.UUID | None:
    try:
        return uuid.UUID(json.loads(manifest)["call"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None

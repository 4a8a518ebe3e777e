"""What leaves the portal, and is known again when somebody brings it back."""

import hashlib

from app.access.actions import Action
from app.access.record import record
from app.awards.record import kept_until
from app.core.operation import operation
from app.evaluation.models import Evaluation
from app.extensions import db
from app.people.models import User
from app.reports.call_file import expect_ended, manifest_of
from app.reports.models import CallFile


@operation
def export_call(evaluation: Evaluation, archive: bytes, *, actor: User) -> CallFile:
    """Keep by what this archive is known: its own SHA-256 and that of its manifest, who took it and when. `NotNow`
    while the call is neither awarded nor cancelled."""
    until = expect_ended(evaluation, kept_until(evaluation))
    manifest = manifest_of(archive) or b""
    made = CallFile(
        call_id=evaluation.call_id,
        manifest_sha256=hashlib.sha256(manifest).hexdigest(),
        archive_sha256=hashlib.sha256(archive).hexdigest(),
        kept_until=until,
        exported_by_id=actor.id,
    )
    db.session.add(made)
    record(Action.CALL_EXPORT, evaluation.call, actor, manifest=made.manifest_sha256, archive=made.archive_sha256)
    return made

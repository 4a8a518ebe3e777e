from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class FileState(Labelled):
    KEPT = "kept", _l("kept, encrypted"), "good"
    REMOVED = "removed", _l("removed by the provider"), "neutral"
    DELETED = "deleted", _l("deleted after the audit window"), "neutral"


def not_to_remove(file: Any) -> object | None:
    """What the assessor reads, or decided by, stays as it was handed in."""
    return None if file.claim.is_with_provider else _("The claim is not with the provider: its documents stay.")


S = FileState
FLOW = Flow(
    {
        A.EVIDENCE_READ: step(S.KEPT),
        A.EVIDENCE_REMOVE: step(S.KEPT, to=S.REMOVED, unless=not_to_remove),
        A.EVIDENCE_DELETE: step(S.KEPT, to=S.DELETED),
    }
)

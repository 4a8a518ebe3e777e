from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class TableState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    IN_REVIEW = "in_review", _l("with a second official"), "warn"
    APPROVED = "approved", _l("approved"), "info"
    PUBLISHED = "published", _l("published"), "good"
    SUPERSEDED = "superseded", _l("superseded"), "neutral"


S = TableState
PUBLIC = (S.PUBLISHED, S.SUPERSEDED)
FLOW = Flow(
    {
        A.TABLE_EDIT: step(S.DRAFT),
        A.TABLE_SUBMIT: step(S.DRAFT, to=S.IN_REVIEW),
        A.TABLE_RETURN: step(S.IN_REVIEW, S.APPROVED, to=S.DRAFT),
        A.TABLE_APPROVE: step(S.IN_REVIEW, to=S.APPROVED),
        A.TABLE_OVERRIDE: step(S.DRAFT),
        A.READER_TEST_DRAFT: step(S.DRAFT, S.IN_REVIEW),
        A.TABLE_PUBLISH: step(S.APPROVED, to=S.PUBLISHED),
    }
)

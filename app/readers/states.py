from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class ReaderTestState(Labelled):
    DRAFT = "draft", _l("no readers yet"), "neutral"
    READING = "reading", _l("being read"), "warn"
    DONE = "done", _l("both have read"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


S = ReaderTestState
FLOW = Flow(
    {
        A.READER_TEST_INVITE: step(S.DRAFT, to=S.READING),
        A.READER_TEST_WITHDRAW: step(S.DRAFT, S.READING, to=S.WITHDRAWN),
        A.READER_TEST_JUDGE: step(S.READING),
    }
)

from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import not_open
from app.core.flow import Flow, Labelled, step


class EntryState(Labelled):
    SHOWN = "shown", _l("on the board"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


def call_closed(subject: object) -> object | None:
    return not_open(subject.call)  # type: ignore[attr-defined]


S = EntryState
FLOW = Flow(
    {
        A.BOARD_WITHDRAW: step(S.SHOWN),
        A.BOARD_CONTACT: step(S.SHOWN, unless=call_closed),
    }
)
# What was begun goes on when the entry is withdrawn; with the call it ends.
CONVERSATION_FLOW = Flow({A.CONVERSATION_WRITE: step(S.SHOWN, S.WITHDRAWN, unless=call_closed)})

from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class ParticipantState(Labelled):
    ACTIVE = "active", _l("takes part"), "good"
    EXITED = "exited", _l("left the programme"), "neutral"


PARTICIPANT_FLOW = Flow(
    {
        A.PARTICIPANT_EXIT: step(ParticipantState.ACTIVE, to=ParticipantState.EXITED),
    }
)

from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class PublishedKind(Labelled):
    """What is published once a month."""

    PEOPLE = "people", _l("who takes part")
    EFFECTS = "effects", _l("effects")


class ReferralState(Labelled):
    REFERRED = "referred", _l("waits for screening"), "warn"
    ADMITTED = "admitted", _l("fits, waits for the start"), "info"
    STARTED = "started", _l("started"), "good"
    DECLINED = "declined", _l("turned down"), "neutral"
    WITHDRAWN = "withdrawn", _l("withdrawn by the municipality"), "neutral"


class ParticipantState(Labelled):
    ACTIVE = "active", _l("takes part"), "good"
    PAUSED = "paused", _l("paused"), "warn"
    EXITED = "exited", _l("left the programme"), "neutral"


class SampleState(Labelled):
    DRAWN = "drawn", _l("drawn, to be checked"), "warn"
    CHECKED = "checked", _l("checked"), "good"


class ViewState(Labelled):
    ASKED = "asked", _l("asked"), "warn"
    GIVEN = "given", _l("given"), "good"
    CANCELLED = "cancelled", _l("taken back"), "neutral"


R, P = ReferralState, ParticipantState
WAITING = (R.REFERRED, R.ADMITTED)  # neither started nor ended
REFERRAL_FLOW = Flow(
    {
        A.REFERRAL_ADMIT: step(R.REFERRED, to=R.ADMITTED),
        A.REFERRAL_DECLINE: step(*WAITING, to=R.DECLINED),
        A.REFERRAL_WITHDRAW: step(*WAITING, to=R.WITHDRAWN),
        A.PARTICIPANT_REGISTER: step(R.ADMITTED, to=R.STARTED),
    }
)
PARTICIPANT_FLOW = Flow(
    {
        A.PARTICIPANT_PAUSE: step(P.ACTIVE, to=P.PAUSED),
        A.PARTICIPANT_RESUME: step(P.PAUSED, to=P.ACTIVE),
        A.PARTICIPANT_EXIT: step(P.ACTIVE, P.PAUSED, to=P.EXITED),
        A.PARTICIPANT_RETURN: step(P.EXITED, to=P.ACTIVE),  # and on to paused, where a pause ran at the exit
        A.PARTICIPANT_CORRECT: step(*P),
        A.PARTICIPANT_MOVE: step(*P),
        A.BASELINE_CORRECT: step(*P),
        A.VIEW_ASK: step(*P),  # unless the participant died
    }
)
SAMPLE_FLOW = Flow({A.KEY_CHECK: step(SampleState.DRAWN, to=SampleState.CHECKED)})
VIEW_FLOW = Flow(
    {
        A.VIEW_GIVE: step(ViewState.ASKED, to=ViewState.GIVEN),
        A.VIEW_CANCEL: step(ViewState.ASKED, to=ViewState.CANCELLED),
    }
)

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core import clock, format
from app.core.flow import Flow, Labelled, step


class RoundState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    OPEN = "open", _l("open"), "info"
    STANDING = "standing", _l("consortium stands"), "good"
    FAILED = "failed", _l("failed, everybody released"), "bad"


class InterestState(Labelled):
    STATED = "stated", _l("interested"), "info"
    COMMITTED = "committed", _l("became a commitment"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    LAPSED = "lapsed", _l("lapsed"), "neutral"


class CommitmentState(Labelled):
    SIGNED_ONCE = "signed_once", _l("waits for a second signature"), "warn"
    COMMITTED = "committed", _l("committed"), "info"
    ALLOTTED = "allotted", _l("allotted"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    RELEASED = "released", _l("released"), "neutral"


def not_open_yet(round: object) -> object | None:
    opens_on = round.opens_on  # type: ignore[attr-defined]
    if opens_on is not None and clock.today() < opens_on:
        return _("Investors may commit from %(day)s on.", day=format.day(opens_on))
    return last_day_passed(round)


def last_day_passed(round: object) -> object | None:
    if clock.today() > round.closes_on:  # type: ignore[attr-defined]
        return _("The round closed on its last day. Nobody can commit any more.")
    return None


def still_waiting(round: object) -> object | None:
    """Investors were promised to have until the closing day; only a full round has nothing to wait for. Pro rata no
    round is full: whoever commits on the last day shares in it."""
    if clock.today() > round.closes_on:  # type: ignore[attr-defined]
        return None
    if round.is_cut_alike():  # type: ignore[attr-defined]
        return _("Investors may commit until the closing day; what is above the maximum is then cut pro rata.")
    if round.left_minor() > 0:  # type: ignore[attr-defined]
        return _("Investors may commit until the closing day; only a full round closes before it.")
    return None


def round_closed(commitment: object) -> object | None:
    return last_day_passed(commitment.round)  # type: ignore[attr-defined]


ROUND_FLOW = Flow(
    {
        A.ROUND_INVITE: step(RoundState.DRAFT, RoundState.OPEN),
        A.ROUND_OPEN: step(RoundState.DRAFT, to=RoundState.OPEN),
        A.INTEREST_STATE: step(RoundState.OPEN, unless=last_day_passed),
        A.COMMITMENT_COMMIT: step(RoundState.OPEN, unless=not_open_yet),
        A.ROUND_CLOSE: step(RoundState.OPEN, unless=still_waiting),
    }
)
COMMITMENT_FLOW = Flow(
    {
        A.COMMITMENT_REDUCE: step(CommitmentState.COMMITTED, unless=round_closed),
        A.COMMITMENT_CO_SIGN: step(CommitmentState.SIGNED_ONCE, to=CommitmentState.COMMITTED, unless=round_closed),
        A.COMMITMENT_WITHDRAW: step(
            CommitmentState.SIGNED_ONCE, CommitmentState.COMMITTED, to=CommitmentState.WITHDRAWN
        ),
        A.ASSIGNMENT_PROPOSE: step(CommitmentState.ALLOTTED),
    }
)
INTEREST_FLOW = Flow(
    {
        A.INTEREST_WITHDRAW: step(InterestState.STATED, to=InterestState.WITHDRAWN),
        A.INTEREST_LAPSE: step(InterestState.STATED, to=InterestState.LAPSED),
    }
)

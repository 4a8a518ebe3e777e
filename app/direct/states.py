from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class DirectState(Labelled):
    OPEN = "open", _l("being agreed on"), "info"
    AGREED = "agreed", _l("in the agreement"), "good"


class NamedState(Labelled):
    ASKED = "asked", _l("asked"), "warn"
    ACCEPTED = "accepted", _l("takes part"), "good"
    DECLINED = "declined", _l("declined"), "bad"
    WITHDRAWN = "withdrawn", _l("no longer named"), "neutral"


def waits(award: object) -> object | None:
    """Of the agreement: why these providers cannot be agreed with yet; none when they can."""
    if award.asked:  # type: ignore[attr-defined]
        names = ", ".join(one.organisation.name for one in award.asked)  # type: ignore[attr-defined]
        return _("Not every service provider has answered yet: %(names)s.", names=names)
    if award.lead_id not in {one.organisation_id for one in award.taking_part}:  # type: ignore[attr-defined]
        return _("The lead that was named has declined: name another one.")
    if gone := [one for one in award.named if one.state == NamedState.DECLINED]:  # type: ignore[attr-defined]
        names = ", ".join(one.organisation.name for one in gone)
        return _("%(names)s declined: name anew who takes part, and all are asked.", names=names)
    return None


S = DirectState
FLOW = Flow(
    {
        A.DIRECT_NAME: step(S.OPEN),
        A.DIRECT_ACCEPT: step(S.OPEN),
        A.DIRECT_DECLINE: step(S.OPEN),
        A.AGREEMENT_DRAFT: step(S.OPEN, unless=waits),
        A.AGREEMENT_OFFER: step(S.OPEN, to=S.AGREED, unless=waits),
    }
)

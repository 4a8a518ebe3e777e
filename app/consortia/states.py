from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import deadline_ahead, not_open
from app.core.flow import Flow, Labelled, step


class ConsortiumState(Labelled):
    FORMING = "forming", _l("forming"), "info"
    SUBMITTED = "submitted", _l("plan handed in"), "good"
    AWARDED = "awarded", _l("awarded"), "good"
    NOT_AWARDED = "not_awarded", _l("not awarded"), "neutral"
    DISSOLVED = "dissolved", _l("dissolved"), "neutral"
    LAPSED = "lapsed", _l("did not take part"), "neutral"  # only shown: an extension of the deadline undoes it


class PartnerState(Labelled):
    INVITED = "invited", _l("invited"), "warn"
    ACCEPTED = "accepted", _l("takes part"), "good"
    DECLINED = "declined", _l("declined"), "bad"
    LEFT = "left", _l("left"), "neutral"
    WITHDRAWN = "withdrawn", _l("invitation withdrawn"), "neutral"
    RELEASED = "released", _l("released by the lead partner"), "neutral"
    LAPSED = "lapsed", _l("invitation lapsed"), "neutral"  # only shown


class LotFate(Labelled):
    """What a rectification did to the lot of a consortium that has not chosen again since."""

    CHANGED = "changed", _l("changed")
    GONE = "gone", _l("no longer asked")


class InvitationState(Labelled):
    """Of an invitation that was mailed to an address."""

    SENT = "sent", _l("mailed, not answered yet"), "warn"
    CLAIMED = "claimed", _l("an organisation answered it"), "good"
    REFUSED = "refused", _l("refused"), "bad"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    LAPSED = "lapsed", _l("invitation lapsed"), "neutral"  # only shown


def call_closed(consortium: object) -> object | None:
    return not_open(consortium.call)  # type: ignore[attr-defined]


def others_take_part(consortium: object) -> object | None:
    """A lead that has partners hands over the lead and leaves; it does not send the others away."""
    closed = call_closed(consortium)
    if closed is None and len(consortium.taking_part) > 1:  # type: ignore[attr-defined]
        return _("Others take part. Hand over the lead, then leave.")
    return closed


def no_lead_offered(consortium: object) -> object | None:
    closed = call_closed(consortium)
    if closed is None and consortium.lead_offered_to_id is None:  # type: ignore[attr-defined]
        return _("The lead is not offered to anybody.")
    return closed


def before_deadline(consortium: object) -> object | None:
    return deadline_ahead(consortium.call)  # type: ignore[attr-defined]


def taken(organisation: object, lot: object | None) -> str:
    """Why an organisation cannot join: each lot is awarded by itself, so a place in one is none in another."""
    name = organisation.name  # type: ignore[attr-defined]
    if lot is not None:
        return _("%(name)s already takes part in a consortium for this lot.", name=name)
    return _("%(name)s already takes part in a consortium for this call.", name=name)


S = ConsortiumState
FLOW = Flow(
    {
        A.CONSORTIUM_EDIT: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_INVITE: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_INVITE_BY_MAIL: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_WITHDRAW_INVITATION: step(S.FORMING),
        A.CONSORTIUM_CLAIM: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_REFUSE: step(S.FORMING),
        A.CONSORTIUM_ACCEPT: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_DECLINE: step(S.FORMING),
        A.CONSORTIUM_LEAVE: step(S.FORMING),
        A.CONSORTIUM_RELEASE: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_OFFER_LEAD: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_TAKE_LEAD: step(S.FORMING, unless=no_lead_offered),
        A.CONSORTIUM_DISSOLVE: step(S.FORMING, to=S.DISSOLVED, unless=others_take_part),
        A.CONSORTIUM_EDIT_PART: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_SHARE: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_DECLARE: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_LAPSE: step(S.FORMING, unless=before_deadline),
        A.PROPOSAL_DRAFT: step(S.FORMING, unless=call_closed),
    }
)

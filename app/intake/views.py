"""How participant, care worker or youth judge sees it: the indicator beside an effect that is reported, never paid.

They have no account. The provider asks by a link that works once and names nobody; only its digest is kept.
Source: the domain, section 4, gate D9.
"""

import hashlib
import secrets
import uuid
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.intake import notices, rules
from app.intake.models import Participant, View
from app.intake.states import PARTICIPANT_FLOW, VIEW_FLOW, ViewState
from app.people.models import User
from app.pricing.models import CompanionView, Effect

TERM = timedelta(days=30)


def indicators_of(participant: Participant) -> list[Effect]:
    """The effects of the agreement's table that have a companion indicator."""
    agreement = rules.agreement_of(participant.programme)
    return [effect for effect in agreement.table.effects if effect.companion] if agreement else []


@operation
def ask_view(
    participant: Participant, effect: Effect, view: CompanionView, *, actor: User, once: uuid.UUID
) -> str | None:
    """Make a link for one answer; answers its token, which is nowhere kept and so shown once (None: shown already).

    Refused for an effect without an indicator, and for another view than the one that its indicator names. Not now of
    somebody who died.
    """
    if db.session.get(View, once) is not None:
        return None
    PARTICIPANT_FLOW.advance(participant, Action.VIEW_ASK)
    if effect not in indicators_of(participant):
        raise Refused(_("Choose an effect of the agreement with an indicator beside it."), "effect")
    named = effect.companion_view
    if named is not None and view != named:
        raise Refused(_("This indicator tells how another sees it: %(who)s.", who=named.label), "view")
    token = secrets.token_urlsafe(32)
    asked = View(
        id=once,
        participant=participant,
        programme_id=participant.programme_id,
        effect=effect,
        view=view,
        token_digest=digest(token),
        expires_on=clock.today() + TERM,
        asked_by_id=actor.id,
    )
    db.session.add(asked)
    record(Action.VIEW_ASK, asked, actor, effect=effect.code)
    return token


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_view(token: str) -> View | None:
    """The open question of this link; wrong, used, expired and taken back are all nothing."""
    found = db.session.scalars(select(View).where(View.token_digest == digest(token))).unique().one_or_none()
    open_now = found is not None and found.state == ViewState.ASKED and clock.today() <= found.expires_on
    return found if open_now else None


@operation
def give_view(view: View, score: int | None, remark: str) -> None:
    """Whoever has the link answers, without an account: 1 (very bad) to 5 (very good), or cannot tell.

    Not now when the link expired, and of somebody who died: it is not said to whoever has the link.
    """
    VIEW_FLOW.advance(view, Action.VIEW_GIVE)
    if view.participant.died_on:
        raise NotNow(_("Your view is not needed any more."))
    if clock.today() > view.expires_on:
        raise NotNow(_("This link has expired."))
    if score is not None and not 1 <= score <= 5:
        raise Refused(_("Choose one."), "score")
    refuse_who(remark=remark)
    view.score, view.remark, view.given_at = score, remark, clock.now()
    record(Action.VIEW_GIVE, view, None)
    notices.tell_view_given(view)


@operation
def cancel_view(view: View, *, actor: User) -> None:
    """Take the question back: the link no longer works."""
    VIEW_FLOW.advance(view, Action.VIEW_CANCEL)
    record(Action.VIEW_CANCEL, view, actor)


def why_nobody_is_asked(participant: Participant) -> str | None:
    return _("The participant died: nobody is asked any more.") if participant.died_on else None


PARTICIPANT_FLOW.hold(Action.VIEW_ASK, while_=why_nobody_is_asked)

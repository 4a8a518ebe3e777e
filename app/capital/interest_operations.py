"""Soft words about a round: stated, withdrawn, lapsed. They bind nobody and take nothing of the target."""

import uuid
from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.capital import notices
from app.capital.interest import Interest
from app.capital.models import Round
from app.capital.states import INTEREST_FLOW, ROUND_FLOW, InterestState
from app.core import clock
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import Part


@operation
def state_interest(
    round: Round,
    organisation: Organisation,
    amount_minor: int,
    conditions: str,
    expires_on: date,
    *,
    actor: User,
    once: uuid.UUID,
) -> Interest:
    """Say that `organisation` thinks of committing `amount_minor`, under `conditions`, up to and including
    `expires_on`. An earlier word of the same investor is replaced. Refused past the closing day of the round."""
    existing = db.session.get(Interest, once)
    if existing is not None and existing.round_id == round.id and existing.organisation_id in actor.organisation_ids:
        return existing
    ROUND_FLOW.advance(round, Action.INTEREST_STATE)
    invited = round.programme.organisations(Part.INVESTOR)
    if organisation.id not in actor.organisation_ids or organisation not in invited:
        raise Refused(_("Choose an invited investor that you work for."), "organisation")
    if not 0 < amount_minor <= round.maximum_minor:
        most = notices.shown(round.maximum_minor, round)
        raise Refused(_("Give an amount above zero and at most %(most)s.", most=most), "amount")
    if not clock.today() <= expires_on <= round.closes_on:
        day = notices.day(round.closes_on)
        raise Refused(_("Your interest can last until the round closes: %(day)s.", day=day), "expires_on")
    _replace_earlier(round, organisation)
    interest = Interest(
        id=once,
        round=round,
        programme_id=round.programme_id,
        organisation=organisation,
        amount_minor=amount_minor,
        conditions=conditions,
        expires_on=expires_on,
        stated_by_id=actor.id,
    )
    db.session.add(interest)
    record(
        Action.INTEREST_STATE,
        interest,
        actor,
        on_behalf_of=round,
        organisation=organisation.name,
        amount=amount_minor,
        expires_on=expires_on,
    )
    notices.tell_interest(interest, Action.INTEREST_STATE)
    return interest


def _replace_earlier(round: Round, organisation: Organisation) -> None:
    earlier = db.select(Interest).filter_by(
        round_id=round.id, organisation_id=organisation.id, state=InterestState.STATED
    )
    for interest in db.session.scalars(earlier):
        interest.state = InterestState.WITHDRAWN


@operation
def withdraw_interest(interest: Interest, *, actor: User) -> None:
    """Take the soft word back."""
    INTEREST_FLOW.advance(interest, Action.INTEREST_WITHDRAW)
    record(Action.INTEREST_WITHDRAW, interest, actor, amount=interest.amount_minor)
    notices.tell_interest(interest, Action.INTEREST_WITHDRAW)


@operation
def lapse_interest(interest: Interest) -> None:
    """Its last day has passed: it counts no more, and the investor hears that it can state it anew."""
    INTEREST_FLOW.advance(interest, Action.INTEREST_LAPSE)
    record(Action.INTEREST_LAPSE, interest, None, amount=interest.amount_minor)
    notices.tell_interest(interest, Action.INTEREST_LAPSE)

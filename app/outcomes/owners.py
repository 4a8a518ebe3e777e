"""Whose measurement it is among several providers. Every provider of the bond reads it; it is handed in, answered for
and taken back by the provider whose work was measured, or the lead. What the assessor measured is taken back by whoever
entered it alone."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.roles import Role
from app.agreements.models import agreement_in_force
from app.agreements.providing import consortia_at
from app.core.errors import NotYours
from app.extensions import db
from app.outcomes.models import Measurement
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.models import Part, Programme

OF_OWNER = (Action.MEASUREMENT_SUBMIT, Action.MEASUREMENT_WITHDRAW, Action.MEASUREMENT_ANSWER)


def is_owner(action: Action | str, measurement: Measurement, user: Any) -> bool:
    """May this person take the step, as far as the measurement is theirs? The table of rights is asked beside this."""
    if Action(action) not in OF_OWNER:
        return True
    if Action(action) == Action.MEASUREMENT_WITHDRAW and is_of_assessor(measurement):
        return bool(measurement.registered_by_id == user.id)
    return _goes_on(measurement.programme, measurement.payer_id, measurement.provider_id, user)


def _goes_on(programme: Programme, payer_id: uuid.UUID, provider_id: uuid.UUID, user: Any) -> bool:
    return bool({provider_id, *leads_at(programme, payer_id)} & set(user.organisation_ids))


def own_number(programme: Programme, state: ClaimState, user: Any) -> int:
    """How many measurements of a bond in one state this person goes on with."""
    found = select(Measurement.payer_id, Measurement.provider_id, func.count())
    found = found.where(Measurement.programme_id == programme.id, Measurement.state == state)
    rows = db.session.execute(found.group_by(Measurement.payer_id, Measurement.provider_id)).all()
    return sum(number for payer, provider, number in rows if _goes_on(programme, payer, provider, user))


def leads_at(programme: Programme, payer_id: uuid.UUID) -> list[uuid.UUID]:
    """Who leads the consortia that deliver in a municipality, by the agreement; else the first provider of the bond."""
    terms = _terms_of(programme.id)
    there = consortia_at(terms, str(payer_id)) if terms is not None else []
    named = [uuid.UUID(one["lead"]["id"]) for one in there]
    return named or [one.id for one in programme.organisations(Part.PROVIDER)[:1]]


def _terms_of(programme_id: uuid.UUID) -> Any:
    """Of the agreement; read once per transaction, as hats are (programmes.roles_in), for however many measurements."""
    kept = db.session().info.setdefault("hats", {})
    key = ("terms", programme_id)
    if key not in kept:
        agreement = db.session.scalar(agreement_in_force(programme_id))
        kept[key] = agreement.terms if agreement is not None else None
    return kept[key]


def is_of_assessor(measurement: Measurement) -> bool:
    by = db.session.get_one(User, measurement.registered_by_id)
    return Role.ASSESSOR in measurement.programme.roles_of(by)


def expect_owner(action: Action, measurement: Measurement, user: Any) -> None:
    """Raise `NotYours` with the name of who may."""
    if is_owner(action, measurement, user):
        return
    if action == Action.MEASUREMENT_WITHDRAW and is_of_assessor(measurement):
        raise NotYours(_("The assessor entered this measurement: only the person who did takes it back."))
    raise NotYours(_("This is of %(name)s: only they and the lead go on with it.", name=measurement.provider.name))

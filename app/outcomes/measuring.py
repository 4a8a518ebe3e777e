"""Registering a measurement: what is established for a cohort, or a fee that is due. Its steps are in `proving`."""

import uuid
from dataclasses import fields

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.agreements.models import agreement_in_force
from app.core.errors import NotNow, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.intake.operations import own_organisation
from app.outcomes.measurement_rules import DECIMALS, MeasurementFacts, check_measurement
from app.outcomes.models import Measurement
from app.outcomes.shortfall import fee_of
from app.people.models import User
from app.pricing.rules import decimal_in
from app.programmes.models import Part, Programme


@operation
def register_measurement(programme: Programme, facts: MeasurementFacts, *, actor: User, once: uuid.UUID) -> Measurement:
    """Register what was measured of an effect of the agreement's table, for the municipality that pays for it.

    Not now without an agreement in force. Refused, with each rule named, when the table does not allow it, or when a
    national number stands in a text.
    """
    existing = db.session.get(Measurement, once)
    if existing is not None:
        return existing
    agreement = db.session.scalar(agreement_in_force(programme.id))
    if agreement is None:
        raise NotNow(_("Effects can be measured when the agreement is in force."))
    if facts.effect.table_id != agreement.table_id:
        raise Refused(_("Choose an effect of the table in the agreement."), "effect")
    if facts.effect == fee_of(agreement):
        raise Refused(_("What is missing is counted by the portal: claim it on the page of the intake."), "effect")
    known = {f.name: getattr(facts, f.name) for f in fields(facts)}
    check_measurement(programme, known, measurements_of(programme))
    refuse_national_id(evidence_issuer=facts.evidence_issuer, cohort=facts.cohort, note=facts.note)
    measurement = Measurement(
        id=once,
        programme=programme,
        provider=own_organisation(programme, Part.PROVIDER, actor),
        registered_by_id=actor.id,
        **known | {name: _exact(known[name]) for name in DECIMALS},
    )
    db.session.add(measurement)
    db.session.flush()
    # No figure in the trail: a number of events may be small.
    record(
        Action.MEASUREMENT_REGISTER,
        measurement,
        actor,
        effect=facts.effect.code,
        municipality=facts.payer.name,
        evidence=facts.evidence_digest,
    )
    return measurement


def measurements_of(programme: Programme) -> list[Measurement]:
    found = select(Measurement).where(Measurement.programme_id == programme.id)
    return list(db.session.scalars(found).unique())


def _exact(typed: str) -> str:
    """The decimal as it is kept: with a point, never in powers of ten."""
    number = decimal_in(typed)
    return "" if number is None else f"{number:f}"

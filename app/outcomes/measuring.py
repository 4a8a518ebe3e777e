"""Registering a measurement: what is established for a cohort, or a fee that is due. Its steps are in `proving`."""

import uuid
from dataclasses import fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.access.roles import Role
from app.agreements.models import agreement_in_force
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.intake.figures import sees_rows
from app.intake.models import Participant
from app.intake.operations import own_organisation
from app.outcomes import measurement_notices as notices
from app.outcomes.basis import Basis, is_asked
from app.outcomes.measurement_rules import DECIMALS, MeasurementFacts, check_measurement
from app.outcomes.models import Measurement, MeasurementBasis
from app.outcomes.owners import leads_at
from app.outcomes.shortfall import fee_of
from app.people.models import Organisation, User
from app.pricing.models import Counterfactual, Effect
from app.pricing.rules import decimal_in
from app.programmes.models import Part, Programme
from app.programmes.told_codes import refuse_code


@operation
def register_measurement(programme: Programme, facts: MeasurementFacts, *, actor: User, once: uuid.UUID) -> Measurement:
    """Register what was measured of an effect of the agreement's table, for the municipality that pays for it.

    By a provider, who hands it in afterwards; or, but for a fee, by the assessor, of whom a second person decides.
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
    provider = _provider(programme, facts, actor)
    known = {f.name: getattr(facts, f.name) for f in fields(facts)}
    check_measurement(programme, known, measurements_of(programme), room_of(programme, actor))
    basis = known.pop("basis")
    for tick in ("another_cohort", "is_estimate", "other_issuer"):
        known.pop(tick)
    source = basis.source if basis else ""
    refuse_national_id(evidence_issuer=facts.evidence_issuer, cohort=facts.cohort, note=facts.note, source=source)
    refuse_code(cohort=facts.cohort, source=source)
    measurement = Measurement(
        id=once,
        programme=programme,
        provider=provider,
        registered_by_id=actor.id,
        basis=_kept(basis, facts.effect),
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
    if Role.ASSESSOR in programme.roles_of(actor):  # it is with the assessor already, where a colleague decides
        measurement.FLOW.advance(measurement, Action.MEASUREMENT_SUBMIT)
        measurement.submitted_at = clock.now()
        notices.tell_measured(measurement, actor)
    return measurement


def _provider(programme: Programme, facts: MeasurementFacts, actor: User) -> Organisation:
    """Whose work was measured: the actor's own, or that of the lead where the assessor measured a cohort."""
    if Role.ASSESSOR not in programme.roles_of(actor):
        return own_organisation(programme, Part.PROVIDER, actor)
    if not is_asked(facts.effect):
        raise NotYours(_("A fee is claimed by the provider."))
    return db.session.get_one(Organisation, leads_at(programme, facts.payer.id)[0])


def _kept(basis: Basis | None, effect: Effect) -> MeasurementBasis | None:
    if basis is None or not is_asked(effect):
        return None
    return MeasurementBasis(
        source=basis.source,
        method=basis.method or Counterfactual.NONE,
        low=_exact(basis.low),
        high=_exact(basis.high),
        people=basis.people or 0,
        compared=basis.compared,
        compared_value=_exact(basis.compared_value or "") or None,
    )


def measurements_of(programme: Programme) -> list[Measurement]:
    found = select(Measurement).where(Measurement.programme_id == programme.id)
    return list(db.session.scalars(found).unique())


def room_of(programme: Programme, user: Any) -> dict[uuid.UUID, int]:
    """How many people can be in the cohort of each municipality: those who started there, by its id; its places where
    the bond registers no participants, and for a provider beside others, who would learn a small number by trying."""
    places = {share.organisation_id: share.cohort_size for share in programme.shares}
    if not sees_rows(programme.id, user):
        return places
    of_bond = select(Participant.payer_id, func.count()).where(Participant.programme_id == programme.id)
    started = dict(db.session.execute(of_bond.group_by(Participant.payer_id)).all())
    return {payer: started.get(payer, 0) for payer in places} if started else places


def _exact(typed: str) -> str:
    """The decimal as it is kept: with a point, never in powers of ten."""
    number = decimal_in(typed)
    return "" if number is None else f"{number:f}"

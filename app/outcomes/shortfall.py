"""The compensation for missing participants: computed from plan and referrals, claimed and settled like an effect.

It is a fee of the price table that the agreement names. How many are missing is never typed: the portal counts up to
the last whole month, less what was claimed before. Source: the domain, section 3.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.agreements.intake_clause import clause_of
from app.agreements.models import Agreement
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.intake.models import is_shared
from app.intake.operations import own_organisation
from app.intake.plan import Shortfall, flow_of, shortfall_of
from app.intake.rules import agreement_of
from app.outcomes.issuers import PORTAL
from app.outcomes.models import Measurement
from app.outcomes.states import COUNTING
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.programmes.models import Part, Programme

ISSUER = PORTAL  # who holds the evidence


@dataclass(frozen=True, slots=True)
class Compensation:
    """What one municipality owes for missing places: `missing` places less those `claimed` before."""

    payer: Organisation
    effect: Effect
    shortfall: Shortfall
    claimed: int

    @property
    def due(self) -> int:
        return max(0, self.shortfall.missing - self.claimed)

    @property
    def is_filled_since(self) -> bool:
        """More was claimed than is missing now: whoever was registered late fills a place in a month that was over."""
        return self.shortfall.late > 0 and self.claimed > self.shortfall.missing

    @property
    def digest(self) -> str:
        """SHA-256 of the figures from which it follows: canonical JSON."""
        short = self.shortfall
        figures = {
            "municipality": self.payer.id.hex,
            "until": short.until.isoformat(),
            "planned": short.planned,
            "tolerated": short.tolerated,
            "filled": short.filled,
            "turned_away": short.turned_away,
            "claimed_before": self.claimed,
        }
        return hashlib.sha256(json.dumps(figures, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def fee_of(agreement: Agreement | None) -> Effect | None:
    """The fee for one missing place, where the agreement has one."""
    clause = clause_of(agreement) if agreement is not None else None
    if agreement is None or clause is None or not clause.effect:
        return None
    return next((effect for effect in agreement.table.effects if effect.code == clause.effect), None)


def compensations(programme: Programme) -> list[Compensation]:
    """Per municipality; not now where no compensation was agreed."""
    effect = fee_of(agreement_of(programme))
    if effect is None:
        raise NotNow(_("The agreement has no compensation for missing places."))
    payers = [share.organisation for share in programme.shares]
    flow = flow_of(programme, {payer.id for payer in payers})
    claimed = _claimed(effect)
    return [Compensation(one, effect, shortfall_of(flow, one.id), claimed.get(one.id, 0)) for one in payers]


def readable(programme: Programme, user: User) -> list[Compensation]:
    """To a provider beside another one that took people in only where something is owed: elsewhere what came in less
    its own would tell how many came to the other."""
    found = compensations(programme)
    return [one for one in found if one.due] if is_shared(programme.id, user) else found


def _claimed(effect: Effect) -> dict[uuid.UUID, int]:
    found = select(Measurement.payer_id, func.sum(Measurement.quantity)).where(
        Measurement.effect_id == effect.id, Measurement.state.in_(COUNTING)
    )
    return {payer: int(places or 0) for payer, places in db.session.execute(found.group_by(Measurement.payer_id))}


@operation
def claim_shortfall(programme: Programme, payer: Organisation, *, actor: User, once: uuid.UUID) -> Measurement:
    """Register the fees for the places that `payer` did not fill; it is handed to the assessor like any measurement.

    Not now without a compensation in the agreement. Refused where nothing is missing, with the day on which it was
    claimed, to who may read that claim.
    """
    existing = db.session.get(Measurement, once)
    if existing is not None:
        return existing
    owed = next((one for one in compensations(programme) if one.payer.id == payer.id), None)
    if owed is None or not owed.due:
        raise Refused(_why_nothing(owed, actor), "payer")
    until = owed.shortfall.until
    measurement = Measurement(
        id=once,
        programme=programme,
        effect=owed.effect,
        payer=payer,
        provider=own_organisation(programme, Part.PROVIDER, actor),
        achieved_on=until,
        quantity=owed.due,
        evidence_type=owed.effect.evidence_type,
        evidence_issuer=ISSUER,
        evidence_on=until,
        evidence_digest=owed.digest,
        registered_by_id=actor.id,
    )
    db.session.add(measurement)
    db.session.flush()
    code, name = owed.effect.code, payer.name
    record(Action.SHORTFALL_CLAIM, measurement, actor, effect=code, municipality=name, evidence=owed.digest)
    return measurement


def _why_nothing(owed: Compensation | None, actor: User) -> str:
    found = Measurement.visible_to(actor).where(Measurement.state.in_(COUNTING)).order_by(Measurement.created_at.desc())
    if owed is not None:
        of_this = found.where(Measurement.effect_id == owed.effect.id, Measurement.payer_id == owed.payer.id)
        last = db.session.scalars(of_this.limit(1)).unique().first()
        if last is not None:
            days = {"until": day(last.achieved_on), "on": day(clock.day_of(last.created_at))}
            return _("What is missing up to and including %(until)s was claimed already on %(on)s.", **days)
    return _("Nothing is missing here that was not claimed yet, or a colleague claimed it meanwhile.")

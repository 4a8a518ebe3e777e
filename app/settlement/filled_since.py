"""A fee for missing places, of which some were filled since: said before it is checked or approved.

The months of a shortfall are over, so who is registered late fills a place in them after it was claimed. The fee stays
what the assessor verified; whoever doubts it appeals (domain, section 3: compensation as agreed).
"""

import uuid

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.intake.rules import agreement_of
from app.outcomes.models import Measurement
from app.outcomes.shortfall import compensations, fee_of
from app.settlement.models import Settlement, SettlementLine


def told_of_filled(settlement: Settlement, payer_id: uuid.UUID | None = None) -> list[str]:
    """In words, of each municipality (`payer_id`: of that one) that this settlement asks such a fee."""
    effect = fee_of(agreement_of(settlement.programme))
    if effect is None:
        return []
    asked = select(SettlementLine.payer_id).join(Measurement, Measurement.id == SettlementLine.measurement_id)
    asked = asked.where(SettlementLine.settlement_id == settlement.id, Measurement.effect_id == effect.id).distinct()
    payers = {one for one in db.session.scalars(asked) if payer_id in (None, one)}
    filled = [one for one in compensations(settlement.programme) if one.is_filled_since] if payers else []
    return [
        _(
            "%(payer)s: a fee for missing places stands in this settlement. More places were claimed than are missing "
            "now: people who were registered since fill them. Whoever doubts the fee can appeal against it.",
            payer=one.payer.name,
        )
        for one in filled
        if one.payer.id in payers
    ]

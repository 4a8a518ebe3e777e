"""Effects that stand by an upheld appeal: no assessor judged them in the batch that holds them, so whoever reads its
statement is told by whom they were decided, and when."""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.core.format import day
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.history import Event
from app.outcomes.models import Batch, Claim, Measurement
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.verification.appeal_models import Appeal
from app.verification.appeal_states import AppealState


class Upheld(NamedTuple):
    """One effect, the municipality that pays for it, and who found on appeal that it is proven."""

    proof_id: uuid.UUID
    is_claim: bool
    effect_id: uuid.UUID
    effect: str
    payer_id: uuid.UUID
    payer: str
    decided_by_id: uuid.UUID
    decided_by: str
    decided_at: datetime


def upheld_in(batch: Batch, reader: Any = None) -> list[Upheld]:
    """Of a signed batch, by effect and municipality; `reader`: those appeals alone that this person may see."""
    return upheld_of([Claim.batch_id == batch.id], [Measurement.batch_id == batch.id], reader)


def upheld_of(claims: Iterable[Any], measurements: Iterable[Any], reader: Any = None) -> list[Upheld]:
    """Of the claims and of the measurements for which these hold."""
    about = (Effect.id, Effect.name, Organisation.id, Organisation.name, User.id, User.name, Appeal.decided_at)
    of_claims = select(Claim.id, *about).join(Appeal, Appeal.anew_claim_id == Claim.id)
    of_claims = of_claims.join(Participant, Participant.id == Claim.participant_id).where(*claims)
    of_measured = select(Measurement.id, *about).join(Appeal, Appeal.anew_measurement_id == Measurement.id)
    of_measured = of_measured.where(*measurements)
    found: list[Upheld] = []
    for is_claim, query, effect, payer in (
        (True, of_claims, Claim.effect_id, Participant.payer_id),
        (False, of_measured, Measurement.effect_id, Measurement.payer_id),
    ):
        whole = query.join(Effect, Effect.id == effect).join(Organisation, Organisation.id == payer)
        whole = whole.join(User, User.id == Appeal.decided_by_id)
        if reader is not None:
            whole = whole.where(Appeal.id.in_(Appeal.visible_to(reader).with_only_columns(Appeal.id)))
        whole = whole.order_by(Effect.position, Organisation.name, Appeal.decided_at, Appeal.id)
        rows: Any = db.session.execute(whole)
        found += [Upheld(row[0], is_claim, *row[1:]) for row in rows]
    return found


def said_upheld(found: Iterable[Upheld]) -> list[tuple[str, int, str, str]]:
    """(effect and municipality, how many, decided by, decided on) of each decision, for a table."""
    counted = Counter((f"{one.effect}, {one.payer}", one.decided_by, day(one.decided_at)) for one in found)
    return [(about, number, by, on) for (about, by, on), number in counted.items()]


def who_also_signs(found: Iterable[Upheld], signers: Iterable[User | None]) -> str:
    """Says which signers decided themselves what their signature confirms here; empty when none did."""
    deciders = {one.decided_by_id for one in found}
    names = [one.name for one in signers if one is not None and one.id in deciders]
    if not names:
        return ""
    return _("%(names)s decided on an appeal in this list and signs for it too.", names=", ".join(sorted(set(names))))


def decided_elsewhere(organisation: Organisation) -> str:
    """For whoever reads no numbers: true whether an appeal was upheld or not, so that it tells of none."""
    return _(
        "Where an appeal was upheld, the effect was not judged in this batch: a person of %(assessor)s who had no part "
        "in the first decision decided on it.",
        assessor=organisation.name,
    )


def appeal_events(claim: Claim) -> list[Event]:
    """What appeals did to a claim, for its history: to the one appealed against, and to the one that stands anew."""
    found = select(Appeal.decided_at, Appeal.state, Appeal.anew_claim_id, User.name)
    found = found.join(User, User.id == Appeal.decided_by_id).where(Appeal.decided_at.is_not(None))
    found = found.where(or_(Appeal.claim_id == claim.id, Appeal.anew_claim_id == claim.id))
    rows: Any = db.session.execute(found.order_by(Appeal.decided_at, Appeal.id))
    return [
        Event(at, _("Upheld on appeal: stands anew") if anew == claim.id else _said(state), name)
        for at, state, anew, name in rows
    ]


def _said(state: AppealState) -> str:
    return _("Appeal: %(outcome)s", outcome=state.label)

"""What a claim requires and that does not stand: while it lacks that, it cannot be approved, accepted or signed for.

An effect is paid only when what it requires is proven by the same day (replay/1, step 2). It may have been claimed in
good order and lose its ground afterwards: what it requires is rejected, taken back or reopened. Then it waits; when
that stands again, after an appeal, it goes on.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Text, and_, cast, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Claim, claims_of
from app.outcomes.states import COUNTING, OPEN, ClaimState
from app.pricing.models import Effect, PriceTable


@dataclass(frozen=True, slots=True)
class Missing:
    """`name` of the effect that is required, and the claim of it that no longer counts, where there was one."""

    name: str
    gone: Claim | None


def missing_of(claim: Claim) -> Missing | None:
    """What an undecided or approved claim requires and that does not stand; None: nothing, or it is decided."""
    if claim.state not in OPEN or not claim.effect.requires:
        return None
    return _missing(claim, claims_of(claim.participant))


def _missing(claim: Claim, claims: Iterable[Claim]) -> Missing | None:
    earlier = [one for one in claims if one.achieved_on <= claim.achieved_on]
    for code in claim.effect.requires:
        known = [one for one in earlier if one.effect.code == code]
        if not any(one.state in COUNTING for one in known):
            name = next((one.name for one in claim.effect.table.effects if one.code == code), code)
            return Missing(name, known[-1] if known else None)
    return None


def why_not_approved(claim: Claim) -> str | None:
    """Why this claim cannot be approved now, with the number of what it lacks; None when it can, for this rule."""
    missing = missing_of(claim)
    if missing is None:
        return None
    if missing.gone is None:
        return _("Rule “requires”: “%(name)s” is not claimed. This claim waits until it is.", name=missing.name)
    values = {"name": missing.name, "number": missing.gone.number, "state": missing.gone.state.label}
    return _(
        "Rule “requires”: “%(name)s”, claim %(number)s, does not stand (%(state)s). This claim waits until it does.",
        **values,
    )


def waiting_for(gone: Claim) -> list[Claim]:
    """The claims in no batch yet that wait since `gone` no longer counts."""
    claims = claims_of(gone.participant)
    return [
        one
        for one in claims
        if one.state in OPEN and gone.effect.code in one.effect.requires and _missing(one, claims) is not None
    ]


def lacking(programme_id: uuid.UUID) -> Any:
    """The same in SQL, over Claim: it requires an effect that does not stand."""
    found = select(Effect.id, Effect.requires).join(PriceTable, PriceTable.id == Effect.table_id)
    effects = db.session.execute(found.where(PriceTable.programme_id == programme_id)).all()
    return or_(
        false(), *(and_(Claim.effect_id == id, ~_stands(code)) for id, requires in effects for code in requires or ())
    )


def _stands(code: str) -> Any:
    other, effect = aliased(Claim), aliased(Effect)
    found = select(other.id).join(effect, effect.id == other.effect_id)
    found = found.where(other.participant_id == Claim.participant_id, effect.code == code)
    return found.where(other.state.in_(COUNTING), other.achieved_on <= Claim.achieved_on).correlate(Claim).exists()


def held_back() -> Any:
    """The same in SQL over Claim joined with Effect, in whatever bonds: where one statement looks at many."""
    needed, other, of_other = aliased(Effect), aliased(Claim), aliased(Effect)
    stands = select(other.id).join(of_other, of_other.id == other.effect_id)
    stands = stands.where(other.participant_id == Claim.participant_id, of_other.code == needed.code)
    stands = stands.where(other.state.in_(COUNTING), other.achieved_on <= Claim.achieved_on)
    # A list of codes is kept as text; whoever takes a code that stands in it out of it changes it.
    listed = cast(Effect.requires, Text)
    names = func.replace(listed, literal('"') + needed.code + '"', "") != listed
    found = select(needed.id).where(needed.table_id == Effect.table_id, names)
    return found.where(~stands.correlate(Claim, needed).exists()).correlate(Claim, Effect).exists()


def left_out(programme_id: uuid.UUID) -> Counter[tuple[uuid.UUID, uuid.UUID]]:
    """Per effect and municipality, how many approved claims no sign-off takes as long as they wait."""
    keys = (Claim.effect_id, Participant.payer_id)
    found = select(*keys, func.count()).join(Participant, Participant.id == Claim.participant_id)
    found = found.where(Claim.programme_id == programme_id, Claim.state == ClaimState.VERIFIED)
    found = found.where(Claim.batch_id.is_(None), lacking(programme_id)).group_by(*keys)
    return Counter({(effect, payer): number for effect, payer, number in db.session.execute(found)})

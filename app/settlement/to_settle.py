"""What was signed off and waits for a settlement."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.core.progress import Tell, silent, told
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import OPEN, ClaimState
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme
from app.settlement.history import Proven

AT_ONCE = 10_000  # rows read in one go


def count_to_settle(programme: Programme, period_to: date) -> int:
    """How many claims a settlement up to that day would take, those included that wait for another one."""
    return db.session.scalar(select(func.count()).select_from(Claim).where(*_signed_off(programme, period_to))) or 0


def claims_to_settle(programme: Programme, period_to: date, tell: Tell = silent) -> list[Proven]:
    """Signed-off effects up to the day; one whose required effect is still undecided waits for it."""
    columns = (Claim.id, Claim.achieved_on, Claim.created_at, Claim.quantity, Effect.code, Claim.participant_id)
    found = (
        select(*columns, Participant.code, Participant.payer_id, Participant.lot_id, Participant.provider_id)
        .join(Claim.effect)
        .join(Claim.participant)
        .where(*_signed_off(programme, period_to))
        .execution_options(yield_per=AT_ONCE)
    )
    seen: dict[Any, Any] = {}  # days, codes and people occur again and again: one object of each is enough
    claims = [Proven(*(seen.setdefault(one, one) for one in row)) for row in told(db.session.execute(found), tell)]
    del seen
    effects = select(Effect.code, Effect.requires).join(PriceTable).where(PriceTable.programme_id == programme.id)
    requires: dict[str, set[str]] = {}
    for code, needed in db.session.execute(effects):
        requires.setdefault(code, set()).update(needed)
    return _without_waiting(programme, claims, {code: needed for code, needed in requires.items() if needed})


def _without_waiting(programme: Programme, claims: list[Proven], requires: dict[str, set[str]]) -> list[Proven]:
    """`requires`: the codes that an effect asks for first, by its own code."""
    needed = {code for codes in requires.values() for code in codes}
    others = select(Claim.participant_id, Effect.code, Claim.state).join(Claim.effect).where(Effect.code.in_(needed))
    others = others.where(Claim.programme_id == programme.id, Claim.state.in_([*OPEN, ClaimState.SETTLED]))
    rows = db.session.execute(others).all() if needed else []
    settled = {(who, code) for who, code, state in rows if state == ClaimState.SETTLED}
    waiting = {(who, code) for who, code, state in rows if state != ClaimState.SETTLED} - settled
    while waiting:
        waiting -= {(claim.participant_id, claim.effect) for claim in claims}
        held = {
            claim.id: (claim.participant_id, claim.effect)
            for claim in claims
            if any((claim.participant_id, code) in waiting for code in requires.get(claim.effect, ()))
        }
        if not held:
            break
        waiting |= set(held.values())
        claims = [claim for claim in claims if claim.id not in held]
    return claims


def measurements_to_settle(programme: Programme, period_to: date) -> list[Measurement]:
    found = select(Measurement).where(
        Measurement.programme_id == programme.id,
        Measurement.state == ClaimState.SIGNED_OFF,
        Measurement.achieved_on <= period_to,
    )
    return list(db.session.scalars(found).unique())


def _signed_off(programme: Programme, period_to: date) -> tuple[Any, ...]:
    state = Claim.state == ClaimState.SIGNED_OFF
    return Claim.programme_id == programme.id, state, Claim.achieved_on <= period_to

"""Effects that become claimable by themselves: laid whenever a claim or a clock of a participant changes.

Call these inside an operation. A milestone stands for as long as its effect is not claimed and its clock was not
stopped before; evidence that is dated after `lapses_on` no longer counts.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from app.extensions import db
from app.intake.models import Participant
from app.intake.rules import agreement_of
from app.outcomes import clocks
from app.outcomes.clock_models import ClockRun, clock_runs_of
from app.outcomes.models import Claim, Milestone, claims_of
from app.outcomes.states import COUNTING
from app.pricing.models import PERSONAL, Effect, PriceTable


def lay_milestones(participant: Participant) -> None:
    """Bring the milestones of one person up to date; what changed its day is reminded of anew."""
    agreement = agreement_of(participant.programme)
    if agreement is None:
        return
    db.session.flush()
    counting = [claim for claim in claims_of(participant) if claim.state in COUNTING]
    found = upcoming(participant, agreement.table, counting, clock_runs_of(participant))
    wanted = {effect.id: (due, lapses) for effect, due, lapses in found}
    for milestone in db.session.scalars(select(Milestone).where(Milestone.participant_id == participant.id)):
        days = wanted.pop(milestone.effect_id, None)
        if days is None:
            db.session.delete(milestone)
        elif days != (milestone.due_on, milestone.lapses_on):
            milestone.due_on, milestone.lapses_on = days
            milestone.told_due_at = milestone.told_lapse_at = None
    for effect_id, (due, lapses) in wanted.items():
        db.session.add(
            Milestone(
                programme_id=participant.programme_id,
                participant_id=participant.id,
                provider_id=participant.provider_id,
                effect_id=effect_id,
                due_on=due,
                lapses_on=lapses,
            )
        )


def upcoming(
    participant: Participant, table: PriceTable, counting: Sequence[Claim], noted: Sequence[ClockRun]
) -> Iterator[tuple[Effect, date, date]]:
    """(effect, the day on which it is reached, the last day for its evidence) of what lasts and is not claimed."""
    claimed = {claim.effect_id for claim in counting}
    for effect in table.effects:
        if effect.lasts and effect.kind in PERSONAL and effect.id not in claimed:
            runs = clocks.runs_of(clocks.chain_of(effect), noted, counting, participant.started_on)
            due = clocks.reached_on(effect, clocks.until(runs, participant.died_on))
            if due is not None and due <= participant.programme.tail_until:
                yield effect, due, due + timedelta(days=effect.evidence_days)

"""What the worker does: remind providers of effects that can be claimed and of evidence that is soon too late, and
publish the figures of each bond once a month."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, select

from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.intake.models import ExitReason, Participant
from app.outcomes import publishing
from app.outcomes.models import Milestone
from app.outcomes.notices import tell_milestones
from app.people.models import Organisation
from app.programmes.models import Programme

LAPSES_WITHIN = timedelta(days=14)
AT_ONCE = 5_000


def run_due() -> int:
    """One reminder for each provider and bond with something new; how many reminders and publications."""
    reminded = _remind(list(db.session.scalars(_untold().with_only_columns(Milestone.id))))
    return reminded + publish()


def publish() -> int:
    """How many bonds were published. Most rounds only look."""
    return sum(bool(publishing.publish(db.session.get_one(Programme, id))) for id in publishing.to_publish())


def _untold() -> Select[Milestone]:
    today = clock.today()
    reached = (Milestone.due_on <= today) & (Milestone.lapses_on >= today)
    lapsing = Milestone.lapses_on <= today + LAPSES_WITHIN
    untold = Milestone.told_due_at.is_(None) | (Milestone.told_lapse_at.is_(None) & lapsing)
    died = (Participant.exit_reason == ExitReason.DECEASED) & (Participant.exited_on < Milestone.due_on)
    gone = select(Participant.id).where(Participant.id == Milestone.participant_id, died).exists()
    return select(Milestone).where(reached & untold & ~gone).order_by(Milestone.due_on).limit(AT_ONCE)


@housekeeping
def _remind(ids: Sequence[uuid.UUID]) -> int:
    if not ids:
        return 0
    due: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    lapsing: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for milestone in db.session.scalars(_untold()).all():  # anew: another worker may have been first
        key = (milestone.programme_id, milestone.provider_id)
        if milestone.told_due_at is None:
            milestone.told_due_at = clock.now()
            due[key] += 1
        if milestone.told_lapse_at is None and milestone.lapses_on <= clock.today() + LAPSES_WITHIN:
            milestone.told_lapse_at = clock.now()
            lapsing[key] += 1
    for programme_id, provider_id in sorted(due.keys() | lapsing.keys()):
        key = (programme_id, provider_id)
        programme = db.session.get_one(Programme, programme_id)
        tell_milestones(programme, db.session.get_one(Organisation, provider_id), due[key], lapsing[key])
    return len(due.keys() | lapsing.keys())

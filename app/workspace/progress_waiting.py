"""What waits for whoever answers for something in a bond: actions to agree to and to do, milestones to meet."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select

from app.access.actions import Action as A
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.progress.models import CorrectiveAction, ProgressMilestone
from app.progress.states import CorrectiveState, MilestoneState
from app.workspace.rows import ORGANISATIONS, TODAY, bond


def of_owner() -> Iterator[Select[Any]]:
    """Any party; what is to be done stands here from its day on."""
    asked = _mine(A.CORRECTIVE_AGREE, CorrectiveAction, CorrectiveAction.id)
    yield asked.where(CorrectiveAction.state == CorrectiveState.PROPOSED)
    agreed = _mine(A.CORRECTIVE_FINISH, CorrectiveAction, CorrectiveAction.id)
    yield agreed.where(CorrectiveAction.state == CorrectiveState.AGREED, CorrectiveAction.due_on <= TODAY)
    due = _mine(A.MILESTONE_MEET, ProgressMilestone, ProgressMilestone.id)
    yield due.where(
        ProgressMilestone.state == MilestoneState.OPEN,
        ProgressMilestone.code.is_(None),
        ProgressMilestone.due_on <= TODAY,
    )


def _mine(kind: A, model: Any, key: Any) -> Select[Any]:
    found = bond(kind, key).select_from(model).join(Programme, Programme.id == model.programme_id)
    return found.where(model.owner_id.in_(ORGANISATIONS), Programme.phase == Phase.DELIVERY)

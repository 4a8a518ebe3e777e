"""Tells the treasury, before running costs are paid, which milestones were agreed and which are met."""

from sqlalchemy import or_, select

from app.core import clock
from app.extensions import db
from app.programmes.models import Part, Programme
from app.progress.models import ProgressMilestone
from app.progress.states import MilestoneState
from app.treasury.budget import MILESTONES, Reached


def reached(programme: Programme) -> list[Reached]:
    """Those of the providers, and those of the agreement whose day has come; none that was dropped or lapsed."""
    providers = [one.id for one in programme.organisations(Part.PROVIDER)]
    found = select(ProgressMilestone).filter_by(programme_id=programme.id)
    found = found.where(
        ProgressMilestone.state.in_((MilestoneState.OPEN, MilestoneState.MET)),
        or_(ProgressMilestone.owner_id.in_(providers), ProgressMilestone.due_on <= clock.today()),
    )
    rows = db.session.scalars(found.order_by(ProgressMilestone.due_on, ProgressMilestone.created_at)).unique()
    return [Reached(one.title, one.owner, one.due_on, one.met_when) for one in rows]


MILESTONES.append(reached)

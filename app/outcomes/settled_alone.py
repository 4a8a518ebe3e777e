"""Whether what a sign-off proved is settled, for who settles (domain, section 9: the intermediary reads how many
effects of each kind a settlement counts for each municipality)."""

import uuid

from sqlalchemy import Uuid, column, func, select, table

from app.extensions import db
from app.outcomes.models import BatchCount
from app.outcomes.tally_models import NONE, LineTally

# Settlement stands above outcomes and is not imported; its table is read by name.
_settlement = table("settlement", column("id", Uuid), column("state"))


def is_settled_alone(batch_id: uuid.UUID) -> bool:
    """Did settlements that hold nothing of another sign-off take all that this one proved? Then their own figures are
    those of the sign-off, and it tells nothing more than they do."""
    standing = select(_settlement.c.id).where(_settlement.c.state != "discarded")
    taken = (LineTally.settlement_id.in_(standing), LineTally.first_settlement_id == NONE, LineTally.number != 0)
    ours = select(LineTally.settlement_id).where(*taken, LineTally.batch_id == batch_id)
    others = select(LineTally.number).where(*taken, LineTally.settlement_id.in_(ours), LineTally.batch_id != batch_id)
    proven = select(func.sum(BatchCount.verified)).where(BatchCount.batch_id == batch_id).scalar_subquery()
    settled = select(func.sum(LineTally.number)).where(*taken, LineTally.batch_id == batch_id).scalar_subquery()
    whole, counted, mixed = db.session.execute(select(proven, settled, others.exists())).one()
    return bool(whole) and whole == counted and not mixed

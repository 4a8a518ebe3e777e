"""What a rectification of the lots does to those who bid for them: all are told, and may choose again or leave."""

from sqlalchemy import select

from app.calls.lots import LotsChange, follows_lots
from app.calls.models import Call
from app.consortia import lot_notices as notices
from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState, LotFate
from app.extensions import db


@follows_lots
def follow_lots(call: Call, change: LotsChange) -> None:
    """Within the rectification, which asks every partner to confirm anew."""
    alive = [ConsortiumState.FORMING, ConsortiumState.SUBMITTED]
    found = select(Consortium).where(Consortium.call_id == call.id, Consortium.state.in_(alive))
    for consortium in db.session.scalars(found).unique().all():
        lot_id = consortium.lot_id
        if lot_id is None and change.divides:
            consortium.lot_fate = LotFate.GONE
            notices.tell_divided(consortium)
        elif lot_id is not None and (name := change.gone.get(lot_id)) is not None:
            consortium.lot, consortium.lot_fate = None, LotFate.GONE
            notices.tell_lot_gone(consortium, name, choose=change.leaves)
        elif lot_id is not None and (name := change.changed.get(lot_id)) is not None:
            consortium.lot_fate = LotFate.CHANGED
            notices.tell_lot_changed(consortium, name)
    db.session.flush()

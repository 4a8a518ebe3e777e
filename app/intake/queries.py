"""What the pages of intake read. Lists page and search in the database."""

from typing import Any

from sqlalchemy import Uuid, column, func, select, table

from app.core.paging import Paged, paged
from app.intake.models import Participant
from app.intake.pseudonym import as_typed
from app.people.models import Organisation
from app.programmes.models import Programme

# Claims stand above intake and are not imported; the table is read by name.
_claim = table("claim", column("participant_id", Uuid), column("state"))


def participant_list(programme: Programme, user: Any, q: str) -> Paged:
    """Participants that `user` may see, newest first, with the number of their claims that count."""
    claims = (
        select(func.count())
        .select_from(_claim)
        .where(_claim.c.participant_id == Participant.id, _claim.c.state != "withdrawn")
    ).scalar_subquery()
    found = Participant.visible_to(user).join(Organisation, Participant.payer_id == Organisation.id)
    found = found.where(Participant.programme_id == programme.id)
    if q:
        found = found.where(Participant.code.contains(as_typed(q), autoescape=True))
    columns = found.with_only_columns(
        Participant.id,
        Participant.code,
        Organisation.name.label("municipality"),
        Participant.age_band,
        Participant.started_on,
        Participant.state,
        claims.label("claims"),
    )
    return paged(columns.order_by(Participant.started_on.desc(), Participant.code))

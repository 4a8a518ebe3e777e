"""What must be true of everybody who came in. Each function yields a line per fault."""

from collections.abc import Iterator

from sqlalchemy import select

from app.agreements.departures import going_on
from app.agreements.models import Agreement
from app.agreements.providing import consortia_of, lots_of_provider
from app.agreements.states import AgreementState
from app.extensions import db
from app.intake.models import Participant


def participants_are_in_a_lot_of_their_provider() -> Iterator[str]:
    """Under an agreement with lots everyone is in one that the provider won; under an undivided one nobody is."""
    forced = select(Agreement).where(Agreement.state == AgreementState.IN_FORCE)
    for agreement in db.session.scalars(forced).unique():
        found = select(Participant.code, Participant.provider_id, Participant.lot_id).where(
            Participant.programme_id == agreement.programme_id
        )
        is_divided = any(one["lot"] is not None for one in consortia_of(agreement.terms))
        for code, provider_id, lot_id in db.session.execute(found):
            won = {lot["id"] for lot in lots_of_provider(agreement.terms, going_on(agreement, provider_id))}
            if (str(lot_id) not in won) if is_divided else (lot_id is not None):
                yield f"participant {code}: is in no lot that its provider won"

"""Under which lot somebody is helped, where the agreement has lots: rows in, `Refused` on the field out."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.agreements.models import Agreement
from app.agreements.providing import consortia_of, lots_of_provider
from app.core.errors import Refused
from app.core.format import in_lot
from app.extensions import db
from app.intake.models import Participant
from app.people.models import Organisation
from app.pricing.files.cells import key_of


def lot_at_start(
    agreement: Agreement, provider: Organisation, municipality: Organisation, wanted: str
) -> uuid.UUID | None:
    """The lot of a resident of `municipality` who is helped by `provider`; none where the agreement is undivided.
    `wanted`: the id that was chosen, where the provider delivers in several."""
    if all(one["lot"] is None for one in consortia_of(agreement.terms)):
        return None
    lot = _lot_for(lots_of_provider(agreement.terms, [provider.id]), municipality, wanted)
    found = uuid.UUID(lot["id"])
    taken = select(func.count()).where(Participant.programme_id == agreement.programme_id, Participant.lot_id == found)
    _check_room(lot, db.session.scalar(taken) or 0)
    return found


def lot_named(agreement: Agreement, provider: Organisation, name: str) -> str:
    """The id of the lot that this provider won and that is called so, however it is spelled. Refused for another."""
    if all(one["lot"] is None for one in consortia_of(agreement.terms)):
        raise Refused(_("The agreement of this bond has no lots. Leave this empty."), "lot")
    won = lots_of_provider(agreement.terms, [provider.id])
    found = next((lot for lot in won if key_of(lot["name"]) == key_of(name)), None)
    if found is None:
        told = _("Your organisation won no lot of this name. It won: %(lots)s.", lots=", ".join(x["name"] for x in won))
        raise Refused(told, "lot")
    lot_id: str = found["id"]
    return lot_id


def _lot_for(lots: list[dict[str, Any]], municipality: Organisation, wanted: str) -> dict[str, Any]:
    here = [lot for lot in lots if _holds(lot, municipality)]
    if not here:
        raise Refused(_("Your organisation won no lot with %(name)s.", name=municipality.name), "municipality")
    chosen = [lot for lot in here if lot["id"] == wanted] if wanted else here
    if len(chosen) != 1:
        names = ", ".join(lot["name"] for lot in here)
        raise Refused(_("Choose the lot. For %(name)s: %(lots)s.", name=municipality.name, lots=names), "lot")
    return chosen[0]


def _holds(lot: dict[str, Any], municipality: Organisation) -> bool:
    return any(one["id"] == str(municipality.id) for one in lot["municipalities"])


def _check_room(lot: dict[str, Any], taken: int) -> None:
    """A lot is won for a number of participants and no more."""
    if taken >= lot["cohort_size"]:
        raise Refused(
            _("All %(size)d places of lot %(lot)s are taken.", size=lot["cohort_size"], lot=in_lot(lot["name"])),
            "municipality",
        )


def check_move(agreement: Agreement, participant: Participant, municipality: Organisation) -> None:
    """Whoever moves stays in the lot, so the other municipality must be in it."""
    lots = [one["lot"] for one in consortia_of(agreement.terms) if one["lot"] is not None]
    if participant.lot_id and not any(
        lot["id"] == str(participant.lot_id) and _holds(lot, municipality) for lot in lots
    ):
        raise Refused(_("This municipality is not in the lot of the participant."), "municipality")

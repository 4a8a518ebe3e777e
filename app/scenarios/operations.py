"""The only code that changes scenarios: they are saved and removed, never edited."""

import uuid
from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.core.errors import NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import PriceTable
from app.programmes.models import Part, Party, Programme
from app.scenarios.models import Scenario

PARTS = (Part.GOVERNMENT, Part.INTERMEDIARY, Part.INVESTOR)
MOST = 100  # of one organisation in one bond


@operation
def save_scenario(
    programme: Programme,
    table: PriceTable,
    title: str,
    inputs: Mapping[str, str],
    seed: int,
    *,
    actor: User,
    once: uuid.UUID,
) -> Scenario:
    """Keep the answers for the actor's organisation in this bond. Refused at the hundredth and first of one bond."""
    existing = db.session.get(Scenario, once)
    if existing is not None:
        return existing
    organisation = party_of(programme, actor)
    if organisation is None or table.programme_id != programme.id:
        raise NotYours(_("Your part in this bond does not allow this."))
    kept = select(func.count()).where(
        Scenario.programme_id == programme.id, Scenario.organisation_id == organisation.id
    )
    if (db.session.scalar(kept) or 0) >= MOST:
        raise Refused(
            _("Your organisation keeps %(most)d scenarios of this bond: remove one first.", most=MOST), "title"
        )
    scenario = Scenario(
        id=once,
        programme_id=programme.id,
        table_id=table.id,
        organisation_id=organisation.id,
        saved_by_id=actor.id,
        title=title,
        inputs=dict(inputs),
        seed=seed,
    )
    db.session.add(scenario)
    db.session.flush()
    record(Action.SCENARIO_SAVE, scenario, actor, on_behalf_of=programme, table=table.number)
    return scenario


def party_of(programme: Programme, user: User) -> Organisation | None:
    """The organisation of `user` for which a scenario of this bond is kept: its first party that may ask."""
    found = select(Organisation).join(Party, Party.organisation_id == Organisation.id)
    found = found.where(
        Party.programme_id == programme.id, Party.part.in_(PARTS), Organisation.id.in_(user.organisation_ids)
    )
    return db.session.scalars(found.order_by(Party.created_at).limit(1)).first()


@operation
def remove_scenario(scenario: Scenario, *, actor: User) -> None:
    """Only the organisation that saved it."""
    record(Action.SCENARIO_REMOVE, scenario, actor)
    db.session.delete(scenario)

"""VAT in what municipalities were asked and have not paid yet: the bond holds none of it."""

import uuid

from sqlalchemy import select

from app.extensions import db
from app.settlement.models import Settlement, Statement
from app.settlement.queries import is_refused
from app.settlement.states import OWED, STANDING


def vat_not_received(programme_id: uuid.UUID) -> int:
    """In minor units. A part of a statement holds its part of the VAT, rounded down until the last, as in
    `treasury.flows`."""
    found = select(Statement).join(Settlement).where(Statement.programme_id == programme_id, Statement.vat_minor > 0)
    found = found.where(Statement.state.in_(OWED), Settlement.state.in_(STANDING), ~is_refused())
    return sum(_not_received(one) for one in db.session.scalars(found).unique())


def _not_received(statement: Statement) -> int:
    owed, vat = statement.owed_minor, statement.owed_vat_minor
    return vat - vat * statement.received_minor // owed if owed > 0 else 0

"""Who did each step of something in a bond, and when: read from the trail, for whoever may read that thing."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, literal, select, union_all

from app.access.actions import Action
from app.access.guard import may
from app.audit.models import AuditEntry
from app.extensions import db
from app.ledger.models import Transfer, TransferKind
from app.people.models import Membership, Organisation, User
from app.programmes.models import Party, Programme


@dataclass(frozen=True, slots=True)
class Act:
    """`action` was done at that moment by `who`, as the reader may know it."""

    action: Action
    who: str
    at: datetime


def acts_on(
    programme: Programme,
    reader: Any,
    subjects: Collection[uuid.UUID],
    actions: Collection[Action],
    *,
    receipt: tuple[uuid.UUID, Action] | None = None,
) -> list[Act]:
    """What was done to rows of one bond, the oldest first, in one statement. `receipt`: the row that was paid, and the
    act that booked it, where the trail keeps that with another row.

    The desk reads names, as does everybody of colleagues; of others one reads the organisation: who of the intermediary
    or of a municipality it was is no business of an investor or a provider (GDPR, art. 5(1)(c)).
    """
    named = [str(one) for one in actions]
    entries = select(AuditEntry.at, AuditEntry.action, AuditEntry.actor_id)
    entries = entries.where(AuditEntry.subject_id.in_(subjects), AuditEntry.action.in_(named))
    done: Any = union_all(entries, *_booked(*receipt)).subquery() if receipt else entries.subquery()
    at, action, actor_id = done.c
    found = select(at, action, actor_id, User.name, Organisation.id, Organisation.name).select_from(done)
    found = found.outerjoin(User, User.id == actor_id).outerjoin(Membership, Membership.user_id == actor_id)
    party = and_(Party.organisation_id == Membership.organisation_id, Party.programme_id == programme.id)
    found = found.outerjoin(Party, party).outerjoin(Organisation, Organisation.id == Party.organisation_id)
    rows = db.session.execute(found.order_by(at, action, Organisation.name)).all()
    desk = may(Action.TREASURY_READ, programme, reader)
    acts: dict[Any, tuple[str | None, dict[Any, str]]] = {}
    for moment, code, actor, name, organisation, called in rows:
        _name, parties = acts.setdefault((moment, code, actor), (name, {}))
        if organisation is not None:
            parties[organisation] = called
    return [
        Act(Action(code), _shown(name, parties, reader, desk), moment)
        for (moment, code, _actor), (name, parties) in acts.items()
    ]


def _booked(receipt_id: uuid.UUID, action: Action) -> list[Any]:
    """That money was booked for a row, and that it was booked back."""
    words = ((TransferKind.POSTED, action), (TransferKind.REVERSAL, Action.TAKE_BACK_APPROVE))
    return [
        select(Transfer.created_at, literal(str(act)), Transfer.entered_by_id).where(
            Transfer.cause_id == receipt_id, Transfer.kind == kind
        )
        for kind, act in words
    ]


def _shown(name: str | None, parties: dict[Any, str], reader: Any, desk: bool) -> str:
    if name is None:
        return _("the portal")
    of = ", ".join(parties.values())
    if desk or parties.keys() & set(reader.organisation_ids):
        return f"{name} ({of})" if of else name
    return of or _("somebody who has left this bond")

"""The settlement after the last one: what was settled is put right until the bond closes."""

import uuid

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.errors import NotNow
from app.core.format import day
from app.core.operation import operation
from app.core.progress import Tell, silent
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.settlement.history import history
from app.settlement.models import Settlement
from app.settlement.operations import last_settlement, make
from app.settlement.states import STANDING
from app.settlement.sum_models import SettlementSum
from app.settlement.to_settle import claims_to_settle, count_to_settle, measurements_to_settle
from app.settlement.valuing import VALUING, Period, Proof

PASSES = 1 + VALUING  # over the whole history: it is read, then valued; the few lines that change are no more


@operation
def prepare_closing_settlement(
    programme: Programme, *, actor: User, once: uuid.UUID, tell: Tell = silent
) -> Settlement:
    """Take back what was paid for effects that were reopened after the last settlement, and pay those that an appeal
    restored. A statement below zero is money that the bond owes to that municipality.

    Not now while effects accrue or another settlement is with the parties, and when there is nothing to put right.
    `tell` hears how many lines of the whole history were read, then valued.
    """
    existing = db.session.get(Settlement, once)
    if existing is not None:
        return existing
    agreement, last = check_closing_turn(programme)
    proofs: list[Proof] = [
        *claims_to_settle(programme, last.period_to),
        *measurements_to_settle(programme, last.period_to),
    ]
    proofs.sort(key=lambda proof: (proof.achieved_on, proof.created_at, proof.id.hex))
    hear = _rising(tell)
    before = history(programme, agreement.table.vat_bp is not None, hear)
    period = Period(last.period_to, max(clock.today(), last.period_to), proofs, is_closing=True)
    made = make(programme, agreement, period, before, actor=actor, once=once, tell=hear)
    if made is None:
        raise NotNow(_("Nothing changed since the last settlement: there is nothing to put right."))
    return made


def _rising(tell: Tell) -> Tell:
    """Its own few lines are explained and written down after the whole history was valued: nobody hears a lower number
    than before."""
    highest = 0

    def hear(done: int) -> None:
        nonlocal highest
        highest = max(highest, done)
        tell(highest)

    return hear


def count_to_put_right(programme: Programme, last: Settlement) -> int:
    """How many lines and claims a closing settlement reads: those of every settlement that stands, and new ones."""
    settled = select(func.coalesce(func.sum(SettlementSum.lines), 0)).join(
        Settlement, Settlement.id == SettlementSum.settlement_id
    )
    settled = settled.where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    return int(db.session.scalar(settled) or 0) + count_to_settle(programme, last.period_to)


def check_closing_turn(programme: Programme) -> tuple[Agreement, Settlement]:
    """The agreement in force and the newest settlement; `NotNow` as for preparing one that closes."""
    agreement = db.session.scalar(agreement_in_force(programme.id))
    last = last_settlement(programme)
    if agreement is None or last is None:
        raise NotNow(_("Nothing was settled yet that could be put right."))
    if not last.is_closing and last.period_to < programme.tail_until:
        until = day(programme.tail_until)
        raise NotNow(_("Settle every effect up to %(day)s first: an ordinary settlement also takes back.", day=until))
    return agreement, last


def is_closing_turn(programme: Programme) -> bool:
    """Is the next settlement of this bond one that closes?"""
    try:
        return bool(check_closing_turn(programme))
    except NotNow:
        return False

"""Settlements for tests, made by the operations themselves: their figures must be true."""

import uuid
from datetime import date

from app.settlement.models import Settlement, Statement
from app.settlement.operations import approve_statement, check_settlement, prepare_settlement
from tests.factories.outcomes import Delivery


def make_settlement(bond: Delivery, period_to: date, *, checked: bool = False, approved: bool = False) -> Settlement:
    """Prepared by `bond.intermediary`, then checked by a colleague, then approved by both municipalities."""
    settlement = prepare_settlement(bond.programme, period_to, actor=bond.intermediary, once=uuid.uuid4())
    if checked or approved:
        check_settlement(settlement, actor=bond.colleague)
    for statement in settlement.statements if approved else ():
        approve_statement(statement, actor=approver(bond, statement))
    return settlement


def approver(bond: Delivery, statement: Statement):
    return bond.official if statement.payer_id == bond.enschede.id else bond.neighbour


def statement_of(settlement: Settlement, payer) -> Statement:
    return next(one for one in settlement.statements if one.payer_id == payer.id)

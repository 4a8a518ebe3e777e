"""A statement that should not have been imported is voided by two people, as long as nothing was booked from it."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank import statement_notices as notices
from app.bank.importing import STANDS
from app.bank.models import BankBalance, BankStatement
from app.bank.states import BANK_STATEMENT_FLOW, EntryState
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.people.models import User

UNBOOKED = (EntryState.OPEN, EntryState.SET_ASIDE)


@operation
def propose_void(statement: BankStatement, reason: str, *, actor: User, version: int | None = None) -> None:
    """Nothing changes before a second person agrees. Not now when a line of it was matched or waits to be, or when a
    later file reported some of its days too and left out the lines that this one had brought."""
    statement.expect_version(version)
    BANK_STATEMENT_FLOW.advance(statement, Action.BANK_STATEMENT_PROPOSE_VOID)
    _expect_unused(statement)
    statement.void_reason = reason
    record(Action.BANK_STATEMENT_PROPOSE_VOID, statement, actor, reason=reason, lines=len(statement.entries))
    notices.tell_void_proposed(statement, actor)


def why_not_void(statement: BankStatement) -> str | None:
    if any(line.state not in UNBOOKED for line in statement.entries):
        return _("Lines of this statement were matched: what is booked stands on them.")
    later = select(BankStatement.file_name).where(
        STANDS,
        BankStatement.programme_id == statement.programme_id,
        BankStatement.created_at > statement.created_at,
        BankStatement.known_already > 0,
        BankStatement.from_on <= statement.to_on,
        BankStatement.to_on >= statement.from_on,
    )
    name = db.session.scalar(later.limit(1))
    if name is not None:
        return _("%(file)s brought lines that this statement had brought already: void that one first.", file=name)
    return None


def _expect_unused(statement: BankStatement) -> None:
    reason = why_not_void(statement)
    if reason is not None:
        raise NotNow(reason)


@operation
def void_statement(statement: BankStatement, *, actor: User, version: int | None = None) -> None:
    """A second person: its lines leave the work list and stay on its own page; the balances are again those that the
    other files told. The same file may be imported anew."""
    statement.expect_version(version)
    BANK_STATEMENT_FLOW.advance(statement, Action.BANK_STATEMENT_VOID)
    _expect_unused(statement)
    lines = list(statement.entries)
    statement.voided_lines = [
        [one.reference, one.booked_on.isoformat(), one.name, one.text, one.amount_minor] for one in lines
    ]
    total = sum(one.amount_minor for one in lines)
    for line in lines:
        db.session.delete(line)
    _tell_balances_anew(statement)
    reason = statement.void_reason
    record(Action.BANK_STATEMENT_VOID, statement, actor, reason=reason, lines=len(lines), amount=total)
    notices.tell_voided(statement, actor)


def _tell_balances_anew(statement: BankStatement) -> None:
    """Of each day the newest of the other files that told its balance; none, and the day has no balance any more."""
    others = select(BankStatement).filter_by(programme_id=statement.programme_id).where(STANDS)
    others = others.where(BankStatement.id != statement.id).order_by(BankStatement.created_at)
    told: dict[date, tuple[int, uuid.UUID]] = {}
    for one in db.session.scalars(others).unique():
        told |= {date.fromisoformat(day): (int(minor), one.id) for day, minor in one.balances or ()}
    for balance in db.session.scalars(select(BankBalance).filter_by(statement_id=statement.id)).unique():
        if balance.on in told:
            balance.amount_minor, balance.statement_id = told[balance.on]
            balance.warned_at = None
        else:
            db.session.delete(balance)


@operation
def keep_statement(statement: BankStatement, *, actor: User, version: int | None = None) -> None:
    """It is right after all."""
    statement.expect_version(version)
    BANK_STATEMENT_FLOW.advance(statement, Action.BANK_STATEMENT_KEEP)
    was, statement.void_reason = statement.void_reason, ""
    record(Action.BANK_STATEMENT_KEEP, statement, actor, was_to_be_voided_because=was)

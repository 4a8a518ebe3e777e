"""A file of the bank comes in: once, whole or not at all."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank.bank_csv import read_csv
from app.bank.camt import read_camt
from app.bank.models import BankBalance, BankEntry, BankStatement
from app.bank.reported import LARGEST_BYTES, Line, Reported, refused
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import BankAccount, Programme
from app.programmes.states import AccountState

# A PDF, a picture, an office file or other archive (its first bytes): what people take for a statement.
NO_STATEMENT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
FACTS = ("booked_on", "amount_minor", "iban", "end_to_end")


@operation
def import_statement(
    programme: Programme, content: bytes, file_name: str, *, actor: User, once: uuid.UUID
) -> BankStatement:
    """Keep every line that no earlier file brought, by the bank's own reference, and the balance of each day.

    Refused: a file that was imported before, of another account, unsound, too large, with a day that is still to come,
    or that tells another story of a line that is known already.
    """
    existing = db.session.get(BankStatement, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    digest = hashlib.sha256(content).hexdigest()
    if db.session.scalar(select(BankStatement.id).filter_by(programme_id=programme.id, sha256=digest)):
        raise refused(_("This file was imported before."))
    reported = _read(programme, content)
    days = [line.booked_on for line in reported.lines] + [day for day, _minor in reported.balances]
    if not days:
        raise refused(_("The file holds no lines and no balance."))
    if max(days) > clock.today():
        raise refused(_("The file speaks of a day that is still to come."))
    statement = BankStatement(
        id=once,
        programme=programme,
        imported_by_id=actor.id,
        file_name=file_name[:200] or "-",
        sha256=digest,
        from_on=min(days),
        to_on=max(days),
    )
    db.session.add(statement)
    db.session.flush()
    added = _add_lines(statement, reported.lines)
    statement.known_already = len(reported.lines) - added
    for day, minor in reported.balances:
        _keep_balance(statement, day, minor)
    record(
        Action.BANK_STATEMENT_IMPORT,
        statement,
        actor,
        on_behalf_of=programme,
        sha256=digest,
        lines=added,
        known=statement.known_already,
    )
    return statement


def _read(programme: Programme, content: bytes) -> Reported:
    if not content:
        raise refused(_("The file is empty."))
    if len(content) > LARGEST_BYTES:
        raise refused(_("The file is too large: at most %(megabytes)d MB.", megabytes=LARGEST_BYTES // 1024**2))
    own = programme.account
    if own is None:
        raise NotNow(_("The bond has no account in use yet."))
    if content.startswith(NO_STATEMENT):
        raise refused(_("This is no statement that can be read. Fetch it at the bank as camt.053 (XML) or CSV."))
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") or b"\x00" in content[:4]:
        reported = read_camt(content, programme.currency)
    else:
        reported = read_csv(content, programme.currency, own.iban)
    ours = select(BankAccount.iban).filter_by(programme_id=programme.id, state=AccountState.APPROVED)
    if reported.iban not in set(db.session.scalars(ours)):
        raise refused(_("The file is of another account than that of the bond."))
    return reported


def _add_lines(statement: BankStatement, lines: Sequence[Line]) -> int:
    known = {
        one.reference: one
        for one in db.session.scalars(select(BankEntry).filter_by(programme_id=statement.programme_id)).unique()
    }
    added = 0
    for position, line in enumerate(lines, start=1):
        earlier = known.get(line.reference)
        if earlier is None:
            known[line.reference] = entry = _entry(statement, position, line)
            db.session.add(entry)
            added += 1
        elif any(getattr(earlier, name) != getattr(line, name) for name in FACTS):
            raise refused(_("Line %(reference)s is known already, and differently.", reference=line.reference))
    return added


def _entry(statement: BankStatement, position: int, line: Line) -> BankEntry:
    return BankEntry(
        programme_id=statement.programme_id,
        statement_id=statement.id,
        position=position,
        reference=line.reference,
        booked_on=line.booked_on,
        amount_minor=line.amount_minor,
        name=line.name,
        iban=line.iban,
        text=line.text,
        end_to_end=line.end_to_end,
    )


def _keep_balance(statement: BankStatement, day: date, minor: int) -> None:
    known = db.session.scalar(select(BankBalance).filter_by(programme_id=statement.programme_id, on=day))
    if known is None:
        db.session.add(
            BankBalance(programme_id=statement.programme_id, statement_id=statement.id, on=day, amount_minor=minor)
        )
    elif known.amount_minor != minor:
        # A file of part of a day is followed by one of the whole day; the later one of the bank's own files holds.
        known.amount_minor, known.statement_id, known.warned_at = minor, statement.id, None

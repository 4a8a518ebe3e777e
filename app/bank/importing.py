"""A file of the bank comes in: once, whole or not at all."""

import hashlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank.bank_csv import read_csv
from app.bank.camt import read_camt
from app.bank.chain import why_not_following, why_without_balance
from app.bank.models import BankBalance, BankEntry, BankStatement
from app.bank.reported import LARGEST_BYTES, Line, Reported, refused
from app.bank.statement_notices import tell_gap
from app.bank.states import BankStatementState
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import BankAccount, Programme
from app.programmes.states import AccountState

# A PDF, a picture, an office file or other archive (its first bytes): what people take for a statement.
NO_STATEMENT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
STANDS = BankStatement.state != BankStatementState.VOIDED
AGAIN = re.compile(r" \([0-9]+\)$")  # of a number that the bank gave twice
FACTS = ("booked_on", "amount_minor", "iban", "end_to_end")


@operation
def import_statement(
    programme: Programme, content: bytes, file_name: str, gap_reason: str = "", *, actor: User, once: uuid.UUID
) -> BankStatement:
    """Keep every line that no earlier file brought, by the bank's own reference, and the balance of each day.

    Refused: a file that was imported before, of another account, unsound, too large, with a day that is still to come,
    that tells another story of a line that is known already, that tells no balance where one is known, or that does not
    follow the statements that are known,
    unless `gap_reason` says why it is taken all the same (the bank itself has a gap): then the auditor is told.
    """
    existing = db.session.get(BankStatement, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    digest = hashlib.sha256(content).hexdigest()
    if db.session.scalar(select(BankStatement.id).filter_by(programme_id=programme.id, sha256=digest).where(STANDS)):
        raise refused(_("This file was imported before."))
    reported = _read(programme, content)
    days = [line.booked_on for line in reported.lines] + [day for day, _minor in reported.balances]
    _expect_news(programme, reported, days)
    gap = why_not_following(programme, reported)
    if gap is not None and not gap_reason:
        raise refused(gap)
    statement = BankStatement(
        id=once,
        programme=programme,
        imported_by_id=actor.id,
        file_name=file_name[:200] or "-",
        sha256=digest,
        from_on=min(days),
        to_on=max(days),
        balances=[[day.isoformat(), minor] for day, minor in reported.balances],
        gap=gap or "",
        gap_reason=gap_reason if gap else "",
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
        gap=statement.gap,
        gap_reason=statement.gap_reason,
    )
    if gap is not None:
        tell_gap(statement)
    return statement


def _expect_news(programme: Programme, reported: Reported, days: list[date]) -> None:
    if not days:
        raise refused(_("The file holds no lines and no balance."))
    if max(days) > clock.today():
        raise refused(_("The file speaks of a day that is still to come."))
    if _is_known(programme, reported):
        raise refused(_("All these lines are known; nothing to import."))
    without = why_without_balance(programme, reported)
    if without is not None:
        raise refused(without)


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
    new = list(_unknown(statement.programme_id, lines))
    for position, reference, line in new:
        db.session.add(_entry(statement, position, reference, line))
    return len(new)


def _unknown(programme_id: uuid.UUID, lines: Sequence[Line]) -> Iterator[tuple[int, str, Line]]:
    """(place in the file, reference, line) of each that no earlier file brought. Where a bank gives one number to
    several lines each is kept, the second as `number (2)`; refused where one that is known is told differently."""
    known: dict[str, list[BankEntry]] = defaultdict(list)
    for one in db.session.scalars(select(BankEntry).filter_by(programme_id=programme_id)).unique():
        known[AGAIN.sub("", one.reference)].append(one)
    told: dict[str, list[tuple[int, Line]]] = defaultdict(list)
    for position, line in enumerate(lines, start=1):
        told[line.reference].append((position, line))
    for reference, several in told.items():
        earlier = list(known[AGAIN.sub("", reference)])
        count, left = len(earlier), []
        for position, line in several:
            same = next((one for one in earlier if all(getattr(one, n) == getattr(line, n) for n in FACTS)), None)
            if same is None:
                left.append((position, line))
            else:
                earlier.remove(same)
        if left and earlier:
            raise refused(_("Line %(reference)s is known already, and differently.", reference=reference))
        for n, (position, line) in enumerate(left, start=count + 1):
            yield position, reference if n == 1 else f"{reference} ({n})", line


def _is_known(programme: Programme, reported: Reported) -> bool:
    """Every line and every balance of it was told before."""
    if not reported.lines or any(_unknown(programme.id, reported.lines)):
        return False
    rows = select(BankBalance.on, BankBalance.amount_minor).filter_by(programme_id=programme.id)
    return set(reported.balances) <= {(on, int(minor)) for on, minor in db.session.execute(rows)}


def _entry(statement: BankStatement, position: int, reference: str, line: Line) -> BankEntry:
    return BankEntry(
        programme_id=statement.programme_id,
        statement_id=statement.id,
        position=position,
        reference=reference,
        booked_on=line.booked_on,
        amount_minor=line.amount_minor,
        name=line.name,
        iban=line.iban,
        text=line.text,
        end_to_end=line.end_to_end,
        is_reversal=line.is_reversal,
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

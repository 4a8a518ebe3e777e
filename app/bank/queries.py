"""What the pages of the bank read, when it is more than one select."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from app.bank.accounts import accounts_in_use
from app.bank.booking import known_signs, own_iban, why_not_of_the_bank
from app.bank.expecting import Expected, all_expected, expected
from app.bank.matching import why_open
from app.bank.models import BankEntry, BankMatch, BankStatement, BatchPayment, PaymentBatch, PayoutAccount
from app.bank.states import EntryState, PayoutState
from app.core import clock
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Part, Programme
from app.treasury.charge import BankCharge
from app.treasury.remittance import Remittance, RemittancePart


@dataclass(frozen=True, slots=True)
class Paid:
    """An organisation that is paid by the bond, with its account in use and the one that waits."""

    organisation: Organisation
    in_use: PayoutAccount | None
    waiting: PayoutAccount | None


def paid_organisations(programme: Programme) -> list[Paid]:
    """Service providers and investors, and whoever gets a part of what is left, by name."""
    found = [*programme.organisations(Part.PROVIDER), *programme.organisations(Part.INVESTOR)]
    left = select(Organisation).join(RemittancePart).join(Remittance).where(Remittance.programme_id == programme.id)
    found += db.session.scalars(left.distinct())
    organisations = {one.id: one for one in found}
    in_use = accounts_in_use(set(organisations))
    rows = select(PayoutAccount).where(
        PayoutAccount.organisation_id.in_(organisations), PayoutAccount.state != PayoutState.WITHDRAWN
    )
    newest: dict[uuid.UUID, PayoutAccount] = {
        one.organisation_id: one for one in db.session.scalars(rows.order_by(PayoutAccount.created_at)).unique()
    }
    return [
        Paid(one, in_use.get(one.id), newest.get(one.id) if newest.get(one.id) is not in_use.get(one.id) else None)
        for one in sorted(organisations.values(), key=lambda one: one.name)
    ]


def batches(programme: Programme, newest: int = 50) -> Sequence[PaymentBatch]:
    found = select(PaymentBatch).filter_by(programme_id=programme.id).order_by(PaymentBatch.number.desc())
    return db.session.scalars(found.limit(newest)).unique().all()


def statements(programme: Programme, newest: int = 50) -> Sequence[BankStatement]:
    found = select(BankStatement).filter_by(programme_id=programme.id).order_by(BankStatement.created_at.desc())
    return db.session.scalars(found.limit(newest)).unique().all()


def how_many_open(programme: Programme) -> int:
    found = select(func.count()).select_from(BankEntry).filter_by(programme_id=programme.id, state=EntryState.OPEN)
    return int(db.session.scalar(found) or 0)


def work_list(programme: Programme, newest: int = 200) -> list[tuple[BankEntry, str, bool]]:
    """The lines that nobody matched yet, oldest first, each with the reason, and whether it may be of the bank itself
    (costs, interest)."""
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.OPEN)
    lines = db.session.scalars(found.order_by(BankEntry.booked_on, BankEntry.position).limit(newest)).unique().all()
    open_ones, all_of_them = expected(programme), all_expected(programme)
    signs, own = known_signs(programme), own_iban(programme)
    return [
        (line, why_open(line, open_ones, all_of_them), why_not_of_the_bank(line, all_of_them, signs, own) is None)
        for line in lines
    ]


def charges(programme: Programme, newest: int = 200) -> Sequence[BankCharge]:
    """What the bank took and paid, newest first; also what was taken back."""
    found = select(BankCharge).filter_by(programme_id=programme.id).order_by(BankCharge.on.desc(), BankCharge.id)
    return db.session.scalars(found.limit(newest)).unique().all()


def carried_out(batches: Sequence[PaymentBatch]) -> dict[uuid.UUID, tuple[int, int]]:
    """Of each batch how many of its payments a line of the bank was matched with, and how many it holds."""
    went = select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor < 0)
    found = (
        select(
            BatchPayment.batch_id,
            func.count().filter(BatchPayment.cause_id.in_(went)),
            func.count(),
        )
        .where(BatchPayment.batch_id.in_([one.id for one in batches]))
        .group_by(BatchPayment.batch_id)
    )
    return {id: (gone, all_of_them) for id, gone, all_of_them in db.session.execute(found)}


def set_aside(programme: Programme, newest: int = 50) -> Sequence[BankEntry]:
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.SET_ASIDE)
    return db.session.scalars(found.order_by(BankEntry.booked_on.desc()).limit(newest)).unique().all()


def candidates(line: BankEntry) -> list[Expected]:
    """What a person may match the line with: it flows the same way and is no larger than the line."""
    return [
        one
        for one in expected(line.programme)
        if (one.amount_minor > 0) == (line.amount_minor > 0) and abs(one.amount_minor) <= abs(line.amount_minor)
    ]


def matched_with(lines: Sequence[BankEntry]) -> dict[uuid.UUID, list[Expected]]:
    """What each line was matched with."""
    if not lines:
        return {}
    known = {(one.id, one.amount_minor > 0): one for one in all_expected(lines[0].programme)}
    came_in = {line.id: line.amount_minor > 0 for line in lines}
    rows = select(BankMatch.entry_id, BankMatch.cause_id).where(BankMatch.entry_id.in_(came_in))
    found: dict[uuid.UUID, list[Expected]] = {}
    for entry_id, cause_id in db.session.execute(rows):
        if (cause_id, came_in[entry_id]) in known:
            found.setdefault(entry_id, []).append(known[cause_id, came_in[entry_id]])
    return found


def waiting_of(organisation: Organisation) -> Sequence[PayoutAccount]:
    """Accounts that were named or confirmed and are not in use yet."""
    found = select(PayoutAccount).where(
        PayoutAccount.organisation_id == organisation.id,
        or_(
            PayoutAccount.state == PayoutState.NAMED,
            and_(PayoutAccount.state == PayoutState.CONFIRMED, PayoutAccount.usable_from > clock.now()),
        ),
    )
    return db.session.scalars(found.order_by(PayoutAccount.created_at)).unique().all()

"""What the pages of the bank read, when it is more than one select."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select

from app.bank.accounts import accounts_in_use
from app.bank.booking import known_signs, own_iban, why_not_of_the_bank
from app.bank.expecting import Expected, all_expected, expected
from app.bank.matching import why_open
from app.bank.models import BankEntry, BankMatch, BankStatement, BatchPayment, PaymentBatch, PayoutAccount
from app.bank.states import EntryState, PayoutState, SlipState
from app.bank.taken_back import TakenBack
from app.bank.taken_back_operations import is_named
from app.core import clock
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Part, Programme
from app.treasury.charge import BankCharge
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment


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
    found = select(func.count()).select_from(BankEntry).filter_by(programme_id=programme.id)
    found = found.where(BankEntry.state.in_((EntryState.OPEN, EntryState.PROPOSED)))
    return int(db.session.scalar(found) or 0)


def work_list(programme: Programme, newest: int = 200) -> list[tuple[BankEntry, str, bool]]:
    """The lines that nobody matched yet, oldest first, each with the reason, and whether it may be of the bank itself
    (costs, interest)."""
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.OPEN)
    lines = db.session.scalars(found.order_by(BankEntry.booked_on, BankEntry.position).limit(newest)).unique().all()
    open_ones, all_of_them = expected(programme), all_expected(programme)
    signs, own, back = known_signs(programme), own_iban(programme), _may_have_taken_back(lines)
    return [
        (
            line,
            back.get(line.id) or why_open(line, open_ones, all_of_them),
            why_not_of_the_bank(line, all_of_them, signs, own) is None and line.id not in back,
        )
        for line in lines
    ]


def _may_have_taken_back(lines: Sequence[BankEntry]) -> dict[uuid.UUID, str]:
    """Of the lines that went out those that may have taken back what came in before, in words."""
    out = [line for line in lines if line.amount_minor < 0]
    if not out:
        return {}
    came = select(BankEntry).where(
        BankEntry.programme_id == out[0].programme_id,
        BankEntry.state == EntryState.MATCHED,
        BankEntry.amount_minor.in_({-line.amount_minor for line in out}),
    )
    earlier = db.session.scalars(came).unique().all()
    waiting = set(db.session.scalars(select(TakenBack.taken_by_id).where(TakenBack.state == SlipState.PREPARED)))
    found = {}
    for line in out:
        alike = [one for one in earlier if one.amount_minor == -line.amount_minor and is_named(line, one)]
        if line.id in waiting:
            found[line.id] = _("Said to have been taken back: waits for a second person.")
        elif line.is_reversal or any(one.booked_on <= line.booked_on for one in alike):
            found[line.id] = _("It may have taken back money that came in.")
    return found


def taken_back_waiting(programme: Programme) -> Sequence[TakenBack]:
    """What a second person is asked to take back in the books."""
    found = select(TakenBack).filter_by(programme_id=programme.id, state=SlipState.PREPARED)
    return db.session.scalars(found.order_by(TakenBack.created_at)).unique().all()


def charges(programme: Programme, newest: int = 200) -> Sequence[BankCharge]:
    """What the bank took and paid, newest first; also what was taken back."""
    found = select(BankCharge).filter_by(programme_id=programme.id)
    found = found.order_by(BankCharge.on.desc(), BankCharge.created_at.desc())
    return db.session.scalars(found.limit(newest)).unique().all()


def gone_before_its_day(batch: PaymentBatch) -> date | None:
    """The first day on which a line of the bank shows a payment of it, where that is before it was to be executed."""
    found = select(func.min(BankEntry.booked_on)).join(BankMatch, BankMatch.entry_id == BankEntry.id)
    found = found.join(BatchPayment, BatchPayment.cause_id == BankMatch.cause_id)
    found = found.where(BatchPayment.batch_id == batch.id, BankEntry.amount_minor < 0)
    return db.session.scalar(found.where(BankEntry.booked_on < batch.execution_on))


def carried_out(batches: Sequence[PaymentBatch]) -> dict[uuid.UUID, tuple[int, int, int]]:
    """Of each batch how many of its payments a line of the bank was matched with, how many it holds, and how many came
    back."""
    went = select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor < 0)
    found = (
        select(
            BatchPayment.batch_id,
            func.count().filter(BatchPayment.cause_id.in_(went)),
            func.count(),
            func.count().filter(BatchPayment.cause_id.in_(select(ReturnedPayment.cause_id))),
        )
        .where(BatchPayment.batch_id.in_([one.id for one in batches]))
        .group_by(BatchPayment.batch_id)
    )
    return {id: (gone, all_of_them, back) for id, gone, all_of_them, back in db.session.execute(found)}


def proposed(programme: Programme, newest: int = 50) -> Sequence[BankEntry]:
    """Lines of which a second person is asked to confirm what they are."""
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.PROPOSED)
    return db.session.scalars(found.order_by(BankEntry.booked_on.desc()).limit(newest)).unique().all()


def set_aside(programme: Programme, newest: int = 50) -> Sequence[BankEntry]:
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.SET_ASIDE)
    return db.session.scalars(found.order_by(BankEntry.booked_on.desc()).limit(newest)).unique().all()


def candidates(line: BankEntry) -> list[Expected]:
    """What a person may match the line with: it flows the same way and is no larger than the line, or can be paid in
    part."""
    same_way = [one for one in expected(line.programme) if (one.amount_minor > 0) == (line.amount_minor > 0)]
    return [one for one in same_way if one.is_payable_in_part or abs(one.amount_minor) <= abs(line.amount_minor)]


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

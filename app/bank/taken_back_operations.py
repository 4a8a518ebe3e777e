"""Money that came in is taken back by the bank, or was matched with the wrong thing: one person says so, another one
agrees; then the books hold the opposite entry and what was asked is asked again."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank import taken_back_notices as notices
from app.bank.bound import shown
from app.bank.models import BankEntry, BankMatch
from app.bank.states import ENTRY_FLOW, TAKEN_BACK_FLOW, EntryState, SlipState
from app.bank.taken_back import TakenBack
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.ledger.balances import bank_minor
from app.people.models import User
from app.programmes.models import Programme
from app.treasury.models import BookedTransfer, Distribution
from app.treasury.other_receipt import OtherReceipt
from app.treasury.plan import last_distribution
from app.treasury.unbooking import RECEIPTS, by_hand, receipt_of, unbook, why_not_unbooked, why_reckoned


def taken_from(line: BankEntry) -> list[BankEntry]:
    """What a line that went out may have taken back: a line of the same amount that came in before it, those of the
    same party or reference first."""
    if line.amount_minor >= 0 or line.state != EntryState.OPEN:
        return []
    alike = [one for one in _of_the_amount(line) if why_not_taken_back(one) is None]
    return sorted(alike, key=lambda one: not is_named(line, one))


def why_none_taken(line: BankEntry) -> str | None:
    """Why a receipt of exactly this amount is not among `taken_from`; None where there is no such receipt."""
    return next((reason for one in _of_the_amount(line) if (reason := why_not_taken_back(one)) is not None), None)


def _of_the_amount(line: BankEntry) -> list[BankEntry]:
    found = select(BankEntry).filter_by(programme_id=line.programme_id, amount_minor=-line.amount_minor)
    found = found.where(BankEntry.state == EntryState.MATCHED, BankEntry.booked_on <= line.booked_on)
    return list(db.session.scalars(found.order_by(BankEntry.booked_on.desc(), BankEntry.position)).unique())


def is_named(line: BankEntry, earlier: BankEntry) -> bool:
    """The line is of the same account, party or end-to-end number as the earlier one."""
    pairs = ((getattr(line, name), getattr(earlier, name)) for name in ("iban", "end_to_end", "name"))
    if any(now and now.casefold() == then.casefold() for now, then in pairs):
        return True
    return any(word and word in line.text for word in (earlier.reference, earlier.end_to_end, earlier.text))


def why_not_among(programme: Programme, matched: Mapping[uuid.UUID, Sequence[Any]]) -> dict[uuid.UUID, str | None]:
    """Of lines that came in, by what they were matched with, those that were receipts, and why each cannot be taken
    back: None where nothing stands in the way. In a fixed number of statements."""
    last = last_distribution(programme)
    asked = select(TakenBack.entry_id).where(TakenBack.entry_id.in_(matched), TakenBack.state == SlipState.PREPARED)
    waiting = set(db.session.scalars(asked))
    reasons: dict[uuid.UUID, str | None] = {}
    for line, found in matched.items():
        receipts = [one.cause for one in found]
        if line in waiting:
            reasons[line] = _("A second person is asked already whether this was taken back.")
        elif all(one.__tablename__ in RECEIPTS for one in receipts):
            reasons[line] = next((why for one in receipts if (why := _why_not_one(one, last)) is not None), None)
    return reasons


def _why_not_one(receipt: Any, last: Distribution | None) -> str | None:
    return why_not_unbooked(receipt) if isinstance(receipt, OtherReceipt) else why_reckoned(last, receipt)


def why_not_taken_back(line: BankEntry) -> str | None:
    """Why what was booked of this line cannot be taken back."""
    if line.state != EntryState.MATCHED or line.amount_minor <= 0 or not line.matches:
        return _("Only money that came in and was matched can be taken back.")
    receipts = receipts_of(line)
    if len(receipts) < len(line.matches):
        return _("Something else was booked of this line, which is taken back on its own page.")
    if _waiting_for(line) is not None:
        return _("A second person is asked already whether this was taken back.")
    return next((reason for one in receipts if (reason := why_not_unbooked(one)) is not None), None)


def receipts_of(line: BankEntry) -> list[Any]:
    """The receipts that the line was matched with."""
    found = [(RECEIPTS[one.cause_type], one.cause_id) for one in line.matches if one.cause_type in RECEIPTS]
    return [db.session.get_one(model, id) for model, id in found]


def _waiting_for(line: BankEntry) -> TakenBack | None:
    either = (TakenBack.entry_id == line.id) | (TakenBack.taken_by_id == line.id)
    return db.session.scalars(select(TakenBack).where(either, TakenBack.state == SlipState.PREPARED)).unique().first()


@operation
def prepare_take_back(
    entry: BankEntry | None, taken_by: BankEntry | None, reason: str, *, actor: User, once: uuid.UUID
) -> TakenBack:
    """The bank took back with the line `taken_by` what had come in with `entry`; without that line `entry` was matched
    with the wrong thing. Nothing is booked before a second person agrees."""
    existing = db.session.get(TakenBack, once)
    if existing is not None:
        return existing
    if entry is None or (taken_by is not None and entry not in taken_from(taken_by)):
        raise Refused(_("Choose the receipt that was taken back."), "receipt")
    why_not = why_not_taken_back(entry)
    if why_not is None and taken_by is not None and _waiting_for(taken_by) is not None:
        why_not = _("A second person is asked already whether this was taken back.")
    if why_not is not None:
        raise NotNow(why_not)
    made = TakenBack(
        id=once,
        programme=entry.programme,
        entry=entry,
        taken_by=taken_by,
        amount_minor=entry.amount_minor,
        reason=reason,
    )
    db.session.add(made)
    record(Action.TAKE_BACK_PREPARE, made, actor, on_behalf_of=entry.programme, amount=made.amount_minor, reason=reason)
    notices.tell_prepared(made, actor)
    return made


@operation
def prepare_receipt_back(booked: BookedTransfer, reason: str, *, actor: User, once: uuid.UUID) -> TakenBack:
    """What was booked by hand with this transfer never came: no line of the bank shows it. Nothing is booked before a
    second person agrees."""
    existing = db.session.get(TakenBack, once)
    if existing is not None:
        return existing
    why_not = why_not_by_hand(booked)
    if why_not is not None:
        raise NotNow(why_not)
    made = TakenBack(
        id=once,
        programme=booked.programme,
        transfer_id=booked.id,
        amount_minor=booked.amount_minor,
        reason=reason,
    )
    db.session.add(made)
    facts: Any = {"amount": made.amount_minor, "reason": reason}
    record(Action.TAKE_BACK_PREPARE, made, actor, on_behalf_of=booked.programme, **facts)
    notices.tell_prepared(made, actor)
    return made


def why_not_by_hand(booked: BookedTransfer) -> str | None:
    """Why what this transfer booked cannot be taken back without a line of the bank."""
    receipt = receipt_of(booked)
    found = by_hand(booked.programme, [receipt]) if receipt is not None else {}
    if receipt is None or receipt.id not in found:
        return _("Only a receipt that was booked by hand, and that no line of the bank shows, is taken back here.")
    return found[receipt.id]


def receipts_behind(back: TakenBack) -> list[Any]:
    """The receipts that are booked back; none where they were booked back already, or a line shows them by now."""
    if back.entry is not None:
        return receipts_of(back.entry)
    receipt = receipt_of(back.booked) if back.booked is not None else None
    return [receipt] if receipt is not None and not shown([receipt.id]) else []


def why_not_agreed(back: TakenBack) -> str | None:
    """Why a second person cannot agree any more: a distribution reckons with the money since."""
    if back.state != SlipState.PREPARED:
        return None
    return next((reason for one in receipts_behind(back) if (reason := why_not_unbooked(one)) is not None), None)


@operation
def approve_take_back(back: TakenBack, *, actor: User, version: int | None = None) -> None:
    """A second person agrees: every receipt that the line was is reversed, and who paid it is told. Not now when the
    books do not hold the money any more, or a distribution reckoned with it."""
    back.expect_version(version)
    TAKEN_BACK_FLOW.advance(back, Action.TAKE_BACK_APPROVE)
    entry, receipts = back.entry, receipts_behind(back)
    if not receipts or (entry and (entry.state != EntryState.MATCHED or len(receipts) < len(entry.matches))):
        raise NotNow(_("This line was matched with something else meanwhile."))
    if sum(one.amount_minor for one in receipts) > bank_minor(back.programme_id):
        raise NotNow(_("The bank account does not hold this amount any more."))
    for one in receipts:
        if isinstance(one, OtherReceipt):
            one.reversal_reason = back.reason
    back.undone = [
        [
            one.__tablename__,
            str(one.id),
            one.amount_minor,
            unbook(one, uuid.uuid5(back.id, str(one.id)), actor=actor).isoformat(),
        ]
        for one in receipts
    ]
    _free(back, [one.id for one in receipts])
    back.decided_at = clock.now()
    record(Action.TAKE_BACK_APPROVE, back, actor, amount=back.amount_minor, reason=back.reason)
    notices.tell_approved(back, receipts, actor)


def _free(back: TakenBack, undone: Sequence[uuid.UUID]) -> None:
    """Where the bank took the money both lines are matched with one another; else the line is looked at again, and so
    is each other line that the same receipt had come with."""
    for match in list(db.session.scalars(select(BankMatch).where(BankMatch.cause_id.in_(undone))).unique()):
        line = match.entry
        db.session.delete(match)
        if line.id != back.entry_id or back.taken_by is None:
            if line.state == EntryState.MATCHED:
                ENTRY_FLOW.advance(line, Action.TAKE_BACK_APPROVE)
            line.note, line.refused_because = "", back.reason
    db.session.flush()
    if back.taken_by is not None and back.entry is not None:
        ENTRY_FLOW.advance(back.taken_by, Action.BANK_ENTRY_MATCH)
        back.taken_by.refused_because = ""
        for line in (back.entry, back.taken_by):
            line.note = back.reason
            cause = {"cause_type": TakenBack.__tablename__, "cause_id": back.id, "amount_minor": back.amount_minor}
            db.session.add(BankMatch(entry=line, **cause))


@operation
def reject_take_back(back: TakenBack, reason: str, *, actor: User, version: int | None = None) -> None:
    """Nothing is booked; whoever prepared it may say so too."""
    back.expect_version(version)
    TAKEN_BACK_FLOW.advance(back, Action.TAKE_BACK_REJECT)
    back.decided_at, back.rejected_because = clock.now(), reason
    record(Action.TAKE_BACK_REJECT, back, actor, amount=back.amount_minor, reason=reason)
    notices.tell_rejected(back)

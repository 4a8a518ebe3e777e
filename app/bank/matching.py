"""Which line of the bank is which receipt or payment of the portal: by reference and amount, to the cent.

A line that names one or more references for exactly what they add up to is booked; so are lines that together pay one,
and a part of what a municipality or an investor owes. Everything else stays on the work list with the reason, until a
person matches it or sets it aside.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app.access.actions import Action
from app.access.record import record
from app.bank.expecting import Expected, expected
from app.bank.models import BankEntry, BankMatch
from app.bank.states import ENTRY_FLOW, EntryState, SlipState
from app.bank.taken_back import TakenBack
from app.core.errors import NotNow, Refused
from app.core.format import money
from app.core.money import Money
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.reference import grouped
from app.treasury import operations as treasury
from app.treasury.charge import BankCharge
from app.treasury.guarantee import GuaranteeCall
from app.treasury.guarantee_operations import receive_guarantee
from app.treasury.models import CapitalCallPart
from app.treasury.returned import ReturnedPayment
from app.treasury.returned_operations import pay_again
from app.treasury.states import GuaranteeState


def match_open(programme: Programme, *, actor: User) -> int:
    """Try every line on the work list; how many were matched. Each stands or falls alone. What was paid in part is
    tried again with the next line that names it."""
    matched, before = 0, -1
    while matched > before:
        before = matched
        for lines, causes in _pairs(_open(programme), expected(programme)):
            try:
                match_lines(lines, causes, actor=actor)
                matched += len(lines)
            except (Refused, NotNow) as refusal:
                _note_refusal(lines, str(refusal.message))
    return matched


def _open(programme: Programme) -> list[BankEntry]:
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.OPEN)
    found = found.where(BankEntry.id.not_in(_taken_apart()))
    return list(db.session.scalars(found.order_by(BankEntry.booked_on, BankEntry.position)).unique())


def _taken_apart() -> Select[Any]:
    """Lines of which two people said that they were matched wrongly: only a person matches them anew."""
    found = select(TakenBack.entry_id).where(TakenBack.state == SlipState.BOOKED)
    return found.where(TakenBack.taken_by_id.is_(None), TakenBack.entry_id.is_not(None))


Pair = tuple[list[BankEntry], list[Expected]]


def _pairs(lines: Sequence[BankEntry], open_ones: Sequence[Expected]) -> list[Pair]:
    """Lines and what they pay, where both add up to the same; nothing in two pairs."""
    found: list[Pair] = []
    alone: dict[uuid.UUID, list[BankEntry]] = defaultdict(list)
    used: set[uuid.UUID] = set()
    for line in lines:
        named = [one for one in named_by(line, open_ones) if one.id not in used]
        paid = _paid_by(line, named)
        if paid:
            found.append(([line], list(paid)))
            used |= {one.id for one in paid}
        elif len(named) == 1:
            alone[named[0].id].append(line)
    by_id = {one.id: one for one in open_ones}
    for id, several in alone.items():
        if id not in used and sum(line.amount_minor for line in several) == by_id[id].amount_minor:
            found.append((several, [by_id[id]]))
    return found


def _paid_by(line: BankEntry, named: Sequence[Expected]) -> Sequence[Expected]:
    """Everything that is named; or of one reference what the desk booked already or what is owed, to the cent; or a
    part of what is owed."""
    if sum(one.amount_minor for one in named) == line.amount_minor:
        return named
    if len({one.reference for one in named}) != 1:
        return []
    exact = [one for one in named if one.amount_minor == line.amount_minor]
    if exact:
        return sorted(exact, key=lambda one: one.received_on is None)[:1]
    return _in_part(line, [one for one in named if one.is_payable_in_part])


def _in_part(line: BankEntry, owed: Sequence[Expected]) -> Sequence[Expected]:
    """As many of these, and of the last one such a part, as the line pays; none where it pays more than all of them."""
    found, left = [], line.amount_minor
    for one in owed:
        if left > 0:
            found.append(replace(one, amount_minor=min(left, one.amount_minor)))
            left -= found[-1].amount_minor
    return [] if left else found


def named_by(line: BankEntry, open_ones: Sequence[Expected]) -> list[Expected]:
    """What the line names by its own reference, or by that of its batch; only what flows the same way."""
    text = _told_by(line)
    same_way = [one for one in open_ones if (one.amount_minor > 0) == (line.amount_minor > 0)]
    hits = [one for one in same_way if one.reference and _bare(one.reference) in text]
    # A reference that is the beginning of another one that stands there was not named itself.
    longer = [_bare(one.reference) for one in hits]
    hits = [
        one for one in hits if not any(ref != _bare(one.reference) and _bare(one.reference) in ref for ref in longer)
    ]
    return hits or [one for one in same_way if one.batch_reference and _bare(one.batch_reference) in text]


def names(line: BankEntry, reference: str) -> bool:
    return _bare(reference) in _told_by(line)


def _told_by(line: BankEntry) -> str:
    return f" {_bare(line.end_to_end)} {_bare(line.text)} "


def _bare(text: str) -> str:
    """Letters and digits alone: people and banks write dashes, dots and spaces as they like."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def expect_open(line: BankEntry, chosen: Collection[str]) -> None:
    """Not now when somebody was first: with this line, or with another line and what was chosen (ids) for this one."""
    reason = ENTRY_FLOW.why_not(Action.BANK_ENTRY_MATCH, line)
    if reason is not None:
        raise NotNow(reason)
    same_way = BankEntry.amount_minor > 0 if line.amount_minor > 0 else BankEntry.amount_minor < 0
    found = select(BankMatch.cause_id).join(BankEntry).where(same_way, BankEntry.programme_id == line.programme_id)
    if {str(id) for id in db.session.scalars(found)} & set(chosen):
        raise NotNow(_("Another line of the bank was matched with this meanwhile."))


def divided(line: BankEntry, causes: Sequence[Expected], partly: str) -> Sequence[Expected]:
    """What the line pays of each of these where it is less than all of them: the others whole, and the one with the id
    `partly` what they leave; the rest of that stays owed. Refused where nobody said which, or where they leave it
    nothing, or more than is owed of it. Where the amounts are equal nothing is divided."""
    whole = sum(one.amount_minor for one in causes)
    if len(causes) < 2 or line.amount_minor <= 0 or whole <= line.amount_minor:
        return causes
    if not any(one.is_payable_in_part for one in causes):
        return causes
    lacking = money(Money(whole - line.amount_minor, line.programme.currency))
    last = next((one for one in causes if str(one.id) == partly and one.is_payable_in_part), None)
    if last is None:
        told = _("%(lacking)s less came in than all of these. Say of which of them it is lacking.", lacking=lacking)
        raise Refused(told, "partly")
    left = last.amount_minor - (whole - line.amount_minor)
    if left <= 0:
        raise Refused(_("The others leave nothing for this one: choose fewer, or another one here."), "partly")
    return [replace(one, amount_minor=left) if one is last else one for one in causes]


@operation
def match_lines(
    lines: Sequence[BankEntry],
    causes: Sequence[Expected],
    note: str = "",
    *,
    actor: User,
    step: Action = Action.BANK_ENTRY_MATCH,
) -> None:
    """These lines of the bank are these receipts or payments; what the desk had not received yet is booked on the day
    of the last line. Refused unless both add up to the same amount, to the cent. `step`: what the actor does; not now
    for money that left without a released batch, unless a second person confirms that."""
    if not lines or not causes or len(lines) > 1 < len(causes):
        raise Refused(_("Choose what this line of the bank is."), "causes")
    if step != Action.BANK_ENTRY_CONFIRM and without_batch(causes):
        raise NotNow(_("This went out in no released batch: match it by hand, and a second person confirms it."))
    arrived = sum(line.amount_minor for line in lines)
    if len(causes) == 1 and causes[0].is_payable_in_part and 0 < arrived < causes[0].amount_minor:
        causes = [replace(causes[0], amount_minor=arrived)]
    if arrived != sum(one.amount_minor for one in causes):
        raise Refused(_("The amounts differ. What was chosen must add up to the line of the bank."), "causes")
    same_way = BankEntry.amount_minor > 0 if arrived > 0 else BankEntry.amount_minor < 0
    taken = select(func.count()).select_from(BankMatch).join(BankEntry)
    if db.session.scalar(taken.where(same_way, BankMatch.cause_id.in_([one.id for one in causes]))):
        raise NotNow(_("Another line of the bank was matched with this meanwhile."))
    on = max(line.booked_on for line in lines)
    booked = [(one, *_receive(one, on, actor)) for one in causes]
    for line in lines:
        ENTRY_FLOW.advance(line, step)
        line.note, line.refused_because = note, ""
        for one, kind, id in booked:
            part = abs(line.amount_minor) if len(lines) > 1 else abs(one.amount_minor)
            db.session.add(BankMatch(entry=line, cause_type=kind, cause_id=id, amount_minor=part))
        references = ", ".join(one.reference for one in causes if one.reference)
        record(step, line, actor, amount=line.amount_minor, references=references, note=note)


def without_batch(causes: Sequence[Expected]) -> bool:
    """Whether one of these payments left the account though no two people let it go to the bank."""
    return any(one.amount_minor < 0 and one.batch_reference == "" and not _by_the_bank(one) for one in causes)


def _by_the_bank(one: Expected) -> bool:
    """What the bank took itself was never to be let go."""
    return isinstance(one.cause, BankCharge)


def _receive(one: Expected, on: date, actor: User) -> tuple[str, uuid.UUID]:
    """The table and the id of what the line is."""
    if isinstance(one.cause, Statement):
        once = uuid.uuid4()
        treasury.receive_payment(one.cause, on, one.amount_minor, actor=actor, once=once)
        return StatementPayment.__tablename__, once
    if isinstance(one.cause, CapitalCallPart) and one.received_on is None:
        paid = treasury.receive_capital(one.cause, on, one.amount_minor, actor=actor)
        return paid.__tablename__, paid.id
    if isinstance(one.cause, GuaranteeCall) and one.cause.state == GuaranteeState.CALLED:
        came = receive_guarantee(one.cause, on, one.amount_minor, actor=actor)
        return came.__tablename__, came.id
    if isinstance(one.cause, ReturnedPayment) and one.amount_minor < 0:
        pay_again(one.cause, actor=actor)
    return one.cause.__tablename__, one.id  # the rest was booked when it was approved, or by hand


@housekeeping
def _note_refusal(lines: Sequence[BankEntry], message: str) -> None:
    for line in lines:
        line.refused_because = message


@operation
def set_aside(line: BankEntry, reason: str, *, actor: User, version: int | None = None) -> None:
    """The line is no receipt or payment of the bond, such as money paid in by mistake. It is not booked and goes on
    counting in the difference between bank and books, with this reason."""
    line.expect_version(version)
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_SET_ASIDE)
    line.note = reason
    record(Action.BANK_ENTRY_SET_ASIDE, line, actor, amount=line.amount_minor, reason=reason)


@operation
def take_up(line: BankEntry, *, actor: User, version: int | None = None) -> None:
    """A line that was set aside by mistake, or too early, goes back to the work list; the trail keeps the reason."""
    line.expect_version(version)
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_TAKE_UP)
    was = line.note
    line.note = line.refused_because = ""
    record(Action.BANK_ENTRY_TAKE_UP, line, actor, amount=line.amount_minor, was_set_aside_because=was)


def why_open(line: BankEntry, open_ones: Sequence[Expected], all_of_them: Sequence[Expected]) -> str:
    """Why nobody matched this line by itself, for whoever works through the list."""
    if line.refused_because:
        return line.refused_because
    named = named_by(line, open_ones)
    if named:
        owed, several = sum(one.amount_minor for one in named), len({one.reference for one in named}) > 1
        should = money(Money(abs(owed), line.programme.currency))
        reference = ", ".join(dict.fromkeys(grouped(one.reference) or one.batch_reference for one in named))
        if several and 0 < line.amount_minor < owed and any(one.is_payable_in_part for one in named):
            return _(
                "Names %(reference)s, together %(amount)s: less came in. Match it with all of them, and say of which "
                "one only a part came in; or with those that it pays whole.",
                reference=reference,
                amount=should,
            )
        if all(one.is_payable_in_part for one in named) and line.amount_minor > owed:
            return _(
                "Names %(reference)s, of which %(amount)s is still owed: more came in. Book what is owed, and the rest "
                "as paid too much: it stays owed to who paid it.",
                reference=reference,
                amount=should,
            )
        return _("Names %(reference)s, which is for %(amount)s.", reference=reference, amount=should)
    if line.amount_minor > 0 and came_back(line, all_of_them):
        return _("Names a payment that went out: it may have come back.")
    if named_by(line, all_of_them):
        return _("Names something that another line of the bank paid already.")
    if line.amount_minor > 0 and not line.is_reversal:
        return _(
            "Names nothing that is known here. Money of somebody unknown is never booked: send it back at the bank, "
            "and set this line and the one that sends it back aside. Together they are nothing."
        )
    return _("Names nothing that is known here.")


def came_back(line: BankEntry, all_of_them: Sequence[Expected]) -> list[Expected]:
    """The payments that a line which came in names by their own reference, for the same amount."""
    out = [replace(one, amount_minor=-one.amount_minor) for one in all_of_them if one.amount_minor < 0]
    hits = {one.id for one in named_by(line, out) if one.amount_minor == line.amount_minor}
    return [one for one in all_of_them if one.id in hits and one.amount_minor < 0]

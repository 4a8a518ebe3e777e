"""Who opens the plans changes only by two officials: one proposes, another replaces or keeps. A key that is retired is
wiped, so that one official alone could otherwise leave every plan without the keys it was sealed for."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.audit import trail
from app.audit.models import AuditEntry
from app.calls import key_notices as notices
from app.calls.independence import why_not_independent
from app.calls.key_models import CallKey, OpenerKey, Purpose, key_of, keys_of
from app.calls.key_operations import retire
from app.calls.models import Call, CommitteeMember, Duty
from app.calls.states import FLOW, Leaving
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Part


@dataclass(frozen=True, slots=True)
class Replacement:
    """What one official proposed about the `seat` of another, and nobody has answered yet."""

    seat: CommitteeMember
    taking: User
    reason: Leaving

    def said(self) -> list[tuple[str, Any]]:
        """What it says, for every page that shows it: (name, value)."""
        return [
            (_("Whose key is retired"), self.seat.user.name),
            (_("Why"), self.reason.label),
            (_("Who makes a new key"), self.taking.name),
        ]


@operation
def propose_opener(call: Call, leaving: User, taking: User, reason: Leaving, *, actor: User) -> CommitteeMember:
    """Propose that `taking` makes a key in the place of `leaving`, who left or lost the passphrase. Nothing is retired
    until a second official of the leading municipality does so; the proposal stands in the trail of the seat.

    `taking` is the same person only when the passphrase of a key that stands is lost.
    """
    FLOW.advance(call, Action.OPENER_PROPOSE)
    seat = next((member for member in call.on_committee(Duty.OPENER) if member.user_id == leaving.id), None)
    if seat is None:
        raise Refused(_("%(name)s does not open the plans.", name=leaving.name), "leaving")
    if proposed(seat) is not None:
        raise Refused(_("This is proposed already. A colleague confirms or refuses that first."), "leaving")
    expect_can_take(seat, taking, reason)
    expect_openable(call, key_of(call, leaving))
    record(Action.OPENER_PROPOSE, seat, actor, on_behalf_of=call, leaving=leaving.id, taking=taking.id, reason=reason)
    notices.tell_proposed(call, leaving, taking, reason, actor)
    return seat


@operation
def replace_opener(seat: CommitteeMember, *, actor: User, warned: bool = False) -> None:
    """A second official confirms: the key is retired at once, and bidders are told at once what still opens.

    When whoever takes the place has made a key, the call gets a new generation of keys; what was handed in before
    still opens when two of its officials are left, or is sealed anew by its consortium. Where fewer are left the
    second official says to know so (`warned`). `NotNow` while the newest generation itself would keep fewer than two.
    """
    call, leaving = seat.call, seat.user
    FLOW.advance(call, Action.OPENER_REPLACE)
    found = proposed(seat)
    if found is None:
        raise NotNow(_("Nobody proposes to replace this official."))
    expect_can_take(seat, found.taking, found.reason)
    key = key_of(call, leaving)
    expect_openable(call, key)
    lost = opens_no_more(call, key)
    if lost and not warned:
        raise Refused(_("Say that you know which plans open no more unless they are sealed anew."), "warned")
    facts: dict[str, Any] = {"leaving": leaving.id, "taking": found.taking.id, "reason": found.reason}
    record(Action.OPENER_REPLACE, seat, actor, opens_no_more=[one.generation for one in lost], **facts)
    if key is not None:
        retire(key)
    call.committee.remove(seat)  # also for the same person: what was proposed about this seat is over
    db.session.flush()
    call.committee.append(CommitteeMember(user=found.taking, duty=Duty.OPENER))
    db.session.flush()
    notices.tell_replaced(call, leaving, found.taking, found.reason)
    if key is not None:
        notices.tell_retired(call, lost)


@operation
def keep_opener(seat: CommitteeMember, *, actor: User) -> None:
    """The proposal falls: the official opens as before. Whoever proposed may take it back in this way too."""
    FLOW.advance(seat.call, Action.OPENER_KEEP)
    found = proposed(seat)
    if found is None:
        raise NotNow(_("Nobody proposes to replace this official."))
    record(Action.OPENER_KEEP, seat, actor, leaving=seat.user_id, taking=found.taking.id)
    notices.tell_kept(seat.call, seat.user)


def proposed(seat: CommitteeMember) -> Replacement | None:
    """The proposal about this seat that waits for a second official, as the trail proves it."""
    said = select(AuditEntry.action).where(AuditEntry.subject_id == seat.id).order_by(AuditEntry.seq.desc())
    said = said.where(AuditEntry.action.in_([str(Action.OPENER_PROPOSE), str(Action.OPENER_KEEP)]))
    if db.session.scalar(said.limit(1)) != str(Action.OPENER_PROPOSE):
        return None
    facts = trail.proven_facts(Action.OPENER_PROPOSE, seat)
    taking = db.session.get(User, uuid.UUID(facts["taking"])) if facts else None
    return None if taking is None else Replacement(seat, taking, Leaving(facts["reason"]))


def proposed_in(call: Call) -> list[Replacement]:
    return [found for seat in call.on_committee(Duty.OPENER) if (found := proposed(seat)) is not None]


def expect_can_take(seat: CommitteeMember, taking: User, reason: Leaving) -> None:
    """Refused (on `taking`) for who may not open in this place."""
    call, leaving = seat.call, seat.user
    if taking.id == leaving.id and reason != Leaving.LOST:
        raise Refused(_("Somebody else takes the place: %(name)s cannot.", name=leaving.name), "taking")
    if taking.id == leaving.id and key_of(call, leaving) is None:
        raise Refused(_("The key of %(name)s is retired already; a new one can be made.", name=leaving.name), "leaving")
    if taking.id != leaving.id and any(member.user_id == taking.id for member in call.on_committee(Duty.OPENER)):
        raise Refused(_("%(name)s opens the plans already.", name=taking.name), "taking")
    if taking.id not in {user.id for user in call.programme.people(Part.GOVERNMENT)}:
        raise Refused(_("Only officials of the governments of this bond open the plans."), "taking")
    if (reason_against := why_not_independent(call.programme, [taking.id])) is not None:
        raise Refused(reason_against, "taking")


def expect_openable(call: Call, leaving: OpenerKey | None) -> None:
    """`NotNow` when nothing that is sealed to today, not even anew, would open any more."""
    newest = keys_of(call, Purpose.PLAN)[-1:]
    if leaving is not None and any(not key.opens_without(leaving) for key in newest):
        raise NotNow(
            _(
                "Then fewer than two officials could open the plans, and sealing them anew would not help. First "
                "whoever takes the earlier place makes a new key."
            )
        )


def opens_no_more(call: Call, leaving: OpenerKey | None) -> list[CallKey]:
    """The generations that two officials open today, and would not once `leaving` is retired."""
    keys = keys_of(call, Purpose.PLAN) if leaving is not None else []
    return [key for key in keys if key.opens_without(None) and not key.opens_without(leaving)]

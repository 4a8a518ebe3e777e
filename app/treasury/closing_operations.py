"""The close of a bond, prepared by one person of the intermediary and approved by another."""

import uuid
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.posting import close_accounts
from app.people.models import User
from app.programmes.models import Programme
from app.programmes.operations import reach_phase
from app.programmes.states import Phase
from app.treasury import ending_notices
from app.treasury.at_bank import is_bank_read
from app.treasury.closing import Closing
from app.treasury.closing_checks import in_the_way
from app.treasury.states import CLOSING_FLOW, ClosingState


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """When, by the DPIA, the key of codes and the documents are destroyed; what is learned for a next bond. `bank_seen`
    as in `Closing`."""

    key_deleted_by: date
    files_deleted_by: date
    lessons: str
    bank_seen: str = ""


def standing_closing(programme: Programme) -> Closing | None:
    """The one that waits for a second person or was approved."""
    found = select(Closing).where(Closing.programme_id == programme.id, Closing.state != ClosingState.REJECTED)
    return db.session.scalars(found).unique().one_or_none()


@operation
def prepare_closing(programme: Programme, facts: ClosingFacts, *, actor: User, once: uuid.UUID) -> Closing:
    """Ask a second person to close the bond. Not now while anything stands in the way; refused for a day of
    destruction that is past, and where no statement of the bank is read in without the one that was seen: in a closed
    bond nobody can pay any more what was only approved."""
    existing = db.session.get(Closing, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    if standing_closing(programme) is not None:
        raise NotNow(_("A second person is asked already to close this bond."))
    _expect_nothing_in_the_way(programme)
    for field in ("key_deleted_by", "files_deleted_by"):
        if getattr(facts, field) < clock.today():
            raise Refused(_("This day is past."), field)
    by_hand = not is_bank_read(programme.id)
    if by_hand and not facts.bank_seen.strip():
        told = _("Name the statement of the bank that shows every payment carried out and an empty account.")
        raise Refused(told, "bank_seen")
    refuse_national_id(bank_seen=facts.bank_seen)
    made = Closing(
        id=once,
        programme=programme,
        key_deleted_by=facts.key_deleted_by,
        files_deleted_by=facts.files_deleted_by,
        lessons=facts.lessons,
        bank_seen=facts.bank_seen.strip() if by_hand else None,
    )
    db.session.add(made)
    record(
        Action.CLOSING_PREPARE,
        made,
        actor,
        on_behalf_of=programme,
        key_deleted_by=facts.key_deleted_by,
        files_deleted_by=facts.files_deleted_by,
        bank_seen=made.bank_seen or "",
    )
    ending_notices.tell_closing_prepared(made, actor)
    return made


def _expect_nothing_in_the_way(programme: Programme) -> None:
    found = in_the_way(programme)
    if found:
        raise NotNow(_("Something still stands in the way: %(what)s", what="; ".join(str(one.label) for one in found)))


@operation
def approve_closing(closing: Closing, *, actor: User, version: int | None = None) -> None:
    """A second person closes the bond: every account goes to zero against the result, nothing happens any more, and
    every party is told. Not now when something came in between."""
    closing.expect_version(version)
    programme = closing.programme
    CLOSING_FLOW.advance(closing, Action.CLOSING_APPROVE)
    _expect_nothing_in_the_way(programme)
    if not is_bank_read(programme.id) and not closing.bank_seen:  # prepared when it was not asked yet
        raise NotNow(_("It names no statement of the bank: reject it and prepare it anew."))
    closing.decided_at = clock.now()
    closing.figures = _figures(programme)
    close_accounts(programme.id, closing, entered_by=actor)
    record(Action.CLOSING_APPROVE, closing, actor, figures=closing.figures, bank_seen=closing.bank_seen or "")
    reach_phase(programme, Phase.CLOSED)
    ending_notices.tell_closed(closing)


def _figures(programme: Programme) -> dict[str, int]:
    """Each kind of account, in minor units; parties are not named."""
    sums: dict[str, int] = {}
    for (kind, _organisation), minor in balances(programme.id).items():
        sums[kind.value] = sums.get(kind.value, 0) + minor
    return {kind: minor for kind, minor in sorted(sums.items()) if minor}


@operation
def reject_closing(closing: Closing, reason: str, *, actor: User) -> None:
    """The bond stays open."""
    CLOSING_FLOW.advance(closing, Action.CLOSING_REJECT)
    closing.rejected_because, closing.decided_at = reason, clock.now()
    record(Action.CLOSING_REJECT, closing, actor, reason=reason)
    ending_notices.tell_closing_rejected(closing)

"""What happens when an investor does not pay in: reminders first (`due`), then its default, by two people."""

import uuid
from datetime import date, timedelta

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.treasury import ending_notices, notices
from app.treasury.default import LONGEST_REASON, InvestorDefault, arrived_unmatched
from app.treasury.flows import undrawn_of
from app.treasury.models import CapitalCall, CapitalCallPart
from app.treasury.states import DEFAULT_FLOW, CapitalCallState, DefaultState

CURE_DAYS = 14  # calendar days after the due day in which an investor can still pay without being in default


@operation
def declare_default(
    part: CapitalCallPart, reason: str, *, actor: User, once: uuid.UUID, looked: bool = False
) -> InvestorDefault:
    """One person of the intermediary finds that a part is still unpaid `CURE_DAYS` after its due day; the investor and
    everybody else hear of it only when a second person confirms.

    Refused while money that may be this investor's waits on the work list of the bank, unless somebody `looked` at it.
    """
    existing = db.session.get(InvestorDefault, once)
    if existing is not None and existing.part_id == part.id:
        return existing
    reason_not = why_not_declared(part)
    if reason_not is not None:
        raise NotNow(reason_not)
    call = part.capital_call
    _check_reason(reason)
    _expect_looked_at(part, looked)
    made = InvestorDefault(
        id=once, programme=call.programme, part=part, organisation=part.organisation, reason=reason.strip()
    )
    db.session.add(made)
    record(
        Action.DEFAULT_DECLARE,
        made,
        actor,
        on_behalf_of=call.programme,
        organisation=part.organisation.name,
        amount=part.amount_minor,
        looked_at_the_bank=looked,
    )
    ending_notices.tell_default_declared(made, actor)
    return made


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Fill this in."), "reason")
    if len(reason) > LONGEST_REASON:
        raise Refused(_("At most %(max)d characters.", max=LONGEST_REASON), "reason")
    if holds_national_id(reason):
        raise Refused(_("A national number may not stand here."), "reason")


def first_day(asked: CapitalCall | CapitalCallPart) -> date:
    """From this day on a default can be declared: `CURE_DAYS` after the due day are over. Of a part that was booked
    back its own."""
    return asked.due_on + timedelta(days=CURE_DAYS + 1)


def why_not_declared(part: CapitalCallPart) -> str | None:
    """Why no default can be declared (yet); told before somebody writes the reason for it."""
    call = part.capital_call
    if call.state != CapitalCallState.CALLED or part.received_on is not None:
        return _("This part was received already, or is not asked for.")
    if standing_default(part) is not None:
        return _("The default of this investor was declared already.")
    if clock.today() < first_day(part):
        return _(
            "It was due on %(due)s, and the investor has %(days)d days after that in which to pay: a default can be "
            "declared from %(day)s on.",
            due=notices.day(part.due_on),
            days=CURE_DAYS,
            day=notices.day(first_day(part)),
        )
    return None


def _expect_looked_at(part: CapitalCallPart, looked: bool) -> None:
    if not looked and arrived_unmatched(part):
        raise Refused(
            _("Money that may be of this investor waits on the work list of the bank. Look at it first."), "looked"
        )


def standing_default(part: CapitalCallPart) -> InvestorDefault | None:
    """The default of this part that was declared or confirmed."""
    found = db.session.query(InvestorDefault).filter(
        InvestorDefault.part_id == part.id, InvestorDefault.state != DefaultState.REJECTED
    )
    return found.one_or_none()


@operation
def confirm_default(default: InvestorDefault, *, actor: User, version: int | None = None, looked: bool = False) -> None:
    """A second person confirms. The part stays owed and may still come in; what was not called yet of this commitment
    lapses, so that the others can be asked, pro rata, in a new call. The investor and the others are told. `looked` as
    for `declare_default`.

    Not now when the part came in meanwhile, or while another capital call waits for approval.
    """
    default.expect_version(version)
    if default.part.received_on is not None:
        raise NotNow(_("The money came in meanwhile."))
    _expect_looked_at(default.part, looked)
    DEFAULT_FLOW.advance(default, Action.DEFAULT_CONFIRM)
    commitment = default.part.commitment
    held, undrawn = undrawn_of(commitment.round)
    default.lapsed_minor = next(left for one, left in zip(held, undrawn, strict=True) if one.id == commitment.id)
    commitment.allotted_minor -= default.lapsed_minor
    default.decided_at = clock.now()
    record(
        Action.DEFAULT_CONFIRM,
        default,
        actor,
        organisation=default.organisation.name,
        owed=default.part.amount_minor,
        lapsed=default.lapsed_minor,
    )
    ending_notices.tell_default_confirmed(default)


@operation
def reject_default(default: InvestorDefault, reason: str, *, actor: User) -> None:
    """A second person does not agree; the investor is not in default."""
    _check_reason(reason)
    DEFAULT_FLOW.advance(default, Action.DEFAULT_REJECT)
    default.rejected_because, default.decided_at = reason, clock.now()
    record(Action.DEFAULT_REJECT, default, actor, reason=reason)
    ending_notices.tell_default_rejected(default)

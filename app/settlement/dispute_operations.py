"""The only code that changes disputes: raise, answer, confirm a correction, or send it back.

A statement is never edited. A correction is a row beside it, with a credit note; the books reverse what was owed and
owe the rest anew.
"""

import uuid
from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import Refused
from app.core.format import money
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.extensions import db
from app.ledger.posting import owed_after_correction
from app.people.models import User
from app.programmes.told_codes import refuse_code
from app.settlement import dispute_notices as notices
from app.settlement.dispute_models import Correction, Dispute
from app.settlement.groups import ids_named
from app.settlement.invoicing import credit
from app.settlement.models import Statement
from app.settlement.states import DISPUTE_FLOW, STATEMENT_FLOW, DisputeState, SettlementState, StatementState


@operation
def dispute_statement(
    statement: Statement,
    reason: str,
    about: Collection[str] = (),
    *,
    actor: User,
    once: uuid.UUID,
    version: int | None = None,
) -> Dispute:
    """A municipality says why it does not owe (all of) a statement that it approved and has not wholly paid, and may
    name the groups of lines that it is `about`."""
    existing = db.session.get(Dispute, once)
    if existing is not None and existing.statement_id == statement.id:
        return existing
    statement.expect_version(version)
    STATEMENT_FLOW.advance(statement, Action.STATEMENT_DISPUTE)
    _check_text(reason, "reason")
    dispute = Dispute(
        id=once,
        statement=statement,
        programme_id=statement.programme_id,
        reason=reason,
        about=ids_named(statement, about),
        raised_by_id=actor.id,
    )
    db.session.add(dispute)
    record(Action.STATEMENT_DISPUTE, statement, actor, reference=statement.reference)
    notices.tell_disputed(dispute)
    return dispute


@operation
def answer_dispute(
    dispute: Dispute,
    answer: str,
    lower_minor: int = 0,
    about: Collection[str] = (),
    *,
    actor: User,
    version: int | None = None,
) -> None:
    """The intermediary answers. `lower_minor` zero: the statement stands. Else it owes that much less (minor units),
    once a second person confirms it. The lines that it is `about` stand on the credit note.

    Refused above what is still to be paid: money that came in already goes back in the next settlement.
    """
    dispute.expect_version(version)
    DISPUTE_FLOW.advance(dispute, Action.DISPUTE_ANSWER)
    _check_text(answer, "answer")
    _check_lower(dispute.statement, lower_minor)
    dispute.answer_about = ids_named(dispute.statement, about)
    dispute.answer, dispute.lower_minor, dispute.answered_by_id = answer, lower_minor, actor.id
    record(Action.DISPUTE_ANSWER, dispute, actor, lower=lower_minor)
    if lower_minor:
        dispute.state = DisputeState.ANSWERED
        notices.tell_to_confirm(dispute, actor)
    else:
        dispute.state = DisputeState.STANDS
        settle_state(dispute.statement)
        notices.tell_answered(dispute)


def _check_text(text: str, field: str) -> None:
    if holds_national_id(text):
        raise Refused(_("A national number may not stand here."), field)
    refuse_code(**{field: text})


def _check_lower(statement: Statement, lower_minor: int) -> None:
    if not 0 <= lower_minor <= statement.outstanding_minor:
        most = money(statement.outstanding_minor, statement.settlement.programme.currency)
        raise Refused(
            _("At most %(most)s is still to be paid. What came in already is settled in the next period.", most=most),
            "lower",
        )


@operation
def confirm_correction(dispute: Dispute, *, actor: User, version: int | None = None) -> Correction:
    """A second person (four eyes) confirms: a correcting statement and a credit note are made, the books follow."""
    dispute.expect_version(version)
    DISPUTE_FLOW.advance(dispute, Action.DISPUTE_CONFIRM)
    statement, lower = dispute.statement, int(dispute.lower_minor or 0)
    _check_lower(statement, lower)
    left = statement.owed_minor - lower
    vat = statement.owed_vat_minor - statement.vat_minor * left // statement.amount_minor
    correction = Correction(
        statement=statement, dispute=dispute, amount_minor=lower, vat_minor=vat, reason=dispute.answer
    )
    db.session.add(correction)
    db.session.flush()
    record(Action.DISPUTE_CONFIRM, dispute, actor, lower=lower, reference=statement.reference)
    owed_after_correction(statement, correction, entered_by=actor)
    credit(correction)
    settle_state(statement)
    notices.tell_answered(dispute)
    return correction


@operation
def return_correction(dispute: Dispute, reason: str, *, actor: User) -> Dispute:
    """The second person does not agree with the correction, for `reason`: the dispute waits for another answer."""
    DISPUTE_FLOW.advance(dispute, Action.DISPUTE_RETURN)
    _check_text(reason, "reason")
    dispute.returned_because = reason
    record(Action.DISPUTE_RETURN, dispute, actor, lower=dispute.lower_minor)
    again = Dispute(
        statement=dispute.statement,
        programme_id=dispute.programme_id,
        reason=dispute.reason,
        about=dispute.about,
        raised_by_id=dispute.raised_by_id,
    )
    db.session.add(again)
    db.session.flush()
    notices.tell_returned(again, reason, actor)
    return again


def settle_state(statement: Statement) -> None:
    """Where a statement that is owed stands, by what came in and what was corrected; the settlement follows."""
    if is_disputed(statement) and statement.outstanding_minor:
        statement.state = StatementState.DISPUTED
    elif not statement.outstanding_minor:
        statement.state = StatementState.PAID
        statement.paid_on = max((one.received_on for one in statement.payments), default=clock.today())
    else:
        statement.state = StatementState.PARTLY_PAID if statement.received_minor else StatementState.APPROVED
    settlement = statement.settlement
    if all(one.state == StatementState.PAID for one in settlement.statements):
        settlement.state = SettlementState.PAID


def is_disputed(statement: Statement) -> bool:
    waiting = select(Dispute.id).where(
        Dispute.statement_id == statement.id, Dispute.state.in_([DisputeState.RAISED, DisputeState.ANSWERED])
    )
    return db.session.scalar(waiting.limit(1)) is not None

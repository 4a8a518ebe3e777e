"""What waits between the desk and the bank: batches to let go, lines to match, accounts to confirm by telephone."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select, union, union_all

from app.access.actions import Action as A
from app.bank.gone_out import gone_out
from app.bank.models import BankBalance, BankEntry, BankMatch, BankStatement, PaymentBatch, PayoutAccount
from app.bank.slip import ChargeSlip
from app.bank.states import BankStatementState, EntryState, PaymentBatchState, PayoutState, SlipState
from app.bank.taken_back import TakenBack
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import BankAccount, Part, Party, Programme
from app.programmes.states import AccountState, Phase
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.treasury.credits import set_offs
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.other_receipt import OtherReceipt
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import OtherReceiptState, PaymentState
from app.workspace.rows import LONG_AGO, ORGANISATIONS, THEN, bond, mine_as, other_eyes, row

NAME_TO_BE_PAID = "payout_account.name_to_be_paid"  # the same act as naming any account, in words of its own
ASK_FOR_ACCOUNT = "payout_account.ask"  # no act of the portal: the intermediary asks whoever must be paid
LINE_WAITS = "bank_entry.waits"  # nor these two: what the rule `bank.nothing_waits_too_long` finds
PAYMENT_WAITS = "payment.waits"
NEVER_CAME = "receipt.never_came"  # nor this: what makes `bank.portal_equals_bank` fail
NAMED = select(PayoutAccount.organisation_id).where(PayoutAccount.state != PayoutState.WITHDRAWN)
UNPAID = CostPayment.state == PaymentState.APPROVED, CostPayment.id.not_in(gone_out())


def of_payer_by_bank() -> Iterator[Select[Any]]:
    """The intermediary."""
    mine = mine_as(Part.INTERMEDIARY)
    yield (
        bond(A.PAYMENT_BATCH_APPROVE, PaymentBatch.id)
        .join_from(PaymentBatch, Programme)
        .where(Programme.id.in_(mine), PaymentBatch.state == PaymentBatchState.PREPARED)
        .where(other_eyes(A.PAYMENT_BATCH_APPROVE, PaymentBatch.id))
    )
    slips = bond(A.CHARGE_APPROVE, ChargeSlip.id).join_from(ChargeSlip, Programme)
    slips = slips.where(Programme.id.in_(mine), ChargeSlip.state == SlipState.PREPARED)
    yield slips.where(other_eyes(A.CHARGE_APPROVE, ChargeSlip.id))
    yield (
        bond(A.BANK_ACCOUNT_APPROVE, BankAccount.id)
        .join_from(BankAccount, Programme)
        .where(Programme.id.in_(mine), BankAccount.state == AccountState.PREPARED)
        .where(other_eyes(A.BANK_ACCOUNT_APPROVE, BankAccount.id))
    )
    voiding = bond(A.BANK_STATEMENT_VOID, BankStatement.id).join_from(BankStatement, Programme)
    voiding = voiding.where(Programme.id.in_(mine), BankStatement.state == BankStatementState.VOIDING)
    yield voiding.where(other_eyes(A.BANK_STATEMENT_VOID, BankStatement.id))
    doubted = bond(A.OTHER_RECEIPT_REVERSE, OtherReceipt.id).join_from(OtherReceipt, Programme)
    doubted = doubted.where(Programme.id.in_(mine), OtherReceipt.state == OtherReceiptState.REVERSING)
    yield doubted.where(other_eyes(A.OTHER_RECEIPT_REVERSE, OtherReceipt.id))
    proposed = bond(A.BANK_ENTRY_CONFIRM, BankEntry.id).join_from(BankEntry, Programme)
    proposed = proposed.where(Programme.id.in_(mine), BankEntry.state == EntryState.PROPOSED)
    yield proposed.where(other_eyes(A.BANK_ENTRY_CONFIRM, BankEntry.id))
    back = bond(A.TAKE_BACK_APPROVE, TakenBack.id).join_from(TakenBack, Programme)
    back = back.where(Programme.id.in_(mine), TakenBack.state == SlipState.PREPARED)
    yield back.where(other_eyes(A.TAKE_BACK_APPROVE, TakenBack.id))
    yield (
        bond(A.BANK_ENTRY_MATCH, Programme.id, func.count())
        .select_from(BankEntry)
        .join(Programme, Programme.id == BankEntry.programme_id)
        .where(Programme.id.in_(mine), BankEntry.state == EntryState.OPEN)
        .group_by(Programme.id, Programme.title)
    )
    paid = select(Party.organisation_id).where(Party.programme_id.in_(mine))
    yield from _waits_too_long(mine)
    yield _never_came(mine)
    yield (
        row(A.PAYOUT_ACCOUNT_CONFIRM, PayoutAccount.id, Organisation.name)
        .select_from(PayoutAccount)
        .join(Organisation, Organisation.id == PayoutAccount.organisation_id)
        .where(PayoutAccount.state == PayoutState.NAMED, PayoutAccount.organisation_id.in_(paid))
        .where(PayoutAccount.organisation_id.not_in(ORGANISATIONS))
    )
    cannot = select(CostPayment.programme_id).where(*UNPAID, CostPayment.organisation_id.not_in(NAMED))
    cannot = cannot.where(CostPayment.organisation_id.not_in(ORGANISATIONS))
    running = Programme.phase != Phase.CLOSED
    yield bond(ASK_FOR_ACCOUNT, Programme.id).where(Programme.id.in_(mine), running, Programme.id.in_(cannot))


def _waits_too_long(mine: Any) -> Iterator[Select[Any]]:
    """Lines that nobody matched; and bonds with a payment that no line shows: whether money is lacking there is asked
    of these few (`bank.reconciling`)."""
    lines = bond(LINE_WAITS, Programme.id, func.count()).select_from(BankEntry)
    lines = lines.join(Programme, Programme.id == BankEntry.programme_id).where(Programme.id.in_(mine))
    lines = lines.where(BankEntry.state == EntryState.OPEN, BankEntry.booked_on <= LONG_AGO)
    yield lines.group_by(Programme.id, Programme.title)
    read = select(BankBalance.programme_id).where(BankBalance.programme_id.in_(mine))
    never_left = Programme.id.in_(read) & Programme.id.in_(_never_left(mine))
    yield bond(PAYMENT_WAITS, Programme.id).where(never_left)


def _never_came(mine: Any) -> Select[Any]:
    """Receipts of a day that the bank told a balance of, and that no line was matched with, the first by its reference;
    whether lines on the work list may be them is asked of these few (`bank.reconciling`)."""
    parts = select(CapitalCall.programme_id, CapitalCallPart.id, CapitalCallPart.reference, CapitalCallPart.received_on)
    paid = select(Statement.programme_id, StatementPayment.id, Statement.reference, StatementPayment.received_on)
    paid = paid.join(Statement, Statement.id == StatementPayment.statement_id)
    again = select(StatementPayment.takes_back_id).where(StatementPayment.takes_back_id.is_not(None))
    paid = paid.where(StatementPayment.amount_minor > 0, StatementPayment.id.not_in(again.union_all(set_offs())))
    guarantee = select(
        GuaranteeCall.programme_id, GuaranteeCall.id, GuaranteeCall.reference, GuaranteeCall.received_on
    )
    parts = parts.join(CapitalCall, CapitalCall.id == CapitalCallPart.capital_call_id)
    came = union_all(
        parts.where(CapitalCall.programme_id.in_(mine)),
        paid.where(Statement.programme_id.in_(mine)),
        guarantee.where(GuaranteeCall.programme_id.in_(mine)),
    ).subquery()
    bond_id, id, reference, on = came.c
    told = select(BankBalance.id).where(BankBalance.programme_id == bond_id, BankBalance.on >= on)
    shown = select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor > 0)
    found = row(NEVER_CAME, bond_id, Programme.title + ": " + func.min(reference), func.count())
    found = found.select_from(came).join(Programme, Programme.id == bond_id)
    return found.where(on.is_not(None), told.exists(), id.not_in(shown)).group_by(bond_id, Programme.title)


def _never_left(mine: Any) -> Any:
    """Bonds with a payment that was decided long ago and that no line of the bank shows."""
    parts = select(Distribution.programme_id).join(DistributionPart).where(DistributionPart.id.not_in(gone_out()))
    others = select(Remittance.programme_id).join(RemittancePart).where(RemittancePart.id.not_in(gone_out()))
    again = select(ReturnedPayment.programme_id).where(ReturnedPayment.id.not_in(gone_out()))
    costs = select(CostPayment.programme_id).where(*UNPAID, CostPayment.decided_at < THEN)
    return union(
        costs.where(CostPayment.programme_id.in_(mine)),
        parts.where(Distribution.decided_at < THEN, *_approved(Distribution, mine)),
        others.where(Remittance.decided_at < THEN, *_approved(Remittance, mine)),
        again.where(ReturnedPayment.repaid_at < THEN, ReturnedPayment.programme_id.in_(mine)),
    )


def _approved(model: Any, mine: Any) -> tuple[Any, Any]:
    return model.state == PaymentState.APPROVED, model.programme_id.in_(mine)


def of_paid_provider() -> Iterator[Select[Any]]:
    """A service provider whose costs are approved, and that named no account: nothing can be paid to it."""
    due = select(CostPayment.organisation_id).join(Programme, Programme.id == CostPayment.programme_id)
    due = due.where(*UNPAID, Programme.phase != Phase.CLOSED)
    yield row(NAME_TO_BE_PAID, Organisation.id, Organisation.name).where(
        Organisation.id.in_(ORGANISATIONS), Organisation.id.in_(due), Organisation.id.not_in(NAMED)
    )


def of_paid_back() -> Iterator[Select[Any]]:
    """A municipality that is paid back by a bond, and has not said on which account."""
    due = select(RemittancePart.organisation_id).join(Remittance, Remittance.id == RemittancePart.remittance_id)
    due = due.where(Remittance.state.in_([PaymentState.PREPARED, PaymentState.APPROVED]))
    mine = Organisation.id.in_(ORGANISATIONS), Organisation.kind == OrganisationKind.MUNICIPALITY
    yield row(A.PAYOUT_ACCOUNT_NAME, Organisation.id, Organisation.name).where(
        *mine, Organisation.id.in_(due), Organisation.id.not_in(NAMED)
    )

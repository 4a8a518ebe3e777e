"""What waits between the desk and the bank: batches to let go, lines to match, accounts to confirm by telephone."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from app.access.actions import Action as A
from app.bank.gone_out import gone_out
from app.bank.models import BankEntry, BankStatement, PaymentBatch, PayoutAccount
from app.bank.slip import ChargeSlip
from app.bank.states import BankStatementState, EntryState, PaymentBatchState, PayoutState, SlipState
from app.bank.taken_back import TakenBack
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import BankAccount, Part, Party, Programme
from app.programmes.states import AccountState, Phase
from app.treasury.models import CostPayment
from app.treasury.other_receipt import OtherReceipt
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.states import OtherReceiptState, PaymentState
from app.workspace.rows import ORGANISATIONS, bond, mine_as, other_eyes, row

NAME_TO_BE_PAID = "payout_account.name_to_be_paid"  # the same act as naming any account, in words of its own
ASK_FOR_ACCOUNT = "payout_account.ask"  # no act of the portal: the intermediary asks whoever must be paid
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

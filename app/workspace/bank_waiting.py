"""What waits between the desk and the bank: batches to let go, lines to match, accounts to confirm by telephone."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from app.access.actions import Action as A
from app.bank.models import BankEntry, PaymentBatch, PayoutAccount
from app.bank.states import EntryState, PaymentBatchState, PayoutState
from app.people.models import Organisation
from app.programmes.models import BankAccount, Part, Party, Programme
from app.programmes.states import AccountState
from app.workspace.rows import ORGANISATIONS, bond, mine_as, other_eyes, row


def of_payer_by_bank() -> Iterator[Select[Any]]:
    """The intermediary."""
    mine = mine_as(Part.INTERMEDIARY)
    yield (
        bond(A.PAYMENT_BATCH_APPROVE, PaymentBatch.id)
        .join_from(PaymentBatch, Programme)
        .where(Programme.id.in_(mine), PaymentBatch.state == PaymentBatchState.PREPARED)
        .where(other_eyes(A.PAYMENT_BATCH_APPROVE, PaymentBatch.id))
    )
    yield (
        bond(A.BANK_ACCOUNT_APPROVE, BankAccount.id)
        .join_from(BankAccount, Programme)
        .where(Programme.id.in_(mine), BankAccount.state == AccountState.PREPARED)
        .where(other_eyes(A.BANK_ACCOUNT_APPROVE, BankAccount.id))
    )
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

"""Four eyes: which two steps on one subject are never taken by the same person."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A

# The person who did the first on a subject may not do the second on it.
FOUR_EYES: dict[A, frozenset[A]] = {
    A.PROGRAMME_APPROVE: frozenset({A.PROGRAMME_DRAFT, A.PROGRAMME_EDIT, A.PROGRAMME_SUBMIT}),
    A.TABLE_APPROVE: frozenset({A.TABLE_DRAFT, A.TABLE_EDIT, A.TABLE_SUBMIT, A.TABLE_OVERRIDE}),
    A.READER_TEST_JUDGE: frozenset({A.READER_TEST_DRAFT, A.READER_TEST_INVITE}),
    A.EXTENSION_CONFIRM: frozenset({A.EXTENSION_PROPOSE}),
    A.OPENER_REPLACE: frozenset({A.OPENER_PROPOSE}),
    A.PROPOSALS_OPEN: frozenset({A.PROPOSALS_OPEN}),
    A.DISCOUNTS_OPEN: frozenset({A.DISCOUNTS_OPEN}),
    A.AWARD_REVIEW: frozenset({A.AWARD_REASON}),
    A.BATCH_COUNTER_SIGN: frozenset({A.BATCH_PREPARE}),
    A.REOPENING_CONFIRM: frozenset({A.REOPENING_PROPOSE}),
    A.TERMINATION_CONFIRM: frozenset({A.TERMINATION_DECLARE}),
    A.MEASUREMENT_VERIFY: frozenset({A.MEASUREMENT_REGISTER}),
    A.MEASUREMENT_REJECT: frozenset({A.MEASUREMENT_REGISTER}),  # who finds it wrong takes it back
    A.MEASUREMENT_QUESTION: frozenset({A.MEASUREMENT_REGISTER}),
    A.SETTLEMENT_CHECK: frozenset({A.SETTLEMENT_PREPARE}),
    A.DISPUTE_CONFIRM: frozenset({A.DISPUTE_ANSWER}),
    A.BANK_ACCOUNT_APPROVE: frozenset({A.BANK_ACCOUNT_PREPARE}),
    A.BANK_ACCOUNT_MISHEAR: frozenset({A.BANK_ACCOUNT_PREPARE}),
    A.COMMITMENT_CO_SIGN: frozenset({A.COMMITMENT_COMMIT}),
    A.ASSIGNMENT_CO_SIGN: frozenset({A.ASSIGNMENT_PROPOSE, A.ASSIGNMENT_ACCEPT}),
    A.CAPITAL_CALL_APPROVE: frozenset({A.CAPITAL_CALL_PREPARE}),
    A.COST_APPROVE: frozenset({A.COST_PREPARE}),
    A.DISTRIBUTION_APPROVE: frozenset({A.DISTRIBUTION_PREPARE}),
    A.DEFAULT_CONFIRM: frozenset({A.DEFAULT_DECLARE}),
    A.GUARANTEE_APPROVE: frozenset({A.GUARANTEE_PREPARE}),
    A.GUARANTEE_WITHDRAW: frozenset({A.GUARANTEE_APPROVE}),
    A.CHARGE_APPROVE: frozenset({A.CHARGE_PREPARE}),
    A.CHARGE_REVERSE: frozenset({A.CHARGE_BOOK}),
    A.OTHER_RECEIPT_REVERSE: frozenset({A.OTHER_RECEIPT_PROPOSE_REVERSAL}),
    A.REMITTANCE_APPROVE: frozenset({A.REMITTANCE_PREPARE}),
    A.CLOSING_APPROVE: frozenset({A.CLOSING_PREPARE}),
    A.PAYOUT_ACCOUNT_CONFIRM: frozenset({A.PAYOUT_ACCOUNT_NAME}),
    A.BANK_STATEMENT_VOID: frozenset({A.BANK_STATEMENT_PROPOSE_VOID}),
    A.BANK_ENTRY_CONFIRM: frozenset({A.BANK_ENTRY_PROPOSE}),
    A.TAKE_BACK_APPROVE: frozenset({A.TAKE_BACK_PREPARE}),
    A.PAYMENT_BATCH_APPROVE: frozenset({A.PAYMENT_BATCH_PREPARE}),
}

# What the person did, where "you took the step before it" would not tell.
FOUR_EYES_REASONS: dict[A, Any] = {
    A.TABLE_OVERRIDE: _l("You overrode a gate of this table, so another official approves it."),
}

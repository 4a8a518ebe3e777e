"""What each rule of the books says, in words; a rule of `invariants.py` without words here fails a test."""

from flask_babel import lazy_gettext as _l

WORDS = {
    "ledger.books_balance": _l("What a bond has and has spent is what it was given and has earned"),
    "ledger.nothing_below_zero": _l("No account is below zero"),
    "ledger.kept_sums_are_right": _l("The kept sums are the sums of the transfers"),
    "ledger.kept_hours_are_right": _l("The kept sums of each hour are the sums of the transfers"),
    "ledger.transfers_stay_in_one_bond": _l("Every transfer stays within one bond and one currency"),
    "ledger.every_transfer_has_its_cause": _l("Every transfer has its cause"),
    "ledger.what_was_pending_is_resolved_as_it_stood": _l("What was set aside is paid or freed as it was set aside"),
    "treasury.bank_is_what_came_in_less_what_went_out": _l("The bank account is what came in less what went out"),
    "treasury.municipalities_are_owed_what_they_paid_too_much": _l("What was paid too much is owed, to the cent"),
    "treasury.distributions_are_what_the_terms_give": _l("Every distribution is what the agreed terms give"),
    "treasury.nothing_waits_for_a_decided_payment": _l("Nothing stays set aside for a payment that was decided"),
    "treasury.a_closed_bond_is_at_zero": _l("Every account of a closed bond is at zero"),
    "bank.portal_equals_bank": _l("What the bank holds is what the books say, but for lines and payments underway"),
    "bank.nothing_waits_too_long": _l("No line of the bank and no payment waits for longer than five days"),
    "bank.every_matched_line_adds_up": _l("Every matched line of the bank adds up"),
    "bank.every_batch_adds_up": _l("Every payment batch is the sum of its payments"),
    "agreements.agreements_say_what_was_signed": _l("Every agreement says what was signed"),
    "agreements.bonds_run_as_was_signed": _l("Every bond runs as was signed"),
    "agreements.amendments_form_a_chain": _l("Amendments follow one another"),
    "evidence.files_have_keys": _l("Every file of evidence has its key"),
    "evidence.files_lie_in_the_store": _l("Every file of evidence lies in the store"),
    "intake.participants_are_in_a_lot_of_their_provider": _l("Every participant is with its own service provider"),
    "outcomes.kept_counts_are_right": _l("The kept counts of claims are right"),
    "settlement.settlements_recompute": _l("Every settlement, reckoned again, gives the same"),
    "settlement.statements_sum_their_lines": _l("Every statement is the sum of its lines"),
    "settlement.sums_are_of_their_lines": _l("The kept sums of settlements are those of their lines"),
    "settlement.lines_that_are_alike_stand_together": _l("Lines that are alike stand together"),
    "settlement.what_was_paid_is_what_was_settled": _l("What was paid is what was settled"),
    "settlement.invoices_say_what_is_owed": _l("Invoices say what is owed"),
    "settlement.lines_name_the_provider": _l("Every line of a settlement names its service provider"),
    "settlement.no_claim_is_settled_twice": _l("No effect is settled twice"),
    "settlement.what_is_paid_later_is_owed_from_before": _l("What is paid later is owed from before"),
    "settlement.what_is_taken_back_was_paid": _l("What is taken back was paid"),
    "verification.batches_hold_what_was_signed": _l("Every sign-off holds what was signed"),
    "verification.what_counts_for_money_is_signed": _l("What counts for money is signed off"),
    "verification.draws_can_be_made_again": _l("Every draw of a sample can be made again"),
    "verification.seals_hold": _l("The seals of what was signed hold"),
    "verification.second_signatures_are_of_another_person": _l("Second signatures are of another person"),
}


def in_words(rule: str) -> str:
    """A rule of an earlier version of the portal, which is gone, is told by its own name."""
    return str(WORDS.get(rule, rule))

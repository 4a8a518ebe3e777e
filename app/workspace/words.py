"""How each thing that waits is said, and the page where it is done."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.intake.states import ReferralState
from app.outcomes.states import ClaimState
from app.workspace.delivery_waiting import PAY, PAY_IN

# kind: (what it says, endpoint; its address holds the id)
WORDS = {
    A.ORGANISATION_VET: (_l("Vet this organisation"), "accounts.vet"),
    A.PROGRAMME_SUBMIT: (_l("Finish the programme and ask for approval"), "programmes.show"),
    A.PROGRAMME_APPROVE: (_l("Approve the programme"), "programmes.show"),
    A.TABLE_DRAFT: (_l("Draft the price table"), "pricing.draft"),
    A.TABLE_SUBMIT: (_l("Finish the price table and ask for approval"), "pricing.show"),
    A.TABLE_APPROVE: (_l("Approve the price table"), "pricing.show"),
    A.TABLE_PUBLISH: (_l("Publish the price table"), "pricing.publish"),
    A.READER_TEST_JUDGE: (_l("Judge the files of a two-reader test"), "readers.judge"),
    A.ROUND_DRAFT: (_l("Draft the investor round"), "capital.draft"),
    A.ROUND_OPEN: (_l("Open the investor round"), "capital.show"),
    A.ROUND_CLOSE: (_l("Close the investor round"), "capital.show"),
    A.COMMITMENT_COMMIT: (_l("Decide on a commitment"), "capital.show"),
    A.CALL_DRAFT: (_l("Draft the consortium call"), "calls.draft"),
    A.CALL_PUBLISH: (_l("Finish the call and publish it"), "calls.show"),
    A.OPENING_KEY_MAKE: (_l("Make your key to open the plans"), "calls.make_opening_key"),
    A.QUESTION_ANSWER: (_l("Questions on the call to answer"), "calls.questions"),
    A.NOTA_PUBLISH: (_l("Answers on the call to publish in a nota"), "calls.questions"),
    A.CONSORTIUM_CLAIM: (_l("You are invited by mail into a consortium"), "consortia.claim"),
    A.CONSORTIUM_ACCEPT: (_l("You are invited into a consortium"), "consortia.show"),
    A.CONSORTIUM_TAKE_LEAD: (_l("The lead of your consortium is offered to you"), "consortia.show"),
    A.CONSORTIUM_EDIT_PART: (
        _l("Complete your part of the plan: your work, declarations and shares"),
        "consortia.show",
    ),
    A.PROPOSAL_WITHDRAW: (
        _l("The call changed after you handed in: your plan counts as it is, or hand it in anew"),
        "proposals.show",
    ),
    A.PROPOSAL_DRAFT: (_l("Write the plan of your consortium"), "proposals.draft"),
    A.PROPOSAL_SUBMIT: (_l("Finish the plan and hand it in"), "proposals.show"),
    A.PROPOSAL_CONFIRM: (_l("Confirm the plan of your consortium"), "proposals.show"),
    A.PROPOSALS_OPEN: (_l("Open the plans, with a second official"), "evaluation.open"),
    A.PROPOSAL_RESEAL: (_l("Your plan will not open unless you seal it anew"), "proposals.reseal"),
    A.OPENER_REPLACE: (_l("Confirm or refuse to replace an official who opens"), "calls.replace_opener"),
    A.EXTENSION_CONFIRM: (_l("Confirm or refuse more time after an outage"), "calls.confirm_extension"),
    A.DISCOUNTS_OPEN: (_l("Open the second envelopes, with a second official"), "evaluation.open_discounts"),
    A.CONFLICT_DECLARE: (_l("Declare whether you have a conflict of interest"), "evaluation.declare"),
    A.SCREENING_DECIDE: (_l("Screen the plans"), "evaluation.screening"),
    A.SCORE_LOCK: (_l("Score the plans"), "evaluation.show"),
    A.CONSENSUS_SET: (_l("Agree on the scores with your fellow scorers"), "evaluation.show"),
    A.MEETING_RECORD: (_l("Record the consensus meeting"), "evaluation.record_meeting"),
    A.QUALITY_FREEZE: (_l("Freeze the quality scores"), "evaluation.freeze"),
    A.TIE_DRAW: (_l("Draw lots, with a second official"), "evaluation.draw_tie"),
    A.ENQUIRY_ANSWER: (_l("Answer what was asked about your plan"), "evaluation.enquiry"),
    A.PROOF_HAND_IN: (_l("Hand in proof as the winner"), "evaluation.proofs"),
    A.PROOF_CHECK: (_l("Check the proof of the winner"), "evaluation.proofs"),
    A.AWARD_DECIDE: (_l("The award: write the reasons, review and send the letters"), "awards.letters"),
    A.OBJECTION_DECIDE: (_l("An objection to decide on"), "awards.decision"),
    A.AWARD_FINALISE: (_l("The standstill is over: make the award final"), "awards.finalise"),
    A.DIRECT_NAME: (_l("Name the service providers: no tender is held"), "direct.index"),
    A.DIRECT_DECLINE: (_l("A service provider declined: name anew who takes part"), "direct.name"),
    A.DIRECT_ACCEPT: (_l("You are asked to deliver without a tender"), "direct.show"),
    A.AGREEMENT_DRAFT: (_l("Draft the agreement"), "agreements.draft"),
    A.AGREEMENT_OFFER: (_l("Offer the agreement for signature"), "agreements.show"),
    A.AGREEMENT_SIGN: (_l("Sign the agreement"), "agreements.sign"),
    A.REFERRAL_ADMIT: (_l("Referrals to screen"), "intake.referrals"),
    A.PARTICIPANT_REGISTER: (_l("Referrals that fit: register the start"), "intake.referrals"),
    A.KEY_CHECK: (_l("Codes to look up in the key"), "intake.sample"),
    A.INTAKE_OPEN: (_l("Open the intake"), "intake.open"),
    A.CLAIM_REGISTER: (_l("Effects that can be claimed now"), "outcomes.caseload"),
    A.CLAIM_SUBMIT: (_l("Claims to hand to the assessor"), "outcomes.claims"),
    A.CLAIM_ANSWER: (_l("Questions of the assessor to answer"), "outcomes.claims"),
    A.CLAIM_VERIFY: (_l("Claims to verify"), "outcomes.claims"),
    A.MEASUREMENT_SUBMIT: (_l("Measurements to hand to the assessor"), "outcomes.measurements"),
    A.MEASUREMENT_ANSWER: (_l("Questions of the assessor about measurements to answer"), "outcomes.measurements"),
    A.MEASUREMENT_VERIFY: (_l("Measurements to verify"), "outcomes.measurements"),
    A.APPEAL_DECIDE: (_l("An appeal to decide"), "verification.appeal"),
    A.BATCH_SIGN_OFF: (_l("Decided claims and measurements to sign off"), "verification.sign_off"),
    A.SETTLEMENT_PREPARE: (_l("Signed-off effects to settle"), "settlement.prepare"),
    A.SETTLEMENT_CHECK: (_l("Check the settlement"), "settlement.show"),
    A.STATEMENT_APPROVE: (_l("Approve what your municipality owes"), "settlement.statement"),
    A.DISPUTE_ANSWER: (_l("Answer the dispute of a statement"), "settlement.answer"),
    A.DISPUTE_CONFIRM: (_l("Confirm the correction of a statement"), "settlement.confirm"),
    A.PAYMENT_RECEIVE: (_l("Note a payment when it has come in"), "treasury.receive"),
    A.CAPITAL_CALL_APPROVE: (_l("Approve the capital call"), "treasury.capital_call"),
    A.CAPITAL_CALL_RECEIVE: (_l("Note capital when it has come in"), "treasury.capital_call"),
    A.COST_APPROVE: (_l("Approve a payment of running costs"), "treasury.cost"),
    A.DISTRIBUTION_APPROVE: (_l("Approve the distribution to investors"), "treasury.distribution"),
    A.ASSIGNMENT_ACCEPT: (_l("Decide whether you take over a commitment"), "treasury.assignment"),
    A.ASSIGNMENT_CONSENT: (_l("Decide on the transfer of a commitment"), "treasury.assignment"),
    A.PAYMENT_BATCH_APPROVE: (_l("Approve the payment batch"), "bank.batch"),
    A.BANK_ENTRY_MATCH: (_l("Lines of the bank to match"), "bank.work_list"),
    A.PAYOUT_ACCOUNT_CONFIRM: (_l("Confirm an account by telephone"), "bank.payout_account"),
    PAY: (_l("Pay what your municipality approved"), "settlement.statement"),
    PAY_IN: (_l("Pay in what the capital call asks"), "treasury.capital_call"),
}
COUNTED = {
    *(A.QUESTION_ANSWER, A.NOTA_PUBLISH, A.BANK_ENTRY_MATCH),
    *(A.REFERRAL_ADMIT, A.PARTICIPANT_REGISTER, A.CLAIM_REGISTER),
    *(A.CLAIM_SUBMIT, A.CLAIM_ANSWER, A.CLAIM_VERIFY, A.BATCH_SIGN_OFF, A.SETTLEMENT_PREPARE),
    *(A.MEASUREMENT_SUBMIT, A.MEASUREMENT_ANSWER, A.MEASUREMENT_VERIFY),
}

# The lists of claims and measurements open on what is waited for.
SHOWN = {
    A.REFERRAL_ADMIT: ReferralState.REFERRED,
    A.PARTICIPANT_REGISTER: ReferralState.ADMITTED,
    A.CLAIM_SUBMIT: ClaimState.REGISTERED,
    A.CLAIM_ANSWER: ClaimState.QUESTIONED,
    A.CLAIM_VERIFY: ClaimState.SUBMITTED,
    A.MEASUREMENT_SUBMIT: ClaimState.REGISTERED,
    A.MEASUREMENT_ANSWER: ClaimState.QUESTIONED,
    A.MEASUREMENT_VERIFY: ClaimState.SUBMITTED,
}

# Notices of one act on many claims of a bond are one line at home. kind: (what it says, claims that the list shows)
TOGETHER: dict[str, tuple[Any, ClaimState]] = {
    A.CLAIM_SUBMIT: (_l("%(bond)s: %(count)s claims to verify"), ClaimState.SUBMITTED),
    A.CLAIM_VERIFY: (_l("%(bond)s: %(count)s claims verified"), ClaimState.VERIFIED),
    A.CLAIM_REJECT: (_l("%(bond)s: %(count)s claims rejected"), ClaimState.REJECTED),
    A.CLAIM_WITHDRAW: (_l("%(bond)s: %(count)s claims withdrawn"), ClaimState.WITHDRAWN),
    A.CLAIM_QUESTION: (_l("%(bond)s: questions about %(count)s claims"), ClaimState.QUESTIONED),
    A.CLAIM_ANSWER: (_l("%(bond)s: answers about %(count)s claims"), ClaimState.SUBMITTED),
}

"""What waits once a bond runs: claims, settlement, payments."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, Text, and_, cast, func, or_, select, union_all

from app.access.actions import Action as A
from app.accounts.signing_authority import SignedKind
from app.agreements.models import Agreement, AgreementParty
from app.agreements.states import AgreementState
from app.bank.models import BankBalance
from app.capital.models import Commitment, Round
from app.capital.states import CommitmentState, RoundState
from app.intake.key_models import KeySample
from app.intake.models import Intake, Referral
from app.intake.recusals import Recusal
from app.intake.states import ReferralState, SampleState
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.required import held_back
from app.outcomes.states import ClaimState
from app.outcomes.tally_models import NONE, MilestoneTally, ProofTally
from app.pricing.models import Effect
from app.programmes.models import Part, Party, Programme
from app.settlement.dispute_models import Dispute
from app.settlement.invoice_models import Invoice
from app.settlement.models import Settlement, Statement
from app.settlement.queries import is_refused, outstanding
from app.settlement.states import OWED, WITH_PARTIES, DisputeState, SettlementState, StatementState
from app.treasury.assignment import Assignment
from app.treasury.closing import Closing
from app.treasury.default import InvestorDefault
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import DUE_ON, CapitalCall, CapitalCallPart, CostPayment, Distribution
from app.treasury.remittance import Remittance
from app.treasury.states import (
    AssignmentState,
    CapitalCallState,
    ClosingState,
    DefaultState,
    GuaranteeState,
    PaymentState,
    RemittanceKind,
)
from app.verification.appeal_models import Appeal, Reopening
from app.verification.appeal_states import AppealState, DoubtState, ProposalState
from app.verification.doubt_models import Doubt
from app.verification.models import Docket, DocketItem, Judgement
from app.verification.reopening_models import ReopeningProposal
from app.verification.standing import UNDECIDED
from app.verification.statement_models import PreparedSignature
from app.verification.statement_states import SignatureState
from app.verification.states import UNSIGNED, DocketState
from app.workspace.rows import ME, ORGANISATIONS, TODAY, bond, mandated, mine_as, other_eyes

PAY_IN = "capital_call.pay"  # an investor pays at its own bank; the intermediary notes it
PAY = "statement.pay"  # so does a municipality
APPROVE_BACK = "remittance.approve_back"  # the same act as the approval of other payments, in words of its own
BACK = RemittanceKind.PAYER_BACK
BY_HAND = Programme.id.not_in(select(BankBalance.programme_id))  # else the work list waits, once a line is there
NO_DECIDER = "appeal.decider"  # everybody of the assessor had a part in it; `queries` asks who is left
NEXT_BATCH = "docket.next"  # no act yet: they came in while a batch is open, and its page says on what that waits
# Nobody pays before every municipality has approved.
WITHOUT_DISPUTE = (StatementState.APPROVED, StatementState.PARTLY_PAID)
PAYABLE = select(Settlement.id).where(Settlement.state == SettlementState.APPROVED)

# Where the agreement speaks of batches a claim is judged when its batch is drawn; else as it comes (`agreed_rules`).
BY_BATCH = select(Agreement.programme_id).where(
    Agreement.state == AgreementState.IN_FORCE, cast(Agreement.terms["verification"], Text).not_in(["null", "{}"])
)
UNDER_WAY = select(Docket.programme_id).where(Docket.state.in_(UNSIGNED))
DRAWN = select(DocketItem.claim_id).join(Docket).where(Docket.state == DocketState.CHECKING, DocketItem.to_judge)
DRAWN = DRAWN.where(~DocketItem.is_set_aside)
TO_JUDGE = Claim.id.in_(DRAWN)
# Nobody signs off while a batch is judged or a first signature waits for the second one.
JUDGED = Docket.state.in_([DocketState.LOCKED, DocketState.CHECKING])
SIGNED_ONCE = select(PreparedSignature.programme_id).where(PreparedSignature.state == SignatureState.WAITING)
LEFT_TO_OTHERS = select(Recusal.participant_id).where(Recusal.user_id == ME)
DECIDED = ClaimState.VERIFIED, ClaimState.REJECTED
# What is approved and lacks an effect that it requires stands on no list to sign (`signing.unsigned`).
WAITS = and_(Claim.state == ClaimState.VERIFIED, held_back())
NOT_MINE_TO_SIGN = select(Claim.programme_id).where(  # a colleague signs (`signing.why_not_signer`)
    Claim.participant_id.in_(LEFT_TO_OTHERS), Claim.batch_id.is_(None), Claim.state.in_(DECIDED)
)
NOT_MINE_TO_SIGN = NOT_MINE_TO_SIGN.join(Effect, Effect.id == Claim.effect_id).where(~WAITS)
NOT_TO_SIGN = union_all(select(Docket.programme_id).where(JUDGED), SIGNED_ONCE, NOT_MINE_TO_SIGN)


def _claims(kind: str, part: Part, *states: ClaimState) -> Select[Any]:
    """How many claims of a bond stand in one of these states."""
    return _counted(kind, part, _kept("claim", *states))


def _own_claims(kind: str, state: ClaimState) -> Select[Any]:
    """The same of whom the provider took in itself."""
    return _counted(kind, Part.PROVIDER, _kept("claim", state).where(ProofTally.provider_id.in_(ORGANISATIONS)))


def _measurements(kind: str, part: Part, *states: ClaimState) -> Select[Any]:
    return _counted(kind, part, _kept("measurement", *states))


def _kept(proof: str, *states: ClaimState) -> Any:
    """Claims or measurements as the database counts them itself: there may be millions."""
    found = select(ProofTally.programme_id.label("programme_id"), ProofTally.number.label("number"))
    return found.where(ProofTally.kind == proof, ProofTally.state.in_(states), ProofTally.number != 0)


def _in_state(proof: Any, *states: StrEnum) -> Any:
    return _each(proof).where(proof.state.in_(states))


def _each(proof: Any) -> Any:
    return select(proof.programme_id.label("programme_id"), func.count().label("number")).group_by(proof.programme_id)


def _counted(kind: str, part: Part, *proofs: Select[Any]) -> Select[Any]:
    """How many claims and measurements of a bond are in these selects together."""
    mine = mine_as(part)
    waiting = union_all(*(proof.where(proof.selected_columns.programme_id.in_(mine)) for proof in proofs)).subquery()
    found = bond(kind, Programme.id, func.sum(waiting.c.number)).select_from(waiting)
    found = found.join(Programme, Programme.id == waiting.c.programme_id).group_by(Programme.id, Programme.title)
    return found.having(func.sum(waiting.c.number) > 0)


def _passing_on(mine: Any) -> Select[Any]:
    """A service provider leaves, and its people are with it until its last day."""
    found = bond(A.PARTY_LEAVE, Programme.id).select_from(Programme)
    found = found.join(Agreement, Agreement.programme_id == Programme.id)
    found = found.join(AgreementParty, AgreementParty.agreement_id == Agreement.id)
    found = found.where(AgreementParty.part == Part.PROVIDER, AgreementParty.left_on >= TODAY)
    return found.where(Programme.id.in_(mine)).group_by(Programme.id, Programme.title)


def of_opening_official() -> Iterator[Select[Any]]:
    """The agreement is in force, and nobody can come in yet."""
    yield _passing_on(mine_as(Part.GOVERNMENT, lead=True))
    opened = select(Intake.programme_id)
    mine = select(Party.programme_id).where(Party.organisation_id.in_(ORGANISATIONS), Party.is_lead)
    found = bond(A.INTAKE_OPEN, Programme.id).select_from(Programme)
    yield found.join(Agreement, Agreement.programme_id == Programme.id).where(
        Agreement.state == AgreementState.IN_FORCE, Programme.id.in_(mine), Programme.id.not_in(opened)
    )


def of_delivering_provider() -> Iterator[Select[Any]]:
    yield _passing_on(mine_as(Part.PROVIDER))
    yield _counted(A.REFERRAL_ADMIT, Part.PROVIDER, _in_state(Referral, ReferralState.REFERRED))
    yield _counted(A.PARTICIPANT_REGISTER, Part.PROVIDER, _in_state(Referral, ReferralState.ADMITTED))
    yield _counted(A.CLAIM_REGISTER, Part.PROVIDER, _claimable())
    fee = Agreement.terms["intake"]["effect"].as_string()
    missed = bond(A.SHORTFALL_CLAIM, Programme.id).join_from(Programme, Agreement)  # `queries` asks whether any is
    yield missed.where(Agreement.state == AgreementState.IN_FORCE, fee != "", Programme.id.in_(mine_as(Part.PROVIDER)))
    yield _own_claims(A.CLAIM_SUBMIT, ClaimState.REGISTERED)
    yield _own_claims(A.CLAIM_ANSWER, ClaimState.QUESTIONED)
    yield _measurements(A.MEASUREMENT_SUBMIT, Part.PROVIDER, ClaimState.REGISTERED)
    yield _measurements(A.MEASUREMENT_ANSWER, Part.PROVIDER, ClaimState.QUESTIONED)


def _claimable() -> Any:
    """Effects that a clock made and whose evidence is not too late, as the database counts them per day."""
    found = select(MilestoneTally.programme_id.label("programme_id"), MilestoneTally.number.label("number"))
    found = found.where(MilestoneTally.provider_id.in_(ORGANISATIONS), MilestoneTally.number != 0)
    return found.where(MilestoneTally.due_on <= TODAY, MilestoneTally.lapses_on >= TODAY)


def of_assessor() -> Iterator[Select[Any]]:
    drawn = bond(A.KEY_CHECK, KeySample.id).join_from(KeySample, Programme)
    yield drawn.where(Programme.id.in_(mine_as(Part.ASSESSOR)), KeySample.state == SampleState.DRAWN)
    filed = bond(A.APPEAL_DECIDE, Appeal.id).join_from(Appeal, Programme)
    filed = filed.where(Programme.id.in_(mine_as(Part.ASSESSOR)), Appeal.state == AppealState.FILED)
    yield filed.where(*(~mine.exists() for mine in _decided_by_me()))
    alone = bond(NO_DECIDER, Appeal.id).join_from(Appeal, Programme).outerjoin(Claim, Claim.id == Appeal.claim_id)
    alone = alone.where(Programme.id.in_(mine_as(Part.ASSESSOR)), Appeal.state == AppealState.FILED)
    yield alone.where(or_(Appeal.claim_id.is_(None), Claim.participant_id.not_in(LEFT_TO_OTHERS)))
    told = bond(A.DOUBT_ANSWER, Doubt.id).join_from(Doubt, Programme).join(Claim, Claim.id == Doubt.claim_id)
    told = told.where(Programme.id.in_(mine_as(Part.ASSESSOR)), Doubt.state == DoubtState.WAITING)
    yield told.where(Claim.participant_id.not_in(LEFT_TO_OTHERS), ~_to_be_confirmed().exists())
    found = bond(A.REOPENING_CONFIRM, ReopeningProposal.id).join_from(ReopeningProposal, Programme)
    found = found.where(Programme.id.in_(mine_as(Part.ASSESSOR)), ReopeningProposal.state == ProposalState.WAITING)
    found = found.outerjoin(Claim, Claim.id == ReopeningProposal.claim_id)
    found = found.where(or_(ReopeningProposal.claim_id.is_(None), Claim.participant_id.not_in(LEFT_TO_OTHERS)))
    yield found.where(other_eyes(A.REOPENING_CONFIRM, ReopeningProposal.id))
    waiting = _in_state(Claim, ClaimState.SUBMITTED).where(Claim.participant_id.not_in(LEFT_TO_OTHERS))
    yield _counted(A.CLAIM_VERIFY, Part.ASSESSOR, waiting.where(or_(Claim.programme_id.not_in(BY_BATCH), TO_JUDGE)))
    to_lock = waiting.where(Claim.programme_id.in_(BY_BATCH), Claim.programme_id.not_in(UNDER_WAY))
    yield _counted(A.DOCKET_LOCK, Part.ASSESSOR, to_lock)
    inside = select(DocketItem.claim_id).join(Docket).where(DocketItem.claim_id == Claim.id, Docket.state.in_(UNSIGNED))
    outside = waiting.where(Claim.programme_id.in_(UNDER_WAY), ~inside.exists())
    yield _counted(NEXT_BATCH, Part.ASSESSOR, outside)
    locked = bond(A.DOCKET_DRAW, Docket.id).join_from(Docket, Programme)
    yield locked.where(Programme.id.in_(mine_as(Part.ASSESSOR)), Docket.state == DocketState.LOCKED)
    yield _concluded_next()
    yield _measurements(A.MEASUREMENT_VERIFY, Part.ASSESSOR, ClaimState.SUBMITTED)
    unsigned = [
        _kept(proof, *DECIDED).where(ProofTally.batch_id == NONE, ProofTally.programme_id.not_in(NOT_TO_SIGN))
        for proof in ("claim", "measurement")
    ]
    yield _counted(A.BATCH_SIGN_OFF, Part.ASSESSOR, *unsigned, _waits_for_what_it_requires())
    first = bond(A.BATCH_COUNTER_SIGN, PreparedSignature.id).join_from(PreparedSignature, Programme)
    first = first.where(Programme.id.in_(mine_as(Part.ASSESSOR)), PreparedSignature.state == SignatureState.WAITING)
    first = first.where(Programme.id.not_in(NOT_MINE_TO_SIGN))
    yield first.where(other_eyes(A.BATCH_COUNTER_SIGN, PreparedSignature.id))


def _to_be_confirmed() -> Select[Any]:
    """A reopening of the doubted claim is proposed: that is confirmed or taken back first (`doubting`)."""
    waits = ReopeningProposal.state == ProposalState.WAITING
    return select(ReopeningProposal.id).where(ReopeningProposal.claim_id == Doubt.claim_id, waits)


def _waits_for_what_it_requires() -> Any:
    """To take off what is decided. Looked for only where an approved effect requires another one."""
    requires = cast(Effect.requires, Text).not_in(["[]", "null"])
    approved = _kept("claim", ClaimState.VERIFIED).where(ProofTally.batch_id == NONE)
    leaning = approved.join(Effect, Effect.id == ProofTally.effect_id).where(requires)
    found = select(Claim.programme_id.label("programme_id"), (-func.count()).label("number"))
    found = found.join(Effect, Effect.id == Claim.effect_id).where(requires, WAITS, Claim.batch_id.is_(None))
    found = found.where(Claim.programme_id.in_(leaning.with_only_columns(ProofTally.programme_id)))
    return found.where(Claim.programme_id.not_in(NOT_TO_SIGN)).group_by(Claim.programme_id)


def _decided_by_me() -> Iterator[Select[Any]]:
    """What I had a part in is appealed against: another person decides (`appeal_operations.why_not_decider`)."""
    for proof, key in ((Claim, "claim_id"), (Measurement, "measurement_id")):
        of_appeal = getattr(Appeal, key)
        yield select(proof.id).where(proof.id == of_appeal, proof.decided_by_id == ME)
        signed = select(Batch.id).join(proof, proof.batch_id == Batch.id).where(proof.id == of_appeal)
        yield signed.where(Batch.signed_by_id == ME)
        yield signed.join(PreparedSignature, PreparedSignature.batch_id == Batch.id).where(
            PreparedSignature.counter_signed_by_id == ME
        )
        yield select(Reopening.id).where(getattr(Reopening, key) == of_appeal, Reopening.by_id == ME)
        proposed = select(ReopeningProposal.id).where(getattr(ReopeningProposal, key) == of_appeal)
        confirmed = ReopeningProposal.state == ProposalState.CONFIRMED
        yield proposed.where(ReopeningProposal.proposed_by_id == ME, confirmed)
    yield select(Judgement.id).where(Judgement.claim_id == Appeal.claim_id, Judgement.user_id == ME)
    yield (
        select(Recusal.id)
        .join(Claim, Claim.participant_id == Recusal.participant_id)
        .where(Claim.id == Appeal.claim_id, Recusal.user_id == ME)
    )


def _concluded_next() -> Select[Any]:
    """A batch of which everything that was drawn is decided, or waits for what it requires."""
    undecided = (
        select(DocketItem.claim_id)
        .join(Claim, Claim.id == DocketItem.claim_id)
        .join(Effect, Effect.id == Claim.effect_id)
        .where(DocketItem.docket_id == Docket.id, DocketItem.to_judge, Claim.state.in_(UNDECIDED), ~held_back())
        .where(~DocketItem.is_set_aside)
    )
    found = bond(A.DOCKET_CONCLUDE, Docket.id).join_from(Docket, Programme)
    found = found.where(Programme.id.in_(mine_as(Part.ASSESSOR)), Docket.state == DocketState.CHECKING)
    return found.where(~undecided.exists())


def of_intermediary() -> Iterator[Select[Any]]:
    mine = Programme.id.in_(mine_as(Part.INTERMEDIARY))
    prepared = select(Settlement.programme_id).where(Settlement.state.in_(WITH_PARTIES))
    signed = [_kept(proof, ClaimState.SIGNED_OFF) for proof in ("claim", "measurement")]
    to_settle = _counted(A.SETTLEMENT_PREPARE, Part.INTERMEDIARY, *signed)
    yield to_settle.where(Programme.id.not_in(prepared))
    yield (
        bond(A.SETTLEMENT_CHECK, Settlement.id)
        .join_from(Settlement, Programme)
        .where(mine, Settlement.state == SettlementState.PREPARED, other_eyes(A.SETTLEMENT_CHECK, Settlement.id))
    )
    refused = bond(A.SETTLEMENT_DISCARD, Settlement.id).join_from(Settlement, Programme)
    yield refused.where(mine, is_refused())
    approved = bond(A.PAYMENT_RECEIVE, Statement.id).join_from(
        Statement, Programme, Programme.id == Statement.programme_id
    )
    yield approved.where(mine, Statement.state.in_(OWED), Statement.settlement_id.in_(PAYABLE), BY_HAND)
    yield from of_disputes()
    yield (
        bond(A.CAPITAL_CALL_APPROVE, CapitalCall.id)
        .join_from(CapitalCall, Programme)
        .where(mine, CapitalCall.state == CapitalCallState.PREPARED)
        .where(other_eyes(A.CAPITAL_CALL_APPROVE, CapitalCall.id))
    )
    unpaid = select(CapitalCallPart.capital_call_id).where(CapitalCallPart.received_on.is_(None))
    yield (
        bond(A.CAPITAL_CALL_RECEIVE, CapitalCall.id)
        .join_from(CapitalCall, Programme)
        .where(mine, CapitalCall.state == CapitalCallState.CALLED, CapitalCall.id.in_(unpaid), BY_HAND)
    )
    for kind, model, waits in (
        (A.COST_APPROVE, CostPayment, PaymentState.PREPARED),
        (A.DISTRIBUTION_APPROVE, Distribution, PaymentState.PREPARED),
        (A.GUARANTEE_APPROVE, GuaranteeCall, GuaranteeState.PREPARED),
        (A.DEFAULT_CONFIRM, InvestorDefault, DefaultState.DECLARED),
        (A.CLOSING_APPROVE, Closing, ClosingState.PREPARED),
    ):
        prepared = bond(kind, model.id).join_from(model, Programme).where(mine)
        yield prepared.where(model.state == waits, other_eyes(kind, model.id))
    for words, which in ((APPROVE_BACK, Remittance.kind == BACK), (A.REMITTANCE_APPROVE, Remittance.kind != BACK)):
        prepared = bond(words, Remittance.id).join_from(Remittance, Programme).where(mine, which)
        yield prepared.where(Remittance.state == PaymentState.PREPARED, other_eyes(A.REMITTANCE_APPROVE, Remittance.id))
    guaranteed = bond(A.GUARANTEE_RECEIVE, GuaranteeCall.id).join_from(GuaranteeCall, Programme)
    yield guaranteed.where(mine, GuaranteeCall.state == GuaranteeState.CALLED)
    passed_on = bond(A.ASSIGNMENT_CONSENT, Assignment.id).join_from(Assignment, Programme)
    yield passed_on.where(mine, Assignment.state == AssignmentState.ACCEPTED)


def of_disputes() -> Iterator[Select[Any]]:
    """Of the intermediary: a dispute to answer, then a correction for a second pair of eyes."""
    for kind, state in ((A.DISPUTE_ANSWER, DisputeState.RAISED), (A.DISPUTE_CONFIRM, DisputeState.ANSWERED)):
        found = bond(kind, Dispute.id).select_from(Dispute).join(Programme, Programme.id == Dispute.programme_id)
        found = found.where(Programme.id.in_(mine_as(Part.INTERMEDIARY)), Dispute.state == state)
        yield found.where(other_eyes(kind, Dispute.id)) if kind == A.DISPUTE_CONFIRM else found


def of_payer() -> Iterator[Select[Any]]:
    """A municipality approves what it owes for its own residents, then pays it."""
    amount = Statement.amount_minor
    yield (
        _owed(bond(A.STATEMENT_APPROVE, Statement.id, due=(amount, None)), StatementState.OPEN)
        .join(Settlement, Settlement.id == Statement.settlement_id)
        .where(Settlement.state == SettlementState.CHECKED, ~is_refused())
    )
    last_day = select(func.min(Invoice.due_on)).where(Invoice.statement_id == Statement.id).scalar_subquery()
    approved = bond(PAY, Statement.id, until=Statement.approved_at, due=(outstanding(), last_day))
    yield _owed(approved, *WITHOUT_DISPUTE).where(amount > 0, Statement.settlement_id.in_(PAYABLE))


def _owed(found: Select[Any], *states: StatementState) -> Select[Any]:
    found = found.select_from(Statement).join(Programme, Programme.id == Statement.programme_id)
    return found.where(Statement.payer_id.in_(ORGANISATIONS), Statement.state.in_(states))


def of_investor() -> Iterator[Select[Any]]:
    committed = select(Commitment.round_id).where(
        Commitment.organisation_id.in_(ORGANISATIONS),
        Commitment.state.in_([CommitmentState.SIGNED_ONCE, CommitmentState.COMMITTED, CommitmentState.ALLOTTED]),
    )
    yield (
        bond(A.COMMITMENT_COMMIT, Round.id)
        .join_from(Round, Programme)
        .where(Programme.id.in_(mine_as(Part.INVESTOR)), Round.state == RoundState.OPEN, Round.closes_on >= TODAY)
        .where(Round.id.not_in(committed))
    )
    half = bond(A.COMMITMENT_CO_SIGN, Commitment.id).join_from(Commitment, Programme)
    half = half.where(Commitment.organisation_id.in_(ORGANISATIONS), Commitment.state == CommitmentState.SIGNED_ONCE)
    half = half.where(mandated(Commitment.organisation_id, SignedKind.COMMITMENT))
    yield half.where(other_eyes(A.COMMITMENT_CO_SIGN, Commitment.id))
    offered = bond(A.ASSIGNMENT_ACCEPT, Assignment.id).join_from(Assignment, Programme)
    yield offered.where(Assignment.receiver_id.in_(ORGANISATIONS), Assignment.state == AssignmentState.PROPOSED)
    second = bond(A.ASSIGNMENT_CO_SIGN, Assignment.id).join_from(Assignment, Programme)
    gives = and_(Assignment.giver_id.in_(ORGANISATIONS), Assignment.state == AssignmentState.SIGNED_ONCE)
    takes = and_(Assignment.receiver_id.in_(ORGANISATIONS), Assignment.state == AssignmentState.ACCEPTED_ONCE)
    yield second.where(or_(gives, takes), other_eyes(A.ASSIGNMENT_CO_SIGN, Assignment.id))
    asked = bond(PAY_IN, CapitalCall.id, due=(func.sum(CapitalCallPart.amount_minor), func.min(DUE_ON)))
    yield (
        asked.select_from(CapitalCallPart)
        .join(CapitalCall, CapitalCall.id == CapitalCallPart.capital_call_id)
        .join(Programme, Programme.id == CapitalCall.programme_id)
        .where(CapitalCallPart.organisation_id.in_(ORGANISATIONS), CapitalCallPart.received_on.is_(None))
        .where(CapitalCall.state == CapitalCallState.CALLED)
        .group_by(CapitalCall.id, Programme.title, Programme.currency, Programme.illustrative)
    )

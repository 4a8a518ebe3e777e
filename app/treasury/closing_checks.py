"""What must be behind a bond before it can be closed, as a list that the page shows.

A package that stands above the treasury may bring checks of its own: `checks(programme)` in its `before_closing.py`;
the portal collects them at the start, as it does due work. No counts: few undecided effects would tell of
single people.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app.core import clock
from app.core.format import day
from app.extensions import db
from app.intake.models import Referral
from app.intake.states import WAITING
from app.ledger.balances import sums_of
from app.ledger.models import AccountKind
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import OPEN, ClaimState
from app.programmes.models import Programme
from app.settlement.claw_back_queries import back_of
from app.settlement.dispute_models import Dispute
from app.settlement.late import last_claims_on
from app.settlement.models import Settlement, SettlementLine
from app.settlement.states import STANDING, DisputeState, SettlementState
from app.treasury.assignment import Assignment
from app.treasury.at_bank import is_bank_read
from app.treasury.default import InvestorDefault
from app.treasury.guarantee import GuaranteeCall
from app.treasury.guarantee_operations import guarantee_due, still_distributable_minor
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution
from app.treasury.on_its_way import gone_out
from app.treasury.other_receipt import OtherReceipt
from app.treasury.plan import guarantee_to_distribute
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import (
    UNDECIDED,
    CapitalCallState,
    DefaultState,
    GuaranteeState,
    OtherReceiptState,
    PaymentState,
    RemittanceKind,
)
from app.verification.appeal_models import Appeal
from app.verification.appeal_operations import appeals_until
from app.verification.appeal_states import AppealState, DoubtState, ProposalState
from app.verification.doubt_models import Doubt
from app.verification.models import Docket
from app.verification.reopening_models import ReopeningProposal
from app.verification.states import UNSIGNED


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so: `label` says it when it is; `is_met`; `endpoint` is where it is seen to; `note`: what
    is to be known besides."""

    label: Any
    is_met: bool
    endpoint: str = "treasury.index"
    note: str = ""


Checks = Callable[[Programme], Iterator[Check]]


def checks(programme: Programme) -> list[Check]:
    """Everything, in the order in which it is done."""
    own: tuple[Checks, ...] = (_effects, _settlements, _payments, _money)
    return [one for group in (*own, *current_app.extensions["closing checks"]) for one in group(programme)]


def in_the_way(programme: Programme) -> list[Check]:
    return [one for one in checks(programme) if not one.is_met]


def _none(found: Select[Any]) -> bool:
    return db.session.execute(found.limit(1)).first() is None


def _effects(programme: Programme) -> Iterator[Check]:
    over = clock.today() > programme.tail_until
    yield Check(_("Effects accrue no more (until %(day)s)", day=day(programme.tail_until)), over, "programmes.show")
    waiting = select(Referral.id).where(Referral.programme_id == programme.id, Referral.state.in_(WAITING))
    yield Check(_("Every referral is decided"), _none(waiting), "intake.index")
    undecided = [
        select(kind.id).where(kind.programme_id == programme.id, kind.state.in_(OPEN)) for kind in (Claim, Measurement)
    ]
    last = last_claims_on(programme)
    can_come = "" if clock.today() > last else _("Evidence may be dated until %(day)s.", day=day(last))
    yield Check(_("No claim can come any more"), not can_come, "outcomes.index", can_come)
    yield Check(_("Every effect is decided"), all(map(_none, undecided)), "outcomes.index")
    appeals = select(Appeal.id).filter_by(programme_id=programme.id, state=AppealState.FILED)
    reopenings = select(ReopeningProposal.id).filter_by(programme_id=programme.id, state=ProposalState.WAITING)
    decided = _none(appeals) and _none(reopenings)
    yield Check(_("No appeal and no reopening waits for a decision"), decided, "outcomes.index")
    doubts = select(Doubt.id).filter_by(programme_id=programme.id, state=DoubtState.WAITING)
    yield Check(_("No doubt about a signed-off effect waits for the assessor"), _none(doubts), "outcomes.index")
    term = appeals_until(programme)
    over = term is None or clock.today() > term
    runs = "" if over else _("It runs until %(day)s.", day=day(term))
    yield Check(_("No term of appeal runs"), over, "outcomes.index", runs)
    dockets = select(Docket.id).where(Docket.programme_id == programme.id, Docket.state.in_(UNSIGNED))
    yield Check(_("Every batch is signed off"), _none(dockets), "outcomes.index")


def _settlements(programme: Programme) -> Iterator[Check]:
    unsettled = [
        select(kind.id).where(kind.programme_id == programme.id, kind.state == ClaimState.SIGNED_OFF)
        for kind in (Claim, Measurement)
    ]
    yield Check(_("Every proven effect is settled"), all(map(_none, unsettled)), "settlement.index")
    taken_back = _none(not_taken_back(programme)) and not _rest_minor(programme)
    yield Check(_("What was paid for effects that no longer count is taken back"), taken_back, "settlement.index")
    under_way = (SettlementState.PREPARED, SettlementState.CHECKED, SettlementState.APPROVED)
    unpaid = select(Settlement.id).where(Settlement.programme_id == programme.id, Settlement.state.in_(under_way))
    yield Check(_("Every settlement is paid"), _none(unpaid), "settlement.index")
    disputes = select(Dispute.id).where(
        Dispute.programme_id == programme.id, Dispute.state.in_((DisputeState.RAISED, DisputeState.ANSWERED))
    )
    yield Check(_("No statement is disputed"), _none(disputes), "settlement.index")


def nothing_comes(programme: Programme) -> bool:
    """Every effect is decided and settled, and every municipality paid: no more comes in from them, nor is anything in
    hand of it that a distribution would give to investors."""
    owed = sums_of(programme.id).total(AccountKind.RECEIVABLE)
    done = all(one.is_met for group in (_effects, _settlements) for one in group(programme))
    return done and not owed and not still_distributable_minor(programme)


def why_perhaps_less(programme: Programme) -> str | None:
    """Why less capital may lack in the end than it does now, for whoever calls the guarantee."""
    last = last_claims_on(programme)
    if clock.today() <= last:
        why = _("Claims may still come: evidence may be dated until %(day)s.", day=day(last))
    elif not all(one.is_met for group in (_effects, _settlements) for one in group(programme)):
        why = _("Not every effect is decided, settled and paid.")
    else:
        return None
    return why + " " + _(
        "What municipalities still pay lowers what lacks, so this amount may be too high. What is not needed goes back "
        "to the guarantor."
    )


def not_taken_back(programme: Programme) -> Select[Any]:
    """The effects that were reopened and for which more was settled than was taken back."""
    proof = func.coalesce(SettlementLine.claim_id, SettlementLine.measurement_id)
    found = select(proof).join(SettlementLine.settlement)
    found = found.outerjoin(SettlementLine.claim).outerjoin(SettlementLine.measurement)
    state = func.coalesce(Claim.state, Measurement.state)
    found = found.where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    found = found.where(state == ClaimState.REOPENED.value)
    return found.group_by(proof).having(func.sum(SettlementLine.paid_minor) != 0)


def _rest_minor(programme: Programme) -> int:
    """What the newest settlement found to be taken back, and did not (minor units)."""
    found = select(Settlement).where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    last = db.session.scalars(found.order_by(Settlement.number.desc()).limit(1)).unique().first()
    back = back_of(last) if last is not None else None
    return back.rest_minor if back is not None else 0


def _payments(programme: Programme) -> Iterator[Check]:
    def of(model: Any, *states: Any) -> Select[Any]:
        return select(model.id).where(model.programme_id == programme.id, model.state.in_(states))

    yield Check(_("Every capital call is paid in, or its default confirmed"), _calls_are_done(programme))
    prepared = [of(model, PaymentState.PREPARED) for model in (CostPayment, Distribution, Remittance)]
    yield Check(_("No payment waits for a second person"), all(map(_none, prepared)))
    doubted = of(OtherReceipt, OtherReceiptState.REVERSING)
    yield Check(_("No receipt waits to be taken back"), _none(doubted), "treasury.credits")
    yield Check(_("No commitment is changing hands"), _none(of(Assignment, *UNDECIDED)), "treasury.holding")
    back = select(ReturnedPayment.id).where(ReturnedPayment.programme_id == programme.id, *ReturnedPayment.waiting())
    yield Check(_("No payment that came back waits to be paid again"), _none(back), "bank.index")
    asked = of(GuaranteeCall, GuaranteeState.PREPARED, GuaranteeState.CALLED)
    yield Check(_("What the guarantee covers is called and paid in"), _none(asked) and guarantee_due(programme) is None)


def _calls_are_done(programme: Programme) -> bool:
    prepared = select(CapitalCall.id).filter_by(programme_id=programme.id, state=CapitalCallState.PREPARED)
    lost = select(InvestorDefault.part_id).where(InvestorDefault.state == DefaultState.CONFIRMED)
    open_parts = (
        select(CapitalCallPart.id)
        .join(CapitalCall)
        .where(CapitalCall.programme_id == programme.id, CapitalCall.state == CapitalCallState.CALLED)
        .where(CapitalCallPart.received_on.is_(None), CapitalCallPart.id.not_in(lost))
    )
    declared = select(InvestorDefault.id).filter_by(programme_id=programme.id, state=DefaultState.DECLARED)
    return all(map(_none, (prepared, open_parts, declared)))


def _money(programme: Programme) -> Iterator[Check]:
    sums = sums_of(programme.id)
    yield Check(_("Municipalities owe nothing"), sums.total(AccountKind.RECEIVABLE) == 0)
    credit = sums.total(AccountKind.PAYER_CREDIT)
    yield Check(_("Nothing is owed back to a municipality or an investor"), credit == 0, "treasury.credits")
    vat = sums.total(AccountKind.VAT)
    owing = (
        _("The tax authority has paid back the VAT that it owes") if vat < 0 else _("VAT is paid to the tax authority")
    )
    yield Check(owing, vat == 0 and _vat_has_gone(programme))
    given = still_distributable_minor(programme) == 0 and not guarantee_to_distribute(programme)
    yield Check(_("All that investors are owed is distributed"), given)
    yield Check(_("The account of the bond is at zero in the books"), sums.total(AccountKind.BANK) == 0)


def _vat_has_gone(programme: Programme) -> bool:
    """Approved is not paid: where the bank is read a line of it shows every payment of VAT."""
    if not is_bank_read(programme.id):
        return True
    parts = select(RemittancePart.id).join(Remittance).where(Remittance.programme_id == programme.id)
    parts = parts.where(Remittance.kind == RemittanceKind.VAT, Remittance.state == PaymentState.APPROVED)
    paid = list(db.session.scalars(parts))
    return gone_out(paid) == set(paid)

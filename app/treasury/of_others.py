"""What of the money on the account is neither the investors' nor the municipalities': VAT and the guarantor's."""

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import aliased

from app.capital.models import Tranche
from app.extensions import db
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.settlement.dispute_models import Correction
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.treasury.models import Distribution, DistributionPart
from app.treasury.returned import or_again
from app.treasury.states import PaymentState


def vat_shares(bank: uuid.UUID) -> dict[uuid.UUID, int]:
    """By transfer, the VAT in what a municipality paid or set off (minor units). A part of a statement holds its part
    of the VAT, rounded down until the last, as in `treasury.vat`; what was taken back held what was booked."""
    lower = select(Correction.statement_id, func.sum(Correction.amount_minor).label("amount_minor"))
    lower = lower.add_columns(func.sum(Correction.vat_minor).label("vat_minor"))
    less = lower.group_by(Correction.statement_id).subquery()
    owed = Statement.amount_minor - func.coalesce(less.c.amount_minor, 0)
    vat = Statement.vat_minor - func.coalesce(less.c.vat_minor, 0)
    paid_with = StatementPayment.id, StatementPayment.amount_minor, StatementPayment.takes_back_id
    found = select(*paid_with, Statement.id, owed, vat).join(Statement)
    found = found.outerjoin(less, less.c.statement_id == Statement.id)
    found = found.where(Statement.programme_id == _bond(bank), Statement.vat_minor > 0)
    shares: dict[uuid.UUID, int] = {}
    paid: Counter[uuid.UUID] = Counter()
    held: Counter[uuid.UUID] = Counter()
    for id, minor, undone, of, whole, of_vat in db.session.execute(found.order_by(StatementPayment.created_at)):
        paid[of] += minor
        share = -shares[undone] if undone is not None else int(of_vat) * paid[of] // max(int(whole), 1) - held[of]
        held[of] += share
        shares[id] = abs(share)
    return shares


@dataclass(frozen=True, slots=True)
class Freed:
    """From this moment so much of it is meant for distributions (minor units): VAT that a settlement took back, or of
    the guarantor's money what the distribution `id` pays out."""

    id: uuid.UUID
    at: datetime
    amount_minor: int
    kind: AccountKind


def freed(bank: uuid.UUID) -> list[Freed]:
    """In the order of the books."""
    vat, credit = aliased(Account), aliased(Account)
    back = select(Transfer.id, Transfer.created_at, Transfer.amount_minor, literal(False))
    back = back.join(vat, vat.id == Transfer.debit_id).join(credit, credit.id == Transfer.credit_id)
    back = back.where(vat.programme_id == _bond(bank), vat.kind == AccountKind.VAT)
    back = back.where(credit.kind == AccountKind.PAYER_CREDIT, Transfer.kind == TransferKind.POSTED)
    paid_out = select(Distribution.id, Distribution.decided_at, Distribution.guarantee_minor, literal(True))
    paid_out = paid_out.where(Distribution.programme_id == _bond(bank), Distribution.guarantee_minor > 0)
    paid_out = paid_out.where(Distribution.state == PaymentState.APPROVED)
    found = [
        Freed(id, at, int(minor), AccountKind.GUARANTEE if is_guarantee else AccountKind.VAT)
        for id, at, minor, is_guarantee in db.session.execute(back.union_all(paid_out))
    ]
    return sorted(found, key=lambda one: (one.at, one.id))


def guaranteed_parts(distributions: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """By part of these distributions in a tranche with a guarantee, and by what was paid again in its place, the
    distribution: its capital is paid of the guarantor's money as far as that reaches."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for id in distributions:
        parts = select(DistributionPart.id).join(Tranche, Tranche.id == DistributionPart.tranche_id)
        parts = parts.where(DistributionPart.distribution_id == id, Tranche.guarantee_minor > 0)
        found |= dict.fromkeys(db.session.scalars(or_again(parts)), id)
    return found


def _bond(bank: uuid.UUID) -> Any:
    return select(Account.programme_id).where(Account.id == bank).scalar_subquery()

"""VAT paid on, what is left at the end, money of the guarantor that was not needed: two people, as every payment."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.capital.models import standing_round
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.money import share
from app.core.operation import operation
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import bank_minor, owed_to_payers, sums_of, waiting_for
from app.ledger.models import AccountKind
from app.people.models import Organisation, User
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import StatementState
from app.treasury import ending_notices, notices
from app.treasury.account import outside_account
from app.treasury.guarantee_operations import guarantee_due, why_too_early
from app.treasury.in_hand import free_minor, vat_to_pay_on
from app.treasury.models import CostPayment
from app.treasury.plan import guarantee_in_hand, guarantee_paid_out, guarantee_to_distribute
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.states import REMITTANCE_FLOW, PaymentState, RemittanceKind

ACCOUNTS = {
    RemittanceKind.VAT: AccountKind.VAT,
    RemittanceKind.EXCESS: AccountKind.EXCESS,
    RemittanceKind.GUARANTEE_BACK: AccountKind.GUARANTEE,
    RemittanceKind.PAYER_BACK: AccountKind.PAYER_CREDIT,
}
OUTSIDE = (RemittanceKind.VAT, RemittanceKind.GUARANTEE_BACK)  # the receiver is no party: its account is named here
BASIS_POINTS = 10_000
Receiver = tuple[Organisation | None, str, int]


def remittable_minor(programme: Programme, kind: RemittanceKind) -> int:
    """What can be paid of this kind now (minor units)."""
    if kind == RemittanceKind.VAT:
        return vat_to_pay_on(programme.id, sums_of(programme.id).vat())
    if kind == RemittanceKind.GUARANTEE_BACK:
        return guarantee_in_hand(programme)
    if kind == RemittanceKind.PAYER_BACK:
        return sum(payable_back(programme).values())
    return free_minor(programme.id) - guarantee_in_hand(programme)


def why_no_remittance(programme: Programme, kind: RemittanceKind) -> str | None:
    """Why nothing of this kind can be paid now."""
    if kind == RemittanceKind.PAYER_BACK and owed_to_payers(programme.id):
        return None if payable_back(programme) else why_not_all_back(programme)
    if remittable_minor(programme, kind) <= 0:
        if kind == RemittanceKind.VAT and sums_of(programme.id).vat() > 0:
            return _("Municipalities have not paid this VAT yet: there is nothing to pay on.")
        return _("There is nothing to pay.")
    if kind == RemittanceKind.VAT:
        return None
    paid_out = guarantee_paid_out(programme) and not guarantee_to_distribute(programme)
    if kind == RemittanceKind.GUARANTEE_BACK and not paid_out:
        return _("First the last distribution pays out what the guarantee covers.")
    if kind == RemittanceKind.EXCESS and guarantee_due(programme) is not None:
        return _("Investors still lack capital that the guarantee covers: call the guarantee first.")
    return why_too_early(programme)


def payable_back(programme: Programme) -> dict[uuid.UUID, int]:
    """What can be paid back now, by party (minor units): each all that it is owed, as many of them as the money that is
    there for it reaches, the smallest amounts first, equal ones by name. Capital and costs are not touched for it."""
    there, paid = _there_for_payers(programme), {}
    owed = owed_to_payers(programme.id)
    named = select(Organisation.id).where(Organisation.id.in_(owed)).order_by(Organisation.name, Organisation.id)
    for id, minor in sorted(((id, owed[id]) for id in db.session.scalars(named)), key=lambda one: one[1]):
        if 0 < minor <= there:
            paid[id], there = minor, there - minor
    return paid


def why_not_all_back(programme: Programme) -> str | None:
    """Why somebody is not paid back now; None where everybody can be."""
    there, owed = max(_there_for_payers(programme), 0), sum(owed_to_payers(programme.id).values())
    if owed <= there:
        return None
    return _(
        "The account holds %(there)s that may be used for it, %(owed)s is owed. Book what a service provider or the "
        "tax authority pays back, or call capital.",
        there=notices.shown(there, programme),
        owed=notices.shown(owed, programme),
    )


def _there_for_payers(programme: Programme) -> int:
    sums = sums_of(programme.id)
    return sums.total(AccountKind.BANK) - sums.pending() - max(sums.vat(), 0) - guarantee_in_hand(programme)


@operation
def prepare_remittance(
    programme: Programme,
    kind: RemittanceKind,
    amount_minor: int,
    reference: str = "",
    iban: str = "",
    *,
    actor: User,
    once: uuid.UUID,
) -> Remittance:
    """Set `amount_minor` aside for its receivers. What is left at the end, and what goes back to the guarantor, is
    paid whole, and so is each municipality that can be paid back; VAT may be paid in parts, as it is declared, and only
    what municipalities paid of it.

    `iban`: the account of a receiver that is no party of the portal (`OUTSIDE`). Refused where it is no valid one, and
    for an account of the bond or of a party, which are paid otherwise."""
    existing = db.session.get(Remittance, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    reason = why_no_remittance(programme, kind)
    if reason is not None:
        raise NotNow(reason)
    there = remittable_minor(programme, kind)
    if amount_minor > there or (kind != RemittanceKind.VAT and amount_minor != there):
        shown = notices.shown(there, programme)
        raise Refused(_("To be paid is %(amount)s.", amount=shown), "amount")
    account = outside_account(programme, iban) if kind in OUTSIDE and iban else ""
    made = Remittance(id=once, programme=programme, kind=kind, amount_minor=amount_minor, reference=reference)
    db.session.add(made)
    for position, (organisation, name, amount) in enumerate(receivers(programme, kind, amount_minor), start=1):
        _set_aside(made, position, organisation, name, amount, account, actor)
    told: dict[str, Any] = {"iban": account} if account else {}
    record(Action.REMITTANCE_PREPARE, made, actor, on_behalf_of=programme, kind=kind, amount=amount_minor, **told)
    notices.tell_prepared(made, Action.REMITTANCE_PREPARE, "treasury.remittance", actor)
    return made


def receivers(programme: Programme, kind: RemittanceKind, amount_minor: int) -> list[Receiver]:
    """Who gets how much of it: (organisation where it is one of the portal, name, minor units)."""
    if kind == RemittanceKind.VAT:
        return [(None, _("Tax authority"), amount_minor)]
    if kind == RemittanceKind.GUARANTEE_BACK:
        round = db.session.scalar(standing_round(programme.id))
        names = {one.guarantor for one in round.tranches if one.guarantee_minor} if round is not None else set()
        return [(None, ", ".join(sorted(names)), amount_minor)]
    if kind == RemittanceKind.PAYER_BACK:
        owed = [(db.session.get_one(Organisation, id), minor) for id, minor in payable_back(programme).items()]
        return sorted(((one, one.name, minor) for one, minor in owed), key=lambda row: row[1])
    return [(organisation, organisation.name, part) for organisation, part in excess_of(programme, amount_minor)]


def excess_of(programme: Programme, amount_minor: int) -> list[tuple[Organisation, int]]:
    """What is left, split as the round says: the service providers' part by the running costs that each was paid, the
    municipalities' by what each paid; where nobody paid or was paid anything, by residents in the cohort."""
    round = db.session.scalar(standing_round(programme.id))
    of_providers = round.excess_to_providers_bp if round is not None else 0
    paid = select(Statement.payer_id, func.sum(StatementPayment.amount_minor)).join(StatementPayment)
    payers = dict(_sums(paid.where(Statement.programme_id == programme.id).group_by(Statement.payer_id)))
    owed_back = select(Statement.payer_id, func.sum(Statement.amount_minor)).where(
        Statement.programme_id == programme.id, Statement.amount_minor < 0, Statement.state == StatementState.PAID
    )
    for id, minor in _sums(owed_back.group_by(Statement.payer_id)).items():
        payers[id] = max(payers.get(id, 0) + minor, 0)
    costs = select(CostPayment.organisation_id, func.sum(CostPayment.amount_minor)).where(
        CostPayment.programme_id == programme.id, CostPayment.state == PaymentState.APPROVED
    )
    providers = _sums(costs.group_by(CostPayment.organisation_id))
    if not any(payers.values()):
        payers = {one.organisation_id: one.cohort_size for one in programme.shares}
    if not providers:
        of_providers = 0
    to_providers, to_payers = share(amount_minor, [of_providers, BASIS_POINTS - of_providers])
    found: list[tuple[Organisation, int]] = []
    for part, weights in ((to_payers, payers), (to_providers, providers)):
        if part:
            split = share(part, list(weights.values()))
            found += [
                (db.session.get_one(Organisation, id), amount)
                for id, amount in zip(weights, split, strict=True)
                if amount
            ]
    return found


def _sums(found: object) -> Mapping[uuid.UUID, int]:
    rows = db.session.execute(found).all()  # type: ignore[call-overload]
    return {id: int(minor) for id, minor in sorted(rows, key=lambda row: str(row[0]))}


def _set_aside(
    made: Remittance, position: int, organisation: Organisation | None, name: str, amount: int, iban: str, actor: User
) -> None:
    facts = {"position": position, "organisation": organisation, "receiver": name, "amount_minor": amount}
    part = RemittancePart(remittance=made, iban=iban, **facts)
    db.session.add(part)
    db.session.flush()
    programme = made.programme
    of = organisation.id if organisation is not None else None
    posting.prepare(
        posting.account(programme.id, ACCOUNTS[made.kind], of, programme.currency),
        posting.account(programme.id, AccountKind.BANK, None, programme.currency),
        amount,
        part,
        entered_by=actor,
        once=uuid.uuid5(part.id, "prepared"),
        reference=made.reference,
    )


@operation
def approve_remittance(remittance: Remittance, *, actor: User, version: int | None = None) -> None:
    """A second person approves: the money leaves the bank account, and each receiver on the portal is told."""
    remittance.expect_version(version)
    REMITTANCE_FLOW.advance(remittance, Action.REMITTANCE_APPROVE)
    if remittance.amount_minor > bank_minor(remittance.programme_id):
        raise NotNow(_("The bank account does not hold this amount any more."))
    remittance.decided_at = clock.now()
    for pending in waiting_for(RemittancePart.__tablename__, *(part.id for part in remittance.parts)):
        posting.post_pending(pending, entered_by=actor)
    record(Action.REMITTANCE_APPROVE, remittance, actor, kind=remittance.kind, amount=remittance.amount_minor)
    ending_notices.tell_remitted(remittance)


@operation
def reject_remittance(remittance: Remittance, reason: str, *, actor: User) -> None:
    """Nothing is paid; what was set aside is free again."""
    REMITTANCE_FLOW.advance(remittance, Action.REMITTANCE_REJECT)
    remittance.decided_at, remittance.rejected_because = clock.now(), reason
    for pending in waiting_for(RemittancePart.__tablename__, *(part.id for part in remittance.parts)):
        posting.void_pending(pending, entered_by=actor)
    record(Action.REMITTANCE_REJECT, remittance, actor, reason=reason)
    notices.tell_rejected(remittance, Action.REMITTANCE_REJECT, "treasury.remittance", reason)

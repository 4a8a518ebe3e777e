"""The clause about intake: how many residents each municipality refers per month, and what a missing one costs.

The plan is kept with the draft and frozen in the terms at the offer. A compensation is a fee of the price table, so
that its rate was published beforehand and it is claimed, verified and settled like an effect. Source: the domain,
section 3 (intake guarantee, compensation for shortfall).
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.agreements.models import Agreement
from app.agreements.states import FLOW
from app.core.errors import Refused, refuse_with
from app.core.operation import operation
from app.people.models import User
from app.pricing.models import Effect, EffectKind, PriceTable
from app.programmes.models import Programme

Months = Mapping[str, int]  # "2026-01": how many


@dataclass(frozen=True, slots=True)
class IntakeClause:
    """`plan` by organisation id. `tolerance_bp` of what is planned may be missing without a compensation (basis
    points). `effect`: the code of the fee for one missing place; empty: no compensation."""

    plan: Mapping[uuid.UUID, Months]
    tolerance_bp: int = 0
    effect: str = ""

    def planned(self, payer: uuid.UUID | str, month: str) -> int:
        return self.plan.get(uuid.UUID(str(payer)), {}).get(month, 0)

    def total(self, payer: uuid.UUID | str, until: str = "9999-12") -> int:
        """Planned for one municipality up to and including the month `until`."""
        months = self.plan.get(uuid.UUID(str(payer)), {})
        return sum(number for month, number in months.items() if month <= until)


def clause_of(agreement: Agreement) -> IntakeClause | None:
    """The clause as it was agreed, or as the draft has it; none where the agreement has no plan."""
    kept = agreement.terms.get("intake") if agreement.terms else agreement.intake
    if not kept:
        return None
    plan = {uuid.UUID(payer): months for payer, months in kept["plan"].items()}
    return IntakeClause(plan, kept["tolerance_bp"], kept["effect"])


def clause_now(agreement: Agreement) -> IntakeClause | None:
    """The clause as it counts: nobody refers after the end, so when the agreement ends early its later months go."""
    clause = clause_of(agreement)
    return until_the_end(agreement, clause) if clause is not None else None


def until_the_end(agreement: Agreement, clause: IntakeClause) -> IntakeClause:
    """Without the months that an early end cuts off or cuts short: only whole months are compared with a plan."""
    ends_on = agreement.programme.ends_on
    if ends_on >= agreed_end(agreement):
        return clause
    first_gone = (ends_on + timedelta(days=1)).strftime("%Y-%m")
    plan = {
        payer: {month: number for month, number in months.items() if month < first_gone}
        for payer, months in clause.plan.items()
    }
    return replace(clause, plan=plan)


def agreed_end(agreement: Agreement, day: str = "ends_on") -> date:
    """The last day of the intake (or `tail_until`: of the effects) as it was signed, also after an early end."""
    said = (agreement.terms.get("programme") or {}).get(day)
    now: date = getattr(agreement.programme, day)
    return date.fromisoformat(said) if said else now


def fees_of(table: PriceTable) -> list[Effect]:
    return [effect for effect in table.effects if effect.kind == EffectKind.FEE]


def months_of(programme: Programme, ends_on: date | None = None) -> list[str]:
    """The months in which participants may start."""
    return [day.strftime("%Y-%m") for day in _firsts(programme.starts_on, ends_on or programme.ends_on)]


def _firsts(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = next_month(month)


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def even_plan(programme: Programme, ends_on: date | None = None) -> dict[uuid.UUID, dict[str, int]]:
    """The places of each municipality spread evenly over the months, the first months a little fuller."""
    months = months_of(programme, ends_on)
    found = {}
    for share in programme.shares:
        each, rest = divmod(share.cohort_size, len(months))
        found[share.organisation_id] = {month: each + (at < rest) for at, month in enumerate(months)}
    return found


@operation
def plan_intake(agreement: Agreement, clause: IntakeClause, *, actor: User, version: int | None = None) -> None:
    """Set the clause while the agreement is a draft.

    Refused when a municipality's months do not add up to its part of the cohort, or for a fee that is not in the table.
    """
    agreement.expect_version(version)
    FLOW.advance(agreement, Action.AGREEMENT_PLAN_INTAKE)
    check_clause(agreement.programme, agreement.table, clause)
    agreement.intake = stored(clause)
    record(
        Action.AGREEMENT_PLAN_INTAKE,
        agreement,
        actor,
        tolerance_bp=clause.tolerance_bp,
        effect=clause.effect,
        planned=sum(sum(months.values()) for months in clause.plan.values()),
    )


def check_clause(programme: Programme, table: PriceTable, clause: IntakeClause) -> None:
    refuse_with(list(_faults(programme, table, clause)))


def _faults(programme: Programme, table: PriceTable, clause: IntakeClause) -> Iterator[Refused]:
    months = set(months_of(programme))
    shares = {share.organisation_id: share for share in programme.shares}
    if set(clause.plan) != set(shares) or any(set(one) - months for one in clause.plan.values()):
        yield Refused(_("The plan is for the municipalities and the months of this bond."))
        return
    for payer, planned in clause.plan.items():
        size, found = shares[payer].cohort_size, sum(planned.values())
        if found != size or min(planned.values(), default=0) < 0:
            name = shares[payer].organisation.name
            words = {"name": name, "found": found, "size": size}
            yield Refused(_("%(name)s: the months add up to %(found)d, its part is %(size)d.", **words))
    if not 0 <= clause.tolerance_bp <= 10_000:
        yield Refused(_("Give a percentage from 0 to 100."), "tolerance")
    if clause.effect and clause.effect not in {effect.code for effect in fees_of(table)}:
        yield Refused(_("Choose a fee of the table in the agreement."), "effect")


def stored(clause: IntakeClause) -> dict[str, Any]:
    """Months without anybody are left out."""
    plan = {str(payer): {month: n for month, n in months.items() if n} for payer, months in clause.plan.items()}
    return {"plan": plan, "tolerance_bp": clause.tolerance_bp, "effect": clause.effect}

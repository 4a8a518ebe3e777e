"""Running costs against the budget of the winning plans: what each provider said to spend per year, and on what."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from app.agreements.models import agreement_in_force
from app.core import clock
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Programme
from app.treasury.models import CostPayment
from app.treasury.states import PaymentState


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One provider in one calendar year; `paid_minor` counts what waits for a second person too (minor units).
    `what`: the posts and milestones that the budget names."""

    organisation: Organisation
    year: int
    budgeted_minor: int
    paid_minor: int
    what: str

    @property
    def left_minor(self) -> int:
        """Below zero: over the budget."""
        return self.budgeted_minor - self.paid_minor


def budget_lines(programme: Programme, of: uuid.UUID | None = None) -> list[BudgetLine]:
    """By provider and year, from the second envelopes of the plans that won; none where nothing was tendered or no
    budget was asked. `of`: one provider alone."""
    budgeted, what = _budget(programme)
    paid = _paid(programme)
    keys = sorted({*budgeted, *(key for key in paid if budgeted)}, key=lambda key: (key[1], str(key[0])))
    known = select(Organisation).where(Organisation.id.in_({id for id, _year in keys}))
    names = {one.id: one for one in db.session.scalars(known)}
    return [
        BudgetLine(names[id], year, budgeted.get((id, year), 0), paid.get((id, year), 0), "; ".join(what[id, year]))
        for id, year in keys
        if id in names and (of is None or id == of)
    ]


Key = tuple[uuid.UUID, int]


def _budget(programme: Programme) -> tuple[dict[Key, int], dict[Key, list[str]]]:
    found: dict[Key, int] = defaultdict(int)
    what: dict[Key, list[str]] = defaultdict(list)
    agreement = db.session.scalars(agreement_in_force(programme.id)).unique().one_or_none()
    winners = agreement.evaluation.winners() if agreement is not None and agreement.evaluation is not None else []
    for line in (line for winner in winners for line in (winner.discount or {}).get("budget", ())):
        key = uuid.UUID(line["organisation_id"]), int(line["year"])
        found[key] += int(line["amount_minor"])
        if line.get("what"):
            what[key].append(line["what"])
    return found, what


def _paid(programme: Programme) -> dict[Key, int]:
    found: dict[Key, int] = defaultdict(int)
    costs = select(CostPayment.organisation_id, CostPayment.created_at, CostPayment.amount_minor).where(
        CostPayment.programme_id == programme.id, CostPayment.state != PaymentState.REJECTED
    )
    for organisation_id, at, amount_minor in db.session.execute(costs):
        found[organisation_id, at.astimezone(clock.LOCAL).year] += amount_minor
    return found

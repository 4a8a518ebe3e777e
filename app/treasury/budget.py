"""Running costs against the budget of the winning plans or, where nothing was tendered, of the agreement: what each
provider may spend per year, and on what; and against the milestones that were agreed, which the package of progress
tells: it adds to `MILESTONES`."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.agreements.models import Agreement, agreement_in_force
from app.agreements.running_costs import budget_of, heir
from app.core import clock, format
from app.core.money import Money
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Part, Programme
from app.treasury.models import CostPayment
from app.treasury.states import PaymentState


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One provider in one calendar year; `paid_minor` counts what waits for a second person too, which is
    `waiting_minor` of it (minor units), and what was paid to those whose work it took over in that year. `what`: the
    posts and milestones that the budget names."""

    organisation: Organisation
    year: int
    budgeted_minor: int
    paid_minor: int
    what: str
    waiting_minor: int = 0

    @property
    def left_minor(self) -> int:
        """Below zero: over the budget."""
        return self.budgeted_minor - self.paid_minor


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone of the bond: who answers for it, by when, and when it was met, in words (empty: not yet)."""

    title: str
    owner: Organisation
    due_on: date
    met: str

    @property
    def is_missed(self) -> bool:
        return not self.met and self.due_on < clock.today()


MILESTONES: list[Callable[[Programme], list[Reached]]] = []


def milestones(programme: Programme, of: uuid.UUID | None = None) -> list[Reached]:
    """What was agreed, by day. `of`: without those that another provider answers for."""
    others = {one.id for one in programme.organisations(Part.PROVIDER) if one.id != of} if of else set()
    return [one for found in MILESTONES for one in found(programme) if one.owner.id not in others]


def budget_lines(programme: Programme, of: uuid.UUID | None = None) -> list[BudgetLine]:
    """By provider and year, from the second envelopes of the plans that won, or from the agreement where nothing was
    tendered; none where neither says anything. `of`: what the costs of one provider stand against, also when another
    took over its work and its budget."""
    agreement = db.session.scalars(agreement_in_force(programme.id)).unique().one_or_none()
    budgeted, what = _budget(agreement)
    paid, waiting = _paid(programme, agreement)
    keys = sorted({*budgeted, *(key for key in paid if budgeted)}, key=lambda key: (key[1], str(key[0])))
    known = select(Organisation).where(Organisation.id.in_({id for id, _year in keys}))
    names = {one.id: one for one in db.session.scalars(known)}
    return [
        BudgetLine(
            names[id],
            year,
            budgeted.get((id, year), 0),
            paid.get((id, year), 0),
            "; ".join([*what[id, year], *_taken_over(agreement, id, year)]),
            waiting.get((id, year), 0),
        )
        for id, year in keys
        if id in names and (of is None or id == heir(agreement, of, year))
    ]


Key = tuple[uuid.UUID, int]


def _taken_over(agreement: Agreement | None, organisation_id: uuid.UUID, year: int) -> list[str]:
    """Whose costs of the year stand against this budget as well."""
    gone = [one for one in agreement.parties if one.left_on is not None] if agreement is not None else []
    theirs = [one for one in gone if heir(agreement, one.organisation_id, year) == organisation_id]
    names = [one.organisation.name for one in theirs if one.organisation_id != organisation_id]
    return [_("taken over from %(name)s, with what it was paid", name=name) for name in names]


def _budget(agreement: Agreement | None) -> tuple[dict[Key, int], dict[Key, list[str]]]:
    found: dict[Key, int] = defaultdict(int)
    what: dict[Key, list[str]] = defaultdict(list)
    for line in budget_of(agreement):
        key = line.organisation_id, line.year
        found[key] += line.amount_minor
        if line.purpose:
            what[key].append(line.purpose)
    return found, what


def _paid(programme: Programme, agreement: Agreement | None) -> tuple[dict[Key, int], dict[Key, int]]:
    """What was paid or waits, and of it what waits; with whoever has the budget that it stands against."""
    found: dict[Key, int] = defaultdict(int)
    waiting: dict[Key, int] = defaultdict(int)
    costs = select(
        CostPayment.organisation_id, CostPayment.created_at, CostPayment.amount_minor, CostPayment.state
    ).where(CostPayment.programme_id == programme.id, CostPayment.state != PaymentState.REJECTED)
    for organisation_id, at, amount_minor, state in db.session.execute(costs):
        year = at.astimezone(clock.LOCAL).year
        key = heir(agreement, organisation_id, year), year
        found[key] += amount_minor
        waiting[key] += amount_minor if state == PaymentState.PREPARED else 0
    return found, waiting


def why_over(programme: Programme, organisation: Organisation, amount_minor: int) -> str | None:
    """Why `amount_minor` more in this year is above the budget of the provider; None where it fits, or where the plan
    gave this provider no budget at all. A year without a budget, beside years with one, has a budget of nothing."""
    lines = budget_lines(programme, organisation.id)
    if not any(line.budgeted_minor for line in lines):
        return None
    year = clock.today().year
    left = next((line.left_minor for line in lines if line.year == year), 0)
    if amount_minor <= left:
        return None
    shown = format.money(Money(max(0, left), programme.currency))
    return _(
        "Of the budget of %(provider)s for %(year)d %(left)s is left. Say why more is paid: who approves reads it.",
        provider=organisation.name,
        year=year,
        left=shown,
    )

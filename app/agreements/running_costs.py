"""What service providers may spend: the budget of the plans that won and, where nothing was tendered, the lines that
the agreement itself lays down and every party signs."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import gettext as _

from app.agreements.models import Agreement
from app.core.errors import Refused
from app.people.models import Organisation
from app.programmes.models import Programme


@dataclass(frozen=True, slots=True)
class CostLine:
    """What one provider spends on something in a calendar year, `amount_minor` at the most. `milestone`: what must be
    reached before it is paid; empty where nothing of the kind was agreed."""

    organisation_id: uuid.UUID
    year: int
    what: str
    amount_minor: int
    milestone: str = ""

    def stored(self) -> dict[str, Any]:
        return asdict(self) | {"organisation_id": str(self.organisation_id)}

    @property
    def purpose(self) -> str:
        """What for and, where agreed, after what."""
        if not self.milestone:
            return self.what
        return _("%(what)s, once reached: %(milestone)s", what=self.what, milestone=self.milestone)


def expect_in_bond(lines: Iterable[CostLine], programme: Programme, providers: Sequence[Organisation]) -> None:
    """Refused for who does not deliver, for a year outside the bond, and below zero."""
    known = {one.id for one in providers}
    for line in lines:
        if line.organisation_id not in known:
            raise Refused(_("A line of running costs is of an organisation that does not take part."), "costs")
        if line.year not in programme.years or line.amount_minor < 0:
            raise Refused(_("A line of running costs lies outside the years of the bond, or is negative."), "costs")


def drafted_costs(agreement: Agreement) -> list[CostLine]:
    """What the draft says; nothing where there was a tender."""
    return [_line(one, one["organisation_id"]) for one in agreement.costs or ()]


def budget_of(agreement: Agreement | None) -> list[CostLine]:
    """Of the plans that won; without a tender of the terms that were signed. Nothing where no budget was asked."""
    if agreement is None:
        return []
    if agreement.evaluation is None:
        return [_line(one, one["organisation"]["id"]) for one in agreement.terms.get("costs", ())]
    plans = [winner.discount or {} for winner in agreement.evaluation.winners()]
    return [_line(one, one["organisation_id"]) for plan in plans for one in plan.get("budget", ())]


def _line(said: dict[str, Any], organisation_id: str) -> CostLine:
    what, milestone = said.get("what") or "", said.get("milestone") or ""
    return CostLine(uuid.UUID(organisation_id), int(said["year"]), what, int(said["amount_minor"]), milestone)

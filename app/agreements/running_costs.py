"""What service providers may spend: the budget of the plans that won and, where nothing was tendered, the lines that
the agreement itself lays down and every party signs. What somebody laid down for a provider that goes is, from the year
of its last day, for whoever goes on with its work."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask_babel import gettext as _

from app.agreements.models import Agreement
from app.core import clock
from app.core.errors import Refused
from app.people.models import Organisation
from app.programmes.models import Part, Programme


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


def check_costs(agreement: Agreement, lines: Sequence[CostLine]) -> None:
    """Refused for an amendment of what was tendered, of a year that has passed, or for who does not deliver then."""
    before = lines_in(agreement.terms)
    if Counter(lines) == Counter(before):
        return
    if agreement.evaluation is not None:
        raise Refused(_("The running costs are those of the plan that was tendered: they are not amended."), "costs")
    if Counter(passed(lines)) != Counter(passed(before)):
        raise Refused(_("What was agreed for a year that has passed stays."), "costs")
    to_come = [line for line in lines if line not in passed(lines)]
    expect_in_bond(to_come, agreement.programme, delivering(agreement))
    if any(heir(agreement, line.organisation_id, line.year) != line.organisation_id for line in to_come):
        raise Refused(_("A line of running costs is of an organisation that does not take part."), "costs")


def passed(lines: Iterable[CostLine]) -> list[CostLine]:
    """Of calendar years before this one."""
    return [line for line in lines if line.year < clock.today().year]


def delivering(agreement: Agreement) -> list[Organisation]:
    """The service providers of the agreement, those whose last day is still to come as well."""
    return [one.organisation for one in agreement.standing if one.part == Part.PROVIDER]


def drafted_costs(agreement: Agreement) -> list[CostLine]:
    """What the draft says; nothing where there was a tender."""
    return [_line(one, one["organisation_id"]) for one in agreement.costs or ()]


def lines_in(terms: dict[str, Any]) -> list[CostLine]:
    """What the agreement itself lays down; nothing where there was a tender, or nothing was laid down."""
    return [_line(one, one["organisation"]["id"]) for one in terms.get("costs", ())]


def budget_of(agreement: Agreement | None) -> list[CostLine]:
    """Of the plans that won; without a tender of the terms that were signed. Nothing where no budget was asked. A line
    of a provider that was replaced is with who goes on with its work."""
    if agreement is None:
        return []
    if agreement.evaluation is None:
        lines = lines_in(agreement.terms)
    else:
        plans = [winner.discount or {} for winner in agreement.evaluation.winners()]
        lines = [_line(one, one["organisation_id"]) for plan in plans for one in plan.get("budget", ())]
    return [replace(one, organisation_id=heir(agreement, one.organisation_id, one.year)) for one in lines]


def heir(agreement: Agreement | None, organisation_id: uuid.UUID, year: int) -> uuid.UUID:
    """Whose budget of `year` the costs of a provider stand against: its own, or that of whoever took its work over in
    that year or before. What was budgeted for earlier years stays where it was spent."""
    parties = agreement.parties if agreement is not None else []
    taken = {one.organisation_id: one.successor_id for one in parties if one.left_on and one.left_on.year <= year}
    while (successor_id := taken.pop(organisation_id, None)) is not None:
        organisation_id = successor_id
    return organisation_id


def _line(said: dict[str, Any], organisation_id: str) -> CostLine:
    what, milestone = said.get("what") or "", said.get("milestone") or ""
    return CostLine(uuid.UUID(organisation_id), int(said["year"]), what, int(said["amount_minor"]), milestone)

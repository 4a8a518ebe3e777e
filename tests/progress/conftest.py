"""A bond in delivery on 15 November 2026: October is the last whole month, and the half-year to 30 June must be signed
off by now."""

from collections.abc import Iterator
from datetime import date

import pytest

from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState
from app.core import clock
from app.evaluation.models import OpenedProposal
from app.extensions import db
from app.pricing.states import TableState
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from tests.factories.intake import agree_on_intake
from tests.factories.outcomes import Delivery
from tests.factories.pricing import make_effect, make_table
from tests.factories.treasury import Funded, make_funded

TODAY = date(2026, 11, 15)


@pytest.fixture(autouse=True)
def in_november(app) -> Iterator[None]:
    with clock.at(clock.local(TODAY, 12)):
        yield


@pytest.fixture
def bond(app) -> Funded:
    """Enschede refers 20 until March and 10 in November, Hengelo 20 in April. 20 of work-13w are agreed, which comes
    three months after intake; the price table expects 10 of them (2,000.00 each) and nothing else."""
    made = make_funded()
    make_priced(made)
    plan = {made.enschede.id: {"2026-01": 10, "2026-03": 10, "2026-11": 10}, made.hengelo.id: {"2026-04": 20}}
    agree_on_intake(made, plan, tolerance_bp=1_000, paid=False)
    agree_volumes(made, {"work-13w": 20})
    return made


def make_priced(bond: Funded) -> None:
    """A published table never changes, so the agreement stands on a new one."""
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0)
    make_effect(table, months_after=3, expected_count=10)
    table.published_at, table.state = clock.now(), TableState.PUBLISHED
    bond.table.state = TableState.SUPERSEDED
    bond.agreement.table, bond.table = table, table
    db.session.commit()


def agree_volumes(bond: Delivery, volumes: dict[str, int]) -> None:
    bond.agreement.terms = bond.agreement.terms | {"volumes": volumes}
    db.session.commit()


def win_with_budget(bond: Delivery, budget: dict[int, int]) -> None:
    """The winning plan, opened, with what it costs per calendar year (minor units)."""
    evaluation, provider = bond.agreement.evaluation, bond.provider.organisations[0]
    consortium = Consortium(call=evaluation.call, name="Together", lead=provider, state=ConsortiumState.SUBMITTED)
    proposal = Proposal(consortium=consortium, call=evaluation.call, state=ProposalState.SUBMITTED)
    lines = [
        {"organisation_id": str(provider.id), "year": year, "what": "Coaches", "amount_minor": amount}
        for year, amount in budget.items()
    ]
    opened = OpenedProposal(evaluation=evaluation, proposal=proposal, consortium=consortium, content={}, rank=1)
    opened.digest, opened.discount = "0" * 64, {"discount_bp": None, "budget": lines}
    db.session.add(opened)
    db.session.commit()

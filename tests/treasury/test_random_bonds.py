"""Whatever people do in whatever order, the books balance and every invariant holds (issue 2 and 6)."""

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.capital.models import TrancheTerms
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import balances, total
from app.ledger.models import AccountKind
from app.settlement import dispute_operations as disputes
from app.settlement.invariants import what_was_paid_is_what_was_settled
from app.treasury import operations as treasury
from app.treasury.models import Distribution, DistributionPart
from app.treasury.movements import apart_from_investors, bank_movements, bank_of, bank_runs, paid_one_by_one
from app.treasury.paid_from import paid_from
from app.treasury.trace import left_and_borrowed
from tests.factories.ledger import book_faults
from tests.factories.treasury import FIRST_LOSS, SENIOR, call, make_funded, owe

LOAN = {"name": "Loan", "rank": 1, "terms": TrancheTerms.LOAN, "rate_bp": 350}
LAYERS = ((FIRST_LOSS,), (SENIOR, FIRST_LOSS), (LOAN, FIRST_LOSS))

step = st.tuples(
    st.sampled_from(
        ["call", "receive", "cost", "owe", "pay", "pay_a_part", "correct", "distribute", "decide", "reject", "wait"]
    ),
    st.integers(1, 9_999_999),
)


class Desk:
    """One bond; each step is tried, and a refusal is a fine answer."""

    def __init__(self, layers):
        self.bond = make_funded((10_000_001, 20_000_000), tranches=layers)
        self.waiting, self.parts, self.statements = [], [], []
        self.day = 0

    def act(self, name, amount):
        with clock.at(clock.now() + timedelta(days=self.day)):
            try:
                getattr(self, name)(amount)
            except (Refused, NotNow):
                db.session.rollback()

    def call(self, amount):
        self.parts += call(self.bond, amount).parts

    def receive(self, amount):
        if self.parts:
            part = self.parts.pop(amount % len(self.parts))
            treasury.receive_capital(part, clock.today(), actor=self.bond.intermediary)

    def cost(self, amount):
        bond = self.bond
        made = treasury.prepare_cost(
            bond.programme, bond.provider_organisation, amount, "Work", actor=bond.intermediary, once=uuid.uuid4()
        )
        self.waiting.append((made, treasury.approve_cost, treasury.reject_cost))

    def owe(self, amount):
        self.statements += owe(self.bond, amount, amount // 2)

    def pay(self, amount):
        if self.statements:
            statement = self.statements.pop(amount % len(self.statements))
            treasury.receive_payment(statement, actor=self.bond.intermediary)

    def pay_a_part(self, amount):
        if self.statements:
            statement = self.statements[amount % len(self.statements)]
            treasury.receive_payment(statement, amount_minor=1 + amount // 7, actor=self.bond.intermediary)

    def correct(self, amount):
        """A municipality disputes what is left of a statement, of which a second person takes off a part."""
        if self.statements:
            bond, statement = self.bond, self.statements[amount % len(self.statements)]
            official = bond.official if statement.payer_id == bond.enschede.id else bond.neighbour
            one = disputes.dispute_statement(statement, "Not ours.", actor=official, once=uuid.uuid4())
            lower = min(amount // 5, statement.outstanding_minor)
            disputes.answer_dispute(one, "Right.", lower, actor=bond.intermediary)
            if lower:
                disputes.confirm_correction(one, actor=bond.colleague)

    def distribute(self, amount):
        bond = self.bond
        made = treasury.prepare_distribution(bond.programme, amount // 10, actor=bond.intermediary, once=uuid.uuid4())
        self.waiting.append((made, treasury.approve_distribution, treasury.reject_distribution))

    def decide(self, amount):
        if self.waiting:
            made, approve, _reject = self.waiting.pop(amount % len(self.waiting))
            approve(made, actor=self.bond.colleague)

    def reject(self, amount):
        if self.waiting:
            made, _approve, reject = self.waiting.pop(amount % len(self.waiting))
            reject(made, "No", actor=self.bond.colleague)

    def wait(self, amount):
        self.day += amount % 200


@pytest.mark.parametrize("layers", LAYERS, ids=["one", "capped", "loan"])
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=15, max_size=35))
def test_books_balance_after_any_sequence(app, layers, steps):
    desk = Desk(layers)
    for name, amount in [("call", 9_000_000), ("receive", 0), ("receive", 0), *steps]:
        desk.act(name, amount)
    assert book_faults() == [] == list(what_was_paid_is_what_was_settled())
    books = balances(desk.bond.programme.id)
    came = total(books, AccountKind.INVESTOR_CAPITAL) + total(books, AccountKind.OUTCOME_INCOME)
    went = total(books, AccountKind.RUNNING_COSTS) + total(books, AccountKind.INVESTOR_RETURN)
    assert total(books, AccountKind.BANK) + total(books, AccountKind.RECEIVABLE) == came - went >= 0
    bank = bank_of(desk.bond.programme.id)
    found = bank_runs(bank, apart_from_investors(bank)), bank_movements(desk.bond.programme.id)
    runs, movements = (left_and_borrowed(one for one, _kind in each) for each in found)
    assert runs[0] == movements[0] and sum(runs[1].values()) == sum(movements[1].values()), "in sums or one by one"
    _receipts_are_the_same_in_sums(bank, desk.bond)


def _receipts_are_the_same_in_sums(bank, bond):
    """To the desk each receipt and its part in a distribution, to an investor what was its own of each kind."""
    for one in db.session.scalars(select(Distribution).filter_by(programme_id=bond.programme.id)).unique():
        whole = select(DistributionPart.id).filter_by(distribution_id=one.id)
        assert paid_from(bond.programme.id, whole) == paid_one_by_one(bank, whole)
        for part in one.parts:
            own = whole.filter_by(id=part.id)
            minor = part.principal_minor + part.return_minor
            found = paid_from(bond.programme.id, whole, own, minor), paid_one_by_one(bank, own)
            told, known = (Counter[str]() for _each in found)
            for kinds, shares in zip((told, known), found, strict=True):
                for _id, kind, amount in shares:
                    kinds[kind] += amount
            assert told == known

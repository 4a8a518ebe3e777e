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
from app.treasury.flows import own_minor
from app.treasury.guarantee_operations import approve_guarantee, guarantee_due, prepare_guarantee, receive_guarantee
from app.treasury.models import Distribution, DistributionPart
from app.treasury.movements import apart_from_investors, bank_movements, bank_of, bank_runs, paid_one_by_one
from app.treasury.of_others import vat_shares
from app.treasury.paid_from import paid_from
from app.treasury.plan import guarantee_in_hand
from app.treasury.recycling import not_spent
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.remittance_operations import approve_remittance, prepare_remittance, remittable_minor
from app.treasury.states import PaymentState, RemittanceKind
from app.treasury.trace import left_and_borrowed
from tests.factories.ledger import book_faults
from tests.factories.treasury import FIRST_LOSS, SENIOR, call, fund, make_funded, owe, pay_cost
from tests.treasury.test_closing import after_the_tail

LOAN = {"name": "Loan", "rank": 1, "terms": TrancheTerms.LOAN, "rate_bp": 350}
LAYERS = ((FIRST_LOSS,), (SENIOR, FIRST_LOSS), (LOAN, FIRST_LOSS))
COVERED = {"name": "Covered", "rank": 1, "terms": TrancheTerms.RETURN, "guarantee_minor": 4_000_000, "guarantor": "G"}

DECIDE = ("decide", "reject", "wait")

step = st.tuples(
    st.sampled_from(
        [*("call", "receive", "cost", "owe", "pay", "pay_a_part", "pay_vat"), *("correct", "distribute"), *DECIDE]
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
        self.statements += owe(self.bond, amount, amount // 2, vat_percent=21 * (amount % 2))

    def pay_vat(self, amount):
        there = remittable_minor(self.bond.programme, RemittanceKind.VAT)
        self.remit(RemittanceKind.VAT, max(1, there - amount % 3))

    def remit(self, kind, minor):
        made = prepare_remittance(self.bond.programme, kind, minor, actor=self.bond.intermediary, once=uuid.uuid4())
        approve_remittance(made, actor=self.bond.colleague)
        return made

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
    there = total(books, AccountKind.BANK) + total(books, AccountKind.RECEIVABLE) - total(books, AccountKind.VAT)
    assert there == came - went
    _told_alike(desk.bond)


def _told_alike(bond):
    bank = bank_of(bond.programme.id)
    found = bank_runs(bank, apart_from_investors(bank)), bank_movements(bond.programme.id)
    runs, movements = (left_and_borrowed(one for one, _kind in each) for each in found)
    assert runs[0] == movements[0] and sum(runs[1].values()) == sum(movements[1].values()), "in sums or one by one"
    _receipts_are_the_same_in_sums(bank, bond)
    _each_has_its_own(bond, bank)


def _each_has_its_own(bond, bank):
    """VAT is paid of VAT in what municipalities paid; what the guarantor paid in is in the distribution to the cent
    that its preview said, and the rest of it goes back; nothing else takes of either."""
    shares = vat_shares(bank)
    for one in db.session.scalars(select(Remittance).filter_by(programme_id=bond.programme.id)).unique():
        found = paid_one_by_one(bank, select(RemittancePart.id).filter_by(remittance_id=one.id))
        own = AccountKind.RECEIVABLE if one.kind == RemittanceKind.VAT else AccountKind.GUARANTEE
        assert {kind for _id, kind, _minor in found} == {own} and sum(minor for *_rest, minor in found) > 0
        for id, _kind, minor in found if one.kind == RemittanceKind.VAT else ():
            shares[id] -= minor
    assert all(left >= 0 for left in shares.values())
    for one in db.session.scalars(select(Distribution).filter_by(programme_id=bond.programme.id)).unique():
        if one.state == PaymentState.APPROVED:
            found = paid_one_by_one(bank, select(DistributionPart.id).filter_by(distribution_id=one.id))
            assert sum(minor for _id, kind, minor in found if kind == AccountKind.GUARANTEE) == one.guarantee_minor


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(earned=st.integers(100, 9_000_000), spent=st.integers(1, 9_000_000), late=st.integers(1, 4_000_000))
def test_what_goes_back_to_the_guarantor_is_the_guarantors(app, earned, spent, late):
    """The covered tranche and the last one paid in 9,000,000 (minor units); a municipality pays with VAT after the
    guarantor did, so that less of the guarantee is needed; capital that was not spent is there as well."""
    desk = Desk((COVERED, FIRST_LOSS))
    bond, who = desk.bond, {"actor": desk.bond.intermediary}
    fund(bond, 9_000_000)
    pay_cost(bond, spent)
    for paid in owe(bond, earned, vat_percent=21):
        treasury.receive_payment(paid, **who)
    desk.act("pay_vat", 2)
    with after_the_tail(bond):
        desk.act("distribute", 0)
        desk.act("decide", 0)
        if guarantee_due(bond.programme) is None:
            return
        asked = prepare_guarantee(bond.programme, clock.today(), once=uuid.uuid4(), **who)
        approve_guarantee(asked, actor=bond.colleague)
        receive_guarantee(asked, clock.today(), **who)
        for paid in owe(bond, late, vat_percent=21):
            treasury.receive_payment(paid, **who)
    with after_the_tail(bond, days=2):
        told = not_spent(bond.programme)
        made = treasury.prepare_distribution(bond.programme, late % 100, once=uuid.uuid4(), **who)
        treasury.approve_distribution(made, actor=bond.colleague)
        parts = select(DistributionPart.id).filter_by(distribution_id=made.id)
        found = paid_one_by_one(bank_of(bond.programme.id), parts)
        capital = sum(minor for _id, kind, minor in found if kind == AccountKind.INVESTOR_CAPITAL)
        assert capital == told.capital_in(own_minor(made)), "the trace tells what the preview said"
        desk.act("pay_vat", 0)
        if back := guarantee_in_hand(bond.programme) if made.guarantee_minor else 0:
            desk.remit(RemittanceKind.GUARANTEE_BACK, back)
    assert book_faults() == []
    _told_alike(bond)


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

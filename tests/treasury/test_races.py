"""Issue 6, races on both databases: whoever comes second is told, and money moves once."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.ledger.balances import bank_minor, pending_minor
from app.ledger.cli import faults
from app.people.models import User
from app.programmes.models import Part, Programme
from app.settlement.models import Settlement, Statement
from app.settlement.operations import approve_statement, check_settlement, prepare_settlement
from app.treasury import operations as treasury
from app.treasury.models import CostPayment, Distribution
from app.treasury.states import PaymentState
from tests.factories.outcomes import make_signed_off
from tests.factories.people import make_user
from tests.factories.treasury import fund, make_funded, pay_cost
from tests.races import rush
from tests.settlement.test_crash import JUNE

ONE = ["done", "told", "told"]
OWED = 200_000  # of one effect, less what would have happened anyway


@pytest.fixture
def desk(own_database):
    """One effect of Enschede is signed off, and the investors' money was spent on the work. Ids, by who acts."""
    with own_database.app_context():
        bond = make_funded()
        fund(bond, 10_000_000)
        pay_cost(bond, 10_000_000)
        make_signed_off(bond, bond.enschede)
        desk, city = bond.intermediary.organisations[0], bond.enschede
        made = {"programme": bond.programme.id, "intermediary": bond.intermediary.id}
        made["approvers"] = [bond.colleague.id, make_user(desk).id, make_user(desk).id]
        made["officials"] = [bond.official.id, make_user(city).id, make_user(city).id]
        db.session.remove()
    return made


def programme_of(desk):
    return db.session.get_one(Programme, desk["programme"])


def test_a_settlement_is_prepared_approved_and_paid_once_and_distributed_once(own_database, desk):
    """Three people at each step: one settlement stands, each approval and payment counts once, one distribution."""

    def prepare(user):
        prepare_settlement(programme_of(desk), JUNE, actor=user, once=uuid.uuid4())

    def approve(user):
        approve_statement(db.session.scalars(db.select(Statement)).one(), actor=user)

    def receive_all(user):
        treasury.receive_payment(
            db.session.scalars(db.select(Statement)).one(), amount_minor=OWED, actor=user, once=uuid.uuid4()
        )

    def distribute(user):
        treasury.prepare_distribution(programme_of(desk), actor=user, once=uuid.uuid4())

    def pay_out(user):
        treasury.approve_distribution(db.session.scalars(db.select(Distribution)).one(), actor=user)

    assert rush(own_database, desk["approvers"], prepare) == ONE
    with own_database.app_context():
        settlement = db.session.scalars(db.select(Settlement)).one()
        checkers = {*desk["approvers"]} - {settlement.prepared_by_id}
        check_settlement(settlement, actor=db.session.get_one(User, checkers.pop()))
        db.session.remove()
    assert rush(own_database, desk["officials"], approve) == ONE
    assert rush(own_database, [desk["intermediary"]] * 3, receive_all) == ONE
    with own_database.app_context():
        assert bank_minor(desk["programme"]) == OWED
        db.session.remove()
    assert rush(own_database, [desk["intermediary"]] * 3, distribute) == ONE
    with own_database.app_context():
        assert (bank_minor(desk["programme"]), pending_minor(desk["programme"])) == (OWED, OWED)
        db.session.remove()
    assert rush(own_database, desk["approvers"], pay_out) == ONE
    with own_database.app_context():
        assert (bank_minor(desk["programme"]), pending_minor(desk["programme"])) == (0, 0)
        assert db.session.scalars(db.select(Distribution.state)).one() == PaymentState.APPROVED
        assert faults() == []
        db.session.remove()


def test_one_euro_is_promised_once_and_decided_on_once(own_database, desk):
    """A cost and a distribution want the same money; then one approves while another rejects."""
    with own_database.app_context():
        intermediary, colleague, third, _ = people(desk)
        fund_again(desk)
        db.session.remove()

    def want(user):
        bond = programme_of(desk)
        if user.id == intermediary:
            treasury.prepare_distribution(bond, actor=user, once=uuid.uuid4())
        else:
            to = bond.organisations(Part.PROVIDER)[0]
            treasury.prepare_cost(bond, to, 300_000, "Coaching", actor=user, once=uuid.uuid4())

    def decide(user):
        made = (*db.session.scalars(db.select(Distribution)), *db.session.scalars(waiting_costs()))
        approve, reject = DECISIONS[type(made[0])]
        approve(made[0], actor=user) if user.id == third else reject(made[0], "Not now.", actor=user)

    assert rush(own_database, [intermediary, colleague], want) == ["done", "told"]
    assert rush(own_database, [third, *desk["approvers"][2:]], decide) == ["done", "told"]
    with own_database.app_context():
        assert bank_minor(desk["programme"]) in (0, 300_000) and pending_minor(desk["programme"]) == 0
        assert faults() == []
        db.session.remove()


DECISIONS = {
    Distribution: (treasury.approve_distribution, treasury.reject_distribution),
    CostPayment: (treasury.approve_cost, treasury.reject_cost),
}


def waiting_costs():
    return db.select(CostPayment).filter_by(state=PaymentState.PREPARED)


def people(desk):
    return desk["intermediary"], *desk["approvers"]


def fund_again(desk):
    """3,000.00 more of the investors' capital comes in."""
    bond = programme_of(desk)
    asked = treasury.CallFacts(300_000, "More", clock.today() + timedelta(days=14))
    call = treasury.prepare_capital_call(
        bond, asked, actor=db.session.get_one(User, desk["intermediary"]), once=uuid.uuid4()
    )
    treasury.approve_capital_call(call, actor=db.session.get_one(User, desk["approvers"][0]))
    for part in call.parts:
        treasury.receive_capital(part, clock.today(), actor=db.session.get_one(User, desk["intermediary"]))

"""A process that dies in a settlement or a distribution leaves nothing of the step, or all of it (issue 6).

The process is a real one, killed by SIGKILL just before or just after each commit, and after each flush before it.
"""

import os
import signal
import uuid
from datetime import date

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.core import clock
from app.extensions import db
from app.ledger.balances import bank_minor
from app.ledger.cli import faults
from app.people.models import User
from app.programmes.models import Programme
from app.settlement.models import Settlement, Statement
from app.settlement.operations import approve_statement, check_settlement, prepare_settlement
from app.treasury.models import Distribution
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.states import PaymentState
from tests.factories.outcomes import make_signed_off
from tests.factories.treasury import fund, make_funded, pay_cost

JUNE = date(2026, 6, 30)
BOOKS = ("settlement", "settlement_line", "statement", "transfer", "statement_payment", "invoice", "audit_entry")
BOOKS += ("distribution", "distribution_part", "notification")


def test_every_step_is_whole_or_is_not(own_database):
    with own_database.app_context(), clock.at(clock.local(date(2026, 11, 15), 12)):
        for step in steps_to_the_investors():
            before = state_of_the_books()
            for moment in ("flush", "before_commit"):
                die(own_database, step, moment)
                assert state_of_the_books() == before, f"{step.__name__}, killed at {moment}"
            die(own_database, step, "after_commit")
            after = state_of_the_books()
            assert after != before, f"{step.__name__} was whole, and is kept"
        assert faults() == []
        assert ("invoice", (1,)) in after
        assert db.session.scalar(db.select(Statement.paid_on)) is not None
        assert db.session.scalars(db.select(Distribution.state)).one() == PaymentState.APPROVED
        assert bank_minor(db.session.scalars(db.select(Programme.id)).one()) == 0  # 2,000.00 came and went back
        db.session.remove()


def steps_to_the_investors():
    """Prepare, check, approve, pay in two parts, set aside, give back; each reads its rows anew in its own process."""
    bond = make_funded()
    fund(bond, 10_000_000)
    pay_cost(bond, 10_000_000)
    make_signed_off(bond, bond.enschede)
    programme, made, given = bond.programme.id, uuid.uuid4(), uuid.uuid4()
    ids = {name: getattr(bond, name).id for name in ("intermediary", "colleague", "official")}
    db.session.remove()

    def person(name):
        return db.session.get_one(User, ids[name])

    def statement():
        return db.session.scalars(db.select(Statement)).one()

    def prepare():
        prepare_settlement(db.session.get_one(Programme, programme), JUNE, actor=person("intermediary"), once=made)

    def check():
        check_settlement(db.session.get_one(Settlement, made), actor=person("colleague"))

    def approve():
        approve_statement(statement(), actor=person("official"))

    def pay_a_part():
        receive_payment(statement(), amount_minor=50_000, actor=person("intermediary"))

    def pay_the_rest():
        receive_payment(statement(), actor=person("intermediary"))

    def set_aside():
        prepare_distribution(db.session.get_one(Programme, programme), actor=person("intermediary"), once=given)

    def give_back():
        approve_distribution(db.session.get_one(Distribution, given), actor=person("colleague"))

    return prepare, check, approve, pay_a_part, pay_the_rest, set_aside, give_back


def die(app, step, moment):
    """Take the step in a process of its own that is killed there."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            kill_at(moment)
            step()
        finally:
            os._exit(1)  # it lived on, or refused
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{step.__name__} did not reach {moment}"


def kill_at(moment):
    """`flush`: the first rows are written; the others around the commit that keeps them."""
    wrote = []
    event.listen(Session, "after_flush", lambda *_: wrote.append(True))

    def kill(*_):
        if wrote:
            os.kill(os.getpid(), signal.SIGKILL)

    names = {"flush": "after_flush_postexec", "before_commit": "before_commit", "after_commit": "after_commit"}
    event.listen(Session, names[moment], kill)


def state_of_the_books():
    """How many rows each table of money holds, and what state each settlement and statement is in."""
    db.session.remove()
    counts = [(name, db.session.execute(text(f"SELECT count(*) FROM {name}")).one()) for name in BOOKS]
    states = [tuple(db.session.scalars(db.select(model.state))) for model in (Settlement, Statement, Distribution)]
    db.session.remove()
    return [*counts, ("states", *states)]

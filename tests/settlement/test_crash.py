"""A process that dies at any moment of a settlement leaves nothing of the step, or all of it (issue 6).

The process is a real one, killed by SIGKILL just before or just after each commit, and after each flush before it.
"""

import os
import signal
import uuid
from datetime import date

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.core import clock
from app.extensions import db
from app.ledger.cli import faults
from app.people.models import User
from app.programmes.models import Programme
from app.settlement.models import Settlement, Statement
from app.settlement.operations import approve_statement, check_settlement, prepare_settlement
from app.treasury.operations import receive_payment
from tests.factories.outcomes import make_delivery, make_signed_off

JUNE = date(2026, 6, 30)
BOOKS = ("settlement", "settlement_line", "statement", "transfer", "statement_payment", "invoice", "audit_entry")


@pytest.fixture
def own_database(app_on, tmp_path):
    made = app_on(f"sqlite:///{tmp_path}/crash.sqlite")
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def test_every_step_is_whole_or_is_not(own_database):
    with own_database.app_context(), clock.at(clock.local(date(2026, 11, 15), 12)):
        for step in steps_of_a_settlement():
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
        db.session.remove()


def steps_of_a_settlement():
    """Prepare, check, approve, and pay in two parts; each reads its rows anew in its own process."""
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    programme, made = bond.programme.id, uuid.uuid4()
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

    return prepare, check, approve, pay_a_part, pay_the_rest


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
    states = [tuple(db.session.scalars(db.select(model.state))) for model in (Settlement, Statement)]
    db.session.remove()
    return [*counts, ("states", *states)]

"""Issue 6, races: the same file from two desks at once, the same cost in two batches: exactly one wins."""

import threading
import uuid

import pytest

from app.bank import importing, matching
from app.bank.batches import prepare_batch
from app.bank.models import BankEntry, BatchPayment
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import bank_minor
from app.people.models import User
from app.programmes.models import Programme
from tests.factories.bank import camt, entry, give_account, make_banked, working_day
from tests.factories.treasury import fund, owe, pay_cost


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own_database(request, app_on, tmp_path):
    """A database of this test alone: real transactions, side by side."""
    fresh = request.param == "postgres" and request.getfixturevalue("fresh_postgres")
    made = app_on(fresh() if fresh else f"sqlite:///{tmp_path}/race.sqlite")
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def rush(app, people, act):
    """Everybody does `act(user)` at once; what each heard."""
    heard, start = [], threading.Barrier(len(people))

    def run(user_id):
        with app.app_context():
            user = db.session.get_one(User, user_id)
            start.wait()
            try:
                act(user)
                heard.append("done")
            except (Refused, NotNow):
                heard.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(heard)


def test_two_at_once(own_database):
    with own_database.app_context():
        bond = make_banked()
        fund(bond, 10_000_000)
        give_account(bond, bond.provider, 1)
        cost, programme, people = (
            pay_cost(bond, 2_500_000).id,
            bond.programme.id,
            [bond.intermediary.id, bond.colleague.id],
        )
        (owed,) = owe(bond, 1_000)
        content = camt([entry(1_000, owed.reference)], 0, 1_000)
        db.session.remove()

    def lay(user):
        bond = db.session.get_one(Programme, programme)
        prepare_batch(bond, [cost], working_day(), actor=user, once=uuid.uuid4())

    def bring_and_match(user):
        bond = db.session.get_one(Programme, programme)
        importing.import_statement(bond, content, "day.xml", actor=user, once=uuid.uuid4())
        matching.match_open(bond, actor=user)

    assert rush(own_database, people, lay) == ["done", "told"]
    assert rush(own_database, people, bring_and_match) == ["done", "told"]
    with own_database.app_context():
        assert db.session.query(BatchPayment).count() == db.session.query(BankEntry).count() == 1
        assert bank_minor(programme) == 10_000_000 - 2_500_000 + 1_000
        db.session.remove()

"""Issue 6, races: the same file from two desks at once, the same cost in two batches: exactly one wins."""

import uuid

from app.bank import importing, matching
from app.bank.batches import prepare_batch
from app.bank.models import BankEntry, BatchPayment
from app.extensions import db
from app.ledger.balances import bank_minor
from app.programmes.models import Programme
from tests.factories.bank import camt, entry, give_account, make_banked, working_day
from tests.factories.treasury import fund, owe, pay_cost
from tests.races import rush


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

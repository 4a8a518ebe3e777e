"""What waits for the desk between the books and the bank."""

import uuid

from app.bank import accounts, matching
from app.bank.batches import payable, prepare_batch
from tests.factories.bank import bring, camt, entry, give_account, iban_of, make_banked, working_day
from tests.factories.treasury import fund, pay_cost


def test_a_batch_a_line_and_an_account_wait(app, waiting):
    bond = make_banked()
    fund(bond, 10_000)
    give_account(bond, bond.provider, 1)
    pay_cost(bond, 1_000)
    ids = [one.id for one in payable(bond.programme)]
    prepare_batch(bond.programme, ids, working_day(), actor=bond.intermediary, once=uuid.uuid4())
    bring(bond, camt([entry(1, "a"), entry(2, "b")], 0, 3))
    matching.match_open(bond.programme, actor=bond.intermediary)
    own = bond.investor.organisations[0]
    accounts.name_account(own, "Fund", iban_of(2), actor=bond.investor, once=uuid.uuid4())
    both = {"bank_entry.match": 2, "payout_account.confirm": None}
    mine = {kind: count for kind, count in waiting(bond.colleague).items() if kind.startswith(("bank", "pay"))}
    assert mine == both | {"payment_batch.approve": None}
    other = {kind: count for kind, count in waiting(bond.intermediary).items() if kind.startswith(("bank", "pay"))}
    assert other == both  # whoever prepared the batch does not let it go
    assert not any(kind.startswith(("bank", "payout")) for kind in waiting(bond.investor))

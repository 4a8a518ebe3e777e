"""A line of which a part was owed to the municipality is taken back whole: its statement and what it was credited."""

import uuid

import pytest

from app.bank import booking, reconciling
from app.bank import taken_back_operations as operations
from app.core.errors import NotNow
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.settlement.states import StatementState
from app.treasury.other_receipt_operations import set_off
from app.treasury.states import OtherReceiptKind
from tests.bank.test_other_line import brought
from tests.bank.test_take_back import prepare, reversal
from tests.factories.bank import make_banked
from tests.factories.ledger import book_faults
from tests.factories.treasury import owe


@pytest.fixture
def bond(app):
    return make_banked()


def paid_too_much(bond):
    """1,050.00 for 1,000.00."""
    (owed,) = owe(bond, 100_000)
    line = brought(bond, 105_000, owed.reference)
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, [owed], "Its own reference.")
    booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    return owed


def test_the_bank_takes_back_what_was_too_much_as_well(bond):
    owed = paid_too_much(bond)
    took = reversal(bond, 105_000, f"recall {owed.reference}", 105_000)
    back = prepare(bond, operations.taken_from(took)[0], took)
    operations.approve_take_back(back, actor=bond.colleague)
    db.session.expire_all()
    assert (owed.state, bank_minor(bond.programme.id)) == (StatementState.APPROVED, 0)
    assert balances(bond.programme.id)[AccountKind.PAYER_CREDIT, bond.enschede.id] == 0
    [day] = reconciling.days(bond.programme.id)
    assert (day.difference, day.is_sound) == (0, True) and book_faults() == []


def test_not_once_it_was_set_off(bond):
    paid_too_much(bond)
    (following,) = owe(bond, 50_000)
    set_off(following, actor=bond.intermediary, once=uuid.uuid4())
    took = reversal(bond, 105_000, "recall", 105_000)
    assert operations.taken_from(took) == []
    with pytest.raises(NotNow, match="set off or paid back"):
        prepare(bond, _came(bond)[0])
    assert book_faults() != [], "the bank has less than the books"


def _came(bond):
    from app.bank.models import BankEntry

    return db.session.scalars(db.select(BankEntry).filter_by(amount_minor=105_000)).unique().all()

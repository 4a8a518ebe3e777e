"""Double entry (issue 2, architecture "Money"): one debit, one credit, never changed, pending never counted as paid."""

import uuid

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.ledger import posting
from app.ledger.balances import balances, bank_minor, pending_minor, sums_of, total, waiting_for
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.ledger.posting import BookFault
from app.programmes.models import Part
from app.treasury.in_hand import free_minor
from tests.factories.ledger import book, book_faults, in_books, transfers_of
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme

BANK, CAPITAL = AccountKind.BANK, AccountKind.INVESTOR_CAPITAL
COSTS = AccountKind.RUNNING_COSTS


@pytest.fixture
def bond(both):
    programme = make_programme()
    programme.desk = make_user(make_party(programme, Part.INTERMEDIARY))
    programme.investor = make_organisation()
    return programme


def pay_in(bond, amount, **facts):
    return book((BANK,), (CAPITAL, bond.investor.id), amount, programme=bond, actor=bond.desk, **facts)


def set_aside(bond, amount):
    def work():
        accounts = posting.account(bond.id, COSTS, bond.investor.id), posting.account(bond.id, BANK)
        return posting.prepare(*accounts, amount, bond, entered_by=bond.desk)

    return in_books(work, programme=bond, actor=bond.desk)


def test_a_posted_transfer_moves_money_from_credit_to_debit(bond):
    pay_in(bond, 1_050)
    assert balances(bond.id) == {(BANK, None): 1_050, (CAPITAL, bond.investor.id): 1_050}
    assert bank_minor(bond.id) == 1_050


def test_pending_is_set_aside_but_not_paid(bond):
    pay_in(bond, 1_000)
    set_aside(bond, 400)
    assert (bank_minor(bond.id), pending_minor(bond.id), free_minor(bond.id)) == (1_000, 400, 600)
    assert (COSTS, bond.investor.id) not in balances(bond.id)


def test_posting_what_was_pending_moves_it_once(bond):
    pay_in(bond, 1_000)
    pending = set_aside(bond, 400)
    for _attempt in range(2):
        in_books(lambda: posting.post_pending(pending, entered_by=bond.desk), programme=bond, actor=bond.desk)
    assert (bank_minor(bond.id), pending_minor(bond.id)) == (600, 0)
    assert [t.kind for t in transfers_of(bond)].count(TransferKind.POST_PENDING) == 1


def test_what_was_posted_cannot_be_voided_and_the_other_way_round(bond):
    pay_in(bond, 1_000)
    first, second = set_aside(bond, 100), set_aside(bond, 200)
    in_books(lambda: posting.post_pending(first, entered_by=bond.desk), programme=bond, actor=bond.desk)
    in_books(lambda: posting.void_pending(second, entered_by=bond.desk), programme=bond, actor=bond.desk)
    for work in (
        lambda: posting.void_pending(first, entered_by=bond.desk),
        lambda: posting.post_pending(second, entered_by=bond.desk),
        lambda: posting.post_pending(first, entered_by=bond.desk, once=uuid.uuid4()) and posting.reverse(second, bond),
    ):
        with pytest.raises((BookFault, TypeError)):
            in_books(work, programme=bond, actor=bond.desk)
    assert (bank_minor(bond.id), pending_minor(bond.id)) == (900, 0)
    assert waiting_for("programme", bond.id) == []


def test_the_same_once_is_the_same_transfer(bond):
    once = uuid.uuid4()
    first, second = pay_in(bond, 700, once=once), pay_in(bond, 700, once=once)
    assert first.id == second.id == once
    assert bank_minor(bond.id) == 700


def test_the_same_once_for_another_amount_is_a_fault(bond):
    once = uuid.uuid4()
    pay_in(bond, 700, once=once)
    with pytest.raises(BookFault, match="differently"):
        pay_in(bond, 701, once=once)
    assert bank_minor(bond.id) == 700


def test_a_reversal_is_a_mirror_and_happens_once(bond):
    wrong = pay_in(bond, 900)
    for _attempt in range(2):
        in_books(lambda: posting.reverse(wrong, bond, entered_by=bond.desk), programme=bond, actor=bond.desk)
    assert bank_minor(bond.id) == 0
    assert [t.kind for t in transfers_of(bond)] == [TransferKind.POSTED, TransferKind.REVERSAL]
    assert [line for line in book_faults() if line.startswith("ledger.")] == []


def test_bonds_and_currencies_do_not_mix(bond):
    other = make_programme()
    with pytest.raises(BookFault, match="one bond"):
        in_books(
            lambda: posting.post(
                posting.account(bond.id, BANK), posting.account(other.id, CAPITAL), 1, bond, entered_by=bond.desk
            ),
            programme=bond,
            actor=bond.desk,
        )
    with pytest.raises(BookFault, match="currency"):
        in_books(
            lambda: posting.post(
                posting.account(bond.id, BANK),
                posting.account(bond.id, CAPITAL, bond.investor.id, "GBP"),
                1,
                bond,
                entered_by=bond.desk,
            ),
            programme=bond,
            actor=bond.desk,
        )


@pytest.mark.parametrize("amount", [0, -5])
def test_a_transfer_is_positive(bond, amount):
    with pytest.raises(BookFault, match="positive"):
        pay_in(bond, amount)


def test_money_moves_only_inside_an_operation(bond):
    accounts = Account(programme_id=bond.id, kind=BANK), Account(programme_id=bond.id, kind=CAPITAL)
    with pytest.raises(BookFault, match="inside an operation"):
        posting.post(*accounts, 1, bond, entered_by=bond.desk)


def test_the_database_itself_refuses_to_change_a_transfer(bond):
    pay_in(bond, 1_000)
    for change in (update(Transfer).values(amount_minor=1), delete(Transfer)):
        with pytest.raises(DBAPIError, match="append-only"), db.session.begin_nested():
            db.session.execute(change)
    assert bank_minor(bond.id) == 1_000


def test_sums_by_kind_are_those_of_all_accounts(bond):
    """Added up by the database as account by account: moved, set aside, posted and voided."""
    pay_in(bond, 1_000)
    pay_in(bond, 500)
    posted, voided, _waits = (set_aside(bond, amount) for amount in (400, 30, 7))
    in_books(lambda: posting.post_pending(posted, entered_by=bond.desk), programme=bond, actor=bond.desk)
    in_books(lambda: posting.void_pending(voided, entered_by=bond.desk), programme=bond, actor=bond.desk)
    books, sums = balances(bond.id), sums_of(bond.id)
    assert {kind: sums.total(kind) for kind in AccountKind} == {kind: total(books, kind) for kind in AccountKind}
    assert (sums.total(BANK), sums.total(COSTS), sums.total(CAPITAL)) == (1_100, 400, 1_500)
    assert (sums.pending(), sums.pending(COSTS), sums.pending(AccountKind.VAT)) == (7, 7, 0)

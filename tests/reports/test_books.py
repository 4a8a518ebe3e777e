"""The books are asked every night, and whoever holds or audits money is told (issue 6, "Ledger")."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.access.actions import Action
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.notifications.models import Notification
from app.reports.books import ask_books, check_books, due_night, keep_answer
from app.reports.books_models import BooksCheck
from app.reports.due import run_due
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.treasury import fund, make_funded
from tests.told import recorded

DAY = date(2031, 3, 4)


@pytest.fixture
def bond(app):
    bond = make_funded()
    fund(bond, 10_000_000)
    return bond


def checks():
    return db.session.scalars(select(BooksCheck)).all()


def told():
    return db.session.scalars(select(Notification).where(Notification.action == str(Action.BOOKS_CHECK))).all()


def overdraw(bond):
    """A transfer that no operation would make, straight into the table: the bank stands below zero."""
    of = {account.kind: account for account in db.session.scalars(select(Account))}
    bank, costs = of[AccountKind.BANK], of.get(AccountKind.RUNNING_COSTS)
    if costs is None:
        costs = Account(programme_id=bond.programme.id, kind=AccountKind.RUNNING_COSTS)
        db.session.add(costs)
        db.session.flush()
    db.session.add(
        Transfer(
            programme_id=bond.programme.id,
            debit_id=costs.id,
            credit_id=bank.id,
            amount_minor=987_654_321,
            entered_by_id=bond.intermediary.id,
            kind=TransferKind.POSTED,
            cause_type="programme",
            cause_id=bond.programme.id,
        )
    )
    db.session.commit()


def test_once_a_night_after_two(bond):
    with clock.at(clock.local(DAY, 1, 59)):
        assert run_due() == 0 and due_night() is None
    with clock.at(clock.local(DAY, 2)):
        assert (run_due(), run_due()) == (1, 0)
    with clock.at(clock.local(DAY + timedelta(days=1), 23)):
        assert run_due() == 1
    assert [(one.day, one.failed) for one in checks()] == [(DAY, {}), (DAY + timedelta(days=1), {})]
    assert told() == []
    assert recorded(Action.BOOKS_CHECK)


def test_of_two_workers_one_keeps_its_answer(bond):
    with clock.at(clock.local(DAY, 3)):
        check_books(DAY)
        with pytest.raises(NotNow):
            check_books(DAY)
    assert len(checks()) == 1


def test_what_does_not_hold_is_told_by_rule_and_never_by_amount(bond, browse):
    admin = make_user(is_admin=True)
    overdraw(bond)
    with clock.at(clock.local(DAY, 3)):
        assert run_due() == 1
    (made,) = checks()
    assert made.failed["ledger.nothing_below_zero"] == 1
    assert {bond.intermediary.id, admin.id} <= {one.user_id for one in told()}
    page = browse(bond.investor).get_ok("/books")
    assert "No account is below zero" in page.text and "did not hold" in soup(page).select_one("main table").text
    for text in [soup(page).select_one("main").text, *(one.title + one.body for one in told())]:
        assert "987" not in re.sub(r"\s", "", text) and bond.programme.title not in text


def test_half_an_act_that_another_was_doing_is_no_fault(bond):
    """Seen wrong once and right when nobody writes: the books hold."""
    assert keep_answer(DAY, seems_wrong=True).failed == {}
    assert told() == []


def test_a_broken_chain_is_a_rule_too(bond):
    db.session.execute(db.text("DROP TRIGGER audit_entry_no_update"))
    db.session.execute(db.text("UPDATE audit_entry SET action = 'cost.approve' WHERE seq = 1"))
    assert ask_books()["audit.chain"] == 1


def test_a_night_is_never_rewritten(bond):
    with clock.at(clock.local(DAY, 3)):
        check_books(DAY)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.update(BooksCheck).values(rules=0))


def test_before_the_first_night_the_page_says_so_and_only_who_signed_in_reads_it(bond, browse):
    assert "Not checked yet" in browse(bond.investor).get_ok("/books").text
    assert "/login" in browse().get("/books").headers["Location"]

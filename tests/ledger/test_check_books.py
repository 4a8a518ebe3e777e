"""`flask check-books`: a line per fault and exit 1, so that a timer can watch the books (issue 2, "What proves it")."""

import uuid

import pytest

from app.extensions import db
from app.ledger.cli import invariants
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.programmes.models import Part
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme
from tests.factories.treasury import fund, make_funded, pay_cost


def check(app):
    return app.test_cli_runner().invoke(args=["check-books"])


def test_every_package_that_has_invariants_is_asked(app):
    names = {name for name, _ in invariants()}
    assert {"ledger.books_balance", "treasury.bank_is_what_came_in_less_what_went_out"} <= names


def test_sound_books_exit_0(app):
    bond = make_funded()
    fund(bond, 10_000_000)
    pay_cost(bond, 4_000_000)
    answer = check(app)
    assert answer.exit_code == 0, answer.output
    assert "invariants hold" in answer.output


@pytest.fixture
def lay(app):
    """Transfers as no operation would make them: straight into the table."""
    programme = make_programme()
    clerk = make_user(make_party(programme, Part.INTERMEDIARY))
    accounts = {kind: Account(programme_id=programme.id, kind=kind) for kind in AccountKind}
    db.session.add_all(accounts.values())
    db.session.commit()

    def transfer(debit, credit, amount, **facts):
        defaults = {"kind": TransferKind.POSTED, "cause_type": "programme", "cause_id": programme.id}
        row = Transfer(
            programme_id=programme.id,
            debit_id=accounts[debit].id,
            credit_id=accounts[credit].id,
            amount_minor=amount,
            entered_by_id=clerk.id,
            **(defaults | facts),
        )
        db.session.add(row)
        db.session.commit()
        return row

    return transfer


def test_an_overdrawn_bank_is_a_fault(app, lay):
    lay(AccountKind.RUNNING_COSTS, AccountKind.BANK, 5)
    answer = check(app)
    assert answer.exit_code == 1
    assert "nothing_below_zero" in answer.output and "-5" in answer.output


def test_a_transfer_without_its_cause_is_a_fault(app, lay):
    lay(AccountKind.BANK, AccountKind.INVESTOR_CAPITAL, 5, cause_id=uuid.uuid4())
    assert "does not exist" in check(app).output


def test_a_resolution_of_another_amount_is_a_fault(app, lay):
    lay(AccountKind.BANK, AccountKind.INVESTOR_CAPITAL, 100)
    pending = lay(AccountKind.RUNNING_COSTS, AccountKind.BANK, 5, kind=TransferKind.PENDING)
    lay(AccountKind.RUNNING_COSTS, AccountKind.BANK, 6, kind=TransferKind.POST_PENDING, pending_id=pending.id)
    assert "does not answer" in check(app).output


def test_money_that_no_desk_received_is_a_fault(app, lay):
    lay(AccountKind.BANK, AccountKind.INVESTOR_CAPITAL, 100)
    assert "the desk received 0" in check(app).output

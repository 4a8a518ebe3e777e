"""A guarantor pays in parts what was called: each part is booked when it came, the rest stays owed with the same
reference, and what came in is distributed (issue 6: guarantee; matching by reference and amount)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank import matching, reconciling
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.treasury.guarantee import GuaranteeCall
from app.treasury.guarantee_operations import guarantee_due, receive_guarantee, withdraw_guarantee
from app.treasury.states import GuaranteeState
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import FIRST_LOSS, fund, owe, pay_cost
from tests.told import words_told
from tests.treasury.test_closing import after_the_terms, labels, settle_claims
from tests.treasury.test_guarantee import COVERED, called, distribute


@pytest.fixture
def bond(app):
    """Of 400,000.00 senior came back 300,000.00; the guarantor is asked for 100,000.00."""
    from app.treasury.operations import receive_payment

    made = make_banked(tranches=(COVERED, FIRST_LOSS))
    fund(made, 60_000_000)
    pay_cost(made, 60_000_000)
    (paid,) = owe(made, 30_000_000)
    receive_payment(paid, actor=made.intermediary)
    settle_claims(made)
    distribute(made)
    return made


def rows(bond):
    db.session.expire_all()
    found = db.session.scalars(select(GuaranteeCall).filter_by(programme_id=bond.programme.id)).unique()
    return sorted((one.amount_minor, str(one.state)) for one in found)


def faults():
    """But for what the bank never told: this bond had no statements before its end."""
    return [one for one in book_faults() if not one.startswith("bank.")]


def read(bond, opening, *entries):
    bring(bond, camt([entry(minor, text) for minor, text in entries], opening, opening + sum(m for m, _t in entries)))
    return matching.match_open(bond.programme, actor=bond.intermediary)


def test_two_lines_that_name_it_are_two_parts(bond, browse):
    """As a reader found it: 55,000.00 and 45,000.00 for 100,000.00, the second a day later."""
    with after_the_terms(bond):
        made = called(bond)
        assert read(bond, 0, (5_500_000, made.reference)) == 1
        assert rows(bond) == [(4_500_000, "called"), (5_500_000, "received")]
        assert balances(bond.programme.id)[AccountKind.GUARANTEE, None] == 5_500_000
        assert "45,000.00" in words_told("guarantee.receive") and made.reference in words_told("guarantee.receive")
        assert guarantee_due(bond.programme) is None, "the rest is called already"
        assert "What the guarantee covers is called and paid in" in labels(bond), "the rest is waited for"
        shown = browse(bond.colleague).get_ok(f"/guarantee-calls/{made.id}").text
        assert "Paid in parts" in shown and "55,000.00" in shown and "45,000.00" in shown
        assert read(bond, 5_500_000, (4_500_000, made.reference)) == 1
        assert rows(bond) == [(4_500_000, "received"), (5_500_000, "received")]
        assert bank_minor(bond.programme.id) == 10_000_000 and faults() == []
        assert reconciling.days(bond.programme.id)[0].difference == 0
        last = distribute(bond)
        assert last.guarantee_minor == 10_000_000


def test_what_came_in_is_distributed_and_the_rest_when_it_comes(bond):
    """The guarantor's part goes to investors; after it, only the rest of the guarantee does, to the cent."""
    with after_the_terms(bond):
        made = called(bond)
        receive_guarantee(made, clock.today(), 5_500_001, actor=bond.intermediary)
        first = distribute(bond)
        assert (first.amount_minor, first.guarantee_minor) == (5_500_001, 5_500_001)
        assert "What the guarantee covers is called and paid in" in labels(bond)
        with pytest.raises(NotNow, match="last distribution"), clock.at(clock.now() + timedelta(days=1)):
            distribute(bond)
        with clock.at(clock.now() + timedelta(days=2)):
            receive_guarantee(made, clock.today(), actor=bond.intermediary)
            assert "All that investors are owed is distributed" in labels(bond)
            last = distribute(bond)
            assert (last.amount_minor, last.guarantee_minor) == (4_499_999, 4_499_999)
            assert [(p.tranche.name, p.return_minor) for p in last.parts] == [("Senior", 0)]
            assert balances(bond.programme.id)[AccountKind.INVESTOR_CAPITAL, bond.investor.organisations[0].id] == 0
            assert labels(bond) == set() and faults() == []


def test_the_rest_is_given_up_and_what_came_in_stays(bond):
    with after_the_terms(bond):
        made = called(bond)
        receive_guarantee(made, clock.today(), 5_500_000, actor=bond.intermediary)
        withdraw_guarantee(made, "Bankrupt", gives_up=True, actor=bond.intermediary)
        assert rows(bond) == [(4_500_000, "given_up"), (5_500_000, "received")]
        assert guarantee_due(bond.programme) is None
        assert distribute(bond).guarantee_minor == 5_500_000
        assert labels(bond) == set() and faults() == []


def test_by_hand_once_and_not_more_than_is_owed(bond, browse):
    with after_the_terms(bond):
        made = called(bond)
        url = f"/guarantee-calls/{made.id}/receive"
        assert "100000.00" in browse(bond.colleague).get_ok(url).text  # what is owed stands there already
        typed = {"amount": "55000", "on": clock.today().isoformat(), "once": str(uuid.uuid4())}
        for _twice in range(2):
            assert browse(bond.colleague).post_form(url, typed | with_password(bond.colleague)).status_code == 303
        assert rows(bond) == [(4_500_000, "called"), (5_500_000, "received")]
        for wrong in ("45000.01", "0"):
            again = typed | {"amount": wrong, "once": str(uuid.uuid4())} | with_password(bond.colleague)
            assert browse(bond.colleague).post_form(url, again).status_code == 422
        with pytest.raises(Refused, match="still owed"):
            receive_guarantee(made, clock.today(), 4_500_001, actor=bond.intermediary)
        assert read(bond, 0, (5_500_000, made.reference)) == 1, "the line is what was booked by hand"
        assert rows(bond) == [(4_500_000, "called"), (5_500_000, "received")] and faults() == []


def test_a_part_without_its_reference_is_matched_by_hand(bond, browse):
    """The page of the line offers what the guarantor still owes."""
    with after_the_terms(bond):
        made = called(bond)
        assert read(bond, 0, (5_500_000, "garantie")) == 0
        line = db.session.scalars(select(BankEntry).filter_by(amount_minor=5_500_000)).unique().one()
        page = f"/bank-entries/{line.id}/match"
        assert str(made.id) in browse(bond.intermediary).get_ok(page).text
        typed = {"causes": [str(made.id)], "note": "Its account."}
        assert browse(bond.intermediary).post_form(page, typed).status_code == 303
        assert rows(bond) == [(4_500_000, "called"), (5_500_000, "received")]
        db.session.refresh(line)
        assert line.state == EntryState.MATCHED and made.state == GuaranteeState.CALLED

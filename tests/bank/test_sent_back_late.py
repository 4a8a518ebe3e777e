"""VAT that the bank sends back when the bond would be closed already: it cannot, for the close waits until no bank can
(SEPA Credit Transfer rulebook: a return within three banking days; issue 6: close of the bond to zero)."""

import uuid
from datetime import timedelta

import pytest

from app.bank import booking
from app.bank.before_closing import returns_until
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.core import clock
from app.core.errors import NotNow
from app.core.format import day
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.models import AccountKind
from app.treasury.closing_checks import checks
from app.treasury.closing_operations import ClosingFacts, prepare_closing
from tests.bank.test_match import imported, line
from tests.bank.test_return_outside import pay_vat, with_vat_paid
from tests.factories.bank import iban_of
from tests.factories.ledger import book_faults

OVER = "No bank can send a payment back any more"
LEFT = 30_010_000  # at the bank after the VAT left it


@pytest.fixture
def bond(app):
    return with_vat_paid()


def said(bond):
    return {str(one.label): one for one in checks(bond.programme)}


def in_days(days):
    return clock.at(clock.now() + timedelta(days=days))


def close(bond):
    gone = clock.today() + timedelta(days=400)
    facts = ClosingFacts(gone, gone, "None.")
    return prepare_closing(bond.programme, facts, actor=bond.intermediary, once=uuid.uuid4())


def banking_days_after(on, number, jurisdiction):
    while number:
        on += timedelta(days=1)
        number -= clock.is_working_day(on, jurisdiction)
    return on


def test_the_close_waits_until_a_statement_shows_that_nothing_came_back(bond):
    left_on = clock.today()
    until = banking_days_after(left_on, 3, bond.programme.jurisdiction)
    assert returns_until(bond.programme) == until
    assert not said(bond)[OVER].is_met and day(until) in said(bond)[OVER].note
    days = (until - left_on).days
    with in_days(days - 1):
        imported(bond, opening=LEFT)
        assert not said(bond)[OVER].is_met
    with in_days(days):
        imported(bond, opening=LEFT)
        assert not said(bond)[OVER].is_met, "it may come in later on that day"
    with in_days(days + 1):
        assert said(bond)[OVER].is_met


def test_the_term_alone_is_not_enough(bond):
    """Nobody read the statement in on which it came back."""
    with in_days(30):
        assert not said(bond)[OVER].is_met
        with pytest.raises(NotNow, match=OVER):
            close(bond)
        imported(bond, opening=LEFT)
        assert said(bond)[OVER].is_met


def test_what_comes_back_in_time_is_owed_again_and_somebody_has_a_task(bond, browse):
    desk = browse(bond.intermediary)
    with in_days(1):
        imported(bond, line(2_100, f"RETURN {bond.reference}"), opening=LEFT)
        assert not said(bond)["Every line of the bank is matched or set aside"].is_met
        assert f"/programmes/{bond.programme.id}/bank/work-list" in desk.get_ok("/home").text
        (came,) = db.session.scalars(db.select(BankEntry).filter_by(state=EntryState.OPEN)).unique()
        (paid,) = booking.returnable(came)
        booking.return_line(came, paid, "Account closed", actor=bond.intermediary, once=uuid.uuid4())
        assert balances(bond.programme.id)[AccountKind.VAT, None] == 2_100
        assert not said(bond)["VAT is paid to the tax authority"].is_met
        assert "It is owed again" in desk.get_ok(f"/remittances/{bond.first.id}").text
        with pytest.raises(NotNow, match="VAT is paid to the tax authority"):
            close(bond)
        assert book_faults() == []
    with in_days(10):
        _again, reference = pay_vat(bond, iban_of(6))
        imported(bond, line(-2_100, "SEPA", end_to_end=reference), opening=LEFT + 2_100)
        assert returns_until(bond.programme) == banking_days_after(clock.today(), 3, bond.programme.jurisdiction)
        assert not said(bond)[OVER].is_met and book_faults() == []


def test_what_was_never_paid_by_the_bank_comes_from_no_bank(app):
    from tests.factories.bank import make_banked

    made = make_banked()
    assert returns_until(made.programme) is None and OVER not in said(made)

"""Money of somebody unknown that is sent back is never booked, and then nothing is wrong; money that left for another
account is a fault, and its line is named. The close asks the same check as the page of the books (issue 6, "portal
equals bank")."""

import pytest
from sqlalchemy import select

from app.bank import matching, queries, reconciling
from app.bank.models import BankEntry
from app.bank.sent_back import pairs_of
from app.core import clock
from app.extensions import db
from app.treasury.closing_checks import checks
from tests.bank.test_match import imported, line
from tests.factories.bank import iban_of, make_banked
from tests.factories.ledger import book_faults

CHECK = "The check of the books holds"


@pytest.fixture
def bond(app):
    return make_banked()


def aside(bond):
    for one in db.session.scalars(select(BankEntry)).unique().all():
        matching.set_aside(one, "Of a stranger", actor=bond.intermediary)


def holds(bond):
    return next(one for one in checks(bond.programme) if str(one.label) == CHECK)


def test_two_lines_that_were_set_aside_and_cancel_out_are_no_fault(bond, browse):
    stranger = {"iban": iban_of(7), "name": "Mr Unknown"}
    imported(bond, line(5_000, "by mistake", **stranger))
    ((_line, reason, _bank),) = queries.work_list(bond.programme)
    assert "send it back at the bank" in reason
    imported(bond, line(-5_000, "back to you", reference="BACK", **stranger), opening=5_000)
    (day,) = reconciling.days(bond.programme.id)
    assert not day.is_sound and not holds(bond).is_met, "nobody said yet what they are"
    aside(bond)
    (day,) = reconciling.days(bond.programme.id)
    assert day.is_sound and (day.difference, day.gone, day.arrived, day.leaving) == (0, 0, 0, 0)
    assert book_faults() == [] and holds(bond).is_met
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/bank/balances").text
    assert "agrees" in page and "Bank and books differ" not in page


@pytest.mark.parametrize("minor, to", [(5_000, 8), (4_999, 7)], ids=["to another account", "less"])
def test_what_does_not_cancel_out_is_a_fault_whose_line_is_named(bond, browse, minor, to):
    imported(bond, line(5_000, "by mistake", iban=iban_of(7)))
    imported(bond, line(-minor, "gone", reference="GONE", iban=iban_of(to)), opening=5_000)
    aside(bond)
    (fault,) = book_faults()
    assert "line GONE of" in fault
    assert not holds(bond).is_met and "GONE" in holds(bond).note
    page = browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/bank/balances").text
    assert "Line GONE of" in page and "no payment in the books" in page


def test_what_left_before_it_came_in_is_not_sent_back(bond):
    """Somebody took money out, and other money of the same amount came in on a later line."""
    out, came = (BankEntry(amount_minor=minor, iban="", booked_on=clock.today()) for minor in (-1, 1))
    assert pairs_of([came, out]) == [(came, out)]
    came.booked_on = out.booked_on.replace(year=out.booked_on.year + 1)
    assert pairs_of([out, came]) == []

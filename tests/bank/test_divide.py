"""A line that names two references and pays too little for both is divided by hand: one whole, of the other a part.

Source: issue 6 (a work list for the rest; partly paid). 1,000.00 and 500.00 are owed, 1,200.00 came in.
"""

import pytest
from sqlalchemy import select

from app.bank import matching, queries, reconciling
from app.bank.models import BankEntry, BankMatch
from app.bank.states import EntryState
from app.extensions import db
from app.settlement.states import StatementState
from tests.browser import soup
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.ledger import book_faults
from tests.factories.treasury import call, owe


@pytest.fixture
def bond(app):
    return make_banked()


@pytest.fixture
def owed(bond):
    """Two statements of one municipality."""
    return owe(bond, 100_000)[0], owe(bond, 50_000)[0]


def brought(bond, minor, *references):
    bring(bond, camt([entry(minor, " en ".join(references))], 0, minor))
    matching.match_open(bond.programme, actor=bond.intermediary)
    return db.session.scalars(select(BankEntry)).unique().one()


def match(browse, bond, line, causes, partly=""):
    typed = {"causes": [str(one.id) for one in causes], "partly": str(partly and partly.id), "note": "By telephone."}
    return browse(bond.intermediary).post_form(f"/bank-entries/{line.id}/match", typed)


def test_one_is_paid_whole_and_of_the_other_what_is_left(bond, owed, browse):
    """200.00 of the second: 300.00 of it stays owed. The list says what to do."""
    first, second = owed
    line = brought(bond, 120_000, first.reference, second.reference)
    assert line.state == EntryState.OPEN
    [(_line, why, _bank)] = queries.work_list(bond.programme)
    assert "together €1,500.00: less came in" in why and "say of which one only a part came in" in why
    assert second.reference in why.replace(" ", "") and first.reference in why.replace(" ", "")
    assert match(browse, bond, line, owed, second).status_code == 303
    db.session.expire_all()
    assert (first.outstanding_minor, second.outstanding_minor) == (0, 30_000)
    assert (first.state, second.state) == (StatementState.PAID, StatementState.PARTLY_PAID)
    assert sorted(db.session.scalars(select(BankMatch.amount_minor))) == [20_000, 100_000]
    [day] = reconciling.days(bond.programme.id)
    assert day.is_sound and book_faults() == []


def test_the_person_says_which_the_portal_does_not_guess(bond, owed, browse):
    """The same line the other way round: 700.00 of the first, and the second whole."""
    first, second = owed
    line = brought(bond, 120_000, first.reference, second.reference)
    answer = match(browse, bond, line, owed)
    assert answer.status_code == 422 and "€300.00 less came in" in answer.text
    assert (first.outstanding_minor, second.outstanding_minor) == (100_000, 50_000)
    assert match(browse, bond, line, owed, first).status_code == 303
    db.session.expire_all()
    assert (first.outstanding_minor, second.outstanding_minor) == (30_000, 0)


def test_where_the_others_leave_nothing_it_is_refused(bond, owed, browse):
    """900.00 for 1,000.00 and 500.00: the first alone is more than the line, so the second cannot get a part."""
    first, second = owed
    line = brought(bond, 90_000, first.reference, second.reference)
    answer = match(browse, bond, line, owed, second)
    assert answer.status_code == 422 and "leave nothing for this one" in answer.text
    assert match(browse, bond, line, owed, first).status_code == 303
    db.session.expire_all()
    assert (first.outstanding_minor, second.outstanding_minor) == (60_000, 0)


def test_two_capital_calls_of_an_investor_are_divided_alike(bond, browse):
    """Half of the second part came in with the first."""
    parts = []
    for _number in range(2):
        asked = call(bond, 3_000_000)
        parts.append(next(one for one in asked.parts if one.organisation in bond.investor.organisations))
    first, second = parts
    half = second.amount_minor // 2
    line = brought(bond, first.amount_minor + half, first.reference, second.reference)
    assert line.state == EntryState.OPEN
    assert match(browse, bond, line, parts, second).status_code == 303
    db.session.expire_all()
    assert first.received_on == line.booked_on
    assert (second.received_on, second.amount_minor) == (None, half)
    assert book_faults() == []


def test_a_line_for_one_thing_asks_nothing_of_the_kind(bond, browse):
    """Nothing can be divided where only one thing is owed."""
    owe(bond, 100_000)
    line = brought(bond, 40_000, "no reference")
    page = soup(browse(bond.intermediary).get_ok(f"/bank-entries/{line.id}/match"))
    assert page.select("[name=causes]") and not page.select("[name=partly]")

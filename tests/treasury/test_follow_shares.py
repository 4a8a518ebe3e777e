"""Of the effects behind some money the share that stands for it, corrections named (issue 6: follow this cent).

The shares are reckoned by hand: the money x amount of the effect / amount of the statement after corrections.
"""

import uuid
from datetime import date

import pytest

from app.ledger.models import AccountKind, TransferKind
from app.settlement.dispute_operations import answer_dispute, confirm_correction, dispute_statement
from app.treasury.behind import effects_shared
from app.treasury.operations import receive_payment
from tests.browser import soup
from tests.factories.ledger import transfers_of
from tests.factories.outcomes import make_delivery, make_participant, make_signed_off
from tests.factories.settlement import make_settlement, statement_of

CAPTION = "Proven effects behind this money"


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def statement(bond):
    """Enschede owes 2,000.00 for thirteen weeks of work and 1,200.00 for half a year of it (1,500.00 less a fifth that
    would have come about anyway)."""
    person = make_participant(bond, bond.enschede)
    make_signed_off(bond, participant=person)
    make_signed_off(bond, code="work-26w", participant=person)
    return statement_of(make_settlement(bond, date(2026, 6, 30), approved=True), bond.enschede)


def lower(bond, statement, minor):
    dispute = dispute_statement(statement, "One lives elsewhere.", actor=bond.official, once=uuid.uuid4())
    answer_dispute(dispute, "You are right.", minor, actor=bond.intermediary)
    confirm_correction(dispute, actor=bond.colleague)


def shares(browse, person, transfer):
    page = soup(browse(person).get_ok(f"/transfers/{transfer.id}"))
    assert "that municipalities had paid for" not in page.text
    table = next(one for one in page.select("main table") if one.caption and one.caption.text == CAPTION)
    rows = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tbody tr")]
    return [(row[0], row[2], row[3]) for row in rows]


def standing(statement, kind):
    """What was booked for it and not reversed."""
    booked = transfers_of(statement)
    undone = {one.pending_id for one in booked}
    found = [one for one in booked if one.kind == TransferKind.POSTED and one.id not in undone]
    return [one for one in found if one.debit.kind == kind]


def test_of_each_effect_the_share_that_a_receipt_paid(bond, statement, browse):
    """1,000.00 of 3,200.00: 5/8 is 625.00 and 3/8 is 375.00."""
    receive_payment(statement, amount_minor=100_000, actor=bond.intermediary)
    (receipt,) = standing(statement, AccountKind.BANK)
    for person in (bond.intermediary, bond.official):
        assert shares(browse, person, receipt) == [
            ("Thirteen weeks of work", "€2,000.00", "€625.00"),
            ("Half a year of work", "€1,200.00", "€375.00"),
            ("Together", "€3,200.00", "€1,000.00"),
        ]


def test_a_correction_after_a_dispute_is_named_and_takes_its_share(bond, statement, browse):
    """200.00 less is owed: 1,000.00 of 3,000.00 is 666.67, 400.00 and -66.67; all of it is each amount itself."""
    lower(bond, statement, 20_000)
    receive_payment(statement, amount_minor=100_000, actor=bond.intermediary)
    (receipt,), (owed,) = standing(statement, AccountKind.BANK), standing(statement, AccountKind.RECEIVABLE)
    correction = f"Correction of {statement.reference} after a dispute"
    assert shares(browse, bond.intermediary, receipt) == [
        ("Thirteen weeks of work", "€2,000.00", "€666.67"),
        ("Half a year of work", "€1,200.00", "€400.00"),
        (correction, "-€200.00", "-€66.67"),
        ("Together", "€3,000.00", "€1,000.00"),
    ]
    assert [row[1:] for row in shares(browse, bond.intermediary, owed)] == [
        ("€2,000.00", "€2,000.00"),
        ("€1,200.00", "€1,200.00"),
        ("-€200.00", "-€200.00"),
        ("€3,000.00", "€3,000.00"),
    ]


@pytest.mark.parametrize("minor", [1, 2, 99, 100_001, 299_999, 300_000])
def test_no_cent_is_lost_in_sharing(bond, statement, minor):
    lower(bond, statement, 20_000)
    assert sum(one.share_minor for one in effects_shared({statement.id: minor})) == minor

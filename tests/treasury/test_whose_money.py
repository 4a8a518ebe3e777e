"""Money that goes back names whose it is: an investor's is nowhere called the municipality's, nor the other way round.

Source: issue 6, "an accountant should find nothing to ask". Two investors and a municipality each paid too much.
"""

import uuid

import pytest

from app.bank.batches import payable
from app.core import clock
from app.ledger.models import AccountKind
from app.ledger.posting import account
from app.treasury.other_receipt_operations import book_other_receipt
from app.treasury.remittance_operations import approve_remittance, prepare_remittance
from app.treasury.states import OtherReceiptKind, RemittanceKind
from tests.browser import soup
from tests.factories.ledger import book_faults
from tests.factories.treasury import make_funded
from tests.told import body_told

BACK = RemittanceKind.PAYER_BACK


@pytest.fixture
def bond(app):
    return make_funded()


def too_much(bond, **paid):
    """`paid`: by name of who stands in `bond`, minor units."""
    parties = {"first": bond.investor.organisations[0], "second": bond.second.organisations[0]}
    for name, minor in paid.items():
        of = parties.get(name) or getattr(bond, name)
        facts = (OtherReceiptKind.OVERPAID, of, minor, clock.today(), "Twice on the statement of the bank.")
        book_other_receipt(bond.programme, *facts, actor=bond.intermediary, once=uuid.uuid4())


def pay_back(bond, minor):
    return prepare_remittance(bond.programme, BACK, minor, actor=bond.intermediary, once=uuid.uuid4())


@pytest.mark.parametrize(
    ("paid", "title", "to_the_bank"),
    [
        ({"first": 100}, "Back to the investor", {"Back to the investor"}),
        ({"first": 100, "second": 200}, "Back to the investors", {"Back to the investor"}),
        ({"enschede": 300}, "Back to the municipality", {"Back to the municipality"}),
        ({"enschede": 300, "hengelo": 400}, "Back to the municipalities", {"Back to the municipality"}),
        (
            {"first": 100, "enschede": 300},
            "Back to municipalities and investors",
            {"Back to the investor", "Back to the municipality"},
        ),
    ],
)
def test_a_payment_back_is_titled_and_told_to_the_bank_by_whose_it_is(bond, browse, paid, title, to_the_bank):
    too_much(bond, **paid)
    desk, url = browse(bond.intermediary), f"/programmes/{bond.programme.id}/remittances/payer_back/prepare"
    assert soup(desk.get_ok(url)).h1.text.strip() == title
    made = pay_back(bond, sum(paid.values()))
    assert soup(desk.get_ok(f"/remittances/{made.id}")).h1.text.strip() == title
    approve_remittance(made, actor=bond.colleague)
    assert {one.description for one in payable(bond.programme)} == to_the_bank
    assert book_faults() == []


def test_each_receiver_reads_and_is_mailed_of_its_own_money_alone(bond, browse):
    """Where both are paid at once an investor reads nothing of a municipality."""
    too_much(bond, first=100, enschede=300)
    made = pay_back(bond, 400)
    approve_remittance(made, actor=bond.colleague)
    for user, own in ((bond.investor, "Back to the investor"), (bond.official, "Back to the municipality")):
        assert soup(browse(user).get_ok(f"/remittances/{made.id}")).h1.text.strip() == own
        assert f"{own}." in body_told("remittance.approve", user)


def test_the_books_call_what_an_investor_is_owed_the_investors(bond, browse):
    """On the trial balance, in the journal, on the account itself and in the file."""
    too_much(bond, first=100, enschede=300)
    desk, of = browse(bond.intermediary), bond.investor.organisations[0]
    for owner, words, wrong in ((of, "investor", "municipality"), (bond.enschede, "municipality", "investor")):
        own = account(bond.programme.id, AccountKind.PAYER_CREDIT, owner.id)
        page = soup(desk.get_ok(f"/ledger-accounts/{own.id}"))
        assert page.h1.text.strip() == f"Owed to the {words}, {owner.name}"
        assert f"wed to the {wrong}" not in page.main.text
    start = f"/programmes/{bond.programme.id}"
    for url in (f"{start}/journal", f"{start}/trial-balance"):
        text = soup(desk.get_ok(url)).main.get_text(" ", strip=True)
        assert "owed to the investor" in text and "owed to the municipality" in text
    assert "owed to municipalities and investors" in desk.get_ok(f"{start}/trial-balance").text
    rows = desk.get_ok(f"{start}/trial-balance.csv").text.splitlines()
    assert any("owed to the investor" in row and of.name in row for row in rows)

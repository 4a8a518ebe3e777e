"""A receipt that paid ten thousand investors, a payment made of ten thousand receipts: sums by kind and a page of them.

Rule: issue 6, "Scale": a page has the same number of statements as that of a small bond, and stays small. And no cent
is lost by it: the pages together, and the sums above them, are the transfer to the cent.
"""

import pytest

from app.core.format import money
from app.extensions import db
from app.ledger import posting
from app.ledger.models import AccountKind
from app.treasury.following import FEW
from tests.browser import soup
from tests.factories.ledger import in_books, transfers_of
from tests.factories.people import make_organisation
from tests.factories.treasury import fund, make_funded, pay_cost
from tests.statements import counted

MANY = FEW + 12


@pytest.fixture
def bond(app):
    made = make_funded((20_000_000, 10_000_000))
    made.capital = fund(made, 30_000_000)
    return made


def book_all(bond, sides, amounts):
    """Posted transfers one after the other; `sides` names the two accounts (kind, organisation id) of each."""

    def work():
        for n, minor in enumerate(amounts):
            debit, credit = (posting.account(bond.programme.id, *side) for side in sides(n))
            posting.post(debit, credit, minor, bond.programme, entered_by=bond.intermediary)

    in_books(work, programme=bond.programme, actor=bond.intermediary)


BANK = (AccountKind.BANK, None)


def from_many(bond, amounts):
    """So many investors' capital comes in."""
    funds = [make_organisation(name=f"Fund {n}").id for n in range(len(amounts))]
    book_all(bond, lambda n: (BANK, (AccountKind.INVESTOR_CAPITAL, funds[n])), amounts)


def to_many(bond, amounts):
    """So many payments go out."""
    provider = (AccountKind.RUNNING_COSTS, bond.provider_organisation.id)
    book_all(bond, lambda _n: (provider, BANK), amounts)


def moved(cost):
    """The transfer that moved its money: the answer to the one that set it aside."""
    return next(one for one in transfers_of(cost) if one.pending_id)


def tables(page, caption):
    found = [table for table in soup(page).select("table") if caption in table.caption.text]
    return [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in found[0].select("tbody tr")]


SUMS, PAID = "The receipts that this payment is made of", "The payments that this money was used for"
ONE_BY_ONE = "One by one, the largest first"


def test_a_payment_of_many_receipts(bond, browse):
    amounts = range(1_000, 1_000 + MANY)
    from_many(bond, amounts)
    url = f"/transfers/{moved(pay_cost(bond, 30_000_000 + sum(amounts))).id}"
    desk = browse(bond.intermediary)
    first, second = desk.get_ok(url), desk.get_ok(f"{url}?came=2")
    assert tables(first, SUMS) == [["capital paid in", str(MANY + 2), money(30_000_000 + sum(amounts))]]
    shown = [tables(page, ONE_BY_ONE) for page in (first, second)]
    assert [len(rows) for rows in shown] == [FEW, MANY + 2 - FEW]
    assert [row[3] for row in shown[0][:3]] == [money(20_000_000), money(10_000_000), money(amounts[-1])]
    assert shown[1][-1][1:] == ["Fund 0", "–", money(1_000)]
    assert len({row[1] for rows in shown for row in rows}) == MANY + 2, "each receipt stands on one page, and once"
    assert soup(first).select_one('nav.pagination a[href$="came=2"]')


def test_a_receipt_that_paid_many(bond, browse):
    amounts = range(100, 100 + MANY)
    to_many(bond, amounts)
    (receipt,) = transfers_of(bond.capital.parts[0])
    page = browse(bond.intermediary).get_ok(f"/transfers/{receipt.id}")
    assert tables(page, PAID) == [["running costs", str(MANY), money(sum(amounts))]]
    assert [row[3] for row in tables(page, ONE_BY_ONE)] == [money(minor) for minor in reversed(amounts[-FEW:])]
    assert soup(page).select_one('nav.pagination a[href$="went=2"]')


def test_few_stand_one_by_one_in_the_order_of_the_books(bond, browse):
    to_many(bond, range(100, 100 + FEW))
    page = browse(bond.intermediary).get_ok(f"/transfers/{transfers_of(bond.capital.parts[0])[0].id}")
    assert [row[3] for row in tables(page, PAID)] == [money(minor) for minor in range(100, 100 + FEW)]
    assert ONE_BY_ONE not in page.text and not soup(page).select("nav.pagination")


def test_who_follows_sums_learns_no_number_of_investors(bond, browse):
    from_many(bond, [1_000] * MANY)
    cost = moved(pay_cost(bond, 30_000_000 + 1_000 * MANY))
    page = browse(bond.provider).get_ok(f"/transfers/{cost.id}")
    assert tables(page, SUMS) == [["capital paid in", "–", "–", money(30_000_000 + 1_000 * MANY)]]
    words = soup(page).select_one("main").text
    for name in (bond.programme.title, bond.provider.name, *(owner.name for owner in bond.provider.organisations)):
        words = words.replace(name, "")  # a name may hold any number
    assert "Fund" not in words and str(MANY + 2) not in words


def test_many_cost_no_more_statements(bond, browse):
    """The same page before and after: of two receipts, and of three times as many as stand on it."""
    desk, seen = browse(bond.intermediary), []
    small = moved(pay_cost(bond, 30_000_000))
    from_many(bond, [1_000] * 3 * FEW)
    large = moved(pay_cost(bond, 1_000 * 3 * FEW))
    for cost in (small, large):
        desk.get_ok(f"/transfers/{cost.id}")
        db.session.expire_all()
        with counted() as statements:
            desk.get_ok(f"/transfers/{cost.id}")
        seen.append(len(statements))
    assert seen[0] == seen[1]

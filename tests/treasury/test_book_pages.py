"""Every page of the books is found by what is kept by the hour, without walking past all transfers before it.

Rule: issue 6, "Scale": figures on pages stay fast with a million transfers; and an accountant who turns all pages reads
each transfer once, in the order in which it was booked. An hour that is taken from the wrong end, or left out at its
edge, doubles or loses one.
"""

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from app.core import clock
from app.extensions import db
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.treasury.journal import Asked, journal, ledger_account
from tests.factories.treasury import make_funded
from tests.treasury.test_books import at_page

FIRST = date(2031, 3, 28)  # two days before summer time begins
MINUTES = [*(7 * n for n in range(300)), *[2_000] * 130, *(2_001 + n // 40 for n in range(90))]  # 130 at one moment
PAIRS = [
    (AccountKind.BANK, AccountKind.OUTCOME_INCOME),
    (AccountKind.RUNNING_COSTS, AccountKind.BANK),
    (AccountKind.VAT, AccountKind.EXCESS),
]


@pytest.fixture
def app(both):
    return both


@pytest.fixture
def laid(app):
    """(bond, its accounts by kind, its transfers in the order of the books)."""
    bond = make_funded()
    accounts = {kind: Account(programme_id=bond.programme.id, kind=kind) for pair in PAIRS for kind in pair}
    db.session.add_all(accounts.values())
    db.session.flush()
    facts = {"programme_id": bond.programme.id, "entered_by_id": bond.intermediary.id, "reference": ""}
    facts |= {"cause_type": "programme", "cause_id": bond.programme.id}
    rows = []
    for n, minutes in enumerate(MINUTES):
        debit, credit = (accounts[kind].id for kind in PAIRS[n % 3])
        kind = TransferKind.PENDING if n % 5 == 0 else TransferKind.POSTED
        at = clock.local(FIRST) + timedelta(minutes=minutes)
        moved = {"id": uuid.uuid4(), "debit_id": debit, "credit_id": credit, "kind": kind, "amount_minor": 100 + n}
        rows.append(facts | moved | {"created_at": at})
    db.session.execute(insert(Transfer), rows)
    db.session.commit()
    ids = [row["id"] for row in rows]
    whole = list(db.session.scalars(select(Transfer).where(Transfer.id.in_(ids))))
    return bond, accounts, sorted(whole, key=lambda one: (one.created_at, one.id))


def turned(read):
    """All pages, one after the other."""
    found, page, pages = [], 1, 1
    while page <= pages:
        with at_page(page):
            read_page = read()
        found += [one.transfer.id for one in read_page.rows]
        page, pages = page + 1, read_page.pages
    assert pages > 1
    return found


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("kind", [None, AccountKind.BANK])
@pytest.mark.parametrize("since", [None, FIRST + timedelta(days=1)])
def test_all_pages_together_are_the_books(laid, newest, kind, since):
    bond, accounts, whole = laid
    asked = Asked(kind, since=since, newest=newest)
    expected = [
        one.id
        for one in whole
        if (kind is None or accounts[kind].id in (one.debit_id, one.credit_id))
        and (since is None or one.created_at >= clock.local(since))
    ]
    expected = expected[::-1] if newest else expected
    assert turned(lambda: journal(bond.programme, asked, None)) == expected
    if kind is not None:
        account = accounts[kind]
        assert turned(lambda: ledger_account(account, asked, None).page) == expected

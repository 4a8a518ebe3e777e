"""The list of settlements shows what is owed after a correction, and what it was; what is disputed is not late.

Source: issue 6 (disputed, corrected). Enschede was asked 2,000.00 and is corrected by 500.00; Hengelo 2,000.00.
"""

import uuid
from datetime import date, timedelta

import pytest

from app.core import clock
from app.programmes.models import Part
from app.settlement.dispute_operations import answer_dispute, confirm_correction, dispute_statement
from app.settlement.states import StatementState
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement, statement_of

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def statement(bond):
    for municipality in (bond.enschede, bond.hengelo):
        make_signed_off(bond, municipality)
    return statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)


def dispute(bond, statement):
    return dispute_statement(statement, "One lives elsewhere.", actor=bond.official, once=uuid.uuid4())


def correct(bond, statement, lower):
    one = dispute(bond, statement)
    answer_dispute(one, "You are right.", lower, actor=bond.intermediary)
    confirm_correction(one, actor=bond.colleague)


def cells(browse, user, bond):
    page = soup(browse(user).get_ok(f"/programmes/{bond.programme.id}/settlements"))
    heads = [one.text.strip() for one in page.select("main thead th")]
    found = [one.get_text(" ", strip=True) for one in page.select("main tbody tr > *")]
    return dict(zip(heads, found, strict=True))


def test_the_list_shows_what_is_owed_after_correction_and_what_it_was(bond, statement, browse):
    assert cells(browse, bond.intermediary, bond)["To pay"] == "€4,000.00"
    correct(bond, statement, 50_000)
    auditor = make_user(make_party(bond.programme, Part.AUDITOR))
    for reader in (bond.intermediary, auditor):
        assert cells(browse, reader, bond)["To pay"] == "€3,500.00 corrected; it was €4,000.00"
    assert cells(browse, bond.official, bond)["Your statement"] == "€1,500.00 corrected; it was €2,000.00"


def test_another_municipality_and_the_provider_learn_of_no_correction(bond, statement, browse):
    """By a sum that went down one would know what the other is asked."""
    other = statement_of(statement.settlement, bond.hengelo).payer.people()[0]
    before = cells(browse, other, bond)
    correct(bond, statement, 50_000)
    assert cells(browse, other, bond) == before
    assert "corrected" not in str(before)


def test_what_is_disputed_is_not_late(bond, statement, browse):
    """Its day passes while it is disputed: disputed, and no more late than the reminders say it is. Once it stands, it
    is late again."""
    one = dispute(bond, statement)
    with clock.at(clock.now() + timedelta(days=120)):
        for url in (f"/statements/{statement.id}", f"/programmes/{bond.programme.id}/invoices"):
            words = soup(browse(bond.official).get_ok(url)).main.get_text(" ").split()
            assert "disputed" in words and "late" not in words
        answer_dispute(one, "It is right as it is.", 0, actor=bond.intermediary)
        assert statement.state == StatementState.APPROVED and statement.is_late(clock.today())
        assert "late" in soup(browse(bond.official).get_ok(f"/statements/{statement.id}")).main.get_text(" ").split()

"""What the desk reads of a sign-off: what a settlement counts it knows already, and nothing more (the impact
assessment, templates/intake/_dpia.html; domain, section 9)."""

from datetime import date

import pytest

from app.outcomes.states import ClaimState
from app.verification.signing import sign_off
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_participant
from tests.factories.settlement import make_settlement

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


def lay(bond, enschede=3, hengelo=2, rejected=1):
    for payer, state, number in (
        (bond.enschede, ClaimState.VERIFIED, enschede),
        (bond.hengelo, ClaimState.VERIFIED, hengelo),
        (bond.hengelo, ClaimState.REJECTED, rejected),
    ):
        for _one in range(number):
            make_claim(bond, make_participant(bond, payer), state=state)
    return sign_off(bond.programme, "Read.", actor=bond.assessor)


def tables(page):
    """The cells with figures, per table: verified, rejected."""
    return [[cell.text for cell in one.select("[data-figure]")] for one in soup(page).select("main table")[:2]]


def test_the_intermediary_reads_what_a_settlement_counted_and_no_rejection(bond, browse):
    batch = lay(bond)
    desk = browse(bond.intermediary)
    page = desk.get_ok(f"/batches/{batch.id}")
    assert "hidden to you until a settlement counts them" in page.text
    assert not {"3", "2", "5"} & set(tables(page)[0])
    make_settlement(bond, JUNE)
    page = desk.get_ok(f"/batches/{batch.id}")
    verified, rejected = tables(page)
    assert verified == ["3", "2", "5"] * 2, "of the effect, and of all"
    assert "1" not in rejected and "it stays hidden" in " ".join(page.text.split())
    auditor = browse(bond.auditor).get_ok(f"/batches/{batch.id}")
    assert "hidden to you here" in auditor.text and not {"3", "2", "5"} & set(tables(auditor)[0])


def test_a_settlement_of_two_sign_offs_tells_neither_apart(bond, browse):
    """Its page tells them together: each of them would tell more than the desk may know."""
    first, second = lay(bond), lay(bond, enschede=4, hengelo=1, rejected=0)
    make_settlement(bond, JUNE)
    for batch in (first, second):
        page = browse(bond.intermediary).get_ok(f"/batches/{batch.id}")
        assert "its own page tells them together" in page.text
        assert not {"3", "2", "4", "5"} & set(tables(page)[0])

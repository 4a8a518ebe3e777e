"""A page or notice of a reopening says what becomes of the money: nothing was paid, or which settlement. Never how much
(domain, section 9), and of a settlement that nobody checked yet only to the intermediary that made it."""

import uuid
from datetime import date

import pytest

from app.core.format import money
from app.settlement.operations import check_settlement, discard_settlement
from app.treasury.operations import receive_payment
from app.verification.appeal_operations import file_appeal
from app.verification.appeal_states import ReopenReason
from app.verification.paid import money_words
from app.verification.reopening import confirm_reopening, propose_reopening
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.settlement import make_settlement, statement_of
from tests.factories.verification import make_colleague
from tests.told import body_told

JUNE, OCTOBER = date(2026, 6, 30), date(2026, 10, 31)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def claim(bond):
    return make_signed_off(bond)


def reopened(bond, claim):
    asked = propose_reopening(claim, ReopenReason.MISTAKEN, "Another person.", actor=bond.assessor, once=uuid.uuid4())
    confirm_reopening(asked, actor=make_colleague(bond))


def test_step_by_step_from_nothing_to_taken_back(bond, claim):
    assert money_words(claim) == "Nothing was paid for it."
    settlement = make_settlement(bond, JUNE)
    assert money_words(claim) == "Nothing was paid for it.", "nobody but the desk knows what is not checked"
    assert "Settlement 1 holds it and is not approved by all" in money_words(claim, desk=True)
    check_settlement(settlement, actor=bond.colleague)
    assert "Settlement 1 holds it and is not approved by all" in money_words(claim)
    discard_settlement(settlement, "A line is wrong.", actor=bond.intermediary)
    assert money_words(claim, desk=True) == "Nothing was paid for it."
    settlement = make_settlement(bond, JUNE, approved=True)
    assert "Settlement 2 holds it and is approved, to be paid by Enschede." in money_words(claim)
    receive_payment(statement_of(settlement, bond.enschede), actor=bond.intermediary)
    assert money_words(claim) == "It was paid in settlement 2. The next settlement takes that back."
    reopened(bond, claim)
    make_signed_off(bond)
    make_settlement(bond, OCTOBER, approved=True)
    assert money_words(claim) == "It was settled in settlement 2 and taken back in settlement 3."


def test_each_page_and_notice_says_it_and_none_an_amount(bond, claim, browse):
    paid = money(make_settlement(bond, JUNE, approved=True).paid_minor, "EUR")
    said = "Settlement 1 holds it and is approved"
    asked = propose_reopening(claim, ReopenReason.MISTAKEN, "Another person.", actor=bond.assessor, once=uuid.uuid4())
    filed = file_appeal(claim, "Not reached.", actor=bond.official, once=uuid.uuid4())
    colleague = make_colleague(bond)
    for path in (f"/reopenings/{asked.id}/confirm", f"/appeals/{filed.id}/decide"):
        page = browse(colleague).get_ok(path).text
        assert said in page and paid not in page, path
    confirm_reopening(asked, actor=colleague)
    for reader in (bond.provider, bond.official, bond.assessor):
        assert said in browse(reader).get_ok(f"/claims/{claim.id}").text
    for reader in (bond.provider, bond.official, bond.intermediary):
        told = body_told("claim.reopen", reader)
        assert said in told and paid not in told


def test_only_the_intermediary_is_told_of_its_draft(bond, claim):
    make_settlement(bond, JUNE)
    reopened(bond, claim)
    assert "prepares it anew" in body_told("claim.reopen", bond.intermediary)
    assert "Settlement" not in body_told("claim.reopen", bond.provider)

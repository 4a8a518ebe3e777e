"""Where to pay: two people name the account, payers read it on the page and in the notice (domain, section 2)."""

import uuid

import pytest

from app.core.errors import NotYours, Refused
from app.notifications.models import Notification
from app.treasury.account import approve_account, prepare_account
from tests.factories.treasury import call, make_funded

IBAN, SHOWN = "NL20INGB0001234567", "NL20 INGB 0001 2345 67"


@pytest.fixture
def bond(app):
    return make_funded()


def named(bond, iban=IBAN):
    return prepare_account(bond.programme, "Stichting SIB", iban, actor=bond.intermediary, once=uuid.uuid4())


def test_two_people_name_it(bond, browse):
    url = f"/programmes/{bond.programme.id}/bank-account"
    browse(bond.intermediary).post_form(url, {"holder": "Stichting SIB", "iban": "nl20 ingb 0001 2345 67"})
    assert bond.programme.account is None, "one person is not enough"
    from app.extensions import db
    from app.programmes.models import BankAccount

    account = db.session.scalars(db.select(BankAccount)).unique().one()
    assert account.iban == IBAN
    with pytest.raises(NotYours):
        approve_account(account, actor=bond.intermediary)
    browse(bond.colleague).post_form(f"/bank-accounts/{account.id}/approve")
    assert bond.programme.account.iban == IBAN


@pytest.mark.parametrize("iban", ["NL21INGB0001234567", "NL20INGB000123456", "hello", "XX20INGB0001234567"])
def test_a_wrong_iban_is_refused(bond, iban):
    """Check digits, length and country (ISO 13616)."""
    with pytest.raises(Refused) as refused:
        named(bond, iban)
    assert refused.value.field == "iban"


def test_nobody_else_names_it(bond, browse):
    for person in (bond.investor, bond.official, bond.provider, bond.assessor, bond.auditor):
        assert browse(person).get(f"/programmes/{bond.programme.id}/bank-account").status_code == 403


def test_the_investor_reads_where_to_pay(bond, browse):
    asked = call(bond, 30_000_000)
    page = browse(bond.investor).get_ok(f"/capital-calls/{asked.id}").text
    assert "has not named the account yet" in page
    approve_account(named(bond), actor=bond.colleague)
    page = browse(bond.investor).get_ok(f"/capital-calls/{asked.id}").text
    part = next(p for p in asked.parts if p.organisation_id == bond.investor.organisations[0].id)
    assert SHOWN in page and "Stichting SIB" in page and part.reference in page


def test_the_notice_of_a_call_says_where_to_pay(bond):
    from app.extensions import db

    approve_account(named(bond), actor=bond.colleague)
    call(bond, 30_000_000)
    told = db.session.scalars(db.select(Notification).where(Notification.user_id == bond.investor.id)).all()
    assert any(SHOWN in str(vars(notice)) for notice in told)

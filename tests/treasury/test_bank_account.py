"""Where to pay: two people name the account, payers read it on the page and in the notice (domain, section 2)."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.states import AccountState, Phase
from app.treasury.account import approve_account, code_of, prepare_account, withdraw_account
from tests.factories.people import with_password
from tests.factories.treasury import call, make_funded
from tests.told import recorded, told, words_told

IBAN, SHOWN = "NL20INGB0001234567", "NL20 INGB 0001 2345 67"


@pytest.fixture
def bond(app):
    return make_funded()


def named(bond, iban=IBAN):
    return prepare_account(bond.programme, "Stichting SIB", iban, actor=bond.intermediary, once=uuid.uuid4())


def approved(account, bond):
    approve_account(account, code_of(account), "Ines, 053 1", actor=bond.colleague)
    return account


def test_two_people_name_it(bond, browse):
    url = f"/programmes/{bond.programme.id}/bank-account"
    typed, own = {"holder": "Stichting SIB", "iban": "nl20 ingb 0001 2345 67"}, with_password(bond.intermediary)
    assert browse(bond.intermediary).post_form(url, typed | {"password": "no"}).status_code == 422
    assert browse(bond.intermediary).post_form(url, typed | own).status_code == 303
    assert bond.programme.account is None, "one person is not enough"
    from app.programmes.models import BankAccount

    account = db.session.scalars(db.select(BankAccount)).unique().one()
    assert account.iban == IBAN
    with pytest.raises(NotYours):
        approve_account(account, code_of(account), "Self", actor=bond.intermediary)
    page = f"/programmes/{bond.programme.id}/bank-account"
    assert code_of(account) in browse(bond.intermediary).get_ok(page).text
    assert code_of(account) not in browse(bond.colleague).get_ok(page).text, "it comes over the telephone alone"
    url, heard = f"/bank-accounts/{account.id}/approve", code_of(account).lower().replace("-", " ")
    with_password(bond.colleague)
    wrong = browse(bond.colleague).post_form(url, {"code": "ABCD-EFGH", "spoken_with": "Ines, 053 1"} | own)
    assert wrong.status_code == 422 and "not the code" in wrong.text and bond.programme.account is None
    typed = {"code": heard, "spoken_with": "Ines, 053 1"}
    assert browse(bond.colleague).post_form(url, typed | {"password": "no"}).status_code == 422
    assert browse(bond.colleague).post_form(url, typed | own).status_code == 303
    assert bond.programme.account.iban == IBAN, "nobody pays to another account yet, so it is in use at once"


def test_another_account_waits_and_can_be_withdrawn(bond, browse):
    """Who pays hears of it three days before it takes the place of the one in use."""
    first = approved(named(bond), bond)
    other = approved(named(bond, "NL86INGB0002445588"), bond)
    assert bond.programme.account is first and "NL86 INGB" in words_told("bank_account.approve")
    with clock.at(clock.now() + timedelta(days=4)):
        assert bond.programme.account is other
        assert browse(bond.colleague).get(f"/bank-accounts/{other.id}/withdraw").status_code == 409
    url = f"/bank-accounts/{other.id}/withdraw"
    assert browse(bond.investor).get(url).status_code == 404
    assert browse(bond.intermediary).post_form(url, {"reason": "Not ours"}).status_code == 303
    with clock.at(clock.now() + timedelta(days=4)):
        assert bond.programme.account is first
    assert bond.investor.email in told("bank_account.withdraw") and "Not ours" in words_told("bank_account.withdraw")


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
    approved(named(bond), bond)
    page = browse(bond.investor).get_ok(f"/capital-calls/{asked.id}").text
    part = next(p for p in asked.parts if p.organisation_id == bond.investor.organisations[0].id)
    assert SHOWN in page and "Stichting SIB" in page and part.reference in page


def test_every_payer_is_told_of_the_account(bond):
    """A false account is how money is stolen: a change must not go unseen by those who pay to it."""
    from app.programmes.models import Part

    approved(named(bond), bond)
    payers = bond.programme.people(Part.INVESTOR, Part.GOVERNMENT)
    assert {bond.investor.email, bond.official.email, bond.neighbour.email} <= {one.email for one in payers}
    assert {one.email for one in payers} <= told("bank_account.approve")
    assert not {bond.assessor.email, bond.provider.email} & told("bank_account.approve")
    assert SHOWN in words_told("bank_account.approve")


def test_the_notice_of_a_call_says_where_to_pay(bond):
    approved(named(bond), bond)
    call(bond, 30_000_000)
    told = db.session.scalars(db.select(Notification).where(Notification.user_id == bond.investor.id)).all()
    assert any(SHOWN in str(vars(notice)) for notice in told)


def test_the_account_in_use_and_a_second_request_are_refused(bond, browse):
    approved(named(bond), bond)
    with pytest.raises(Refused, match="already") as refused:
        named(bond)
    assert refused.value.field == "iban"
    other = named(bond, "NL86INGB0002445588")
    with pytest.raises(NotNow, match="waits for a second person"):
        named(bond, "NL02ABNA0123456789")
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/bank-account").text
    assert "Approve or withdraw that one first" in page
    withdraw_account(other, "Not ours", actor=bond.intermediary)
    assert named(bond, "NL02ABNA0123456789").iban == "NL02ABNA0123456789"


def test_no_two_bonds_have_one_account(bond, browse):
    """Bank and books are compared per bond; of a bond that is closed the account is free."""
    named(bond)
    other = make_funded()
    typed = {"holder": "Stichting SIB", "iban": SHOWN} | with_password(other.intermediary)
    answer = browse(other.intermediary).post_form(f"/programmes/{other.programme.id}/bank-account", typed)
    assert answer.status_code == 422 and "Another bond has this account" in answer.text and SHOWN in answer.text
    bond.programme.phase = Phase.CLOSED
    db.session.commit()
    assert named(other).iban == IBAN


def test_it_waits_at_home_for_the_second_person_alone(bond, browse):
    account = named(bond)
    url = f"/bank-accounts/{account.id}/approve"
    assert url in browse(bond.colleague).get_ok("/home").text
    assert url not in browse(bond.intermediary).get_ok("/home").text
    approved(account, bond)
    assert url not in browse(bond.colleague).get_ok("/home").text


def test_five_wrong_codes_withdraw_it(bond, browse):
    """Not four: people mishear. The right code comes too late after the fifth."""
    account = named(bond)
    with pytest.raises(NotYours):
        approve_account(account, "AAAA-0000", "Self", actor=bond.intermediary)
    url, heard = f"/bank-accounts/{account.id}/approve", {"spoken_with": "Ines"} | with_password(bond.colleague)
    for number in range(1, 5):
        answer = browse(bond.colleague).post_form(url, {"code": f"AAAA-000{number}"} | heard)
        db.session.refresh(account)
        assert answer.status_code == 422 and account.state == AccountState.PREPARED
    assert browse(bond.colleague).post_form(url, {"code": "AAAA-0005"} | heard).status_code == 303
    db.session.refresh(account)
    assert account.state == AccountState.WITHDRAWN and len(recorded("bank_account.mishear")) == 5
    with pytest.raises(NotNow):
        approved(account, bond)
    assert bond.programme.account is None

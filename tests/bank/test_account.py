"""A false account is how money is stolen: a second channel, another person, and time to say no."""

import uuid
from datetime import timedelta

import pytest

from app.bank.accounts import WAITING_DAYS, account_in_use, code_of, confirm_account, name_account
from app.bank.models import PayoutAccount
from app.bank.states import PayoutState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from tests.factories.bank import give_account, iban_of, make_banked
from tests.factories.people import make_organisation, make_user, with_password
from tests.told import told


@pytest.fixture
def bond(app):
    return make_banked()


def named(bond, number=7):
    organisation = bond.provider.organisations[0]
    return name_account(organisation, "De Brug", iban_of(number), actor=bond.provider, once=uuid.uuid4())


def newest():
    return db.session.scalars(db.select(PayoutAccount).order_by(PayoutAccount.created_at.desc()).limit(1)).one()


def test_from_a_name_to_an_account_that_is_paid_on(bond, browse):
    organisation = bond.provider.organisations[0]
    spaced = "nl" + iban_of(7)[2:4] + " " + iban_of(7)[4:]
    typed, url = {"holder": "De Brug", "iban": spaced}, f"/organisations/{organisation.id}/account"
    own = with_password(bond.provider, bond.intermediary)
    for wrong in ({}, {"password": "somebody left the screen open"}):  # issue 6: after signing in afresh
        answer = browse(bond.provider).post_form(url, typed | wrong)
        assert answer.status_code == 422 and db.session.query(PayoutAccount).count() == 0
    answer = browse(bond.provider).post_form(url, typed | own)
    account = newest()
    assert answer.status_code == 303 and (account.iban, account.state) == (iban_of(7), PayoutState.NAMED)
    assert {bond.provider.email, bond.intermediary.email} <= told("payout_account.name")
    assert bond.investor.email not in told("payout_account.name")
    code = code_of(account)
    assert code in browse(bond.provider).get_ok(f"/payout-accounts/{account.id}").text
    assert code not in browse(bond.intermediary).get_ok(f"/payout-accounts/{account.id}").text

    typed = {"code": code.lower().replace("-", " "), "spoken_with": "Jo, 053 123"}
    assert browse(bond.intermediary).post_form(f"/payout-accounts/{account.id}/confirm", typed).status_code == 422
    typed |= own
    assert browse(bond.intermediary).post_form(f"/payout-accounts/{account.id}/confirm", typed).status_code == 303

    db.session.refresh(account)
    assert account.state == PayoutState.CONFIRMED and bond.provider.email in told("payout_account.confirm")
    assert account_in_use(organisation.id) is None  # the waiting time runs
    with clock.at(clock.now() + timedelta(days=WAITING_DAYS, minutes=1)):
        assert account_in_use(organisation.id).id == account.id


def test_the_account_before_it_is_paid_on_until_the_waiting_time_is_over(bond):
    first = give_account(bond, bond.provider, 1)
    second = named(bond, 2)
    confirm_account(second, code_of(second), "Jo", actor=bond.intermediary)
    assert account_in_use(first.organisation_id).id == first.id
    with clock.at(clock.now() + timedelta(days=WAITING_DAYS, minutes=1)):
        assert account_in_use(first.organisation_id).id == second.id


def test_withdrawn_in_the_waiting_time_it_is_never_paid_on(bond, browse):
    """Whoever took over one mailbox is found out by a colleague, who is told at once."""
    first = give_account(bond, bond.provider, 1)
    second = named(bond, 2)
    confirm_account(second, code_of(second), "Jo", actor=bond.intermediary)
    answer = browse(bond.provider).post_form(f"/payout-accounts/{second.id}/withdraw", {"reason": "Not ours"})
    assert answer.status_code == 303 and bond.intermediary.email in told("payout_account.withdraw")
    with clock.at(clock.now() + timedelta(days=30)):
        assert account_in_use(first.organisation_id).id == first.id
    with pytest.raises(NotNow):
        confirm_account(second, code_of(second), "Jo", actor=bond.intermediary)


def test_a_wrong_code_confirms_nothing_and_keeps_what_was_typed(bond, browse):
    account, other = named(bond), code_of(give_account(bond, bond.investor, 9))
    answer = browse(bond.intermediary).post_form(
        f"/payout-accounts/{account.id}/confirm",
        {"code": other, "spoken_with": "Jo"} | with_password(bond.intermediary),
    )
    assert answer.status_code == 422 and "not the code of this account" in answer.text and other in answer.text
    db.session.refresh(account)
    assert account.state == PayoutState.NAMED


def test_nobody_confirms_the_account_of_the_own_organisation(bond, browse):
    """Not the member that named it, not a colleague, and not an intermediary for itself."""
    account = named(bond)
    colleague = make_user(bond.provider.organisations[0])
    for person in (bond.provider, colleague):
        assert browse(person).get(f"/payout-accounts/{account.id}/confirm").status_code == 403
        with pytest.raises(NotYours):
            confirm_account(account, code_of(account), "Jo", actor=person)
    desk = bond.intermediary.organisations[0]
    own = name_account(desk, "Desk", iban_of(5), actor=bond.intermediary, once=uuid.uuid4())
    with pytest.raises(NotYours):
        confirm_account(own, code_of(own), "Jo", actor=bond.colleague)


@pytest.mark.parametrize("iban", ["NL21INGB0001234567", "NL20INGB000123456", "hello", "XX20INGB0001234567"])
def test_a_wrong_iban_is_refused(bond, browse, iban):
    """Check digits, length and country (ISO 13616)."""
    url = f"/organisations/{bond.provider.organisations[0].id}/account"
    answer = browse(bond.provider).post_form(url, {"holder": "De Brug", "iban": iban} | with_password(bond.provider))
    assert answer.status_code == 422 and "no valid IBAN" in answer.text and f'value="{iban}"' in answer.text


def test_the_account_in_use_is_not_named_again(bond):
    give_account(bond, bond.provider, 7)
    with pytest.raises(Refused) as refused:
        named(bond, 7)
    assert refused.value.field == "iban"


def test_an_account_that_waits_makes_place_for_the_next(bond):
    first, second = named(bond, 1), named(bond, 2)
    db.session.refresh(first)
    assert (first.state, second.state) == (PayoutState.WITHDRAWN, PayoutState.NAMED)


def test_who_sees_an_account(bond, browse):
    account = named(bond)
    organisation = account.organisation_id
    assert browse(bond.auditor).get_ok(f"/payout-accounts/{account.id}")
    assert browse(bond.auditor).get(f"/payout-accounts/{account.id}/confirm").status_code == 403
    for person in (bond.investor, bond.official, bond.assessor, make_user(make_organisation())):
        assert browse(person).get(f"/payout-accounts/{account.id}").status_code == 404
        assert browse(person).get(f"/organisations/{organisation}/account").status_code == 403


def test_a_double_click_names_one_account(bond, browse):
    browser = browse(bond.provider)
    page = browser.get_ok(f"/organisations/{bond.provider.organisations[0].id}/account")
    typed = {"holder": "De Brug", "iban": iban_of(7)} | with_password(bond.provider)
    answers = [browser.submit(page, typed) for _click in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert db.session.query(PayoutAccount).count() == 1

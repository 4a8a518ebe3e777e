"""Who has no account in use cannot be paid: whoever prepares and approves reads that, and who can mend it, and is not
told that the money can go to the bank (issue 6: a changed account needs a confirmation and a waiting time)."""

import uuid

import pytest
from sqlalchemy import select

from app.bank import accounts
from app.bank.without_batch import Beside
from app.core import clock
from app.core.format import moment
from app.extensions import db
from app.notifications.models import Notification
from app.treasury import operations as treasury
from app.treasury.payable import not_yet_payable
from tests.factories.bank import give_account, iban_of, make_banked
from tests.factories.people import with_password
from tests.factories.treasury import fund, owe

GOES = "can go to the bank in a payment batch"
NONE = "is in use: somebody of"


@pytest.fixture
def bond(app):
    made = make_banked()
    fund(made, 3_000_000)
    return made


def name(bond, user, number=700):
    organisation = user.organisations[0]
    return accounts.name_account(organisation, "Rekening", iban_of(number), actor=user, once=uuid.uuid4())


def wait(bond, user):
    """Confirmed a moment ago: in its waiting time."""
    named = name(bond, user)
    accounts.confirm_account(named, accounts.code_of(named), "Jo, 053 123", actor=bond.intermediary)
    return named


def cost(bond):
    return treasury.prepare_cost(
        bond.programme, bond.provider_organisation, 1_000, "Coaching", actor=bond.intermediary, once=uuid.uuid4()
    )


def test_of_nobody_of_the_waiting_time_and_of_an_account_in_use(bond):
    provider = bond.provider
    ids = [bond.provider_organisation.id]
    assert [(one.is_named, one.usable_from) for one in not_yet_payable(ids)] == [(False, None)]
    named = name(bond, provider)
    assert [(one.is_named, one.usable_from) for one in not_yet_payable(ids)] == [(True, None)]
    accounts.confirm_account(named, accounts.code_of(named), "Jo, 053 123", actor=bond.intermediary)
    (one,) = not_yet_payable(ids)
    assert one.usable_from == named.usable_from > clock.now() and moment(named.usable_from) in one.why
    with clock.at(named.usable_from):
        assert not_yet_payable(ids) == []


def test_an_account_that_waits_beside_one_in_use_hinders_nobody(bond):
    give_account(bond, bond.provider, 701)
    name(bond, bond.provider, 702)
    assert not_yet_payable([bond.provider_organisation.id]) == []


def test_costs(bond, browse):
    prepared, name_of = cost(bond), bond.provider_organisation.name
    assert NONE in browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/costs/prepare").text
    url = f"/costs/{prepared.id}/approve"
    page = browse(bond.colleague).get_ok(url).text
    assert GOES not in page and NONE in page and name_of in page
    named = wait(bond, bond.provider)
    page = browse(bond.colleague).get_ok(url).text
    assert f"may be used from {moment(named.usable_from)} on" in page and NONE not in page
    approver = browse(bond.colleague)
    answer = approver.post_form(url, with_password(bond.colleague))
    said = approver.follow(answer).text
    assert "it can now go into a payment batch" not in said and moment(named.usable_from) in said
    told = db.session.scalars(select(Notification).where(Notification.user_id == bond.provider.id)).all()
    assert any("cannot be paid yet" in one.body and moment(named.usable_from) in one.body for one in told)
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert f"may be used from {moment(named.usable_from)} on" in page


def test_costs_with_an_account_can_go(bond, browse):
    give_account(bond, bond.provider, 703)
    url = f"/costs/{cost(bond).id}/approve"
    page = browse(bond.colleague).get_ok(url).text
    assert GOES in page and NONE not in page
    approver = browse(bond.colleague)
    answer = approver.post_form(url, with_password(bond.colleague))
    assert "it can now go into a payment batch" in approver.follow(answer).text


def test_a_distribution(bond, browse):
    """The first investor can be paid, the second cannot."""
    give_account(bond, bond.investor, 704)
    (owed,) = owe(bond, 100_000)
    treasury.receive_payment(owed, actor=bond.intermediary)
    made = treasury.prepare_distribution(bond.programme, actor=bond.intermediary, once=uuid.uuid4())
    url, second = f"/distributions/{made.id}/approve", bond.second.organisations[0].name
    page = browse(bond.colleague).get_ok(url).text
    assert GOES not in page and f"No account of {second} is in use" in page
    assert f"No account of {bond.investor.organisations[0].name}" not in page
    approver = browse(bond.colleague)
    answer = approver.post_form(url, with_password(bond.colleague))
    said = approver.follow(answer).text
    assert "it can now go" not in said and "Not everything can be paid yet" in said
    for user, pays in ((bond.investor, True), (bond.second, False)):
        found = select(Notification).where(Notification.user_id == user.id, Notification.path.contains(str(made.id)))
        body = db.session.scalars(found).one().body
        assert ("the bank pays you" in body) == pays and ("cannot pay it yet" in body) != pays


def test_beside_a_line_that_went_out(bond, app):
    """Not "no account known" of an account in its waiting time."""
    named = wait(bond, bond.provider)
    (waits,) = not_yet_payable([bond.provider_organisation.id])
    from flask import get_template_attribute

    with app.test_request_context():
        macro = get_template_attribute("bank/_parts.html", "status_of_account")
        shown = str(macro(Beside(None, "", False, waits)))
    assert moment(named.usable_from) in shown and "no account known" not in shown

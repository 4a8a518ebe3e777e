"""Running costs: prepared by one, approved by another, never above what is in hand and not promised (issue 2)."""

import threading
import uuid

import pytest
from sqlalchemy import func, select

from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import bank_minor, pending_minor
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.notifications.models import Notification
from app.people.models import User
from app.treasury.in_hand import free_minor
from app.treasury.models import CostPayment
from app.treasury.operations import approve_cost, prepare_cost, reject_cost
from app.treasury.states import PaymentState
from tests.browser import soup
from tests.factories.ledger import book_faults, transfers_of
from tests.factories.people import make_organisation, make_user, with_password
from tests.factories.treasury import fund, make_funded
from tests.told import acts_shown


@pytest.fixture
def bond(app):
    made = make_funded()
    fund(made, 10_000_000)
    return made


def prepare(bond, amount, once=None):
    return prepare_cost(
        bond.programme,
        bond.provider_organisation,
        amount,
        "Coaching",
        actor=bond.intermediary,
        once=once or uuid.uuid4(),
    )


def typed(bond, **changes):
    return {"organisation": str(bond.provider_organisation.id), "amount": "25000", "description": "Coaching"} | changes


def test_one_prepares_another_pays(bond, browse):
    url = f"/programmes/{bond.programme.id}/costs/prepare"
    assert browse(bond.intermediary).post_form(url, typed(bond)).status_code == 303
    cost = db.session.scalars(select(CostPayment)).one()
    assert (bank_minor(bond.programme.id), pending_minor(bond.programme.id)) == (10_000_000, 2_500_000)
    assert browse(bond.provider).get(f"/costs/{cost.id}").status_code == 404  # not paid, not told

    own, url = with_password(bond.colleague), f"/costs/{cost.id}/approve"
    assert "not your password" in browse(bond.colleague).post_form(url, {"password": "no"}).text
    assert pending_minor(bond.programme.id) == 2_500_000
    assert browse(bond.colleague).post_form(url, own).status_code == 303

    db.session.refresh(cost)
    assert (bank_minor(bond.programme.id), pending_minor(bond.programme.id)) == (7_500_000, 0)
    pending, posted = transfers_of(cost)
    assert (pending.kind, posted.kind) == (TransferKind.PENDING, TransferKind.POST_PENDING)
    assert (posted.debit.kind, posted.credit.kind) == (AccountKind.RUNNING_COSTS, AccountKind.BANK)
    told = db.session.scalars(select(Notification).where(Notification.user_id == bond.provider.id)).one()
    assert "25,000.00" in told.body and told.path == f"/costs/{cost.id}"
    assert browse(bond.provider).get(f"/costs/{cost.id}").status_code == 200
    assert book_faults() == []


def test_rejected_money_is_free_again(bond, browse):
    cost = prepare(bond, 10_000_000)
    assert free_minor(bond.programme.id) == 0
    answer = browse(bond.colleague).post_form(f"/costs/{cost.id}/reject", {"reason": "Twice the invoice"})
    assert answer.status_code == 303
    db.session.refresh(cost)
    assert (cost.state, cost.rejected_because) == (PaymentState.REJECTED, "Twice the invoice")
    assert free_minor(bond.programme.id) == bank_minor(bond.programme.id) == 10_000_000
    assert book_faults() == []


def test_what_waits_counts_as_promised(bond):
    prepare(bond, 6_000_000)
    with pytest.raises(Refused) as refused:
        prepare(bond, 4_000_001)
    assert refused.value.field == "amount"
    prepare(bond, 4_000_000)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"amount": "100000.01"}, "More than is in hand"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "1.005.00"}, "Give an amount"),
        ({"description": ""}, "Fill this in"),
        ({"organisation": ""}, "Choose one"),
    ],
)
def test_wrong_input(bond, browse, changes, says):
    url = f"/programmes/{bond.programme.id}/costs/prepare"
    answer = browse(bond.intermediary).post_form(url, typed(bond, **changes))
    assert answer.status_code == 422
    assert says in answer.text
    assert soup(answer).select_one("[name=amount]")["value"] == typed(bond, **changes)["amount"]
    assert pending_minor(bond.programme.id) == 0


def test_only_a_provider_of_this_bond_is_paid(bond):
    with pytest.raises(Refused) as refused:
        prepare_cost(bond.programme, bond.enschede, 100, "Rent", actor=bond.intermediary, once=uuid.uuid4())
    assert refused.value.field == "organisation"


def test_whoever_prepared_does_not_pay(bond, browse):
    cost = prepare(bond, 100)
    assert browse(bond.intermediary).get(f"/costs/{cost.id}/approve").status_code == 403
    with pytest.raises(NotYours):
        approve_cost(cost, actor=bond.intermediary)
    assert bank_minor(bond.programme.id) == 10_000_000


def test_a_decided_payment_stays_decided(bond):
    cost = prepare(bond, 100)
    approve_cost(cost, actor=bond.colleague)
    for again in (
        lambda: approve_cost(cost, actor=bond.colleague),
        lambda: reject_cost(cost, "No", actor=bond.colleague),
    ):
        with pytest.raises(NotNow):
            again()
    assert bank_minor(bond.programme.id) == 9_999_900


def test_a_double_click_on_the_form_is_one_payment(bond, browse):
    """The same hidden `once` twice: the second answer leads to the first payment."""
    browser = browse(bond.intermediary)
    page = browser.get_ok(f"/programmes/{bond.programme.id}/costs/prepare")
    answers = [browser.submit(page, typed(bond)) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert pending_minor(bond.programme.id) == 2_500_000


def test_others_have_no_business_here(bond, browse):
    cost = prepare(bond, 100)
    for person in (bond.investor, bond.official, bond.assessor, make_user(make_organisation())):
        assert browse(person).get(f"/costs/{cost.id}").status_code == 404
        assert browse(person).get(f"/costs/{cost.id}/approve").status_code == 404
    assert browse(bond.auditor).get_ok(f"/costs/{cost.id}")


def test_two_approve_at_once_and_it_is_paid_once(own_database):
    """Issue 2 and 6: double approvals, exactly one wins and the other is told."""
    with own_database.app_context():
        bond = make_funded()
        fund(bond, 10_000_000)
        cost_id, programme_id = prepare(bond, 2_500_000).id, bond.programme.id
        approvers = [bond.colleague.id, make_user(bond.intermediary.organisations[0]).id, bond.colleague.id]
        db.session.remove()
    results, start = [], threading.Barrier(len(approvers))

    def rush(user_id):
        with own_database.app_context():
            user, cost = db.session.get_one(User, user_id), db.session.get_one(CostPayment, cost_id)
            start.wait()
            try:
                approve_cost(cost, actor=user)
                results.append("paid")
            except NotNow:
                results.append("told")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=rush, args=(user_id,)) for user_id in approvers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["paid", "told", "told"]
    with own_database.app_context():
        posted = select(func.count()).where(Transfer.kind == TransferKind.POST_PENDING)
        assert db.session.scalar(posted) == 1
        assert bank_minor(programme_id) == 7_500_000
        db.session.remove()


def test_the_page_names_who_asked_and_who_approved(bond, browse):
    """Four eyes are worth what can be seen of them: both names stand on the page, and no third one."""
    cost = prepare(bond, 2_500_000)
    party = bond.intermediary.organisations[0].name
    asked = ("Prepare a cost payment", f"{bond.intermediary.name} ({party})")
    assert acts_shown(browse(bond.intermediary), f"/costs/{cost.id}") == [asked]
    approve_cost(cost, actor=bond.colleague)
    approved = ("Approve a cost payment", f"{bond.colleague.name} ({party})")
    assert acts_shown(browse(bond.intermediary), f"/costs/{cost.id}") == [asked, approved]

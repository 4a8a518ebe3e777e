"""Distributions (domain, section 7; replay/1, capital): by rank and terms, shown first, two people, a reserve kept."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.capital.models import TrancheTerms
from app.core import clock, format
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor, pending_minor
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.treasury.models import Distribution
from app.treasury.operations import (
    approve_distribution,
    prepare_cost,
    prepare_distribution,
    receive_capital,
    receive_payment,
    reject_distribution,
)
from app.treasury.states import PaymentState
from tests.browser import soup
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import FIRST_LOSS, call, fund, make_funded, owe, pay_cost


def in_days(days):
    return clock.at(clock.now() + timedelta(days=days))


@pytest.fixture
def bond(app):
    """600,000.00 paid in, all of it spent on the work."""
    made = make_funded()
    fund(made, 60_000_000)
    pay_cost(made, 60_000_000)
    return made


def earn(bond, *amounts):
    for statement in owe(bond, *amounts):
        receive_payment(statement, actor=bond.intermediary)


def prepare(bond, reserve=0, once=None):
    return prepare_distribution(bond.programme, reserve, actor=bond.intermediary, once=once or uuid.uuid4())


def distribute(bond, reserve=0):
    made = prepare(bond, reserve)
    approve_distribution(made, actor=bond.colleague)
    return made


def parts(made):
    return [(part.tranche.name, part.principal_minor, part.return_minor) for part in made.parts]


def test_the_senior_tranche_is_served_first(bond):
    earn(bond, 30_000_000)
    assert parts(distribute(bond)) == [("Senior", 30_000_000, 0)]


def test_a_junior_gets_what_the_senior_is_not_owed(bond):
    """A year later 5 % on 400,000.00 is 20,000.00: the cap to the cent, the rest to the first loss."""
    with in_days(365):
        earn(bond, 50_000_000)
        made = distribute(bond)
    assert parts(made) == [("Senior", 40_000_000, 2_000_000), ("First loss", 8_000_000, 0)]


def test_later_distributions_go_on_where_the_earlier_ended(bond):
    earn(bond, 30_000_000)
    distribute(bond)
    with in_days(1):
        earn(bond, 35_000_000)
        made = distribute(bond)
    senior, junior = parts(made)
    assert senior[:2] == ("Senior", 10_000_000)
    assert 0 <= senior[2] <= 2_000  # a day at 5 % on 100,000.00 outstanding, and none before the first
    assert junior[:2] == ("First loss", 20_000_000)
    assert junior[2] == 35_000_000 - 30_000_000 - senior[2]
    assert book_faults() == []


def test_the_same_tranche_is_split_by_what_was_paid_in(app):
    bond = make_funded((10_000_000, 20_000_000), tranches=(FIRST_LOSS,))
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    earn(bond, 10_000_001)
    # A third is 3,333,333 2/3 cents: the largest remainder gets the cent.
    assert [p[1] for p in parts(distribute(bond))] == [3_333_334, 6_666_667]


def test_nobody_gets_more_capital_back_than_it_paid_in(app):
    """Of two equal investors the first gets the odd cent each time; at the end each has its own capital, no more."""
    bond = make_funded((1_000, 1_000), tranches=(FIRST_LOSS,))
    fund(bond, 2_000)
    pay_cost(bond, 2_000)
    for day, amount in enumerate((501, 501, 501, 497)):
        with in_days(day):
            earn(bond, amount)
            distribute(bond)
    books = balances(bond.programme.id)
    assert [minor for (kind, _), minor in books.items() if kind == AccountKind.INVESTOR_CAPITAL] == [0, 0]
    assert book_faults() == []


def test_a_loan_gets_interest_then_principal(app):
    """Simple interest ACT/365F: 300,000.00 at 4 % for 73 days is 2,400.00."""
    loan = {"name": "Loan", "rank": 1, "terms": TrancheTerms.LOAN, "rate_bp": 400}
    bond = make_funded((20_000_000, 10_000_000), tranches=(loan,))
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    with in_days(73):
        earn(bond, 1_000_000)
        made = distribute(bond)
    assert sum(part.return_minor for part in made.parts) == 240_000
    assert sum(part.principal_minor for part in made.parts) == 760_000


def test_who_paid_in_later_gets_by_what_it_paid_in(app):
    """Parts come in on different days; the engine sees each investor's own drawdown."""
    bond = make_funded((10_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    made = call(bond, 20_000_000)
    receive_capital(made.parts[0], clock.today(), actor=bond.intermediary)
    earn(bond, 6_000_000)
    first = distribute(bond, reserve=10_000_000)
    assert [(p.organisation_id, p.principal_minor) for p in first.parts] == [(made.parts[0].organisation_id, 6_000_000)]
    with pytest.raises(NotNow, match="can be booked from"):
        receive_capital(made.parts[1], clock.today(), actor=bond.intermediary)
    with in_days(2):
        receive_capital(made.parts[1], clock.today(), actor=bond.intermediary)
        second = distribute(bond, reserve=6_000_000)
    assert sum(part.principal_minor for part in second.parts) == 14_000_000
    assert book_faults() == []


def test_capital_that_came_before_the_last_distribution_is_booked_with_the_day_after_it(app, browse):
    """History does not change under a distribution, and money that is on the account can always be booked."""
    bond = make_funded((10_000_000, 10_000_000), tranches=(FIRST_LOSS,))
    made = call(bond, 20_000_000)
    receive_capital(made.parts[0], clock.today(), actor=bond.intermediary)
    earn(bond, 6_000_000)
    arrived = distribute(bond, reserve=10_000_000).on
    part = made.parts[1]
    url = f"/capital-calls/{made.id}/parts/{part.id}/receive"
    typed = {"on": arrived.isoformat()} | with_password(bond.intermediary)
    shown = browse(bond.intermediary).get_ok(f"/capital-calls/{made.id}").text
    assert url not in shown and "capital can be booked from" in shown, "nothing to press that can only be refused"
    refused = browse(bond.intermediary).post_form(url, typed)
    assert refused.status_code == 409 and "can be booked from" in refused.text and part.received_on is None
    with in_days(2):
        page = browse(bond.intermediary)
        assert url in page.get_ok(f"/capital-calls/{made.id}").text
        answer = page.post_form(url, typed)
        assert answer.status_code == 303
        assert "the day after the last distribution" in page.get_ok(answer.location).text
    db.session.refresh(part)
    assert part.received_on == arrived + timedelta(days=1)
    kept = db.session.scalars(select(AuditEntry).filter_by(action="capital_call.receive", subject_id=made.id)).all()
    days = [(one.facts.body["arrived_on"], one.facts.body["booked_with"]) for one in kept]
    assert (str(arrived), str(part.received_on)) in days
    assert bank_minor(bond.programme.id) == 20_000_000 and book_faults() == []


def test_running_costs_keep_what_they_were_promised(bond):
    """The rule that is easiest to break: pending costs and the reserve are never distributed."""
    earn(bond, 30_000_000)
    prepare_cost(
        bond.programme, bond.provider_organisation, 5_000_000, "Coaching", actor=bond.intermediary, once=uuid.uuid4()
    )
    made = prepare(bond, reserve=4_000_000)
    assert made.amount_minor == 21_000_000
    assert pending_minor(bond.programme.id) == 26_000_000
    with pytest.raises(Refused):
        prepare_cost(
            bond.programme, bond.provider_organisation, 4_000_001, "More", actor=bond.intermediary, once=uuid.uuid4()
        )


def test_what_was_kept_is_distributed_later(bond):
    earn(bond, 10_000_000)
    distribute(bond, reserve=4_000_000)
    with in_days(10):
        made = distribute(bond)
    assert made.amount_minor == 4_000_000
    assert bank_minor(bond.programme.id) == 0
    assert book_faults() == []


def test_it_is_shown_before_it_is_made(bond, browse):
    earn(bond, 30_000_000)
    browser = browse(bond.intermediary)
    url = f"/programmes/{bond.programme.id}/distributions/prepare"
    shown = browser.post_form(url, {"reserve": "50000"})
    assert shown.status_code == 200
    assert "250,000.00" in soup(shown).select_one("table").text
    assert db.session.scalars(select(Distribution)).all() == []

    assert browser.submit(shown).status_code == 303

    made = db.session.scalars(select(Distribution)).unique().one()
    assert (made.amount_minor, made.reserve_minor, made.state) == (25_000_000, 5_000_000, PaymentState.PREPARED)
    assert browse(bond.investor).get(f"/distributions/{made.id}").status_code == 404
    own, url = with_password(bond.colleague), f"/distributions/{made.id}/approve"
    assert browse(bond.colleague).post_form(url, {"password": "no"}).status_code == 422
    assert browse(bond.colleague).post_form(url, own).status_code == 303
    books = balances(bond.programme.id)
    assert books[AccountKind.BANK, None] == 5_000_000
    assert books[AccountKind.INVESTOR_CAPITAL, bond.investor.organisations[0].id] == 15_000_000
    told = db.session.scalars(
        select(Notification).where(
            Notification.user_id == bond.investor.id, Notification.action == "distribution.approve"
        )
    ).one()
    assert "250,000.00" in told.body and told.path == f"/distributions/{made.id}"
    assert "250,000.00" in browse(bond.investor).get_ok(f"/distributions/{made.id}").text
    assert browse(bond.second).get(f"/distributions/{made.id}").status_code == 404  # gets nothing of it


def test_other_figures_than_were_shown_are_not_made(bond):
    earn(bond, 30_000_000)
    with pytest.raises(Changed):
        prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4(), seen="29999999+0 0+0")
    assert pending_minor(bond.programme.id) == 0


def test_whoever_prepared_does_not_approve(bond, browse):
    earn(bond, 30_000_000)
    made = prepare(bond)
    assert browse(bond.intermediary).get(f"/distributions/{made.id}/approve").status_code == 403
    with pytest.raises(NotYours):
        approve_distribution(made, actor=bond.intermediary)
    assert bank_minor(bond.programme.id) == 30_000_000


def test_rejected_money_is_free_again(bond, browse):
    earn(bond, 30_000_000)
    made = prepare(bond)
    answer = browse(bond.colleague).post_form(f"/distributions/{made.id}/reject", {"reason": "Keep more in hand"})
    assert answer.status_code == 303
    assert (pending_minor(bond.programme.id), bank_minor(bond.programme.id)) == (0, 30_000_000)
    assert distribute(bond, reserve=1_000_000).amount_minor == 29_000_000
    assert book_faults() == []


def test_it_is_said_before_anything_is_asked(bond, browse):
    """While one waits, and on the day of one that was made: the page names the next day and offers no form."""
    earn(bond, 30_000_000)
    url, by = f"/programmes/{bond.programme.id}/distributions/prepare", browse(bond.intermediary)
    assert "Show who gets what" in by.get_ok(url).text
    made = prepare(bond, reserve=1_000_000)
    waits = by.get_ok(url).text
    assert "waits for a second person. Decide" in waits and "Show who gets what" not in waits
    approve_distribution(made, actor=bond.colleague)
    today = by.get_ok(url).text
    assert format.day(made.on + timedelta(days=1)) in today and "Show who gets what" not in today
    with in_days(1):
        assert "Show who gets what" in by.get_ok(url).text


def test_one_at_a_time_and_one_a_day(bond):
    earn(bond, 30_000_000)
    made = prepare(bond, reserve=1_000_000)
    with pytest.raises(NotNow, match="waits for a second person"):
        prepare(bond)
    approve_distribution(made, actor=bond.colleague)
    with pytest.raises(NotNow, match="tomorrow"):
        prepare(bond)
    with pytest.raises(NotNow):
        approve_distribution(made, actor=bond.colleague)
    with pytest.raises(NotNow):
        reject_distribution(made, "Too late", actor=bond.colleague)
    assert bank_minor(bond.programme.id) == 1_000_000


@pytest.mark.parametrize(
    ("reserve", "says"), [("300000.01", "In hand and not promised"), ("300000", "nothing to distribute")]
)
def test_wrong_reserve(bond, browse, reserve, says):
    earn(bond, 30_000_000)
    answer = browse(bond.intermediary).post_form(
        f"/programmes/{bond.programme.id}/distributions/prepare", {"reserve": reserve}
    )
    assert answer.status_code == 422
    assert says in answer.text
    assert soup(answer).select_one("[name=reserve]")["value"] == reserve


def test_what_nobody_is_owed_stays_in_hand(app):
    """A capped return is served to its cap; the excess is not given away by a distribution."""
    senior = {"name": "Senior", "rank": 1, "terms": TrancheTerms.RETURN, "irr_cap_bp": 0}
    bond = make_funded((20_000_000, 10_000_000), tranches=(senior,))
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    earn(bond, 35_000_000)
    assert distribute(bond).amount_minor == 30_000_000
    assert bank_minor(bond.programme.id) == 5_000_000
    with in_days(1), pytest.raises(Refused, match="nothing to distribute"):
        prepare(bond)


def test_a_double_click_is_one_distribution(bond):
    earn(bond, 30_000_000)
    once = uuid.uuid4()
    assert prepare(bond, once=once).id == prepare(bond, once=once).id
    assert pending_minor(bond.programme.id) == 30_000_000

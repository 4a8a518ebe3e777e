"""The second envelopes are opened by two officials again, and only once quality is frozen (domain, section 6)."""

import pytest

from app.access.actions import Action
from app.audit import trail
from app.calls.key_models import Purpose, current_key
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.discount_operations import consent_to_open_discounts
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.evaluation import agree, freeze, make_bidder, make_tender, meet, with_discount
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user


@pytest.fixture
def tender(app):
    """Two bidders with 4 % and 3 %."""
    tender = make_tender(bidders=0, criteria=with_discount())
    tender.bidders = [make_bidder(tender.call, discount_bp=bp) for bp in (400, 300)]
    return tender


def consent(tender, *numbers):
    for number in numbers:
        official = tender.openers[number]
        consent_to_open_discounts(tender.evaluation, passphrase_of(official), actor=official)


def discounts(tender):
    return [tender.opened_of(bidder).discount for bidder in tender.bidders]


def test_two_officials_open_and_the_plans_get_their_places(tender, browse):
    evaluation = freeze(tender, (9, 8), (6, 5))
    first, second, third = tender.openers
    url = f"/evaluations/{evaluation.id}/discounts/open"
    assert browse(first).post_form(url, {"passphrase": passphrase_of(first)}).status_code == 303
    db.session.expire_all()
    assert discounts(tender) == [None, None]
    told = db.session.scalars(db.select(Notification.address).filter_by(action="discounts.open")).all()
    assert set(told) == {second.email, third.email}
    assert browse(first).get(url).status_code == 403  # two people, not one twice

    assert browse(second).post_form(url, {"passphrase": passphrase_of(second)}).status_code == 303
    db.session.expire_all()
    assert [found["discount_bp"] for found in discounts(tender)] == [400, 300]
    plans = [tender.opened_of(bidder) for bidder in tender.bidders]
    assert [plan.discount_points for plan in plans] == [10, 8]  # 10 x 300 / 400 = 7.5, half up
    assert [plan.rank for plan in plans] == [1, 2]
    recorded = trail.proven_facts(Action.DISCOUNTS_OPEN, evaluation)["opened"]
    assert recorded == {str(b.proposal.id): b.proposal.discount_digest for b in tender.bidders}
    assert browse(third).get(url).status_code == 409  # once
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/opening")
    assert "Second envelopes, second official" in page.text


def test_not_before_quality_is_frozen(tender, browse):
    """The rule easiest to break: who knows the price judges the plan by it."""
    evaluation = agree(tender, (9, 8), (6, 5))
    opener = tender.openers[0]
    meet(tender, evaluation)
    assert browse(opener).get(f"/evaluations/{evaluation.id}/discounts/open").status_code == 409
    with pytest.raises(NotNow):
        consent(tender, 0)
    assert discounts(tender) == [None, None]
    assert not [layer for layer in current_key(tender.call, Purpose.DISCOUNT).layers if layer.peeled]


def test_a_wrong_passphrase_takes_nothing_off(tender):
    freeze(tender, (9, 8), (6, 5))
    first, second = tender.openers[:2]
    with pytest.raises(Refused):
        consent_to_open_discounts(tender.evaluation, passphrase_of(second), actor=first)
    assert not [layer for layer in current_key(tender.call, Purpose.DISCOUNT).layers if layer.peeled]


def test_a_broken_second_envelope_stops_that_plan_only(tender):
    freeze(tender, (9, 8), (6, 5))
    broken, whole = tender.bidders
    broken.proposal.discount = broken.proposal.discount[:-1] + bytes([broken.proposal.discount[-1] ^ 1])
    db.session.commit()
    consent(tender, 0, 1)
    assert tender.opened_of(broken).discount is None
    assert (tender.opened_of(broken).rank, tender.opened_of(whole).rank) == (None, 1)
    told = db.session.scalars(db.select(Notification.title).filter_by(address=broken.lead.email)).all()
    assert [title for title in told if "could not be opened" in title]


def test_when_no_second_envelope_is_whole_nobody_has_a_place_and_it_is_said(tender, browse):
    """Two officials did open: the ranking is there, and empty, so that the call can be cancelled with reasons."""
    freeze(tender, (9, 8), (6, 5))
    for bidder in tender.bidders:
        bidder.proposal.discount = bidder.proposal.discount[:-1] + bytes([bidder.proposal.discount[-1] ^ 1])
    db.session.commit()
    consent(tender, 0, 1)
    assert tender.evaluation.ranked_at is not None
    assert [tender.opened_of(bidder).rank for bidder in tender.bidders] == [None, None]
    answer = browse(tender.official).get(f"/evaluations/{tender.evaluation.id}/reasons")
    assert answer.status_code == 409
    assert "No plan has a place" in answer.text


def test_one_bidders_envelope_in_the_row_of_another_does_not_open(tender):
    freeze(tender, (9, 8), (6, 5))
    first, second = tender.bidders
    first.proposal.discount = second.proposal.discount
    first.proposal.discount_digest = second.proposal.discount_digest
    db.session.commit()
    consent(tender, 0, 2)
    assert [found and found["discount_bp"] for found in discounts(tender)] == [None, 300]


def test_where_nothing_is_asked_there_is_nothing_to_open(app, browse):
    tender = make_tender(bidders=2)
    evaluation = freeze(tender, (9, 8), (6, 5))
    assert browse(tender.openers[0]).get(f"/evaluations/{evaluation.id}/discounts/open").status_code == 409


def test_only_the_named_officials(tender, browse):
    evaluation = freeze(tender, (9, 8), (6, 5))
    url = f"/evaluations/{evaluation.id}/discounts/open"
    for person, status in ((tender.scorers[0], 403), (tender.official, 403), (make_user(is_admin=True), 404)):
        assert browse(person).get(url).status_code == status
        with pytest.raises(NotYours):
            consent_to_open_discounts(evaluation, passphrase_of(tender.openers[0]), actor=person)


def test_it_waits_at_home_for_the_officials(tender, browse):
    evaluation = freeze(tender, (9, 8), (6, 5))
    url = f"/evaluations/{evaluation.id}/discounts/open"
    assert url in browse(tender.openers[0]).get_ok("/home").text
    assert url not in browse(tender.scorers[0]).get_ok("/home").text
    consent(tender, 0)
    assert url not in browse(tender.openers[0]).get_ok("/home").text
    consent(tender, 1)
    assert url not in browse(tender.openers[2]).get_ok("/home").text

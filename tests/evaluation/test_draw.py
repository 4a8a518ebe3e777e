"""A tie that the rule of the call leaves is drawn by two officials, with a seed that anybody can check."""

import hashlib

import pytest

from app.calls.models import TieRule
from app.core.errors import NotNow, NotYours
from app.evaluation.consensus_operations import draw_tie, drawn_order, seed_of
from app.extensions import db
from tests.factories.evaluation import freeze, make_tender
from tests.told import recorded, told

FIRST, SECOND = "seven of dice", "snow in May"


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=3)
    freeze(tender, (7, 7), (7, 7), (1, 1))
    return tender


def test_two_officials_draw_and_everybody_can_check(tender, browse):
    evaluation = tender.evaluation
    assert evaluation.is_tied
    one, two = tender.openers[:2]
    assert browse(one).post_form(f"/evaluations/{evaluation.id}/lots/draw", {"words": FIRST}).status_code == 303
    assert FIRST not in browse(two).get_ok(f"/evaluations/{evaluation.id}/lots").text  # else the second could choose
    assert FIRST not in browse(two).get_ok(f"/evaluations/{evaluation.id}/lots/draw").text
    assert FIRST not in str(recorded("tie.draw"))
    assert two.email in told("tie.draw")
    with pytest.raises(NotYours):
        draw_tie(evaluation, SECOND, actor=one)
    assert browse(two).post_form(f"/evaluations/{evaluation.id}/lots/draw", {"words": SECOND}).status_code == 303

    db.session.expire_all()
    draw = evaluation.draws[0]
    tied = [tender.opened_of(bidder) for bidder in tender.bidders[:2]]
    lines = "\n".join([FIRST, SECOND, *sorted(plan.digest for plan in tied)])
    assert draw.seed == hashlib.sha256(lines.encode()).hexdigest()  # as the page says
    expected = sorted(tied, key=lambda plan: hashlib.sha256(f"{draw.seed}{plan.id}".encode()).hexdigest())
    assert draw.order == [str(plan.id) for plan in expected]
    assert [plan.rank for plan in expected] == [1, 2]
    assert not evaluation.is_tied
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/lots").text
    assert all(word in page for word in (FIRST, SECOND, draw.seed))
    assert "Told apart from another plan by a lot." in browse(one).get_ok(f"/evaluations/{evaluation.id}/scores").text
    with pytest.raises(NotNow):
        draw_tie(evaluation, "Again", actor=two)  # once


def test_only_officials_who_open_draw(tender, browse):
    for person in (tender.scorers[0], tender.official):
        with pytest.raises(NotYours):
            draw_tie(tender.evaluation, FIRST, actor=person)
    assert browse(tender.bidders[0].lead).get(f"/evaluations/{tender.evaluation.id}/lots").status_code == 404


def test_no_award_while_the_first_place_is_shared(tender, browse):
    answer = browse(tender.official).get(f"/evaluations/{tender.evaluation.id}/decide")
    assert answer.status_code == 409
    assert "draw lots" in answer.text


def test_no_lot_without_a_tie(app):
    tender = make_tender(bidders=2)
    evaluation = freeze(tender, (8, 7), (7, 8))
    with pytest.raises(NotNow):
        draw_tie(evaluation, FIRST, actor=tender.openers[0])


def test_where_the_call_says_lots_the_heaviest_criterion_decides_nothing(app):
    """6 x 60 + 9 x 40 = 8 x 60 + 6 x 40 = 720."""
    tender = make_tender(bidders=2, tie_rule=TieRule.LOT)
    evaluation = freeze(tender, (6, 9), (8, 6))
    assert evaluation.is_tied


def test_neither_words_alone_decide():
    orders = {tuple(drawn_order(seed_of(FIRST, f"word {n}", ["d"]), ["a", "b"])) for n in range(20)}
    assert orders == {("a", "b"), ("b", "a")}

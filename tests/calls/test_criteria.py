"""By what plans are judged: weights of 100, a scale, minimums that can be reached, one discount at most (domain,
section 6; art. 2.115 of the Dutch act). A criterion that stays keeps what counts for it."""

import pytest

from app.audit.models import AuditFacts
from app.calls.criteria_forms import shown_scale
from app.calls.models import CriterionKind, TieRule
from app.calls.states import CallState
from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.people import make_user
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def call(app):
    return make_call(state=CallState.DRAFT)


@pytest.fixture
def official(call):
    return make_user(call.programme.lead)


def test_an_official_says_how_plans_are_judged(call, official, browse):
    typed = {
        "criteria-0-weight": "50",
        "criteria-0-minimum": "6",
        "criteria-1-weight": "30",
        "criteria-2-name": "Discount",
        "criteria-2-weight": "20",
        "criteria-2-kind": "discount",
        "scale": "0, 2, 4, 6, 8, 10",
        "minimum_total": "5,5",
        "tie_rule": "lot",
        "allows_two_consortia": "y",
    }
    answer = browse(official).post_form(f"/calls/{call.id}/criteria", typed)
    assert answer.status_code == 303
    db.session.expire_all()
    assert [(c.position, c.name, c.weight, c.minimum, c.kind) for c in call.criteria] == [
        (1, "Approach", 50, 6, CriterionKind.QUALITY),
        (2, "Risks", 30, None, CriterionKind.QUALITY),
        (3, "Discount", 20, None, CriterionKind.DISCOUNT),
    ]
    assert (call.scale, call.minimum_total, call.tie_rule) == ([0, 2, 4, 6, 8, 10], 550, TieRule.LOT)
    assert (call.allows_discount, call.allows_two_consortia) == (True, True)
    said = db.session.scalars(db.select(AuditFacts.body)).one()
    assert said["weights"] == {"Approach": 50, "Risks": 30, "Discount": 20}
    assert said["minimum_total"] == 550
    page = browse().get(f"/calls/{call.id}/criteria")
    assert page.status_code == 303  # to the sign-in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"criteria-1-weight": "39"}, "The weights add up to 99"),
        ({"criteria-1-weight": "41"}, "The weights add up to 101"),
        ({"criteria-1-weight": "0"}, "from 1 to 100"),
        ({"criteria-1-weight": "-40"}, "from 1 to 100"),
        ({"criteria-1-weight": "4x"}, "Give a whole number"),
        ({"criteria-1-weight": ""}, "Give this criterion a weight"),
        ({"criteria-1-name": ""}, "Give this criterion a name"),
        ({"criteria-3-description": "Only words."}, "Give this criterion a name"),
        ({"criteria-3-minimum": "5"}, "Give this criterion a name"),
        ({"criteria-1-name": " approach "}, "Give each criterion a name of its own"),
        ({"criteria-0-kind": "discount", "criteria-1-kind": "discount"}, "At most one criterion is about a discount"),
        ({"criteria-1-kind": "discount", "criteria-1-minimum": "3"}, "A discount has no minimum score"),
        ({"criteria-0-minimum": "11"}, "The minimum of “Approach” is no point of the scale"),
        ({"criteria-0-minimum": "5", "scale": "0, 2, 4"}, "is no point of the scale"),
        ({"scale": "5"}, "Give at least two different whole points"),
        ({"scale": "0, 5, 5"}, "Give at least two different whole points"),
        ({"scale": "10, 0"}, "Give at least two different whole points"),
        ({"scale": "10-0"}, "Give at least two different whole points"),
        ({"scale": "0-101"}, "from 0 to 100"),
        ({"scale": ""}, "Fill this in"),
        ({"scale": "0 to 10"}, "Give whole points"),
        ({"scale": "-5-5"}, "Give whole points"),
        ({"minimum_total": "10.01"}, "the highest total is 10 points"),
        ({"minimum_total": "0"}, "the highest total is 10 points"),
        ({"minimum_total": "5.555"}, "at most two decimals"),
        ({"minimum_total": "half"}, "at most two decimals"),
        ({"criteria-0-name": "Approach of 111222333"}, "national number"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_half_written(call, official, browse, changes, words):
    answer = browse(official).post_form(f"/calls/{call.id}/criteria", {"criteria-0-description": "As typed."} | changes)
    assert answer.status_code == 422
    assert words in soup(answer).text
    assert "As typed." in answer.text
    db.session.expire_all()
    assert [(c.name, c.weight, c.minimum) for c in call.criteria] == [("Approach", 60, None), ("Risks", 40, None)]
    assert call.scale == list(range(11))


def test_a_minimum_of_the_highest_point_can_be_reached(call, official, browse):
    typed = {"criteria-0-minimum": "10", "minimum_total": "10"}
    assert browse(official).post_form(f"/calls/{call.id}/criteria", typed).status_code == 303
    db.session.expire_all()
    assert (call.criteria[0].minimum, call.minimum_total) == (10, 1000)


def test_a_criterion_that_stays_keeps_what_counts_for_it_and_one_that_goes_lets_go(call, official, browse):
    first, second = call.criteria
    call.items[0].criterion, call.items[1].criterion = first, second
    db.session.commit()
    kept, item, other = second.id, call.items[1].id, call.items[0].id
    typed = {"criteria-0-name": "", "criteria-0-weight": "", "criteria-0-description": ""}
    typed |= {"criteria-1-name": "What may go wrong", "criteria-1-weight": "100"}
    assert browse(official).post_form(f"/calls/{call.id}/criteria", typed).status_code == 303
    db.session.expire_all()
    assert [(c.id, c.name, c.position) for c in call.criteria] == [(kept, "What may go wrong", 1)]
    assert {i.id: i.criterion_id for i in call.items if i.id in (item, other)} == {item: kept, other: None}


def test_the_discount_may_move_to_another_line(call, official, browse):
    """At most one discount stands in the database; two lines that change places must not meet there."""
    url = f"/calls/{call.id}/criteria"
    for one, other in ((0, 1), (1, 0), (0, 1)):
        typed = {f"criteria-{one}-kind": "discount", f"criteria-{other}-kind": "quality"}
        assert browse(official).post_form(url, typed).status_code == 303
        db.session.expire_all()
        assert [c.kind == CriterionKind.DISCOUNT for c in call.criteria] == [one == 0, one == 1]


def test_the_discount_line_goes_and_another_comes_in_one_act(call, official, browse):
    reader, url = browse(official), f"/calls/{call.id}/criteria"
    reader.post_form(url, {"criteria-1-kind": "discount"})
    typed = {"criteria-1-name": "", "criteria-1-weight": "", "criteria-1-description": "", "criteria-1-kind": "quality"}
    typed |= {"criteria-2-name": "Price", "criteria-2-weight": "40", "criteria-2-kind": "discount"}
    assert reader.post_form(url, typed).status_code == 303
    db.session.expire_all()
    assert [(c.name, c.kind) for c in call.criteria] == [
        ("Approach", CriterionKind.QUALITY),
        ("Price", CriterionKind.DISCOUNT),
    ]


def test_the_second_of_two_editors_hears_that_it_changed(call, official, browse):
    first, second = browse(official), browse(make_user(call.programme.lead))
    page = second.get_ok(f"/calls/{call.id}/criteria")
    first.post_form(f"/calls/{call.id}/criteria", {"minimum_total": "6"})
    late = second.submit(page, {"minimum_total": "7"})
    assert late.status_code == 409
    assert soup(late).select_one("#minimum_total")["value"] == "7"
    assert "6.00" in soup(late).select_one(".notice dl").text
    assert second.submit(late).status_code == 303


def test_the_second_of_two_editors_sees_the_lines_that_the_first_saved(call, official, browse):
    """A weight that silently goes back to what it was decides an award."""
    first, second = browse(official), browse(make_user(call.programme.lead))
    page = second.get_ok(f"/calls/{call.id}/criteria")
    assert (
        first.post_form(f"/calls/{call.id}/criteria", {"criteria-0-weight": "55", "criteria-1-weight": "45"})
    ).status_code == 303
    late = second.submit(page, {"criteria-0-name": "My better name"})
    assert late.status_code == 409
    stored = soup(late).select_one(".notice dl").text
    assert "Weight: 55" in stored and "Weight: 45" in stored and "My better name" not in stored
    assert soup(late).select_one("#criteria-0-name")["value"] == "My better name"


def test_only_the_leading_municipality_and_only_a_draft(call, browse):
    other_city = make_party(call.programme, Part.GOVERNMENT)
    published = make_call()
    for room in ("criteria", "committee"):
        assert browse(make_user(other_city)).get(f"/calls/{call.id}/{room}").status_code == 403
        assert browse(make_user(make_provider())).get(f"/calls/{call.id}/{room}").status_code == 404
        assert browse(make_user(published.programme.lead)).get(f"/calls/{published.id}/{room}").status_code == 409


def test_the_public_page_says_how_plans_are_judged(app, browse):
    call = make_call(state=CallState.DRAFT, minimum_total=550, tie_rule=TieRule.LOT, scale=[0, 5, 10])
    call.criteria[0].minimum = 5
    call.criteria[1].kind = CriterionKind.DISCOUNT
    db.session.commit()
    call.state = CallState.PUBLISHED
    db.session.commit()
    page = soup(browse().get_ok(f"/calls/{call.id}/plan")).text
    for words in ("0, 5, 10", "5.50 points", "two officials draw lots", "may be offered", "one consortium"):
        assert words in page


@pytest.mark.parametrize(
    ("points", "shown"),
    [(list(range(11)), "0-10"), ([0, 1], "0, 1"), ([0, 2, 4], "0, 2, 4"), ([3, 4, 5], "3-5"), ([], "")],
)
def test_a_scale_is_shown_as_it_may_be_typed(points, shown):
    assert shown_scale(points) == shown


def test_in_belgium_criteria_without_weights_weigh_equally(app, browse):
    """Art. 81 of the Belgian Act of 17 June 2016; three criteria of 33, 33 and 34 would not be equal."""
    call = make_call(make_programme(jurisdiction="BE"), state=CallState.DRAFT, standstill_days=15)
    reader, url = browse(make_user(call.programme.lead)), f"/calls/{call.id}/criteria"
    empty = {"criteria-0-weight": "", "criteria-1-weight": ""}
    assert reader.post_form(url, empty).status_code == 303
    db.session.expire_all()
    assert [criterion.weight for criterion in call.criteria] == [50, 50]
    three = reader.post_form(url, empty | {"criteria-2-name": "Third"})
    assert three.status_code == 422
    assert "100 cannot be divided so" in three.text
    some = reader.post_form(url, {"criteria-0-weight": "100", "criteria-1-weight": ""})
    assert some.status_code == 422
    assert "Give this criterion a weight" in some.text


def test_in_the_netherlands_each_criterion_has_a_weight(call, official, browse):
    typed = {"criteria-0-weight": "", "criteria-1-weight": ""}
    answer = browse(official).post_form(f"/calls/{call.id}/criteria", typed)
    assert answer.status_code == 422
    assert "Give this criterion a weight" in answer.text

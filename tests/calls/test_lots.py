"""A call in lots: together they hold the whole cohort and every municipality; without lots it is one undivided call."""

import pytest

from app.calls.asked import Lot
from app.calls.operations import publish_call
from app.calls.states import CallState
from app.core.errors import Refused
from app.extensions import db
from app.programmes.models import MunicipalityShare
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.people import make_organisation, make_user


@pytest.fixture
def call(app):
    """Seventy participants of two municipalities."""
    made = make_call(state=CallState.DRAFT)
    city = make_organisation()
    db.session.add(MunicipalityShare(programme_id=made.programme_id, organisation_id=city.id, cohort_size=25))
    db.session.commit()
    return made


@pytest.fixture
def official(call):
    return make_user(call.programme.lead)


def cities(call):
    return [str(share.organisation_id) for share in call.programme.shares]


def lot(call, name, size, **facts):
    made = Lot(call=call, position=len(call.lots) + 1, name=name, cohort_size=size, organisation_ids=cities(call))
    for key, value in facts.items():
        setattr(made, key, value)
    db.session.add(made)
    db.session.commit()
    return made


def test_an_official_divides_the_call(call, official, browse):
    typed = {"name": "East", "description": "Young parents.", "cohort_size": "20", "municipalities": cities(call)}
    assert browse(official).post_form(f"/calls/{call.id}/lots/add", typed).status_code == 303
    db.session.expire_all()
    (made,) = call.lots
    assert (made.name, made.cohort_size, made.position) == ("East", 20, 1)
    assert sorted(made.organisation_ids) == sorted(cities(call))
    assert made.municipalities == [share.organisation.name for share in call.programme.shares]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Fill this in"),
        ({"name": "WEST"}, "Another lot has this name already"),
        ({"cohort_size": "0"}, "Give a whole number from 1"),
        ({"cohort_size": "71"}, "The whole bond has 70 participants"),
        ({"municipalities": []}, "Choose at least one municipality"),
        ({"description": "About 111222333."}, "national number"),
    ],
)
def test_a_mistake_is_named(call, official, browse, changes, words):
    lot(call, "West", 20)
    typed = {"name": "East", "cohort_size": "20", "municipalities": cities(call)} | changes
    answer = browse(official).post_form(f"/calls/{call.id}/lots/add", typed)
    assert answer.status_code == 422
    assert words in soup(answer).text
    db.session.expire_all()
    assert len(call.lots) == 1


def test_a_municipality_outside_the_bond_is_refused(call, official, browse):
    reader = browse(official)
    page = reader.get_ok(f"/calls/{call.id}/lots/add")
    stranger = str(make_organisation().id)
    typed = {"name": "East", "cohort_size": "20", "municipalities": [stranger]}
    answer = reader.submit(page, typed, forged=True)
    assert answer.status_code == 422
    assert "Choose from the list." in soup(answer).text
    assert "not a valid choice" not in soup(answer).text  # nobody reads the id of an organisation


def test_a_lot_is_edited_moved_and_removed(call, official, browse):
    one, two = lot(call, "East", 20), lot(call, "West", 50)
    reader = browse(official)
    page = reader.get_ok(f"/lots/{one.id}/edit")
    assert {box["value"] for box in soup(page).select("[name=municipalities][checked]")} == set(cities(call))
    assert reader.submit(page, {"cohort_size": "30"}).status_code == 303
    page = reader.get_ok(f"/calls/{call.id}/lots")
    assert reader.submit(page, action=f"/lots/{two.id}/up").status_code == 303
    db.session.expire_all()
    assert [(one.name, one.cohort_size) for one in call.lots] == [("West", 50), ("East", 30)]
    assert reader.post_form(f"/lots/{two.id}/remove").status_code == 303
    db.session.expire_all()
    assert [(one.name, one.position) for one in call.lots] == [("East", 1)]


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([70], "One lot divides nothing"),
        ([30, 39], "The lots hold 69 participants together; the bond has 70"),
        ([30, 41], "The lots hold 71 participants together; the bond has 70"),
    ],
)
def test_lots_that_do_not_hold_the_cohort_are_not_published(call, official, browse, sizes, words):
    for n, size in enumerate(sizes):
        lot(call, f"Lot {n}", size)
    answer = browse(official).get_ok(f"/calls/{call.id}/publish")
    with pytest.raises(Refused):
        publish_call(call, actor=official)
    assert words in soup(answer).text


def test_a_municipality_that_no_lot_is_for_is_named(call, official, browse):
    for n in (1, 2):
        lot(call, f"Lot {n}", 35, organisation_ids=cities(call)[:1])
    left_out = [share.organisation.name for share in call.programme.shares[1:]]
    page = soup(browse(official).get_ok(f"/calls/{call.id}/lots")).text
    assert [f"No lot is for {name}." in page for name in left_out] == [True] * len(left_out)
    assert len(left_out) >= 1


def test_lots_that_fit_are_published_and_public(call, official, browse):
    size = call.programme.cohort_size
    lot(call, "East", size - 5)
    lot(call, "West", 5)
    assert browse(official).post_form(f"/calls/{call.id}/publish").status_code == 303
    page = soup(browse().get_ok(f"/calls/{call.id}")).text
    assert "East" in page
    assert "West" in page

"""The list of bonds and the page of one, for whoever may read them."""

import pytest

from app.extensions import db
from app.people.models import OrganisationKind
from app.programmes.models import BudgetYear, MunicipalityShare, Part
from app.programmes.states import Phase, ProgrammeState
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme
from tests.statements import counted


def test_the_list_costs_the_same_for_1_and_30(city, browse):
    make_programme(city)
    with counted() as for_one:
        browse().get_ok("/programmes/")
    for _ in range(29):
        make_programme()
    with counted() as for_thirty:
        browse().get_ok("/programmes/")
    assert len(for_thirty) == len(for_one)


def test_the_list_is_paged_and_searched_in_the_database(city, browse):
    for number in range(26):
        make_programme(city, title=f"Bond {number:02}")
    make_programme(make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo"), title="100% werk")
    first = soup(browse().get_ok("/programmes/"))
    assert len(first.select("tbody tr")) == 25
    assert "Page 1 of 2" in first.text
    assert len(soup(browse().get_ok("/programmes/?page=2")).select("tbody tr")) == 2
    assert titles(browse, "hengelo") == ["100% werk"]
    assert titles(browse, "bond 07") == ["Bond 07"]
    assert titles(browse, "100%") == ["100% werk"]
    assert titles(browse, "%") == ["100% werk"]  # what is typed is no pattern
    assert "No bond has “nothing" in browse().get_ok("/programmes/?q=nothing").text
    browse().get_ok("/programmes/?q=a%00b&page=-3")
    browse().get_ok("/programmes/?page=99999999999999999999")


def titles(browse, q):
    page = soup(browse().get_ok("/programmes/", query_string={"q": q}))
    return [row.text.strip() for row in page.select("tbody th")]


def test_a_draft_stands_on_no_public_list(programme, official, browse):
    assert programme.title not in browse().get_ok("/programmes/").text
    assert programme.title in browse(official).get_ok("/programmes/").text
    assert browse().get(f"/programmes/{programme.id}").status_code == 303


@pytest.mark.parametrize("part", list(Part))
def test_each_party_sees_the_bond(city, browse, part):
    programme = make_programme(city)
    person = make_user(make_party(programme, part))
    page = soup(browse(person).get_ok(f"/programmes/{programme.id}"))
    rooms = [link.text for link in page.select(".cards h3 a")]
    assert "Price per effect" in rooms
    assert ("Treasury" in rooms) <= (part in (Part.INTERMEDIARY, Part.AUDITOR))
    assert not page.select_one("a[href$='/edit']")


def test_the_public_sees_reservations_per_municipality_and_no_buttons(city, browse):
    programme = make_programme(city)
    page = soup(browse().get_ok(f"/programmes/{programme.id}"))
    assert [cell.text for cell in page.select("tfoot td")][-1] == "€1,500,000.00"
    assert not page.select("main .button")


def test_the_page_costs_the_same_for_1_and_5_municipalities(city, browse):
    programme = make_programme(city)
    with counted() as for_one:
        browse().get_ok(f"/programmes/{programme.id}")
    for _ in range(4):
        share = MunicipalityShare(programme=programme, organisation=make_organisation(), cohort_size=1)
        share.budget = [BudgetYear(year=2026, reserved_minor=100)]
        db.session.add(share)
        db.session.commit()
    with counted() as for_five:
        browse().get_ok(f"/programmes/{programme.id}")
    assert len(for_five) == len(for_one)


@pytest.mark.parametrize(
    ("state", "phase", "says"),
    [
        (ProgrammeState.DRAFT, Phase.PREPARATION, "Ask a second official to approve the programme"),
        (ProgrammeState.IN_REVIEW, Phase.PREPARATION, "Approve the programme, or return it"),
        (ProgrammeState.APPROVED, Phase.PRICES, "Publish the price per effect"),
        (ProgrammeState.APPROVED, Phase.DELIVERY, "Prove effects and settle them"),
    ],
)
def test_it_says_what_is_next_and_whose_turn_it_is(city, official, browse, state, phase, says):
    programme = make_programme(city, state=state, phase=phase)
    card = soup(browse(official).get_ok(f"/programmes/{programme.id}")).select_one("main .card")
    assert says in card.text
    assert "Turn of: " in card.text


def test_a_draft_that_does_not_add_up_says_so(official, programme, browse):
    programme.cohort_size = 75
    db.session.commit()
    card = soup(browse(official).get_ok(f"/programmes/{programme.id}")).select_one("main .card")
    assert "70 of 75 have a place" in card.text
    assert card.select_one("a")["href"] == f"/programmes/{programme.id}/shares"


def test_an_illustrative_bond_says_so(city, browse):
    programme = make_programme(city, illustrative=True)
    assert "Illustrative prices:" in browse().get_ok(f"/programmes/{programme.id}").text

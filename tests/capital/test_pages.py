"""Who sees what of a round (issue 2): own amounts and totals; other investors by name only once they stand."""

import pytest

from app.capital.states import RoundState
from app.extensions import db
from app.programmes.models import Part
from tests.browser import soup
from tests.capital.test_interest import state
from tests.factories.capital import make_commitment, make_investor, make_round
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party
from tests.statements import counted


@pytest.fixture
def round(app):
    made = make_round()
    make_table(made.programme)
    return made


def test_an_investor_sees_its_own_amount_and_the_total(round, browse):
    mine, other = make_investor(round, "Fonds Oost"), make_investor(round, "Bank West")
    make_commitment(round, mine, 11_111_100)
    make_commitment(round, other, 22_222_200)
    words = browse(mine).get_ok(f"/rounds/{round.id}").text
    assert "111,111.00" in words and "333,333.00" in words
    assert "Bank West" not in words and "222,222.00" not in words


def test_a_standing_consortium_is_named_and_its_amounts_are_not(app, browse):
    round = make_round(state=RoundState.STANDING)
    mine, other = make_investor(round, "Fonds Oost"), make_investor(round, "Bank West")
    make_commitment(round, mine, 11_111_100)
    make_commitment(round, other, 22_222_200)
    words = browse(mine).get_ok(f"/rounds/{round.id}").text
    assert "Bank West" in words and "222,222.00" not in words
    desk = browse(make_user(make_party(round.programme, Part.INTERMEDIARY))).get_ok(f"/rounds/{round.id}").text
    assert "222,222.00" in desk


@pytest.mark.parametrize("part", [Part.PROVIDER, Part.ASSESSOR])
def test_other_parties_see_no_investor_before_it_stands(round, browse, part):
    make_commitment(round, make_investor(round, "Bank West"), 22_222_200)
    make_commitment(round, make_investor(round, "Fonds Oost"), 11_111_100)
    words = browse(make_user(make_party(round.programme, part))).get_ok(f"/rounds/{round.id}").text
    assert "Bank West" not in words and "222,222.00" not in words


def test_the_room_of_a_bond_leads_to_its_round(round, browse):
    official = make_user(round.programme.lead)
    answer = browse(official).get(f"/programmes/{round.programme_id}/round")
    assert answer.headers["Location"].endswith(f"/rounds/{round.id}")
    other = make_round(state=RoundState.DRAFT)
    investor = make_investor(other)
    assert "No round yet" in browse(investor).get_ok(f"/programmes/{other.programme_id}/round").text


def test_every_page_that_an_investor_sees_says_that_it_is_no_public_offering(app, browse):
    """Issue 6: the page says plainly that this is no public offering or trading platform."""
    round = make_round()
    make_table(round.programme)
    investor = make_investor(round)
    interest = state(round, investor, 10_000_000)
    urls = [f"/rounds/{round.id}{verb}" for verb in ("", "/commit")] + [f"/interests/{interest.id}/withdraw"]
    urls.append(f"/rounds/{round.id}/interest")
    made = make_commitment(round, investor, 10_000_000)
    urls += [f"/commitments/{made.id}{verb}" for verb in ("", "/reduce", "/withdraw")]
    drafted = make_round(state=RoundState.DRAFT)
    other = make_investor(drafted)
    pages = [browse(investor).get_ok(url).text for url in urls]
    pages.append(browse(other).get_ok(f"/programmes/{drafted.programme_id}/round").text)
    for text in pages:
        assert "This is no public offering and no trading platform" in text


def test_every_page_renders_for_who_prepares(round, browse):
    make_commitment(round, make_investor(round), round.target_minor)
    official = browse(make_user(round.programme.lead))
    for verb in ("", "/invite", "/close"):
        official.get_ok(f"/rounds/{round.id}{verb}")
    round.state = RoundState.DRAFT
    db.session.commit()
    official.get_ok(f"/rounds/{round.id}/open")
    official.get_ok(f"/programmes/{round.programme_id}/round/draft")


def test_thirty_commitments_cost_no_more_than_one(round, browse):
    official = browse(make_user(make_party(round.programme, Part.INTERMEDIARY)))
    make_commitment(round, make_investor(round), 100)
    url = f"/rounds/{round.id}"
    official.get_ok(url)
    with counted() as one:
        official.get_ok(url)
    for _n in range(29):
        make_commitment(round, make_investor(round), 100)
    with counted() as thirty:
        official.get_ok(url)
    assert len(thirty) == len(one)


def test_thirty_interests_cost_no_more_than_one(round, browse):
    desk = browse(make_user(make_party(round.programme, Part.INTERMEDIARY)))
    url = f"/rounds/{round.id}"
    seen = []
    for count in (1, 30):
        for _n in range(count):
            state(round, make_investor(round))
        desk.get_ok(url)
        with counted() as statements:
            desk.get_ok(url)
        seen.append(len(statements))
    assert seen[0] == seen[1]


def test_the_names_of_many_investors_are_paged(app, browse):
    """Ten thousand names on one page were 2 MB; each list has pages of its own."""
    round = make_round(state=RoundState.STANDING)
    for n in range(55):
        make_commitment(round, make_investor(round, f"Fonds {n:02}"), 100)
    desk = browse(make_user(make_party(round.programme, Part.INTERMEDIARY)))
    first, last = soup(desk.get_ok(f"/rounds/{round.id}")), soup(desk.get_ok(f"/rounds/{round.id}?names=2"))
    assert [len(page.select("table")[-1].select("tbody tr")) for page in (first, last)] == [50, 50]
    names = [[one.text for one in page.select("main ul li") if one.text.startswith("Fonds")] for page in (first, last)]
    assert names == [[f"Fonds {n:02}" for n in range(50)], [f"Fonds {n}" for n in range(50, 55)]]
    assert last.select_one("nav.pagination a[rel=prev][href*='names=1']")

"""Speed that a test can hold: statements and bytes per page on a laid world (times are for `make bench`).

Each bound is what the page costs today, so that no statement slips in unseen; asked is no more than landing 8,
sign-in 3, a list of fifty 8 and 100 kB, one plan 10.
A page must cost the same however many rows lie behind it.
"""

from datetime import timedelta

import pytest

from app.core import clock
from app.programmes.models import Part
from app.proposals.states import ProposalState
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.evaluation import make_tender
from tests.factories.many import make_notices, make_opened
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme
from tests.factories.proposals import make_proposal
from tests.statements import counted

LANDING, SIGN_IN, HOME, CALLS, PLAN, FIRST_DRAFT = 4, 0, 5, 2, 12, 27
# One asks whether somebody who judges has joined a bidder; while quality is frozen, two ask whether money was asked.
EVALUATION, OPENING, COMPARE = 11, 9, 12
LIST_BYTES = 100_000


def statements_of(reader, url):
    """(page, statements) of the second visit: the first compiles."""
    reader.get_ok(url)
    with counted() as statements:
        page = reader.get_ok(url)
    return page, statements


@pytest.fixture
def bonds(app):
    """Twelve bonds of one municipality with every part in them, each with five calls."""
    city = make_organisation()
    parties = {Part.GOVERNMENT: city}
    for _ in range(12):
        bond = make_programme(city)
        for part in Part:
            if part != Part.GOVERNMENT:
                parties[part] = make_party(bond, part, parties.get(part))
        table = make_table(bond)
        for n in range(5):
            make_call(bond, table=table, committee=False, title=f"Call {n}")
    return parties


@pytest.fixture
def opened(app):
    """A call with 120 plans that were opened, and an official of its committee."""
    tender = make_tender(bidders=0)
    return make_opened(tender.call, 120), tender


def test_the_landing_page(bonds, browse):
    page, statements = statements_of(browse(), "/")
    assert len(statements) <= LANDING, "\n".join(statements)
    assert len(page.data) <= 40_000


def test_the_sign_in_page(app, browse):
    _page, statements = statements_of(browse(), "/login")
    assert len(statements) <= SIGN_IN, "\n".join(statements)


@pytest.mark.parametrize("part", list(Part))
def test_the_home_of_each_role(bonds, browse, part):
    user = make_user(bonds[part])
    make_notices(user, 40)
    page, statements = statements_of(browse(user), "/home")
    assert len(soup(page).select(".card")) == 12
    assert len(statements) <= HOME, "\n".join(statements)
    assert len(page.data) <= 60_000


def test_the_public_list_of_fifty_calls(bonds, browse):
    page, statements = statements_of(browse(), "/calls/")
    assert len(soup(page).select("tbody tr")) == 50
    assert len(statements) <= CALLS, "\n".join(statements)
    assert len(page.data) <= LIST_BYTES


@pytest.mark.parametrize(
    ("room", "bound", "selector", "rows"),
    [
        ("show", EVALUATION, "main table:first-of-type tbody tr", 50),
        ("opening", OPENING, "main table:first-of-type tbody tr", 50),
        ("scores", COMPARE, "main section", 10),
    ],
)
def test_fifty_of_the_opened_plans(opened, browse, room, bound, selector, rows):
    evaluation, tender = opened
    url = f"/calls/{tender.call.id}/evaluation" if room == "show" else f"/evaluations/{evaluation.id}/{room}"
    page, statements = statements_of(browse(tender.openers[0]), url)
    found = soup(page)
    assert len(found.select(f"{selector}:has(th[scope=row])" if "tr" in selector else selector)) >= rows
    assert "Consortium 0000" in page.text and "Consortium 0119" not in page.text
    assert len(statements) <= bound, "\n".join(statements)
    assert len(page.data) <= LIST_BYTES


def test_every_opened_plan_stands_on_exactly_one_page(opened, browse):
    evaluation, tender = opened
    reader = browse(tender.openers[0])
    for url, pages in ((f"/calls/{tender.call.id}/evaluation", 3), (f"/evaluations/{evaluation.id}/opening", 3)):
        seen = []
        for number in range(1, pages + 1):
            text = reader.get_ok(f"{url}?page={number}").text
            seen += [n for n in range(120) if f">Consortium {n:04}<" in text]
        assert sorted(seen) == list(range(120))


def test_one_plan_of_its_own_consortium(app, browse):
    lead = make_provider()
    call = make_call(make_programme(), deadline=clock.now() + timedelta(days=3))
    consortium = make_consortium(call, lead, partners=[make_provider() for _ in range(4)])
    plan = make_proposal(consortium, state=ProposalState.DRAFT)
    page, statements = statements_of(browse(make_user(lead)), f"/proposals/{plan.id}")
    assert len(statements) <= PLAN, "\n".join(statements)
    assert len(page.data) <= 40_000


def test_the_first_draft_of_a_plan(app, browse):
    """Read for the form, read anew inside the act, sealed, recorded, answered: a form sent twice is one act."""
    lead = make_provider()
    consortium = make_consortium(make_call(make_programme(), deadline=clock.now() + timedelta(days=3)), lead)
    writer = browse(make_user(lead))
    url = f"/consortia/{consortium.id}/proposal/approach"
    page = writer.get_ok(url)
    with counted() as statements:
        answer = writer.submit(page, {"answer": "Forty-two mentors."}, action=url)
    assert answer.status_code == 303
    assert len(statements) <= FIRST_DRAFT, "\n".join(statements)

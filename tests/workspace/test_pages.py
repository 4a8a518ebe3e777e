"""Landing and home: for everybody, cheap, the same for one bond and for thirty."""

from datetime import timedelta

import pytest

from app.core import clock
from app.extensions import db
from app.notifications.notify import Notice, notify
from app.outcomes.states import ClaimState
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.programmes.states import ProgrammeState
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.outcomes import make_claim, make_delivery, make_participant, publish
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme
from tests.statements import counted


def test_the_landing_shows_calls_bonds_and_results(app, browse):
    bond = make_delivery(title="SIB Enschede")
    for _ in range(6):
        make_claim(bond, make_participant(bond), state=ClaimState.SIGNED_OFF)
    publish(bond)
    make_call(make_programme(title="SIB Two"), title="Call for young parents")
    page = browse().get_ok("/")
    assert "SIB Enschede" in page.text and "Call for young parents" in page.text
    figures = {f.select_one("dt").text: f.select_one("dd").text for f in soup(page).select(".figure")}
    assert figures["Proven effects"] == "6"


def test_few_people_are_not_counted_in_public(app, browse):
    bond = make_delivery()
    for _ in range(4):
        make_claim(bond, make_participant(bond), state=ClaimState.SIGNED_OFF)
    publish(bond)
    assert browse().get_ok("/").text.count("fewer than 5") == 2


def test_drafts_and_closed_calls_are_not_public(app, browse):
    make_programme(title="Secret draft", state=ProgrammeState.DRAFT)
    make_call(make_programme(), title="Closed call", deadline=clock.now() - timedelta(minutes=1))
    page = browse().get_ok("/").text
    assert "Secret draft" not in page and "Closed call" not in page


def test_illustrative_prices_are_called_so(app, browse):
    bond = make_delivery(illustrative=True)
    make_participant(bond)
    publish(bond)
    assert "Illustrative prices" in browse().get_ok("/").text


def test_the_landing_takes_few_statements(app, browse):
    with counted() as none:
        browse().get_ok("/")
    for _ in range(8):
        make_participant(make_delivery())
        make_call(make_programme())
    with counted() as many:
        browse().get_ok("/")
    assert len(none) == len(many) <= 8


def test_signed_in_the_landing_leads_home(app, browse):
    assert browse(make_user()).get("/").headers["Location"] == "/home"


def test_home_is_for_who_is_signed_in(app, browse):
    assert browse().get("/home").headers["Location"] == "/login?next=/home"


@pytest.mark.parametrize("kind", list(OrganisationKind))
def test_each_kind_has_a_home(app, browse, kind):
    page = browse(make_user(make_organisation(kind))).get_ok("/home").text
    assert "What waits for you" in page and "Where each bond stands" in page and "What happened lately" in page


def test_home_takes_few_statements_also_with_thirty_bonds(app, browse):
    city = make_organisation()
    official = make_user(city)
    make_programme(city)
    browser = browse(official)
    browser.get_ok("/home")
    with counted() as one:
        browser.get_ok("/home")
    for number in range(30):
        make_programme(city, title=f"SIB {number}", state=ProgrammeState.DRAFT)
        notify([official], "x", None, lambda: Notice("Told", ["x"]), "accounts.profile")
    db.session.commit()
    with counted() as many:
        page = browser.get_ok("/home")
    assert len(many) == len(one) <= 12
    assert page.text.count("Finish the programme and ask for approval") == 30


def test_home_shows_the_own_bonds_with_part_and_phase(app, browse):
    programme = make_programme(title="SIB Enschede")
    make_programme(title="Of others")
    page = browse(make_user(make_party(programme, Part.INVESTOR))).get_ok("/home")
    assert "SIB Enschede" in page.text and "Of others" not in page.text
    card = soup(page).select_one(".card")
    assert "investor" in card.text and card.select_one("[aria-current=step]")


def test_the_menu_holds_what_the_reader_may_see(app, browse):
    def menu(user):
        return [link.text for link in soup(browse(user).get_ok("/home")).select(".menu__panel a")]

    assert menu(make_user()) == ["Profile", "Register of unit costs", "Service providers", "Who may do what"]
    assert menu(make_user(make_organisation())) == [
        "Profile",
        "Organisations",
        "Register of unit costs",
        "Service providers",
        "Who may do what",
    ]
    admin = ["Profile", "Organisations", "People", "Register of unit costs", "Service providers", "Who may do what"]
    assert menu(make_user(is_admin=True)) == admin


@pytest.mark.parametrize(("code", "status"), [("nl", 303), ("nl_BE", 303), ("xx", 404)])
def test_the_language_is_chosen_on_every_page(app, browse, code, status):
    person = make_user()
    browser = browse(person)
    assert browser.get(f"/language/{code}", headers={"Referer": "http://localhost/account"}).status_code == status
    if status == 303:
        db.session.refresh(person)
        assert person.locale == code

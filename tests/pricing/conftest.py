import io

import pytest

from app.people.models import OrganisationKind
from app.pricing.states import TableState
from app.programmes.models import Part
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme


@pytest.fixture
def city(app):
    return make_organisation(OrganisationKind.MUNICIPALITY, "Enschede")


@pytest.fixture
def official(city):
    return make_user(city)


@pytest.fixture
def second(city):
    return make_user(city)


@pytest.fixture
def programme(city):
    """Approved, with 1,500,000.00 reserved."""
    return make_programme(city)


@pytest.fixture
def investor(programme):
    return make_user(make_party(programme, Part.INVESTOR))


@pytest.fixture
def draft(programme):
    """A draft with one good effect, which passes every gate."""
    return make_table(programme, state=TableState.DRAFT)


@pytest.fixture
def send(browse, official, draft):
    """Choose a file on the page of the draft and have it checked."""

    def choose(content, **typed):
        browser = browse(official)
        data = {"file": (io.BytesIO(content), "prices.xlsx"), **typed}
        return browser, browser.post_form(f"/prices/{draft.id}/import", data)

    return choose

import pytest

from app.people.models import OrganisationKind
from app.programmes.states import ProgrammeState
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_programme


@pytest.fixture
def city(app):
    return make_organisation(OrganisationKind.MUNICIPALITY, "Enschede")


@pytest.fixture
def official(city):
    return make_user(city)


@pytest.fixture
def programme(city):
    """A draft of the leading municipality, with all 70 participants and a reservation for 2026 to 2028."""
    return make_programme(city, state=ProgrammeState.DRAFT)


@pytest.fixture
def outsider(app):
    return make_user(make_organisation(OrganisationKind.MUNICIPALITY, "Elsewhere"))

import uuid

import pytest

from app.people.models import OrganisationKind
from app.pricing.gate_operations import draft_reader_test
from app.pricing.states import TableState
from app.programmes.models import Part
from app.readers.operations import invite_readers
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
def programme(city):
    return make_programme(city)


@pytest.fixture
def effect(programme):
    """A row of a draft; its definition was never read in this form."""
    return make_table(programme, state=TableState.DRAFT).effects[0]


@pytest.fixture
def first(city):
    return make_user(city, "First Reader")


@pytest.fixture
def second(programme):
    return make_user(make_party(programme, Part.AUDITOR), "Second Reader")


@pytest.fixture
def texts():
    return [f"File {number}" for number in range(1, 11)]


@pytest.fixture
def drafted(effect, official, texts):
    return draft_reader_test(effect, texts, actor=official, once=uuid.uuid4())


@pytest.fixture
def reading(drafted, official, first, second):
    """Both were asked; neither has judged."""
    invite_readers(drafted, first.email, second.email, actor=official)
    return drafted

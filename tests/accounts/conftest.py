import pytest
from flask_security.utils import hash_password

from app.people import attempts
from app.people.models import OrganisationKind
from app.people.password import normal
from tests.factories.people import make_organisation, make_user

PASSWORD = "vier keer blauw water"


@pytest.fixture
def city(app):
    return make_organisation(OrganisationKind.MUNICIPALITY, "Enschede")


@pytest.fixture
def person(app, city):
    """Somebody of the municipality with a password that the sign-in page takes."""
    return make_user(city, "Anna de Boer", email="anna@enschede.example", password=hash_password(normal(PASSWORD)))


@pytest.fixture
def limited(app):
    """Attempts are counted, from zero."""
    app.config["RATELIMIT_ENABLED"] = True
    attempts.init_app(app)
    yield
    app.config["RATELIMIT_ENABLED"] = False
    attempts.init_app(app)

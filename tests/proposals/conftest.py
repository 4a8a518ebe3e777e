import pytest

from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user


@pytest.fixture
def consortium(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_consortium(lead=lead, partners=[partner])

"""An official of any vetted municipality says who an organisation is; until then it can look, not act."""

import pytest

from app.accounts.operations import vet_organisation
from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from tests.factories.people import make_organisation, make_user


@pytest.fixture
def provider(app):
    return make_organisation(OrganisationKind.PROVIDER, "De Brug", vetted_at=None, registration_number="12345678")


def test_an_official_vets_and_its_people_are_told(app, city, provider, browse):
    member = make_user(provider)
    official = make_user(city)
    answer = browse(official).post_form(f"/organisations/{provider.id}/vet")
    assert answer.status_code == 303
    db.session.refresh(provider)
    assert provider.vetted_at is not None and provider.vetted_by_id == official.id
    told = db.session.scalars(db.select(Notification)).all()
    assert [(notice.address, notice.title) for notice in told] == [(member.email, "De Brug: vetted")]
    assert browse(member).get_ok(told[0].path)


def test_not_before_an_address_is_verified(app, city, provider, browse):
    make_user(provider, confirmed_at=None)
    answer = browse(make_user(city)).post_form(f"/organisations/{provider.id}/vet")
    assert answer.status_code == 409
    assert "verified an e-mail address" in answer.text


def test_not_twice(app, city, provider):
    make_user(provider)
    vet_organisation(provider, actor=make_user(city))
    with pytest.raises(NotNow):
        vet_organisation(provider, actor=make_user(city))


@pytest.mark.parametrize("who", ["itself", "another provider", "an unvetted municipality", "the administrator"])
def test_nobody_else_vets(app, provider, browse, who):
    people = {
        "itself": lambda: make_user(provider),
        "another provider": lambda: make_user(make_organisation(OrganisationKind.PROVIDER)),
        "an unvetted municipality": lambda: make_user(make_organisation(vetted_at=None)),
        "the administrator": lambda: make_user(is_admin=True),
    }
    stranger = people[who]()
    assert browse(stranger).get(f"/organisations/{provider.id}/vet").status_code == 403
    with pytest.raises(NotYours):
        make_user(provider)
        vet_organisation(provider, actor=stranger)
    assert provider.vetted_at is None


def test_somebody_who_is_not_signed_in_is_asked_to(app, provider, browse):
    assert browse().get(f"/organisations/{provider.id}/vet").status_code == 303

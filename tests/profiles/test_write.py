"""What a service provider says of itself, for whoever is signed in."""

import pytest

from app.core.errors import NotYours, Refused
from app.extensions import db
from app.people.models import OrganisationKind
from app.profiles.models import Profile
from app.profiles.operations import ProfileFacts, write_profile
from tests.factories.people import make_organisation, make_user

TYPED = {"about": "We house young people.", "life_domains": ["home", "work"], "capacity": "25", "quality_marks": "HKZ"}


@pytest.fixture
def provider(app):
    return make_organisation(OrganisationKind.PROVIDER, "Stichting Thuis")


def test_write_read_and_find(provider, browse):
    town = make_organisation(OrganisationKind.MUNICIPALITY, "Almelo")
    member = browse(make_user(provider))
    answer = member.post_form(f"/organisations/{provider.id}/profile", TYPED | {"municipality_ids": [str(town.id)]})
    assert answer.status_code == 303
    reader = browse(make_user(make_organisation(OrganisationKind.PROVIDER)))
    page = reader.get_ok(answer.location).text
    for words in ("We house young people.", "Almelo", "HKZ", "25", "work"):
        assert words in page
    for found, query in ((True, "life_domain=home"), (False, "life_domain=care"), (True, f"municipality={town.id}")):
        assert ("Stichting Thuis" in reader.get_ok(f"/providers?{query}").text) == found
    assert browse().get("/providers").status_code == 303
    changed = member.post_form(f"/organisations/{provider.id}/profile", TYPED | {"about": "And we train."})
    assert changed.status_code == 303
    assert db.session.scalars(db.select(Profile.about)).all() == ["And we train."]


def test_two_colleagues_at_once_lose_nothing(provider, browse):
    one, other = browse(make_user(provider)), browse(make_user(provider))
    url = f"/organisations/{provider.id}/profile"
    one.post_form(url, TYPED)
    page = other.get_ok(url)
    one.post_form(url, TYPED | {"about": "First."})
    late = other.submit(page, TYPED | {"about": "Second."})
    assert late.status_code == 409
    assert "Second." in late.text
    assert db.session.scalars(db.select(Profile.about)).all() == ["First."]


def test_who_may_not_and_what_is_missing(provider, browse):
    stranger = make_user(make_organisation(OrganisationKind.PROVIDER))
    url = f"/organisations/{provider.id}/profile"
    assert browse(stranger).get(url).status_code == 403
    with pytest.raises(NotYours):
        write_profile(provider, ProfileFacts(about="x", life_domains=("work",)), actor=stranger)
    with pytest.raises(Refused) as refused:
        write_profile(provider, ProfileFacts(about="x"), actor=make_user(provider))
    assert refused.value.field == "life_domains"
    town = make_organisation(OrganisationKind.MUNICIPALITY)
    official = make_user(town)
    assert browse(official).get(f"/organisations/{town.id}/profile").status_code == 409
    missing = browse(make_user(provider)).post_form(url, {"about": "Kept.", "capacity": "0"})
    assert missing.status_code == 422
    assert "Kept." in missing.text

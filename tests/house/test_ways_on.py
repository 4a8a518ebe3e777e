"""A page that refuses leads on: to the thing it belongs to, where the person was, and home, never to what is hidden."""

from datetime import date

from app.extensions import db
from app.people.models import OrganisationKind
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import make_organisation, make_user
from tests.factories.settlement import make_settlement


def ways(answer):
    return [link["href"] for link in soup(answer).select("main a")]


def test_a_refusal_leads_to_the_thing_that_may_be_seen(app, browse):
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    settlement = make_settlement(bond, date(2026, 6, 30), checked=True)
    refused = browse(bond.colleague).get(f"/settlements/{settlement.id}/check")
    assert refused.status_code in (403, 409)
    assert ways(refused) == [f"/settlements/{settlement.id}", "/home"]


def test_what_may_not_be_seen_is_not_named(app, browse):
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    settlement = make_settlement(bond, date(2026, 6, 30), checked=True)
    stranger = browse(make_user(make_organisation(OrganisationKind.PROVIDER)))
    assert ways(stranger.get(f"/settlements/{settlement.id}/check")) == ["/home"]


def test_back_to_where_the_person_was_but_never_to_another_site(app, browse):
    person = browse(make_user(make_organisation()))
    here = person.get("/calls/no-such", headers={"Referer": "http://localhost/calls/?q=x"})
    assert ways(here) == ["/calls/?q=x", "/home"]
    away = person.get("/calls/no-such", headers={"Referer": "http://evil.example/calls/"})
    assert ways(away) == ["/home"]
    assert ways(browse().get("/no-such")) == ["/"]


def test_vetting_that_was_decided_says_so(app, browse):
    provider = make_organisation(OrganisationKind.PROVIDER, "De Brug")
    answer = browse(make_user(make_organisation())).get(f"/organisations/{provider.id}/vet")
    assert answer.status_code == 409
    assert "vetted already" in answer.text
    assert ways(answer)[0] == f"/organisations/{provider.id}"
    db.session.remove()

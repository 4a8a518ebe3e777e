"""Numbers on invoices: that for VAT (Directive 2006/112/EC, arts. 215, 226(3)), KvK or KBO where none is known."""

import pytest

from app.accounts.registration import checked_vat_number
from app.core.errors import Refused
from app.extensions import db
from app.people.models import OrganisationKind
from tests.browser import soup
from tests.factories.people import make_organisation, make_user

ADDRESS = {"street": "Marktstraat 12", "postal_code": "7551 DR", "locality": "Hengelo"}


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        # the eleven test of 999999990: 9 x (9 + 8 + 7 + 6 + 5 + 4 + 3 + 2) - 0 = 396 = 36 x 11
        ("nl 9999.99.990.b01", "NL", "NL999999990B01"),
        # 2321 123456789 11 13 is 1 modulo 97 (N 23, L 21, B 11); its nine digits have no eleven test
        ("NL123456789B13", "NL", "NL123456789B13"),
        # 97 - 2022399 modulo 97 = 97 - 46 = 51; with nine digits as until 2005
        ("BE 0202.239.951", "BE", "BE0202239951"),
        ("202.239.951", "BE", "BE0202239951"),
        ("", "NL", ""),
    ],
)
def test_a_number_that_can_be_one(app, typed, country, kept):
    assert checked_vat_number(typed, country) == kept


@pytest.mark.parametrize(
    ("typed", "country", "reason"),
    [
        ("NL123456789B14", "NL", "check digits"),  # one further, and no eleven test either
        ("NL999999990B00", "NL", "looks like"),
        ("NL99999999B01", "NL", "looks like"),
        ("BE0202239951", "NL", "looks like"),
        ("BE0202239952", "BE", "Belgian"),
        ("BE2202239951", "BE", "Belgian"),
        ("NL999999990B01", "BE", "Belgian"),
    ],
)
def test_a_number_that_cannot(app, typed, country, reason):
    with pytest.raises(Refused, match=reason) as refused:
        checked_vat_number(typed, country)
    assert refused.value.field == "vat_number"


def test_it_is_typed_beside_the_address_and_stands_on_the_page(app, browse):
    city = make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")
    member = browse(make_user(city))
    url = f"/organisations/{city.id}/edit"
    wrong = member.post_form(url, ADDRESS | {"vat_number": "NL123456789B14"})
    assert wrong.status_code == 422
    assert "check digits" in soup(wrong).select_one("#vat_number-error").text and "NL123456789B14" in wrong.text
    typed = ADDRESS | {"vat_number": "NL123456789B13", "registration_number": "1234 5678"}
    assert member.post_form(url, typed).status_code == 303
    db.session.refresh(city)
    assert (city.vat_number, city.registration_number) == ("NL123456789B13", "12345678")
    page = member.get_ok(f"/organisations/{city.id}").text
    assert "NL123456789B13" in page and "12345678" in page


def test_a_number_of_a_register_that_is_known_is_not_changed(app, browse):
    """Whoever vetted the organisation looked at it."""
    home = make_organisation(OrganisationKind.PROVIDER, "De Brug", registration_number="12345678")
    member = browse(make_user(home))
    url = f"/organisations/{home.id}/edit"
    assert soup(member.get_ok(url)).select_one("#registration_number") is None
    assert member.post_form(url, ADDRESS | {"registration_number": "87654321"}, forged=True).status_code == 303
    db.session.refresh(home)
    assert home.registration_number == "12345678"


def test_the_number_of_another_organisation_is_refused(app, browse):
    make_organisation(OrganisationKind.PROVIDER, "De Brug", registration_number="12345678")
    city = make_organisation(OrganisationKind.MUNICIPALITY, "Hengelo")
    wrong = browse(make_user(city)).post_form(
        f"/organisations/{city.id}/edit", ADDRESS | {"registration_number": "12345678"}
    )
    assert wrong.status_code == 422
    db.session.refresh(city)
    assert city.registration_number == "" and city.street != ADDRESS["street"]

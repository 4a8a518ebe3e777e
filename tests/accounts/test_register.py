"""A service provider registers itself from the public call: verified address, vetted by an official, nothing told."""

import pytest

from app.accounts.registration import checked_number
from app.audit.models import AuditEntry
from app.core.errors import Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, Organisation, OrganisationKind, User
from tests.browser import soup
from tests.factories.people import make_organisation, make_user

TYPED = {
    "organisation": "Stichting De Brug",
    "country": "NL",
    "registration_number": "1234 5678",
    "locality": "Almelo",
    "name": "Bram Kok",
    "email": "Bram@debrug.example",
    "password": "zeven paarse fietsen",
}


def mails_to(address):
    found = db.select(Notification).where(Notification.address == address).order_by(Notification.created_at)
    return db.session.scalars(found).all()


def test_the_address_is_verified_before_anybody_signs_in(app, city, browse):
    official = make_user(city)
    browser = browse()
    answer = browser.post_form("/register", TYPED)
    assert answer.headers["Location"] == "/login"
    assert "A mail is on its way" in browser.follow(answer).text

    organisation = db.session.scalars(db.select(Organisation).where(Organisation.name == "Stichting De Brug")).one()
    assert (organisation.kind, organisation.vetted_at) == (OrganisationKind.PROVIDER, None)
    assert organisation.registration_number == "12345678"
    sign_in = {"email": "bram@debrug.example", "password": TYPED["password"]}
    assert browser.post_form("/login", sign_in).status_code == 422  # not verified
    assert mails_to(official.email) == []  # officials hear nothing before the address is verified

    (mail,) = mails_to("Bram@debrug.example")
    confirmed = browse().get(mail.path)
    assert confirmed.headers["Location"] == "/login"
    assert browser.post_form("/login", sign_in).status_code == 302
    (notice,) = mails_to(official.email)
    assert notice.title == "Stichting De Brug: organisation to vet"
    assert notice.path == f"/organisations/{organisation.id}"
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["organisation.register"]


def test_the_answer_is_the_same_for_an_address_with_an_account(app, person, browse):
    fresh, known = browse(), browse()
    one = fresh.post_form("/register", TYPED)
    two = known.post_form("/register", TYPED | {"email": person.email, "registration_number": "87654321"})
    pages = [soup(fresh.follow(one)), soup(known.follow(two))]
    said = [page.select_one("[role=status]").text.strip() for page in pages]
    assert said[0].replace("Bram@debrug.example", "") == said[1].replace(person.email, "")
    assert [mail.title for mail in mails_to(person.email)] == ["You already have an account"]
    assert db.session.scalar(db.select(Organisation).where(Organisation.registration_number == "87654321")) is None


def test_a_double_click_registers_once(app, browse):
    browser = browse()
    page = browser.get_ok("/register")
    answers = [browser.submit(page, TYPED) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(db.select(db.func.count()).select_from(Organisation)) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("organisation", "", "Fill this in"),
        ("organisation", "x" * 201, "At most 200 characters"),
        ("registration_number", "1234567", "8 digits"),
        ("registration_number", "12a45678", "8 digits"),
        ("email", "no address", "Give an e-mail address"),
        ("email", "", "Fill this in"),
        ("password", "kort", "at least 12 characters"),
        ("password", "debrug-almelo-2026", "easy to guess"),
        ("password", "bram kok is hier", "Leave your name"),
        ("name", "", "Fill this in"),
    ],
)
def test_wrong_input_is_said_on_its_field_and_nothing_is_lost(app, browse, field, value, words):
    answer = browse().post_form("/register", TYPED | {field: value})
    assert answer.status_code == 422
    page = soup(answer)
    assert words in page.select_one(f"#{field}-error").text
    kept = {name: page.select_one(f"#{name}")["value"] for name in ("locality", "registration_number")}
    assert kept == {"locality": "Almelo", "registration_number": TYPED["registration_number"]} | (
        {field: value} if field in kept else {}
    )
    assert db.session.scalar(db.select(db.func.count()).select_from(Organisation)) == 0


def test_a_vetted_organisation_is_not_registered_again(app, browse):
    make_organisation(OrganisationKind.PROVIDER, "De Brug", registration_number="12345678")
    answer = browse().post_form("/register", TYPED)
    assert "on the portal already" in soup(answer).select_one("#registration_number-error").text


def test_an_unvetted_one_cannot_keep_the_real_one_out(app, browse):
    make_organisation(OrganisationKind.PROVIDER, "Not De Brug", registration_number="12345678", vetted_at=None)
    assert browse().post_form("/register", TYPED).status_code == 303


def test_one_that_waits_to_be_vetted_is_not_registered_again(app, browse):
    waiting = make_organisation(OrganisationKind.PROVIDER, "De Brug", registration_number="12345678", vetted_at=None)
    make_user(waiting)  # of a verified address
    answer = browse().post_form("/register", TYPED)
    assert answer.status_code == 422
    assert "waits to be vetted" in soup(answer).select_one("#registration_number-error").text


def test_registering_is_bounded(limited, browse):
    browser = browse()
    page = browser.get_ok("/register")
    for _ in range(20):
        assert browser.submit(page, TYPED | {"name": ""}).status_code == 422  # slips of the keys do not count
    for number in range(10):
        fresh = browser.get_ok("/register")
        assert browser.submit(fresh, TYPED | {"email": f"person{number}@provider.example"}).status_code == 303
    refused = browser.submit(browser.get_ok("/register"), TYPED)
    assert refused.status_code == 422
    assert "Too many registrations" in refused.text
    assert TYPED["organisation"] in refused.text


# The examples are public: 0417.497.106 and 0206.731.645 stand in the Crossroads Bank for Enterprises.
@pytest.mark.parametrize("typed", ["0417.497.106", "BE0417497106", "417497106", "0206 731 645"])
def test_kbo_numbers(app, typed):
    assert len(checked_number(typed, "BE")) == 10


@pytest.mark.parametrize("typed", ["0417.497.107", "2417.497.106", "041749710", "12345678", "", "０417497106"])
def test_what_is_no_kbo_number(app, typed):
    with pytest.raises(Refused) as refused:
        checked_number(typed, "BE")
    assert refused.value.field == "registration_number"


def test_the_digits_of_a_kvk_number(app):
    assert checked_number("12.34.56.78", "NL") == "12345678"


def test_membership_makes_the_first_person_manager(app, browse):
    browse().post_form("/register", TYPED)
    assert db.session.scalars(db.select(Membership.is_manager)).all() == [True]

"""Organisations are brought in, people are found and blocked, a profile is kept."""

import pytest

from app.accounts.operations import Whereabouts, create_administrator, edit_organisation
from app.core.errors import Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Organisation, OrganisationKind, User
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.statements import counted

TYPED = {
    "name": "Twente Fonds",
    "kind": "investor",
    "country": "NL",
    "registration_number": "",
    "locality": "Hengelo",
    "manager": "first@fonds.example",
}


def test_an_official_brings_in_a_party_and_invites_its_manager(app, city, browse):
    answer = browse(make_user(city)).post_form("/organisations/new", TYPED)
    assert answer.status_code == 303
    made = db.session.scalars(db.select(Organisation).where(Organisation.name == "Twente Fonds")).one()
    assert made.vetted_at is not None
    mail = db.session.scalars(db.select(Notification)).one()
    assert (mail.address, mail.title) == ("first@fonds.example", "Twente Fonds: invitation")
    assert browse().get(mail.path).status_code == 200


ADDRESS = {"street": "Marktstraat 12", "postal_code": "7551 DR", "locality": "Hengelo"}


def test_members_and_the_administrator_keep_the_postal_address(app, city, browse):
    """Award letters and award records name it (art. 2.132 Aw: name and address of the authority)."""
    url, member = f"/organisations/{city.id}/edit", make_user(city)
    assert browse(member).post_form(url, ADDRESS).status_code == 303
    db.session.refresh(city)
    assert city.postal_address == "Marktstraat 12, 7551 DR Hengelo"
    assert city.postal_address in browse(member).get_ok(f"/organisations/{city.id}").text
    assert browse(make_user(is_admin=True)).get(url).status_code == 200
    assert browse(make_user(make_organisation())).get(url).status_code == 403
    wrong = browse(member).post_form(url, ADDRESS | {"street": ""})
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#street-error") and "7551 DR" in wrong.text


def test_two_who_change_an_address_at_once_hear_of_each_other(app, city, browse):
    member = browse(make_user(city))
    page = member.get_ok(f"/organisations/{city.id}/edit")
    edit_organisation(city, Whereabouts("Elsewhere 1", "7550 AA", "Hengelo"), actor=make_user(city))
    assert member.submit(page, ADDRESS).status_code == 409


def test_only_the_administrator_makes_a_keeper_of_the_portal(app, city, browse):
    answer = browse(make_user(city)).post_form("/organisations/new", TYPED | {"kind": "portal"})
    assert answer.status_code == 422
    assert (
        browse(make_user(is_admin=True)).post_form("/organisations/new", TYPED | {"kind": "portal"}).status_code == 303
    )


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("manager", "x"), ("registration_number", "12"), ("kind", "king")]
)
def test_wrong_input(app, city, browse, field, value):
    browser = browse(make_user(city))
    page = browser.get_ok("/organisations/new")
    answer = browser.submit(page, TYPED | {field: value}, forged=True)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error")
    assert db.session.scalar(db.select(Organisation).where(Organisation.name == "Twente Fonds")) is None


def test_a_double_click_brings_in_one(app, city, browse):
    browser = browse(make_user(city))
    page = browser.get_ok("/organisations/new")
    answers = [browser.submit(page, TYPED) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]


def test_the_list_pages_searches_and_costs_the_same_for_thirty(app, city, browse):
    browser = browse(make_user(city))
    browser.get_ok("/organisations")
    with counted() as one:
        browser.get_ok("/organisations")
    for number in range(60):
        make_organisation(OrganisationKind.PROVIDER, f"Provider {number:02}", vetted_at=None)
    with counted() as many:
        page = browser.get_ok("/organisations")
    assert len(many) == len(one)
    assert "Page 1 of 2" in page.text
    assert "Provider 07" in browser.get_ok("/organisations?q=der+07").text
    assert "Provider 08" not in browser.get_ok("/organisations?q=der+07").text
    assert "Nothing found" in browser.get_ok("/organisations?q=%25").text  # a sign of the search itself is a letter


def test_who_may_see_organisations(app, city, browse):
    provider = make_organisation(OrganisationKind.PROVIDER)
    member = make_user(provider)
    assert browse(member).get("/organisations").status_code == 403
    assert browse(member).get(f"/organisations/{provider.id}").status_code == 200
    assert browse(member).get(f"/organisations/{city.id}").status_code == 403
    assert browse().get("/organisations").status_code == 303


def test_the_administrator_finds_and_blocks_people(app, person, browse):
    admin = make_user(is_admin=True)
    blocked = browse(person)
    blocked.get_ok("/account")
    assert person.email in browse(admin).get_ok("/people?q=anna").text
    assert browse(admin).post_form(f"/people/{person.id}/block").status_code == 303
    db.session.refresh(person)
    assert not person.active
    assert blocked.get("/account").status_code == 303  # its sessions ended
    assert browse(admin).post_form(f"/people/{person.id}/block").status_code == 303
    db.session.refresh(person)
    assert person.active


def test_nobody_blocks_the_own_account(app, browse):
    admin = make_user(is_admin=True)
    answer = browse(admin).post_form(f"/people/{admin.id}/block")
    assert answer.status_code == 422
    db.session.refresh(admin)
    assert admin.active


def test_people_are_for_the_administrator(app, person, browse):
    assert browse(person).get("/people").status_code == 403
    assert browse(person).get(f"/people/{make_user().id}/block").status_code == 404
    assert browse(person).get(f"/people/{person.id}/block").status_code == 403


def test_people_cost_the_same_for_thirty(app, browse):
    browser = browse(make_user(is_admin=True))
    browser.get_ok("/people")
    with counted() as one:
        browser.get_ok("/people")
    for _ in range(30):
        make_user()
    with counted() as many:
        browser.get_ok("/people")
    assert len(many) == len(one)


def test_a_profile_is_kept_and_rules_the_language(app, person, browse):
    browser = browse(person)
    answer = browser.post_form("/account", {"name": "Anna Boer", "locale": "nl"})
    assert answer.status_code == 303
    db.session.refresh(person)
    assert (person.name, person.locale) == ("Anna Boer", "nl")
    assert 'lang="nl"' in browser.get_ok("/account").text


@pytest.mark.parametrize("typed", [{"name": ""}, {"name": "x" * 300}, {"locale": "xx"}])
def test_a_wrong_profile_is_refused(app, person, browse, typed):
    browser = browse(person)
    page = browser.get_ok("/account")
    assert browser.submit(page, typed, forged=True).status_code == 422


def test_everybody_can_read_who_may_do_what(app, browse):
    page = browse().get_ok("/permissions").text
    assert "programme.approve" in page and "official of the leading municipality" in page


def test_the_first_administrator(app):
    made = create_administrator("Beheer", "admin@portal.example", "negen oude bruggen")
    assert made.is_admin and made.confirmed_at
    with pytest.raises(Refused):
        create_administrator("Beheer", "ADMIN@portal.example", "negen oude bruggen")
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 1

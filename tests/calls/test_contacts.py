"""Where a bidder turns: at least one contact stands with a published call; the trail holds no text about a person."""

import pytest

from app.audit.models import AuditFacts
from app.calls.asked import CallContact
from app.calls.operations import publish_call
from app.calls.states import CallState
from app.core.errors import Refused
from app.extensions import db
from tests.browser import soup
from tests.factories.calls import make_call
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    made = make_call(state=CallState.DRAFT)
    made.contacts.clear()
    db.session.commit()
    return made


@pytest.fixture
def official(call):
    return make_user(call.programme.lead)


@pytest.mark.parametrize("address", ["inkoop@hengelo.example", "+31 53 481 81 81", "(053) 481 81 81"])
def test_an_official_adds_a_contact(call, official, browse, address):
    typed = {"name": "Anna Jansen", "function": "Procurement", "address": address}
    assert browse(official).post_form(f"/calls/{call.id}/contacts/add", typed).status_code == 303
    db.session.expire_all()
    (contact,) = call.contacts
    assert (contact.name, contact.function, contact.address) == ("Anna Jansen", "Procurement", address)
    assert "Jansen" not in str(db.session.scalars(db.select(AuditFacts.body)).one())


@pytest.mark.parametrize("address", ["", "city hall", "a@b", "12", "javascript:alert(1)", "a@b.c@d.e", "<a@b.example>"])
def test_an_address_that_cannot_be_used_is_refused(call, official, browse, address):
    typed = {"name": "Desk", "address": address}
    answer = browse(official).post_form(f"/calls/{call.id}/contacts/add", typed)
    assert answer.status_code == 422
    assert soup(answer).select_one("#address-error")
    assert soup(answer).select_one("#name")["value"] == "Desk"


def test_a_contact_is_edited_moved_and_removed(call, official, browse):
    for n, name in enumerate(("One", "Two"), start=1):
        call.contacts.append(CallContact(position=n, name=name, address="desk@city.example"))
    db.session.commit()
    one, two = call.contacts
    reader = browse(official)
    page = reader.get_ok(f"/contacts/{one.id}/edit")
    assert soup(page).select_one("#address")["value"] == "desk@city.example"
    assert reader.submit(page, {"function": "Lawyer"}).status_code == 303
    page = reader.get_ok(f"/calls/{call.id}/contacts")
    assert reader.submit(page, action=f"/contacts/{one.id}/down").status_code == 303
    db.session.expire_all()
    assert [(contact.name, contact.function) for contact in call.contacts] == [("Two", ""), ("One", "Lawyer")]
    assert reader.post_form(f"/contacts/{two.id}/remove").status_code == 303
    db.session.expire_all()
    assert [contact.name for contact in call.contacts] == ["One"]


def test_the_second_of_two_editors_hears_that_it_changed(call, official, browse):
    call.contacts.append(CallContact(position=1, name="One", address="desk@city.example"))
    db.session.commit()
    url = f"/contacts/{call.contacts[0].id}/edit"
    first, second = browse(official), browse(make_user(call.programme.lead))
    page = second.get_ok(url)
    first.post_form(url, {"name": "First"})
    late = second.submit(page, {"name": "Second"})
    assert (late.status_code, soup(late).select_one("#name")["value"]) == (409, "Second")


def test_ten_contacts_are_enough(call, official, browse):
    for n in range(1, 11):
        call.contacts.append(CallContact(position=n, name=f"Desk {n}", address="desk@city.example"))
    db.session.commit()
    typed = {"name": "Eleven", "address": "desk@city.example"}
    answer = browse(official).post_form(f"/calls/{call.id}/contacts/add", typed)
    assert answer.status_code == 422
    assert "At most 10 of these." in answer.text


def test_without_a_contact_a_call_is_not_published(call, official, browse):
    answer = browse(official).get_ok(f"/calls/{call.id}/publish")
    with pytest.raises(Refused):
        publish_call(call, actor=official)
    assert "Name at least one contact." in answer.text


def test_everybody_reads_where_to_turn(app, browse):
    page = soup(browse().get_ok(f"/calls/{make_call().id}"))
    assert page.select_one('a[href="mailto:tenders@city.example"]')

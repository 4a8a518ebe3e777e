"""A double click is one act (issue 2): the same form, sent twice by one person, is answered twice the same."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest

from app.accounts import answered
from app.accounts.models import AnsweredForm
from app.audit.models import AuditEntry
from app.consortia.parts import Statement
from app.core import clock
from app.extensions import db
from app.notifications.models import Notification
from app.outcomes.states import ClaimState
from app.people.models import OrganisationKind
from app.treasury.operations import prepare_cost
from tests.browser import Browser, Form, soup
from tests.conftest import browser_of
from tests.factories.agreements import PASSWORD, make_bond, offer
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.evaluation import make_tender
from tests.factories.keys import passphrase_of
from tests.factories.outcomes import make_claim, make_delivery, make_signed_off
from tests.factories.people import make_organisation, make_user, with_password
from tests.factories.settlement import make_settlement, statement_of
from tests.factories.treasury import fund, make_funded
from tests.statements import counted


def count(model):
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def once_of(page):
    return soup(page).select_one("main form [name=once]")["value"]


def a_cost():
    bond = make_funded()
    fund(bond, 10_000_000)
    provider = bond.provider_organisation
    cost = prepare_cost(bond.programme, provider, 100, "Coaching", actor=bond.intermediary, once=uuid.uuid4())
    return bond, cost


def approving_a_cost():
    bond, cost = a_cost()
    return bond.colleague, f"/costs/{cost.id}/approve", with_password(bond.colleague)


def approving_a_statement():
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    settlement = make_settlement(bond, date(2026, 6, 30), checked=True)
    return (
        bond.official,
        f"/statements/{statement_of(settlement, bond.enschede).id}/approve",
        with_password(bond.official),
    )


def checking_a_settlement():
    bond = make_delivery()
    make_signed_off(bond, bond.enschede)
    settlement = make_settlement(bond, date(2026, 6, 30))
    return bond.colleague, f"/settlements/{settlement.id}/check", with_password(bond.colleague)


def submitting_a_claim():
    bond = make_delivery()
    claim = make_claim(bond, state=ClaimState.REGISTERED)
    return bond.provider, f"/claims/{claim.id}/submit", {}


def consenting_to_open():
    tender = make_tender()
    typed = {"passphrase": passphrase_of(tender.openers[0])}
    return tender.openers[0], f"/calls/{tender.call.id}/evaluation/open", typed


def signing():
    bond = make_bond()
    return bond.provider, f"/agreements/{offer(bond).id}/sign", {"password": PASSWORD}


def an_invited_partner():
    lead, asked = make_provider("Lead"), make_provider("Asked")
    make_user(lead)
    consortium = make_consortium(lead=lead)
    person = make_user(asked)
    add_partner(consortium, asked)
    return consortium, person


def accepting():
    consortium, person = an_invited_partner()
    part = {"role": "Homes", "contribution": "Housing.", "life_domains": ["home"]}
    return person, f"/consortia/{consortium.id}/accept", part | {statement.value: "clear" for statement in Statement}


def declining():
    consortium, person = an_invited_partner()
    return person, f"/consortia/{consortium.id}/decline", {}


def vetting():
    provider = make_organisation(OrganisationKind.PROVIDER, "De Brug", vetted_at=None)
    make_user(provider)
    return make_user(make_organisation()), f"/organisations/{provider.id}/vet", {}


def inviting():
    city = make_organisation()
    return make_user(city), f"/organisations/{city.id}/invite", {"address": "new@city.example"}


def blocking():
    """Without the rule the second click lets the person in again."""
    return make_user(is_admin=True), f"/people/{make_user().id}/block", {}


ACTS = [
    approving_a_cost,
    approving_a_statement,
    checking_a_settlement,
    submitting_a_claim,
    consenting_to_open,
    signing,
    accepting,
    declining,
    vetting,
    inviting,
    blocking,
]


@pytest.mark.parametrize("act", ACTS)
def test_the_second_click_is_answered_as_the_first(app, browse, act):
    person, url, typed = act()
    browser = browse(person)
    page = browser.get_ok(url)

    first = browser.submit(page, typed)
    said = browser.follow(first)
    noted, mailed = count(AuditEntry), count(Notification)
    second = browser.submit(page, typed)

    assert first.status_code == 303
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])
    assert (count(AuditEntry), count(Notification)) == (noted, mailed)
    again = browser.follow(second)
    done = {
        "This was done already.",
        "Your organisation takes part already.",
    }  # the second where the page knows it itself
    assert notices(again) == notices(said) or done & set(notices(again))


def notices(page):
    return [line.text.strip() for line in soup(page).select("main > [role=status] .notice")]


def test_a_message_that_nobody_read_yet_is_not_said_twice(app, browse):
    person, url, typed = approving_a_cost()
    browser = browse(person)
    page = browser.get_ok(url)
    answers = [browser.submit(page, typed) for _ in range(2)]
    assert len(notices(browser.follow(answers[1]))) == 1


def test_somebody_else_with_the_same_form_hears_no(app, browse):
    """`once` is no key to what another person did: not for who may not, and not for who comes too late."""
    bond, cost = a_cost()
    url = f"/costs/{cost.id}/approve"
    browser = browse(bond.colleague)
    page = browser.get_ok(url)
    other = make_user(bond.intermediary.organisations[0])
    third, typed = browse(other), with_password(bond.colleague, other)
    late = third.get_ok(url)
    assert browser.submit(page, typed).status_code == 303

    assert third.submit(late, typed | {"once": once_of(page)}, forged=True).status_code == 409
    stranger = browse(bond.provider)
    own = stranger.get_ok("/account")
    forged = {"once": once_of(page), "csrf_token": soup(own).select_one("[name=csrf_token]")["value"]}
    assert stranger.post(url, data=forged).status_code in (403, 404)


def test_another_address_with_the_same_once_is_another_form(app, browse):
    bond, cost = a_cost()
    other = prepare_cost(
        bond.programme, bond.provider_organisation, 100, "More", actor=bond.intermediary, once=uuid.uuid4()
    )
    browser, typed = browse(bond.colleague), with_password(bond.colleague)
    page = browser.get_ok(f"/costs/{cost.id}/approve")
    assert browser.submit(page, typed).status_code == 303
    second = browser.get_ok(f"/costs/{other.id}/approve")
    answer = browser.submit(second, typed | {"once": once_of(page)}, forged=True)
    assert answer.headers["Location"] != browser.submit(page, typed).headers["Location"]
    db.session.refresh(other)
    assert other.state == "approved"


def test_a_form_sent_again_with_something_changed_is_not_swallowed(app, browse):
    """Back, another word, and send: what was typed then must be done or refused, never silently dropped."""
    person = make_user(make_organisation())
    browser = browse(person)
    page = browser.get_ok("/account")
    for name in ("Anna", "Anna Maria"):
        assert browser.submit(page, {"name": name}).status_code == 303
        db.session.refresh(person)
        assert person.name == name


def test_after_the_session_of_one_the_form_of_another_does_nothing(app, browse):
    """A browser that two people share: the page of the first lies open, the second signs in and presses its button."""
    bond, cost = a_cost()
    browser, typed = browse(bond.colleague), with_password(bond.colleague)
    page = browser.get_ok(f"/costs/{cost.id}/approve")
    assert browser.submit(page, typed).status_code == 303
    with browser.session_transaction() as session:
        session.clear()
    nobody = browser.submit(page, typed)
    assert nobody.headers["Location"].startswith("/login")
    other = browse(bond.provider)
    token = soup(other.get_ok("/account")).select_one("[name=csrf_token]")["value"]
    answer = other.post(f"/costs/{cost.id}/approve", data={"once": once_of(page), "csrf_token": token})
    assert answer.status_code in (403, 404)


def test_a_refused_form_may_be_sent_again(app, browse):
    """What was refused was not done: the corrected form, and the very same one later on, count as new."""
    bond = make_bond()
    agreement = offer(bond)
    browser = browse(bond.provider)
    page = browser.get_ok(f"/agreements/{agreement.id}/sign")
    refused = browser.submit(page, {"password": "not this one"})
    assert refused.status_code == 422
    assert count(AnsweredForm) == 0
    assert browser.submit(refused, {"password": PASSWORD}).status_code == 303


def test_what_is_kept_of_a_form_tells_nothing(app, browse):
    """The password of a signature takes part in the digest; without the portal's key nothing can be guessed from it."""
    person, url, typed = signing()
    browser = browse(person)
    browser.post_form(url, typed)
    (row,) = db.session.scalars(db.select(AnsweredForm)).all()
    assert (row.user_id, row.location is not None) == (person.id, True)
    assert set(AnsweredForm.__table__.columns.keys()) == {"id", "created_at", "user_id", "location", "message"}
    digest, app.config["SECRET_KEY"] = row.id, "another"
    try:
        with app.test_request_context(url, method="POST", data=typed | {"once": str(uuid.uuid4())}):
            from flask_login import login_user

            login_user(person)
            assert answered._key() != digest
    finally:
        app.config["SECRET_KEY"] = "only for tests"


def test_it_costs_two_statements(app, browse):
    person = make_user(make_organisation())
    browser = browse(person)
    costs = []
    for kept in (True, False):
        page = browser.get_ok("/account")
        hook = app.extensions["answered forms"] if kept else app.extensions.pop("answered forms")
        with counted() as statements:
            assert browser.submit(page, {"name": f"Name {kept}"}).status_code == 303
        costs.append(len(statements))
    app.extensions["answered forms"] = hook
    assert costs[0] - costs[1] == 2


def test_after_a_day_it_is_forgotten(app, browse):
    person, url, typed = approving_a_cost()
    browse(person).post_form(url, typed)
    with clock.at(clock.now() + timedelta(hours=23)):
        assert answered.purge() == 0
    with clock.at(clock.now() + timedelta(hours=25)):
        assert app.extensions["due work"]["accounts"]() == 1
    assert count(AnsweredForm) == 0


@pytest.mark.parametrize("act", [approving_a_cost, submitting_a_claim, inviting])
def test_two_clicks_at_the_same_moment(own_database, act):
    with own_database.app_context():
        person, url, typed = act()
        browser = browser_of(own_database, person)
        page = browser.get_ok(url)
        before = count(AuditEntry)
        db.session.remove()
    form = Form(page, typed)
    values = form.filled(typed, False)
    cookies = browser.get_cookie("session").value
    start = Barrier(3)

    def click(_number):
        client = Browser(own_database, own_database.response_class, use_cookies=True)
        client.set_cookie("session", cookies)
        start.wait()
        answer = client.post(url, data=values)
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(click, range(3)))

    assert {status for status, _ in answers} == {303}
    assert len(set(answers)) == 1, answers
    with own_database.app_context():
        assert count(AuditEntry) == before + 1
        db.session.remove()

"""Who loses a race hears what happened, and finds no button that cannot work (issue 6: the other is told)."""

import uuid

import pytest
from flask_login import login_user

from app.access.lately import who_was_first
from app.bank import matching, queries
from app.extensions import db
from app.treasury import operations as treasury
from tests.bank.test_match import imported, line
from tests.bank.test_take_back import of_amount
from tests.browser import soup
from tests.factories.bank import make_banked
from tests.factories.people import make_user, with_password
from tests.factories.treasury import fund, make_funded, owe


def asked(bond):
    fund(bond, 10_000_000)
    to = bond.provider_organisation
    return treasury.prepare_cost(bond.programme, to, 500_000, "Work", actor=bond.intermediary, once=uuid.uuid4())


@pytest.mark.parametrize("decide", ["approve", "reject"])
def test_the_second_to_approve_hears_who_was_first(app, browse, decide):
    """The page was opened while it waited; then a colleague decided."""
    bond = make_funded()
    third = make_user(bond.intermediary.organisations[0])
    cost = asked(bond)
    url, own = f"/costs/{cost.id}/approve", with_password(third)
    late = browse(third)
    opened = late.get_ok(url)
    if decide == "approve":
        treasury.approve_cost(cost, actor=bond.colleague)
    else:
        treasury.reject_cost(cost, "Not ours.", actor=bond.colleague)
    db.session.expire_all()
    answer = late.submit(opened, own)
    page = soup(answer).select_one("main")
    assert answer.status_code == 409 and "This is not possible now" in page.text
    assert f"The last step was taken by {bond.colleague.name} on " in page.text
    assert "look at what is new" not in page.text
    assert page.select_one("button[type=submit]") is None and page.select_one(f'a[href="/costs/{cost.id}"]') is not None


def test_the_second_to_match_a_line_hears_who_was_first(app, browse):
    bond = make_banked()
    (owed,) = owe(bond, 100_000)
    imported(bond, line(100_000, "no reference"))
    entry = of_amount(100_000)
    [same] = [one for one in queries.candidates(entry) if one.reference == owed.reference]
    late = browse(bond.colleague)
    url = f"/bank-entries/{entry.id}/match"
    opened = late.get_ok(url)
    matching.match_lines([entry], [same], "By its amount", actor=bond.intermediary)
    answer = late.submit(opened, {"causes": [str(same.id)], "note": "It is this one"})
    page = soup(answer).select_one("main")
    assert answer.status_code == 409 and bond.intermediary.name in page.text
    assert "Choose from the list" not in page.text and page.select_one("button[type=submit]") is None


def test_only_a_colleague_hears_the_name(app):
    """A person of another organisation, the auditor's too, learns what the thing is now and not who made it so."""
    bond = make_funded()
    cost = asked(bond)
    treasury.approve_cost(cost, actor=bond.colleague)
    for person, hears in ((bond.intermediary, True), (bond.provider, False), (bond.auditor, False)):
        with app.test_request_context():
            login_user(person)
            words = who_was_first(cost)
            assert (words is not None and bond.colleague.name in words) == hears

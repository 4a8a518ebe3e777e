"""The desk for each reader, at the same number of statements however many rows there are."""

import pytest

from app.extensions import db
from tests.factories.people import make_organisation, make_user
from tests.factories.treasury import call, fund, make_funded, owe, pay_cost
from tests.statements import counted
from tests.treasury.test_distribution import distribute, prepare


@pytest.fixture
def bond(app):
    made = make_funded()
    fund(made, 30_000_000)
    pay_cost(made, 1_000_000)
    return made


def test_the_desk_shows_every_figure(bond, browse):
    owe(bond, 1_234_500, 100)
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    for shown in ("290,000.00", "300,000.00", "12,346.00", "10,000.00"):
        assert shown in page


def test_an_auditor_reads_and_does_nothing(bond, browse):
    page = browse(bond.auditor).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "capital-calls/prepare" not in page and "distributions/prepare" not in page


@pytest.mark.parametrize("who", ["investor", "provider", "assessor", "official"])
def test_the_desk_is_not_for_others(bond, browse, who):
    assert browse(getattr(bond, who)).get(f"/programmes/{bond.programme.id}/treasury").status_code == 403


def test_an_empty_desk_says_what_comes(app, browse):
    bond = make_funded()
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "No capital called yet" in page and "Nothing distributed yet" in page


def test_every_confirmation_renders(bond, browse):
    asked = call(bond, 1_000_000)
    given = prepare(bond, 10_000_000)
    desk, second = browse(bond.intermediary), browse(bond.colleague)
    desk.get_ok(f"/distributions/{given.id}")
    second.get_ok(f"/distributions/{given.id}/approve")
    second.get_ok(f"/distributions/{given.id}/reject")
    desk.get_ok(f"/capital-calls/{asked.id}")
    desk.get_ok(f"/capital-calls/{asked.id}/parts/{asked.parts[0].id}/receive")
    for room in ("capital-calls", "costs", "distributions"):
        desk.get_ok(f"/programmes/{bond.programme.id}/{room}/prepare")


def test_a_dozen_more_rows_cost_no_more_statements(bond, browse):
    owe(bond, 100)
    distribute(bond, reserve=20_000_000)
    desk, investor = browse(bond.intermediary), browse(bond.investor)
    pages = [
        (desk, f"/programmes/{bond.programme.id}/treasury"),
        (investor, f"/programmes/{bond.programme.id}/holding"),
    ]
    few = [_cost(*one) for one in pages]
    for _n in range(12):
        call(bond, 100_000)
        pay_cost(bond, 1_000)
        owe(bond, 100)
    assert [_cost(*one) for one in pages] == few


def _cost(browser, url):
    db.session.expire_all()
    browser.get_ok(url)
    with counted() as statements:
        browser.get_ok(url)
    return len(statements)


def test_a_stranger_finds_nothing(bond, browse):
    stranger = make_user(make_organisation())
    assert browse(stranger).get(f"/programmes/{bond.programme.id}/treasury").status_code == 403

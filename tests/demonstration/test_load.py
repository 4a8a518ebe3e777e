"""The demonstration bond is as real as one after months of use: its trail, books and figures hold."""

import re

import pytest
from sqlalchemy import func, select

from app.access.guard import can
from app.audit import trail
from app.demonstration import load
from app.demonstration.people import SIGN_INS
from app.evaluation.models import OpenedProposal
from app.extensions import db
from app.ledger.cli import faults
from app.notifications.models import MailState, Notification
from app.programmes.models import MunicipalityShare, Programme
from app.scenarios.models import Scenario
from app.unit_costs.models import UnitCost
from tests.browser import soup
from tests.conftest import browser_of
from tests.world import person

BOND = "SIB Jongvolwassenen Enschede en Hengelo"


@pytest.fixture
def bond(world):
    return db.session.scalars(select(Programme).where(Programme.title == BOND)).unique().one()


def test_the_trail_is_whole_and_the_books_balance(world):
    assert list(trail.verify()) == []
    assert list(faults()) == []


def test_the_public_facts_are_those_that_were_published(bond):
    """Seventy young adults of 16-23, 25 of them in Hengelo (domain, section 1), so 45 in Enschede."""
    shares = {
        s.organisation.name: s.cohort_size
        for s in db.session.scalars(select(MunicipalityShare)).unique()
        if s.programme_id == bond.id
    }
    assert (bond.cohort_size, bond.age_from, bond.age_to) == (70, 16, 23)
    assert shares == {"Gemeente Hengelo": 25, "Gemeente Enschede": 45}
    assert bond.illustrative


def test_mail_is_caught_never_sent(world):
    states = db.session.execute(select(Notification.mail_state, func.count()).group_by(Notification.mail_state)).all()
    assert [state for state, _ in states] == [MailState.CAUGHT]
    assert sum(count for _, count in states) > 100


def test_the_winner_reads_why_its_own_plan_was_chosen(world):
    """And not what the others are told of it."""
    plans = db.session.scalars(db.select(OpenedProposal).where(OpenedProposal.reasons != "")).all()
    won = {plan.reasons for plan in plans if plan.rank == 1}
    assert won and won.isdisjoint(plan.reasons for plan in plans if plan.rank != 1)


def test_it_is_loaded_once(world):
    assert not load.is_empty()


@pytest.mark.parametrize("name", [address.split("@")[0] for address, _ in SIGN_INS])
def test_everybody_finds_a_home(world, name):
    page = browser_of(world, person(name)).get_ok("/home")
    assert person(name).name in page.text


@pytest.mark.parametrize(
    "name",
    [
        "government",
        "official2",
        "hengelo",
        "investor",
        "investor2",
        "provider",
        "partner",
        "rival",
        "treasurer",
        "assessor",
    ],
)
def test_each_role_finds_something_to_do(world, name):
    page = browser_of(world, person(name)).get_ok("/home")
    assert re.search(r'class="[^"]*task', page.text), f"nothing waits for {name}"


def test_nobody_may_what_only_others_may(bond):
    assert not can("treasury.read", bond, person("government"))
    assert can("treasury.read", bond, person("intermediary"))


def test_every_notice_of_an_illustrative_bond_says_so(bond):
    """No euro of the demonstration may pass for a published price, in the inbox and the mail neither."""
    bodies = db.session.scalars(select(Notification.body).where(Notification.programme_id == bond.id)).all()
    assert bodies
    assert all("illustrati" in body for body in bodies)


def test_the_saved_what_if_opens(world):
    """Its answers are the few that the municipality changed; the rest are the first figures of the price table."""
    scenario = db.session.scalars(select(Scenario)).one()
    page = soup(browser_of(world, person("government")).get_ok(f"/scenarios/{scenario.id}"))
    assert page.h1.text == "Werk komt laat" and page.select(".figures")


def test_the_register_has_a_figure_in_the_currency_of_the_bond_and_labels_it(world, bond):
    """A figure in pounds cannot be put behind a price in euros, so one in euros is made up."""
    (figure,) = db.session.scalars(select(UnitCost).where(UnitCost.currency == bond.currency)).all()
    assert figure.illustrative
    page = soup(browser_of(world, person("government")).get_ok(f"/unit-costs/{figure.id}"))
    assert page.select_one("main .illustrative")  # whatever the language of the official

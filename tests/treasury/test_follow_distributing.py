"""A distribution to many investors is prepared and approved beside the request, with a page that tells how far it is
(issue 6)."""

import pytest

from app.extensions import db
from app.treasury import distribution_routes
from app.treasury.models import Distribution
from app.treasury.operations import receive_payment
from app.treasury.states import PaymentState
from tests.beside import ended, kept
from tests.conftest import browser_of
from tests.factories.people import with_password
from tests.factories.treasury import fund, make_funded, owe, pay_cost


@pytest.fixture
def in_november():
    """These tests do not move the clock, which another thread would not see."""


def test_it_is_prepared_and_approved_beside_the_request(app_beside, monkeypatch):
    monkeypatch.setattr(distribution_routes, "MANY", 1)
    with app_beside.app_context():
        bond = make_funded()
        fund(bond, 30_000_000)
        pay_cost(bond, 30_000_000)
        for statement in owe(bond, 10_000_000):
            receive_payment(statement, actor=bond.intermediary)
        desk, second = browser_of(app_beside, bond.intermediary), browser_of(app_beside, bond.colleague)
        shown = desk.post_form(f"/programmes/{bond.programme.id}/distributions/prepare", {"reserve": "0"})
        address = desk.submit(shown).headers["Location"]
        assert "/progress" in address
        made = ended(desk, address).headers["Location"]
        (given,) = kept(Distribution, bond)
        assert made == f"/distributions/{given.id}" and given.state == PaymentState.PREPARED
        assert sum(part.principal_minor + part.return_minor for part in given.parts) == 10_000_000

        address = second.post_form(f"/distributions/{given.id}/approve", with_password(bond.colleague)).headers[
            "Location"
        ]
        assert ended(second, address).headers["Location"] == f"/distributions/{given.id}"
        db.session.rollback()
        db.session.refresh(given)
        assert given.state == PaymentState.APPROVED
        db.session.remove()
        db.engine.dispose()

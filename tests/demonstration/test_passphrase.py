"""The one known passphrase is for the demonstration, and for nothing else."""

import pytest

from app.config import DEMO_PASSPHRASE, Config
from app.sealing import passphrase
from tests.conftest import browser_of


def test_it_is_a_passphrase_like_any_other():
    assert passphrase.is_well_formed(DEMO_PASSPHRASE)
    assert passphrase.normal(DEMO_PASSPHRASE) == DEMO_PASSPHRASE


def test_the_sign_in_page_of_the_demonstration_shows_it(world):
    assert DEMO_PASSPHRASE in browser_of(world).get_ok("/login").text


def test_no_other_portal_knows_or_shows_it(app, browse, tmp_path):
    settings = Config({"SECRET_KEY": "x", "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite", "INSTANCE": str(tmp_path)})
    assert settings.DEMO_PASSPHRASE == ""
    assert DEMO_PASSPHRASE not in browse().get_ok("/login").text


def test_the_portal_never_makes_it():
    """And nobody chooses one: what is typed back must be what was made."""
    assert DEMO_PASSPHRASE not in {passphrase.make() for _ in range(1000)}


@pytest.mark.parametrize("cost", [(64 * 1024, 3, 4)])
def test_in_production_a_try_costs_what_rfc_9106_asks(cost, tmp_path):
    settings = Config({"SECRET_KEY": "x", "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite", "INSTANCE": str(tmp_path)})
    assert cost == settings.PASSPHRASE_COST

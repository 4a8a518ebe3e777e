from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.core import clock
from tests.factories.outcomes import make_claim, make_delivery


@pytest.fixture(autouse=True)
def in_november(app) -> Iterator[None]:
    """The bond of these tests runs from January 2026; here it is always 15 November of that year."""
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture(autouse=True)
def store(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", tmp_path / "evidence")
    return tmp_path / "evidence"


@pytest.fixture
def bond(app):
    """The agreement says that documents are kept for two years."""
    return make_delivery(kept_days=730)


@pytest.fixture
def claim(bond):
    """With the provider, and handed in before: the assessor reads it."""
    from app.outcomes.states import ClaimState

    return make_claim(bond, state=ClaimState.QUESTIONED)

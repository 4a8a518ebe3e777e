from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.core import clock


@pytest.fixture(autouse=True)
def in_november(app) -> Iterator[None]:
    """The bond of these tests runs from January 2026; here it is always 15 November of that year."""
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield

"""A unit is typed in one language and read in another."""

import pytest
from flask_babel import force_locale

from app.core.units import unit


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("jaar", "year"),
        ("Jaar ", "year"),
        ("year", "year"),
        ("dagen", "day"),
        ("maand", "month"),
        ("weken", "week"),
        ("persoon", "person"),
        ("plaats", "plaats"),
        ("jaarplaats", "jaarplaats"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_usual_units_are_shown_in_the_language_of_the_reader(app, typed, shown):
    """And no other word is touched, not even one that begins like them."""
    with force_locale("en"):
        assert unit(typed) == shown

"""Figures are set as the reader's language writes them."""

import pytest
from flask_babel import force_locale

from app.core.format import basis_points


@pytest.mark.parametrize(
    ("points", "dutch", "english"),
    [(500, "5%", "5%"), (450, "4,5%", "4.5%"), (1, "0,01%", "0.01%"), (9_999, "99,99%", "99.99%"), (0, "0%", "0%")],
)
def test_basis_points_have_the_decimal_mark_of_the_language(app, points, dutch, english):
    with app.test_request_context():
        with force_locale("nl"):
            assert basis_points(points) == dutch
        with force_locale("en"):
            assert basis_points(points) == english


def test_nothing_agreed_is_a_dash(app):
    with app.test_request_context():
        assert basis_points(None) == "–"

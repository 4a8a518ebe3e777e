"""What people type for an amount, a day and a number, in the language they read."""

from datetime import date

import pytest
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from app.core.forms import Form, amount, day, text, whole_number


class Sample(Form):
    class Meta:
        csrf = False

    name = text("Name", longest=5)
    price = amount("Price")
    on = day("On")
    size = whole_number("Size", least=1, most=70)


GOOD = {"name": "a", "price": "1", "on": "2026-06-30", "size": "3"}


@pytest.fixture
def typed(app):
    def build(**changes):
        with app.test_request_context():
            form = Sample(formdata=MultiDict(GOOD | changes))
            form.validate()
            return form

    return build


@pytest.mark.parametrize(
    ("locale", "words", "minor"),
    [
        ("nl", "1.234,50", 123450),
        ("nl", "€ 1.234.567", 123456700),
        ("nl", "12,5", 1250),
        ("nl", "12.50", 1250),
        ("en", "1,234.50", 123450),
        ("en", "12,50", 1250),
        ("en", "0.01", 1),
    ],
)
def test_amounts_in_two_languages(typed, locale, words, minor):
    with force_locale(locale):
        form = typed(price=words)
    assert not form.price.errors
    assert form.price.data == minor


@pytest.mark.parametrize(("locale", "whole"), [("en", "5123.00"), ("nl", "5123,00"), ("nl_BE", "5123,00")])
@pytest.mark.parametrize("words", ["5,123", "5.123", "€ 5.123"])
def test_what_can_be_read_in_two_ways_is_refused_and_told_how_to_write(typed, locale, whole, words):
    """Thousands to one reader, decimals to another: 5 123.00 or 5.123?"""
    with force_locale(locale):
        form = typed(price=words)
    (said,) = form.price.errors
    assert "5123" in said and whole in said


@pytest.mark.parametrize(
    "words", ["1.000", "", "abc", "1,2,3", "-5", "0", "1e9", "NaN", "Infinity", "0,001", "9" * 40, "１２"]
)
def test_amounts_that_are_none(typed, words):
    form = typed(price=words)
    assert form.price.errors
    assert form.status == 422


@pytest.mark.parametrize("words", ["", "2026-02-30", "0001-01-01", "9999-12-31", "30-06-2026", "tomorrow"])
def test_days_that_do_not_exist(typed, words):
    assert typed(on=words).on.errors


@pytest.mark.parametrize("words", ["", "0", "71", "-1", "1.5", "99999999999999999999", "३"])
def test_numbers_out_of_range(typed, words):
    assert typed(size=words).size.errors


@pytest.mark.parametrize("words", ["", "   ", "abcdef", "a\x00b"])
def test_text_that_cannot_be_stored(typed, words):
    assert typed(name=words).name.errors


def test_what_is_right_passes(typed):
    form = typed(name="  Ens ", on="2026-06-30", size="70")
    assert form.errors == {}
    assert (form.name.data, form.on.data, form.size.data) == ("Ens", date(2026, 6, 30), 70)


def test_the_way_back_does_not_call_itself_cancelling(app):
    """Beside "Cancel the call" a link "Cancel" could mean either (WCAG 2.2, 2.4.4)."""
    from pathlib import Path

    templates = Path(app.root_path).parent / "templates"
    assert not [path.name for path in templates.rglob("*.html") if '_("Cancel")' in path.read_text()]


@pytest.mark.parametrize("words", ["abc", "3.5", "1e3", "1" * 5000])
def test_a_number_that_is_none_is_told_once(typed, words):
    """Not that it is none and that it is out of bounds as well."""
    assert typed(size=words).size.errors == ["Give a whole number."]
    for outside in ("71", "-1", "9" * 21):
        assert typed(size=outside).size.errors == ["Give a whole number from 1 to 70."]

"""No national number in any text about a person (domain, section 9): every text field of delivery refuses them."""

import importlib
import inspect

import pytest
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import ValidationError

from app.core.forms import Form
from app.core.national_id import is_bsn, is_rijksregisternummer, no_national_id

PACKAGES = ("intake", "outcomes", "settlement", "treasury", "progress")
# What is typed here is no text: a fingerprint, a code heard over the telephone, an account number, figures.
NO_TEXT = {
    "evidence_digest",
    "code",
    "dpia_reference",
    "iban",
    "value",
    "treatment",
    "control",
    "low",
    "high",
    "compared_value",
}
BSN, BORN_1985, BORN_2001 = "123456782", "85073003328", "01020300170"

WRITTEN = (
    *(BSN, "1234.56.782", "123 456 782", "123-456-782"),
    *(BORN_1985, "85.07.30-033.28", "85 07 30 033 28", "850730/03328"),
    *(BORN_2001, "01.02.03-001.70"),
)


def texts():
    for package in PACKAGES:
        forms = importlib.import_module(f"app.{package}.forms")
        for name, form in inspect.getmembers(forms, inspect.isclass):
            if issubclass(form, Form) and form.__module__ == forms.__name__:
                yield f"{package}.{name}", form


def test_the_numbers_are_what_they_should_be():
    """9*1 + 8*2 + 7*3 + 6*4 + 5*5 + 4*6 + 3*7 + 2*8 - 2 = 154 = 14 * 11; of 2001 a 2 stands before the nine digits."""
    assert is_bsn(BSN)
    assert is_rijksregisternummer(BORN_1985) and 97 - 850730033 % 97 == 28
    assert is_rijksregisternummer(BORN_2001) and 97 - 2010203001 % 97 == 70


@pytest.mark.parametrize("name, form", list(texts()))
def test_every_text_refuses_a_national_number(app, name, form):
    with app.test_request_context(method="POST"):
        made = form(meta={"csrf": False})
        for field in filter(is_typed, made):
            assert no_national_id in field.validators, f"{name}.{field.name} takes a national number"
            for number in WRITTEN:
                field.data = f"Het gaat om {number}, zie dossier."
                with pytest.raises(ValidationError):
                    no_national_id(made, field)


def is_typed(field):
    if isinstance(field, PasswordField | HiddenField) or field.name in NO_TEXT:
        return False
    return isinstance(field, StringField)

"""Importing a file: which columns it has, by what names, and what stays as it was without one."""

import io

import pytest

from app.extensions import db
from app.pricing.models import PriceTable
from tests.factories.people import make_user
from tests.pricing.sheets import faults, text


@pytest.mark.parametrize(
    "head, cells, said",
    [
        (["id", "colour"], 2, "No column is called “colour”."),
        (["id", "price", "price"], 3, "This column stands there twice."),
        (["price"], 1, "The column “Code” is missing."),
        (["id", ""], 2, "This column has no name."),
        (["id", "price"], 3, "This column has no name."),
    ],
)
def test_faults_of_the_head(head, cells, said, send):
    assert faults(send(text(["work-13w", "1", "2"][:cells], head=head))[1])[0][2] == said


def test_an_unknown_column_hides_no_fault_in_a_cell_and_the_nearest_name_is_told(send, draft):
    """Whoever mends a file mends it once."""
    content = text(["work-13w", "20%", "dear"], head=["id", "deadwieght", "price"])
    told = faults(send(content)[1])
    message = "No column is called “deadwieght”. Did you mean “Would have happened anyway”?"
    assert told[0] == ("B1", "deadwieght", message)
    assert [fault[0] for fault in told] == ["B1", "C2"]
    assert draft.effects[0].price_minor == 250_000


def test_columns_in_dutch_and_a_semicolon(send, draft, app):
    """As a Dutch spreadsheet saves it: a semicolon between cells, a comma in amounts."""
    content = "\ufeffCode;Prijs\r\nwork-13w;2600,50\r\n".encode()
    browser, checked = send(content)
    browser.submit(checked, button="Import")
    db.session.expire_all()
    assert db.session.get(PriceTable, draft.id).effects[0].price_minor == 260_050


def test_faults_are_said_in_the_language_of_the_reader(browse, city, draft):
    reader = make_user(city, locale="nl")
    content = text(["work-13w", "veel"], head=["id", "price"])
    answer = browse(reader).post_form(f"/prices/{draft.id}/import", {"file": (io.BytesIO(content), "x.csv")})
    assert faults(answer)[0][:2] == ("B2", "Prijs")


def test_columns_that_are_not_there_stay(send, draft):
    effect = draft.effects[0]
    browser, checked = send(text(["work-13w", "2600"], head=["id", "price"]))
    browser.submit(checked, button="Import")
    db.session.refresh(effect)
    assert (effect.price_minor, effect.saving_minor, effect.deadweight_bp) == (260_000, 425_700, 2_000)


def test_a_new_effect_needs_its_columns(send):
    """And a price, which no other column of this file stands for."""
    found = faults(send(text(["home"], head=["id"]))[1])
    assert [(place, column) for place, column, _ in found] == [
        ("A2", "Name of the effect"),
        ("A2", "Life domain"),
        ("A2", "What is proven, with its threshold"),
        ("A2", "Evidence"),
        ("A2", "Price"),
    ]
